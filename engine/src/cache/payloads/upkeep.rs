//! Keeping the payloads within their bounds: which segments stay, which are removed, and which are merged.
//!
//! The least recently used segments are removed first.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use camino::Utf8Path;
use papack_queries::content::ContentId;

use super::dead::drop_dead;
use super::limits::{FOLDER, MAX_MERGED, MAX_SEGMENTS, fitting};
use super::order::{ORDER, write_order};
use super::segment::{Segment, path_of};
use super::segment_writer::SegmentWriter;
use super::store::Payloads;
use crate::fs::{FileSystem, NodeKind, Visited, is_locked};

/// Reduces `segments`, most recently used first, to at most `max_bytes` and [`MAX_SEGMENTS`]; of entries that are not of
/// `live_contents`, the contents of all payloads that assets have, only so many are kept. Everything else in the folder is
/// removed.
///
/// # Errors
///
/// The path that could not be removed, after everything else was.
pub(crate) fn keep_within(
    payloads: &Payloads,
    mut segments: Vec<Arc<Segment>>,
    max_bytes: u64,
    live_contents: Option<&dyn Fn() -> HashSet<ContentId>>,
) -> Result<(), (PathBuf, io::Error)> {
    let fs = &payloads.fs;
    // The sort is stable: it keeps the order among those that this process used, and among the others.
    segments.sort_by_cached_key(|segment| !segment.was_used());
    segments.iter().for_each(|segment| segment.forget_use());
    if let Some(live_contents) = live_contents {
        segments = drop_dead(payloads, segments, live_contents);
    }
    segments.truncate(fitting(segments.iter().map(|segment| segment.size()), max_bytes));
    if segments.len() > MAX_SEGMENTS {
        // If that fails, as on a full disk, the least recently used are removed instead.
        segments = merge_small(payloads, &segments).unwrap_or(segments);
        segments.truncate(MAX_SEGMENTS);
    }
    payloads.set(segments.clone().into());
    let kept: HashSet<_> = segments.iter().map(|segment| path_of(&segment.name).into_std_path_buf()).collect();
    // This includes damaged segments and those of other users.
    let removed = remove_all_but(&**fs, Utf8Path::new(FOLDER), |path, kind| {
        kind == NodeKind::File && (path == Path::new(ORDER) || kept.contains(path))
    });
    write_order(&**fs, &segments);
    removed
}

/// Merges the smallest of `segments` into one, and returns the new list.
fn merge_small(payloads: &Payloads, segments: &[Arc<Segment>]) -> io::Result<Vec<Arc<Segment>>> {
    let mut by_size: Vec<_> = segments.iter().collect();
    by_size.sort_by_key(|segment| segment.size());
    let too_many = segments.len().saturating_sub(MAX_SEGMENTS);
    by_size.truncate(segments.len().div_ceil(2).max(too_many + 1));
    by_size.truncate(fitting(by_size.iter().map(|segment| segment.size()), MAX_MERGED));
    let by_name: HashSet<_> = by_size.iter().map(|segment| segment.name.as_str()).collect();
    let (small, mut rest): (Vec<_>, Vec<_>) =
        segments.iter().cloned().partition(|segment| by_name.contains(segment.name.as_str()));
    let Payloads { fs, key, .. } = payloads;
    let mut writer = SegmentWriter::begin(fs, key)?;
    let mut copied_keys: HashSet<_> = rest.iter().flat_map(|segment| segment.keys().copied()).collect();
    for segment in &small {
        for key in segment.keys().filter(|key| copied_keys.insert(**key)) {
            writer.adopt(key, segment)?;
        }
    }
    // The merged segment takes the position of the most recently used of them.
    let first = segments.iter().take_while(|segment| !by_name.contains(segment.name.as_str())).count();
    let merged = writer.complete()?.and_then(|name| Segment::open(&**fs, &name, key)).map(Arc::new);
    rest.splice(first..first, merged);
    Ok(rest)
}

/// Removes everything in `folder` but what `stays`, and files that another process is writing. Links are removed, not
/// followed.
///
/// # Errors
///
/// The first path that could not be removed, after everything else was.
pub(crate) fn remove_all_but(
    fs: &dyn FileSystem,
    folder: &Utf8Path,
    stays: impl Fn(&Path, NodeKind) -> bool,
) -> Result<(), (PathBuf, io::Error)> {
    let mut failure = None;
    let swept = fs.sweep(folder, &mut |Visited { path, kind, .. }, remove| {
        if path == folder || stays(path, kind) || kind == NodeKind::File && is_being_written(fs, path) {
            return false;
        }
        match remove() {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                failure.get_or_insert((path.to_owned(), error));
                false
            }
            _ => true,
        }
    });
    match (failure, swept) {
        (Some(failure), _) => Err(failure),
        (None, Err(error)) if error.kind() != io::ErrorKind::NotFound => Err((folder.into(), error)),
        (None, _) => Ok(()),
    }
}

fn is_being_written(fs: &dyn FileSystem, path: &Path) -> bool {
    Utf8Path::from_path(path).is_some_and(|path| is_locked(fs, path))
}
