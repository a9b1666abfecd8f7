//! The four outputs as they were published, and the stamps by which they are recognized without being read.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use camino::Utf8Path;
use papack_queries::content::{ContentId, Digest};
use serde::{Deserialize, Serialize};

use super::layout::{BUILD, NAMES};
use crate::fs::{FileHandle, FileSystem, NodeKind, Stamp, clock};

/// The four outputs that one pack published.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Generation {
    /// The four outputs, in the order of their [`NAMES`].
    pub(crate) outputs: [PublishedFile; 4],
    /// Size in bytes of what is before the payload region of the pack.
    pub(crate) front_size: u64,
    /// The payloads in the order in which they lie in the pack, each with its `asset_id`. The cache index stores them
    /// as a sequence of their own.
    #[serde(skip)]
    pub(crate) payloads: Arc<[(u32, ContentId)]>,
}

/// An output that was published.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PublishedFile {
    /// What tells it from every other output of its name; see [`Output::identity`](crate::publish::Output::identity).
    pub(crate) identity: Digest,
    /// The stamp that it has as long as nobody touches it. None where its bytes must be read to find that out.
    pub(crate) stamp: Option<Stamp>,
}

/// The stamps of the files in the place of the four outputs, in the order of their [`NAMES`]. None where there is no
/// file.
pub(crate) fn stat_outputs(fs: &dyn FileSystem) -> io::Result<[Option<Stamp>; 4]> {
    match fs.stat(Utf8Path::new(BUILD), &NAMES) {
        Ok((_, found)) => {
            let mut found = found.into_iter();
            Ok(NAMES.map(|_| match found.next().flatten() {
                Some((NodeKind::File, stamp)) => Some(stamp),
                _ => None,
            }))
        }
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied) => {
            Ok([None; 4])
        }
        Err(error) => Err(error),
    }
}

/// The stamp of a staged file. None where a later write to the file might leave the same modification time, because the
/// last one was just now. The change time is of less use, because a rename sets it. For a large file, waits up to 10 ms
/// for a tick: cheaper than reading it next time.
pub(crate) fn stamp_of_staged(file: &dyn FileHandle) -> io::Result<Option<Stamp>> {
    /// The size in bytes from which on a file is waited for.
    const LARGE: u64 = 4 * 1024 * 1024;
    /// How often it is waited for.
    const WAITS: usize = 10;
    /// For how long each time.
    const WAIT: Duration = Duration::from_millis(1);
    let stamp = file.stamp()?;
    for _ in 0..WAITS {
        if clock::has_ticked(stamp.modified_ns, clock::now_ns()) {
            return Ok(Some(file.stamp()?).filter(|now| *now == stamp));
        }
        if stamp.size < LARGE {
            return Ok(None);
        }
        std::thread::sleep(WAIT);
    }
    Ok(None)
}

/// The stamp `found` of an output that papack just renamed into its place. None where it is not the file that had the
/// stamp `staged`.
pub(crate) fn stamp_of_promoted(found: Stamp, staged: Stamp) -> Option<Stamp> {
    (found == Stamp { changed_ns: found.changed_ns, ..staged }).then_some(found)
}
