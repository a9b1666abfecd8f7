//! Writing all outputs at the same time, and beginning the cache index while the disk is busy with them.

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
use crate::content::{Draft, PackingStore};
use crate::fs::{FileHandle, FileSystem};
use crate::operation::Operation;
use crate::workspace::BuildState;
use crate::workspace::layout::ASSETS_PA;

/// Writes the outputs of one operation to its staging folder.
#[derive(Clone, Copy)]
pub(crate) struct Writing<'w> {
    pub(crate) operation: &'w Operation<'w>,
    pub(crate) fs: &'w Arc<dyn FileSystem>,
    pub(crate) staging: &'w Staging,
    pub(crate) store: &'w PackingStore,
    /// Whether the published pack will be replaced.
    pub(crate) is_replaced: bool,
    /// The build state and the payloads with which the next cache index is begun; none where it is not to be written
    /// now.
    pub(crate) index_of: Option<(&'w BuildState, &'w [(u32, ContentId)])>,
}

/// The results of writing.
pub(crate) struct Written {
    pub(crate) outputs: Vec<WrittenOutput>,
    /// The first fault that the strict reader finds in the pack.
    pub(crate) fault: Result<Option<Diagnostic>, Failure>,
    /// The next cache index, if it was begun.
    pub(crate) index: Option<IndexWriter>,
}

/// An output that was written: its name, its identity, and its file.
type WrittenOutput = Result<(&'static str, Identity, Arc<dyn FileHandle>), Failure>;

impl<'w> Writing<'w> {
    /// Writes all `outputs`: the pack on this thread, and meanwhile, on another thread, the companions. That thread
    /// also reads the pack with the strict reader. Whichever of them is free first begins the cache index.
    pub(crate) fn write(&self, outputs: &[Output<'_>; 4]) -> Written {
        let [pack, companions @ ..] = outputs;
        let timing = self.operation.timings().output(pack.name);
        let writer = match self.begin(pack) {
            Ok(writer) => writer,
            Err(failure) => return Written { outputs: vec![Err(failure)], fault: Ok(None), index: None },
        };
        let complete = || {
            let _output = timing;
            self.complete(pack, &writer)
        };
        let companions = || companions.iter().take_while(|_| !self.is_cancelled()).map(|output| self.write_one(output));
        let companions = || companions().collect::<Vec<_>>();
        let read_back = || self.read_back(&writer, outputs);
        let others = || rayon::join(|| rayon::join(companions, read_back), || self.begin_index());
        let (completed, ((companions, fault), index)) = rayon::join(complete, others);
        let pack = completed.map(|()| (pack.name, writer.identity, writer.file));
        Written { outputs: std::iter::once(pack).chain(companions).collect(), fault, index }
    }

    fn write_one(&self, output: &Output<'_>) -> WrittenOutput {
        let _output = self.operation.timings().output(output.name);
        let writer = self.begin(output)?;
        self.complete(output, &writer)?;
        Ok((output.name, writer.identity, writer.file))
    }

    fn begin<'o>(&self, output: &'o Output<'_>) -> Result<OutputWriter<'o>, Failure> {
        let draft = self.draft_of(output);
        let file = draft.map_or_else(|| self.create(output), |draft| Ok(Arc::clone(draft.file())));
        let written = file.and_then(|file| OutputWriter::write(output, file, draft.is_some()));
        written.map_err(|error| (self.staging.path(output.name), error))
    }

    /// The draft, if it can become `output`.
    pub(crate) fn draft_of(&self, output: &Output<'_>) -> Option<&'w Draft> {
        let (front_size, size) = output.sizes().filter(|_| output.name == ASSETS_PA)?;
        let is_in_place = || self.store.is_draft_in_place(output.payloads, front_size);
        self.store.draft().filter(|draft| draft.fits(front_size, size) && is_in_place())
    }

    fn create(&self, output: &Output<'_>) -> io::Result<Arc<dyn FileHandle>> {
        let path = self.staging.path(output.name);
        if output.name == ASSETS_PA && self.store.draft().is_some() {
            // Its layout was foretold wrongly. What it holds can be read all the same, while it is open.
            drop(self.fs.remove_file(&path));
        }
        Ok(self.fs.create(&path)?.into())
    }

    fn complete(&self, output: &Output<'_>, writer: &OutputWriter<'_>) -> Result<(), Failure> {
        writer.complete(self.store, self.is_replaced).map_err(|error| (self.staging.path(output.name), error))
    }

    fn read_back(&self, writer: &OutputWriter<'_>, outputs: &[Output<'_>; 4]) -> Result<Option<Diagnostic>, Failure> {
        let _step = self.operation.timings().step("read what is staged");
        readback::first_fault(writer, outputs).map_err(|error| (self.staging.path(outputs[0].name), error))
    }

    fn begin_index(&self) -> Option<IndexWriter> {
        let _step = self.operation.step("begin cache");
        let (state, payloads) = self.index_of.filter(|_| !self.is_cancelled())?;
        IndexWriter::begin(self.fs, self.operation.id(), state, payloads).ok()
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
