//! The four outputs as they were published, and how they are recognized without being read.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use camino::Utf8Path;
use papack_queries::content::{ContentId, Digest};
use serde::{Deserialize, Serialize};

use super::layout::{BUILD, NAMES};
use crate::fs::{FileHandle, FileSystem, NodeKind, Stamp, clock};

/// What was published.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Generation {
    /// The four outputs, in the order of their [`NAMES`].
    pub(crate) outputs: [PublishedFile; 4],
    /// Bytes before the payload region.
    pub(crate) front_size: u64,
    /// The payloads in the order in which they lie, each with its asset. Stored as a sequence of their own.
    #[serde(skip)]
    pub(crate) payloads: Arc<[(u32, ContentId)]>,
}

/// An output that was published.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PublishedFile {
    /// What tells it from any other; see [`Output::identity`](crate::publish::Output::identity).
    pub(crate) identity: Digest,
    /// The stamp that it has as long as nobody touches it; none where it has to be looked into.
    pub(crate) stamp: Option<Stamp>,
}

/// The stamps of what is in the place of the four outputs, in the order of their names; none where there is no file.
pub(crate) fn stat_outputs(fs: &dyn FileSystem) -> io::Result<[Option<Stamp>; 4]> {
    match fs.look(Utf8Path::new(BUILD), &NAMES) {
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

/// The stamp of a staged file, where it will have another modification time after anybody wrote to it. Its change time,
/// which a rename sets, tells less. A file of many bytes, which it would take long to look into, is given a moment.
pub(crate) fn stamp_of_staged(file: &dyn FileHandle) -> io::Result<Option<Stamp>> {
    /// From which size on a file is waited for, in bytes.
    const LARGE: u64 = 4 * 1024 * 1024;
    /// How often, and each time for how long.
    const MOMENTS: usize = 10;
    const MOMENT: Duration = Duration::from_millis(1);
    let stamp = file.stamp()?;
    for _ in 0..MOMENTS {
        if clock::has_ticked(stamp.modified_ns, clock::now_ns()) {
            return Ok(Some(file.stamp()?).filter(|now| *now == stamp));
        }
        if stamp.size < LARGE {
            return Ok(None);
        }
        std::thread::sleep(MOMENT);
    }
    Ok(None)
}

/// The stamp `found` of an output that papack just renamed into its place, where it is the file that was `staged`.
pub(crate) fn stamp_of_promoted(found: Stamp, staged: Stamp) -> Option<Stamp> {
    (found == Stamp { changed_ns: found.changed_ns, ..staged }).then_some(found)
}
