//! Writing all outputs at once, and what can be done while the disk is busy with that.

use std::io;
use std::sync::Arc;

use papack_queries::content::ContentId;
use papack_queries::diagnostic::Diagnostic;

use super::failure::Failure;
use super::identity::Identity;
use super::output::Output;
use super::output_writer::OutputWriter;
use super::readback;
use super::staging::Staging;
use crate::cache::index::IndexWriter;
use crate::content::PackingStore;
use crate::fs::{FileHandle, FileSystem};
use crate::operation::Operation;
use crate::workspace::BuildState;

/// How outputs are staged.
#[derive(Clone, Copy)]
pub(crate) struct Writing<'w> {
    /// Whose outputs they are.
    pub(crate) operation: &'w Operation<'w>,
    pub(crate) fs: &'w Arc<dyn FileSystem>,
    pub(crate) staging: &'w Staging,
    pub(crate) store: &'w PackingStore,
    /// Whether the published pack is replaced in the end.
    pub(crate) is_replaced: bool,
    /// What the next index of the cache is begun with, and the payloads of the pack; none where it is not written now.
    pub(crate) index_of: Option<(&'w BuildState, &'w [(u32, ContentId)])>,
}

/// What was written, and what came of it.
pub(crate) struct Written {
    pub(crate) outputs: Vec<WrittenOutput>,
    /// Why the strict reader refuses the pack, where it does.
    pub(crate) proof: Result<Option<Diagnostic>, Failure>,
    /// The next index of the cache, where it was begun.
    pub(crate) draft: Option<IndexWriter>,
}

/// An output that was written: its name, what it is, and its file.
type WrittenOutput = Result<(&'static str, Identity, Box<dyn FileHandle>), Failure>;

impl Writing<'_> {
    /// Writes all `outputs`: the large one on this thread, and the companions on another one meanwhile, which has the strict
    /// reader read what is staged, too. The one of them that is done first begins the index.
    pub(crate) fn write(&self, outputs: &[Output<'_>; 4]) -> Written {
        let [pack, companions @ ..] = outputs;
        let timing = self.operation.timings().output(pack.name);
        let begun = match self.begin(pack) {
            Ok(begun) => begun,
            Err(failure) => return Written { outputs: vec![Err(failure)], proof: Ok(None), draft: None },
        };
        let complete = || {
            let _output = timing;
            self.complete(pack, &begun)
        };
        let companions = || companions.iter().take_while(|_| !self.is_cancelled()).map(|output| self.write_one(output));
        let companions = || companions().collect::<Vec<_>>();
        let prove = || self.prove(&begun, outputs);
        let others = || rayon::join(|| rayon::join(companions, prove), || self.begin_index());
        let (completed, ((companions, proof), draft)) = rayon::join(complete, others);
        let pack = completed.map(|()| (pack.name, begun.identity, begun.file));
        Written { outputs: std::iter::once(pack).chain(companions).collect(), proof, draft }
    }

    fn write_one(&self, output: &Output<'_>) -> WrittenOutput {
        let _output = self.operation.timings().output(output.name);
        let begun = self.begin(output)?;
        self.complete(output, &begun)?;
        Ok((output.name, begun.identity, begun.file))
    }

    fn begin<'o>(&self, output: &'o Output<'_>) -> Result<OutputWriter<'o>, Failure> {
        let path = self.staging.path(output.name);
        OutputWriter::write(output, &**self.fs, &path).map_err(|error| (path, error))
    }

    fn complete(&self, output: &Output<'_>, begun: &OutputWriter<'_>) -> Result<(), Failure> {
        begun.complete(self.store, self.is_replaced).map_err(|error| (self.staging.path(output.name), error))
    }

    fn prove(&self, begun: &OutputWriter<'_>, outputs: &[Output<'_>; 4]) -> Result<Option<Diagnostic>, Failure> {
        let _step = self.operation.timings().step("read what is staged");
        let [pack, asset_table, preload, _] = outputs;
        readback::first_fault(begun, asset_table, preload).map_err(|error| (self.staging.path(pack.name), error))
    }

    fn begin_index(&self) -> Option<IndexWriter> {
        let _step = self.operation.step("begin cache");
        let (known, payloads) = self.index_of.filter(|_| !self.is_cancelled())?;
        IndexWriter::begin(self.fs, self.operation.id(), known, payloads).ok()
    }

    fn is_cancelled(&self) -> bool {
        self.operation.cancel().is_cancelled()
    }
}

impl Written {
    /// Whether there was no room on the disk.
    pub(crate) fn is_disk_full(&self) -> bool {
        let is_full =
            |error: &io::Error| matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
        self.outputs.iter().any(|written| written.as_ref().is_err_and(|(_, error)| is_full(error)))
    }
}
