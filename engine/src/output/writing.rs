//! Writing all outputs at once, and what can be done while the disk is busy with that.

use std::io;
use std::sync::Arc;

use camino::Utf8PathBuf;
use papack_queries::content::ContentId;
use papack_queries::diagnostic::Diagnostic;

use super::staging::Staging;
use super::{Begun, Identity, Output, proof};
use crate::cache::index::Draft;
use crate::cancel::Cancel;
use crate::event::OperationId;
use crate::fs::{FileHandle, FileSystem};
use crate::known::Known;
use crate::operation::Operation;
use crate::session::Session;
use crate::store::Store;
use crate::timings::Timings;

/// How outputs are staged.
#[derive(Clone, Copy)]
pub(crate) struct Writing<'w> {
    fs: &'w Arc<dyn FileSystem>,
    staging: &'w Staging,
    store: &'w Store,
    /// Whether the published pack is replaced in the end.
    is_replaced: bool,
    /// What the index is begun with.
    known: &'w Known,
    id: &'w OperationId,
    cancel: &'w Cancel,
    timings: &'w Timings,
}

/// What was written, and what came of it.
pub(crate) struct Written {
    pub(crate) outputs: Vec<WrittenOutput>,
    /// Why the strict reader refuses the pack, where it does.
    pub(crate) proof: Result<Option<Diagnostic>, Failure>,
    /// The next index of the cache, where it was begun.
    pub(crate) draft: Option<Draft>,
}

/// An output that was written: its name, what it is, and its file.
type WrittenOutput = Result<(&'static str, Identity, Box<dyn FileHandle>), Failure>;

/// Where something failed, and how.
pub(crate) type Failure = (Utf8PathBuf, io::Error);

impl<'w> Writing<'w> {
    /// What `operation` writes to `staging`, from `store`; the published pack may be `is_replaced` in the end.
    pub(crate) fn new(operation: &'w Operation<'_>, staging: &'w Staging, store: &'w Store, is_replaced: bool) -> Self {
        let Session { fs, known, timings, .. } = &*operation.session;
        let (id, cancel) = (operation.stream.operation_id(), &operation.cancel);
        Self { fs, staging, store, is_replaced, known, id, cancel, timings }
    }

    /// Writes all `outputs`: the large one on this thread, and the companions on another one meanwhile, which has the strict
    /// reader read what is staged, too. The one of them that is done first begins the index, where it is to be that of a pack
    /// with the payloads `index_of`.
    pub(crate) fn write(&self, outputs: &[Output<'_>; 4], index_of: Option<&[(u32, ContentId)]>) -> Written {
        let [pack, companions @ ..] = outputs;
        let timing = self.timings.output(pack.name);
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
        let others = || rayon::join(|| rayon::join(companions, prove), || self.begin_index(index_of));
        let (completed, ((companions, proof), draft)) = rayon::join(complete, others);
        let pack = completed.map(|()| (pack.name, begun.identity, begun.file));
        Written { outputs: std::iter::once(pack).chain(companions).collect(), proof, draft }
    }

    fn write_one(&self, output: &Output<'_>) -> WrittenOutput {
        let _output = self.timings.output(output.name);
        let begun = self.begin(output)?;
        self.complete(output, &begun)?;
        Ok((output.name, begun.identity, begun.file))
    }

    fn begin<'o>(&self, output: &'o Output<'_>) -> Result<Begun<'o>, Failure> {
        let path = self.staging.path(output.name);
        output.begin(&**self.fs, &path).map_err(|error| (path, error))
    }

    fn complete(&self, output: &Output<'_>, begun: &Begun<'_>) -> Result<(), Failure> {
        begun.complete(self.store, self.is_replaced).map_err(|error| (self.staging.path(output.name), error))
    }

    fn prove(&self, begun: &Begun<'_>, outputs: &[Output<'_>; 4]) -> Result<Option<Diagnostic>, Failure> {
        let _step = self.timings.step("read what is staged");
        let [pack, asset_table, preload, _] = outputs;
        proof::first_fault(begun, asset_table, preload).map_err(|error| (self.staging.path(pack.name), error))
    }

    fn begin_index(&self, payloads: Option<&[(u32, ContentId)]>) -> Option<Draft> {
        let _step = self.timings.step("begin cache");
        let payloads = payloads.filter(|_| !self.is_cancelled())?;
        Draft::begin(self.fs, self.id, self.known, payloads).ok()
    }

    fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
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
