//! The payload store within its bounds: which segments stay, which go, and which become one.
//!
//! What goes first is what was not used for longest. The order is kept in a small file of its own. The times of the
//! segments would not do: they change when a cache is copied, and clocks differ between the machines that share one.

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use camino::Utf8Path;

use super::draft::Draft;
use super::payloads::{FOLDER, MAX_SEGMENTS, Payloads};
use super::segment::{Segment, path_of};
use crate::event::OperationId;
use crate::fs::{FileSystem, NodeKind, Visited, is_locked};

/// The names of the segments, one a line, most recently used first.
const ORDER: &str = "assets/.prometeu/cache/payloads/order";

/// What it is written as, before it takes the place of the one before.
const NEW_ORDER: &str = "assets/.prometeu/cache/payloads/order.new";

/// Bytes that are read of it: far more than it has.
const MAX_ORDER: usize = 4096;

/// Bytes that segments may have together to become one. More would be rewritten too often, and go at once in the end.
const MAX_MERGED: u64 = 256 * 1024 * 1024;

/// Whether a segment may be called so.
pub(super) fn is_segment_name(name: &str) -> bool {
    OperationId::parse(name).is_some()
}

/// Puts `names`, those of segments, into the order of their last use, as it was left. Those that it does not name come
/// first: they are new. Whatever else is wrong with it only makes other ones go first.
pub(super) fn put_in_order(fs: &dyn FileSystem, names: &mut [String]) {
    let order = read_order(fs);
    let places: HashMap<_, _> = order.iter().zip(1..).collect();
    names.sort_by_cached_key(|name| (places.get(name).copied().unwrap_or(0), name.clone()));
}

fn read_order(fs: &dyn FileSystem) -> Vec<String> {
    let read = || {
        let (file, stamp) = fs.open(Utf8Path::new(ORDER))?;
        let mut bytes = vec![0; usize::try_from(stamp.size).map_or(MAX_ORDER, |size| size.min(MAX_ORDER))];
        file.read_exact_at(0, &mut bytes)?;
        Ok::<_, io::Error>(bytes)
    };
    String::from_utf8_lossy(&read().unwrap_or_default()).lines().map(str::to_owned).collect()
}

/// Sees to it that `segments`, most recently used first, have at most `max_bytes`, and are not too many. What else lies in
/// the folder is removed. The lane is ours. Fails with what could not be removed, after all else was.
pub(super) fn keep_within(
    payloads: &Payloads,
    mut segments: Vec<Arc<Segment>>,
    max_bytes: u64,
) -> Result<(), (PathBuf, io::Error)> {
    let fs = &payloads.fs;
    // This keeps the order among those that were used by this process, and among the others.
    segments.sort_by_cached_key(|segment| !segment.was_used());
    segments.iter().for_each(|segment| segment.forget_use());
    segments.truncate(fitting(segments.iter().map(|segment| segment.size()), max_bytes));
    if segments.len() > MAX_SEGMENTS {
        // Where it fails, as on a full disk, those that were not used for longest make room.
        segments = merge_small(payloads, &segments).unwrap_or(segments);
        segments.truncate(MAX_SEGMENTS);
    }
    payloads.set(segments.clone().into());
    let kept: HashSet<_> = segments.iter().map(|segment| path_of(&segment.name).into_std_path_buf()).collect();
    // Torn and foreign segments go too, and whatever else lies there.
    let removed = remove_all_but(&**fs, Utf8Path::new(FOLDER), |path, kind| {
        kind == NodeKind::File && (path == Path::new(ORDER) || kept.contains(path))
    });
    write_order(&**fs, &segments);
    removed
}

/// How many of `sizes`, from the first one on, have at most `max_bytes` together.
pub(super) fn fitting(sizes: impl Iterator<Item = u64>, max_bytes: u64) -> usize {
    let mut total = 0_u64;
    let fits = |size: &u64| {
        total = total.saturating_add(*size);
        total <= max_bytes
    };
    sizes.take_while(fits).count()
}

/// `segments` with the smallest of them made one.
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
    let mut draft = Draft::begin(fs, key)?;
    let mut seen: HashSet<_> = rest.iter().flat_map(|segment| segment.keys().copied()).collect();
    for segment in &small {
        for key in segment.keys().filter(|key| seen.insert(**key)) {
            draft.adopt(key, segment)?;
        }
    }
    // As recently used as the first of them.
    let first = segments.iter().take_while(|segment| !by_name.contains(segment.name.as_str())).count();
    let merged = draft.complete()?.and_then(|name| Segment::open(&**fs, &name, key)).map(Arc::new);
    rest.splice(first..first, merged);
    Ok(rest)
}

/// Removes all that lies in `folder` but what `stays`, and what somebody writes just now. Links are removed, not followed.
/// Fails with the first that could not be removed, after all else was.
pub(super) fn remove_all_but(
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

/// Writes the order of `segments`, unless it is there already.
fn write_order(fs: &dyn FileSystem, segments: &[Arc<Segment>]) {
    let names: Vec<_> = segments.iter().map(|segment| segment.name.clone()).collect();
    if names == read_order(fs) {
        return;
    }
    let text: String = names.iter().flat_map(|name| [name.as_str(), "\n"]).collect();
    let written = fs.create(Utf8Path::new(NEW_ORDER)).and_then(|file| file.write_all_at(0, text.as_bytes()));
    drop(written.and_then(|()| fs.rename(Utf8Path::new(NEW_ORDER), Utf8Path::new(ORDER))));
}
