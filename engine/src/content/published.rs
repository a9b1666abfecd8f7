//! The `assets.pa` that was published last, and the payloads that can be taken from it.

use std::io;
use std::sync::{Arc, OnceLock};

use papack_queries::content::ContentId;
use rayon::prelude::*;

use crate::fs::{FileHandle, FileSystem, Stamp, digest_at};
use crate::workspace::layout::{ASSETS_PA, PACK_AT, published_path};
use crate::workspace::{Generation, conclusive_stamp, wait_for_tick};

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
            wait_for_tick(&*file, stamp).ok()??;
            conclusive_stamp(&*file, stamp)?;
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
