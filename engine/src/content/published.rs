//! The `assets.pa` that was published last, and the payloads that can be taken from it.

use std::io;
use std::sync::{Arc, OnceLock};

use papack_queries::content::ContentId;
use rayon::prelude::*;

use crate::fs::{FileHandle, FileSystem, Stamp, digest_at};
use crate::workspace::layout::{ASSETS_PA, PACK_AT, published_path};
use crate::workspace::{Generation, conclusive_stamp, wait_for_tick};

/// The published `assets.pa`, open for reading, with those of its payloads that did not change since.
pub(crate) struct Published {
    file: Arc<dyn FileHandle>,
    /// Its stamp since it was opened.
    stamp: Stamp,
    /// The unchanged payloads, in ascending `asset_id`.
    payloads: Arc<[(u32, ContentId)]>,
    /// The offset of each payload from the start of the file, in bytes.
    offsets: Vec<u64>,
    /// Positions in `payloads`, in the order of their contents.
    by_content: OnceLock<Vec<u32>>,
}

impl Published {
    /// Opens the `assets.pa` of `generation`, unless it is gone. If its stamp differs from the recorded one, somebody
    /// may have altered it. Then every payload is digested, and only those with the recorded digests are used. That
    /// needs a conclusive stamp; if the file does not get one soon enough, nothing is taken from it.
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
            let is_unchanged = |&((_, content), offset): &(&(u32, ContentId), u64)| {
                offset + content.size <= stamp.size
                    && digest_at(&*file, offset, content.size).is_ok_and(|digest| digest == content.digest)
            };
            let unchanged: (Vec<_>, Vec<_>) = payloads.par_iter().zip(offsets).filter(is_unchanged).unzip();
            offsets = unchanged.1;
            payloads = unchanged.0.into_iter().copied().collect();
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

    /// The offset of the payload `id` in the file. If nothing changed, it is the payload of the asset `asset_id`.
    pub(crate) fn find(&self, asset_id: u32, id: ContentId) -> Option<u64> {
        let same = self.payloads.binary_search_by_key(&asset_id, |(asset_id, _)| *asset_id).ok();
        let same = same.filter(|index| self.payloads[*index].1 == id);
        same.map(|index| self.offsets[index]).or_else(|| self.find_content(id))
    }

    /// The offset of the content `id` in the file, if it is the payload of any asset.
    pub(crate) fn find_content(&self, id: ContentId) -> Option<u64> {
        let content = |position: &u32| self.payloads[*position as usize].1;
        let sort = || {
            let mut positions: Vec<u32> = (0..).zip(&*self.payloads).map(|(position, _)| position).collect();
            positions.sort_unstable_by_key(content);
            positions
        };
        let positions = self.by_content.get_or_init(sort);
        let found = positions.binary_search_by_key(&id, content).ok()?;
        self.offsets.get(positions[found] as usize).copied()
    }
}
