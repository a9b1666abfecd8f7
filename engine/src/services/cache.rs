//! `cache`: how much the cache holds, and how to shrink or remove it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use camino::Utf8Path;
use papack_queries::diagnostic::{Code, Diagnostic};
use serde::Serialize;

use crate::cache::KeySource;
use crate::cache::payloads::{FOLDER, MAX_BYTES, Payloads, keep_within, remove_all_but};
use crate::fs::{FileSystem, NodeKind, Visited};
use crate::operation::{Cancel, Observer, Operation, OperationId, Status, Stop, operation_result};
use crate::session::Session;
use crate::workspace::layout::{CACHE, SERVING, note_path};
use crate::workspace::{io_failure, lane};

/// The options of a service call on the cache.
#[derive(Debug, Clone)]
pub struct CacheRequest {
    /// What to do.
    pub task: CacheTask,
    /// Bytes that the payloads may have after a prune; if `None`, the limit that always holds.
    pub max_bytes: Option<u64>,
    /// Fail at once when another operation holds the lane, instead of waiting for it.
    pub no_wait: bool,
    /// Set to cancel the operation.
    pub cancel: Cancel,
}

/// What to do with the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CacheTask {
    /// Report how much it holds. Does not take the lane, and writes nothing.
    Show,
    /// Remove payloads beyond the limit, the least recently used first, and everything that no process can use.
    Prune,
    /// Remove everything.
    Clear,
}

/// The result of a service call on the cache.
#[derive(Debug, Clone, Serialize)]
pub struct CacheResult {
    /// Version of this document.
    pub schema_version: u32,
    /// Which operation.
    pub operation_id: OperationId,
    /// How it ended. `GATE_FAILED`: something else is in the place of the cache's folder.
    pub status: Status,
    /// What was asked for.
    pub task: CacheTask,
    /// What the cache holds afterwards; null unless `SUCCESS`.
    pub cache: Option<CacheContents>,
    /// How many bytes less it holds than before.
    pub removed_bytes: u64,
    /// Wall-clock time of the operation, in milliseconds.
    pub elapsed_ms: u64,
    /// All diagnostics.
    pub diagnostics: Vec<Diagnostic>,
}

/// What the cache holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CacheContents {
    /// Its folder, relative to the workspace.
    pub path: &'static str,
    /// Where the key that authenticates the cache comes from; null if there is no key: a diagnostic says why.
    pub key: Option<KeySource>,
    /// Bytes of all files in it, except for the note that names the holder of the lane.
    pub total_bytes: u64,
    /// Bytes of the cache index, which keeps the build state.
    pub index_bytes: u64,
    /// The payloads of earlier operations.
    pub payloads: CachedPayloads,
    /// Bytes of everything else.
    pub other_bytes: u64,
}

/// The payloads in the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CachedPayloads {
    /// How many files hold them.
    pub segment_count: usize,
    /// How many derivations they are the outcomes of.
    pub entry_count: usize,
    /// Bytes of the files.
    pub bytes: u64,
    /// The limit on these bytes.
    pub max_bytes: u64,
}

operation_result!(CacheResult, none_allowed);

impl Session {
    /// Reports what the cache holds, or removes some or all of it. Touches nothing else, and completes no promotion.
    pub fn cache(&mut self, request: &CacheRequest, observer: &Observer<'_>) -> CacheResult {
        let mut contents = None;
        let mut removed_bytes = 0;
        let mut ended = self.run(&request.cancel, observer, |session, operation| {
            let (before, after) = cache(session, operation, request)?;
            removed_bytes = before.saturating_sub(after.total_bytes);
            contents = Some(after);
            Ok(())
        });
        let result = CacheResult {
            schema_version: 1,
            operation_id: ended.operation_id.clone(),
            status: ended.status,
            task: request.task,
            cache: contents,
            removed_bytes,
            elapsed_ms: ended.elapsed_ms,
            diagnostics: std::mem::take(&mut ended.diagnostics),
        };
        ended.finish(result)
    }
}

/// Does what `request` asks for. Returns how many bytes the cache held before, and what it holds now.
fn cache(
    session: &Session,
    operation: &mut Operation<'_>,
    request: &CacheRequest,
) -> Result<(u64, CacheContents), Stop> {
    let fs = Arc::clone(session.fs());
    let _lane = match request.task {
        CacheTask::Show => None,
        CacheTask::Prune | CacheTask::Clear => Some(lane::expect(operation, &fs, "cache", request.no_wait)?),
    };
    expect_place(operation, &*fs)?;
    operation.check_cancelled()?;
    let payloads = match session.find_key() {
        Ok(key) => Some(Payloads::open(Arc::clone(&fs), key)),
        Err(no_key) => {
            operation.report(no_key);
            None
        }
    };
    let before = contents(operation, &*fs, payloads.as_deref())?;
    let removed = match request.task {
        CacheTask::Show => return Ok((before.total_bytes, before)),
        CacheTask::Prune => {
            payloads.as_ref().map_or(Ok(()), |payloads| prune(payloads, request.max_bytes.unwrap_or(MAX_BYTES)))
        }
        CacheTask::Clear => {
            // Without its socket, a session that lives would serve nobody any more.
            let is_served = matches!(fs.try_lock(Utf8Path::new(SERVING)), Ok(None));
            let is_kept = |path: &std::path::Path| path == note_path() || is_served && path.starts_with(SERVING);
            remove_all_but(&*fs, Utf8Path::new(CACHE), |path, _| is_kept(path))
        }
    };
    if let Some(payloads) = &payloads {
        payloads.refresh();
    }
    match removed {
        Ok(()) => Ok((before.total_bytes, contents(operation, &*fs, payloads.as_deref())?)),
        Err((path, error)) => Err(io_failure(operation, path.to_string_lossy().as_ref(), &error)),
    }
}

/// Ends the operation if the place of the cache holds anything but a folder.
fn expect_place(operation: &mut Operation<'_>, fs: &dyn FileSystem) -> Result<(), Stop> {
    match fs.kind(Utf8Path::new(CACHE)) {
        Ok(None | Some(NodeKind::Folder)) => Ok(()),
        Ok(Some(_)) => {
            let fault = Diagnostic::error(Code::PlaceTaken, "this is not the folder of the cache").at(CACHE);
            Err(operation.refuse(vec![fault.with_help("papack keeps nothing while it is there: remove it")]))
        }
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Err(lane::refuse(operation)),
        Err(error) => Err(io_failure(operation, CACHE, &error)),
    }
}

/// What the cache holds. `payloads` are those that the key of the user opens.
fn contents(
    operation: &mut Operation<'_>,
    fs: &dyn FileSystem,
    payloads: Option<&Payloads>,
) -> Result<CacheContents, Stop> {
    let key = payloads.map(|payloads| payloads.key.source().clone());
    let segments = payloads.map(Payloads::segments).unwrap_or_default();
    let bytes = segments.iter().map(|segment| segment.size()).sum();
    let entry_count = segments.iter().map(|segment| segment.keys().len()).sum();
    let payloads = CachedPayloads { segment_count: segments.len(), entry_count, bytes, max_bytes: MAX_BYTES };
    let (total_bytes, index_bytes) = sizes(operation, fs)?;
    let other_bytes = u64::saturating_sub(total_bytes, index_bytes + bytes);
    Ok(CacheContents { path: CACHE, key, total_bytes, index_bytes, payloads, other_bytes })
}

/// Bytes of all files in the cache, and bytes of those of the cache index. The note of the lane does not count.
fn sizes(operation: &mut Operation<'_>, fs: &dyn FileSystem) -> Result<(u64, u64), Stop> {
    let (mut total_bytes, mut index_bytes) = (0, 0);
    let mut failure = None;
    let swept = fs.sweep(Utf8Path::new(CACHE), &mut |Visited { path, kind, list_error, .. }, _| {
        let size = match list_error {
            Some(error) => Err(error),
            None if kind == NodeKind::File && path != note_path() => size_of(fs, path),
            None => Ok(0),
        };
        match size {
            Ok(size) => {
                total_bytes += size;
                index_bytes += if is_index(path) { size } else { 0 };
            }
            // Another process has just removed it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => drop(failure.get_or_insert((path.to_owned(), error))),
        }
        false
    });
    if let Some((path, error)) = failure {
        return Err(io_failure(operation, path.to_string_lossy().as_ref(), &error));
    }
    match swept {
        Ok(()) => Ok((total_bytes, index_bytes)),
        // There is no cache yet, nor a folder that could hold it.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok((0, 0)),
        Err(error) => Err(io_failure(operation, CACHE, &error)),
    }
}

/// Bytes of the file at `path`; 0 if the path is not UTF-8.
fn size_of(fs: &dyn FileSystem, path: &Path) -> io::Result<u64> {
    let Some((folder, name)) = Utf8Path::from_path(path).and_then(|path| path.parent().zip(path.file_name())) else {
        return Ok(0);
    };
    let (_, found) = fs.stat(folder, &[name])?;
    Ok(found.into_iter().flatten().map(|(_, stamp)| stamp.size).sum())
}

/// Whether the file at `path` is part of the cache index.
fn is_index(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    path.parent() == Some(Path::new(CACHE)) && name.is_some_and(|name| name.starts_with("index"))
}

/// What could not be removed, and the error.
type Failure = (PathBuf, io::Error);

/// Removes payloads until they have at most `max_bytes`, and everything in their folder that no process can use.
fn prune(payloads: &Payloads, max_bytes: u64) -> Result<(), Failure> {
    match payloads.fs.kind(Utf8Path::new(FOLDER)) {
        Ok(Some(NodeKind::Folder)) => keep_within(payloads, payloads.segments().to_vec(), max_bytes, None),
        Ok(None) => Ok(()),
        Ok(Some(_)) => payloads.fs.remove_file(Utf8Path::new(FOLDER)).map_err(|error| (FOLDER.into(), error)),
        Err(error) => Err((FOLDER.into(), error)),
    }
}
