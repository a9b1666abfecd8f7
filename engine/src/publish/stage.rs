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
    /// The next index of the cache, where it was begun.
    pub(crate) index: Option<IndexWriter>,
}

/// Stages all `outputs` from `store`, has the strict reader read them, and begins the next index of the cache with `index_of`:
/// what is known of the workspace, and the payloads of this pack. `is_replaced` says whether the published pack is replaced
/// in the end. Where the reader refuses what is staged, there is the first fault instead.
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
        // The index takes room, too, and is worth less.
        drop(written);
        outputs.iter().for_each(|output| drop(fs.remove_file(&staging.path(output.name))));
        written = Writing { index_of: None, ..writing }.write(outputs);
    }
    operation.check_cancelled()?;
    let Written { outputs, proof, draft } = written;
    let staged = outputs.into_iter().map(|written| {
        // Looked at only now, when the small files have aged while the large one was written.
        let (name, identity, file) = written?;
        let stamp = stamp_of_staged(&*file).map_err(|error| (staging.path(name), error))?;
        Ok((StagedFile::new(name, &identity), PublishedFile { identity: identity.digest, stamp }))
    });
    let staged: Result<Vec<_>, Failure> = staged.collect();
    let staged_and_proven = staged.and_then(|files| Ok((files, proof?)));
    let (files, fault) = staged_and_proven.map_err(|(path, error)| io_failure(operation, path, &error))?;
    if let Some(fault) = fault {
        return Ok(Err(fault));
    }
    operation.emit(EventKind::Staged);
    operation.check_cancelled()?;
    Ok(Ok(Staged { files, index: draft }))
}

/// Publishes those of the `staged` files that are to replace something.
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
