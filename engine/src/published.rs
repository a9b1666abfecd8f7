//! The generation of outputs that was published last, and the payloads that can be taken from it.

use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use camino::Utf8Path;
use papack_queries::content::{ContentId, Digest};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock;
use crate::fs::{FileHandle, FileSystem, NodeKind, Stamp};
use crate::output::{ASSETS_PA, BUILD, NAMES, PACK_AT, digest_at, published_path};
use crate::read::{rested, telling};

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
    /// What tells it from any other; see [`Output::identity`](crate::output::Output::identity).
    pub(crate) identity: Digest,
    /// The stamp that it has as long as nobody touches it; none where it has to be looked into.
    pub(crate) stamp: Option<Stamp>,
}

/// The stamps of what is in the place of the four outputs, in the order of their names; none where there is no file.
pub(crate) fn look_at_outputs(fs: &dyn FileSystem) -> io::Result<[Option<Stamp>; 4]> {
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

/// An `assets.pa` that was published, open, with the payloads in it that are as they were.
pub(crate) struct Published {
    file: Arc<dyn FileHandle>,
    /// Its stamp since it was opened.
    stamp: Stamp,
    /// What it holds, in ascending `asset_id`.
    payloads: Arc<[(u32, ContentId)]>,
    /// The bytes from the start of the file to each of them.
    offsets: Vec<u64>,
    /// Their positions, in the order of their contents.
    by_content: OnceLock<Vec<u32>>,
}

impl Published {
    /// Opens what was published, unless it is gone. Where the file may have been altered, its payloads are digested, once
    /// every later change can be told; where that takes too long, nothing is taken from it.
    pub(crate) fn open(fs: &dyn FileSystem, generation: &Generation) -> Option<Self> {
        let (file, stamp) = fs.open(&published_path(ASSETS_PA)).ok()?;
        let mut payloads = Arc::clone(&generation.payloads);
        let mut offsets = Vec::with_capacity(payloads.len());
        let mut end = generation.front_size;
        for (_, content) in &*payloads {
            offsets.push(end);
            end = end.checked_add(content.size)?;
        }
        if generation.outputs[PACK_AT].stamp != Some(stamp) {
            rested(&*file, stamp).ok()??;
            telling(&*file, stamp)?;
            let is_there = |&((_, content), offset): &(&(u32, ContentId), u64)| {
                offset + content.size <= stamp.size
                    && digest_at(&*file, offset, content.size).is_ok_and(|digest| digest == content.digest)
            };
            let there: (Vec<_>, Vec<_>) = payloads.par_iter().zip(offsets).filter(is_there).unzip();
            offsets = there.1;
            payloads = there.0.into_iter().copied().collect();
        }
        Some(Self { file: file.into(), stamp, payloads, offsets, by_content: OnceLock::new() })
    }

    /// The open file.
    pub(crate) fn file(&self) -> &Arc<dyn FileHandle> {
        &self.file
    }

    /// Whether nobody touched the file since it was opened.
    pub(crate) fn is_untouched(&self) -> io::Result<bool> {
        Ok(self.file.stamp()? == self.stamp)
    }

    /// Where the payload `id`, which is that of the asset `asset_id` if nothing changed, begins in the file.
    pub(crate) fn find(&self, asset_id: u32, id: ContentId) -> Option<u64> {
        let same = self.payloads.binary_search_by_key(&asset_id, |(asset_id, _)| *asset_id).ok();
        let same = same.filter(|index| self.payloads[*index].1 == id);
        same.map(|index| self.offsets[index]).or_else(|| self.find_content(id))
    }

    /// Where the content `id` begins in the file, if it is the payload of an asset.
    pub(crate) fn find_content(&self, id: ContentId) -> Option<u64> {
        let content = |position: &u32| self.payloads[*position as usize].1;
        let index = || {
            let mut positions: Vec<u32> = (0..).zip(&*self.payloads).map(|(position, _)| position).collect();
            positions.sort_unstable_by_key(content);
            positions
        };
        let positions = self.by_content.get_or_init(index);
        let found = positions.binary_search_by_key(&id, content).ok()?;
        self.offsets.get(positions[found] as usize).copied()
    }
}
