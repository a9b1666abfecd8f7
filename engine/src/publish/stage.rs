//! Staging a generation of outputs, and publishing it.

use std::sync::Arc;

use papack_queries::content::ContentId;
use papack_queries::diagnostic::Diagnostic;

use super::failure::Failure;
use super::journal::{self, StagedFile};
use super::output::Output;
use super::staging::Staging;
use super::writing::{Writing, Written};
use crate::cache::index::IndexWriter;
use crate::content::PackingStore;
use crate::fs::FileSystem;
use crate::operation::{EventKind, Operation, Status, Stop};
use crate::workspace::{BuildState, PublishedFile, io_failure, stamp_of_staged};

/// A generation that is staged and flushed.
pub(crate) struct Staged {
    /// The four files, each with its stamp.
    pub(crate) files: Vec<(StagedFile, PublishedFile)>,
    /// The next cache index, if it was begun.
    pub(crate) index: Option<IndexWriter>,
}

/// Stages all `outputs` from `store`, and reads them with the strict reader. If the reader refuses them, the inner
/// error is its first fault. Also begins the next cache index, if it is to be made of `index_of`: the build state, and
/// the payloads of this pack. `is_replaced` says whether the published pack will be replaced.
pub(crate) fn stage(
    operation: &mut Operation<'_>,
    fs: &Arc<dyn FileSystem>,
    staging: &Staging,
    store: &PackingStore,
    outputs: &[Output<'_>; 4],
    index_of: Option<(&BuildState, &[(u32, ContentId)])>,
    is_replaced: bool,
) -> Result<Result<Staged, Diagnostic>, Stop> {
    let _step = operation.step("stage");
    staging.make().map_err(|(path, error)| io_failure(operation, path, &error))?;
    let writing = Writing { operation, fs, staging, store, is_replaced, index_of };
    let mut written = writing.write(outputs);
    if index_of.is_some() && written.is_disk_full() {
        // The cache index takes room, too, and is worth less than the outputs.
        drop(written);
        let removed = outputs.iter().filter(|output| writing.draft_of(output).is_none());
        removed.for_each(|output| drop(fs.remove_file(&staging.path(output.name))));
        written = Writing { index_of: None, ..writing }.write(outputs);
    }
    operation.check_cancelled()?;
    let Written { outputs, fault, index } = written;
    let staged = outputs.into_iter().map(|written| {
        // The stamps are read only now: while the large file was written, those of the small ones have become
        // conclusive.
        let (name, identity, file) = written?;
        let stamp = stamp_of_staged(&*file).map_err(|error| (staging.path(name), error))?;
        Ok((StagedFile::new(name, &identity), PublishedFile { identity: identity.digest, stamp }))
    });
    let staged: Result<Vec<_>, Failure> = staged.collect();
    let staged = staged.and_then(|files| Ok((files, fault?)));
    let (files, fault) = staged.map_err(|(path, error)| io_failure(operation, path, &error))?;
    if let Some(fault) = fault {
        return Ok(Err(fault));
    }
    operation.emit(EventKind::Staged);
    operation.check_cancelled()?;
    Ok(Ok(Staged { files, index }))
}

/// Publishes those of the `staged` files whose names are in `replaced`.
pub(crate) fn promote(
    operation: &mut Operation<'_>,
    fs: &dyn FileSystem,
    staging: &Staging,
    staged: &Staged,
    replaced: &[&'static str],
) -> Result<(), Stop> {
    let _step = operation.step("promote");
    let files = staged.files.iter().map(|(file, _)| file).filter(|file| replaced.contains(&&*file.name));
    let files: Vec<_> = files.cloned().collect();
    journal::expect_replaceable(fs, staging.folder(), &files)
        .map_err(|fault| operation.fail(Status::PublicationFailed, fault))?;
    operation.check_cancelled()?;
    journal::promote(fs, operation.id(), staging, &files)
        .map_err(|fault| operation.fail(Status::PublicationFailed, fault))
}
