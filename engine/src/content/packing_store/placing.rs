//! Contents that are written to where the pack will have them, while they are read.

use std::collections::HashSet;
use std::io;

use camino::Utf8Path;
use papack_queries::content::{ContentId, is_harmless};
use papack_queries::pack::PlannedPayload;

use super::super::draft::Draft;
use super::super::operation_store::{OperationStore, PlacedContent, Placing};
use super::{PackingStore, Place, Slot, copy_input};
use crate::fs::FileHandle;
use crate::workspace::FoundFile;

impl Placing for PackingStore {
    fn begin(&self, front_size: u64) -> bool {
        // Without a draft, a pack takes longer. Why there is none will be told when the outputs cannot be staged either.
        let opened = self.open_draft.as_ref().and_then(|open| open().ok());
        opened.is_some_and(|file| self.draft.set(Draft::new(file, front_size)).is_ok())
    }

    fn place(&self, start: u64, bytes: &[u8], contents: &[PlacedContent]) -> io::Result<()> {
        let is_written = self.draft().is_some_and(|draft| draft.write(start, bytes).is_ok());
        for PlacedContent { at, id } in contents {
            let content = usize::try_from(id.size).ok().and_then(|size| bytes.get(*at..)?.get(..size));
            let content = content.ok_or(io::ErrorKind::InvalidInput)?;
            if is_written {
                self.insert_placed(*id, start + *at as u64, is_harmless(content));
            } else {
                self.keep(content, true)?;
            }
        }
        if let Some(draft) = self.draft().filter(|_| is_written) {
            draft.let_go(start, bytes.len() as u64);
        }
        Ok(())
    }

    fn take_to(&self, start: u64, path: &Utf8Path, file: &dyn FileHandle, found: FoundFile) -> io::Result<ContentId> {
        // Where the draft cannot be written, the content is read once more, to another place.
        self.draw(start, file, found.stamp.size).or_else(|_| self.take(path, file, found))
    }
}

impl PackingStore {
    /// Whether `slices` lie in the draft one after the other, from `start` on.
    pub(crate) fn is_drafted(&self, slices: &[ContentId], start: u64) -> bool {
        let mut at = start;
        slices.iter().all(|slice| {
            let is_there = slice.size == 0 || self.offset_in_draft(*slice) == Some(at);
            at += slice.size;
            is_there
        })
    }

    /// Whether all contents of `payloads`, which begin at `start`, that lie in the draft stay there: where one of several equal
    /// ones has its place. What lies elsewhere could be written over before it is copied to its place.
    pub(crate) fn is_draft_in_place(&self, payloads: &[PlannedPayload], start: u64) -> bool {
        let visit = |each: &mut dyn FnMut(ContentId, bool)| {
            for payload in payloads {
                let mut at = start + payload.offset;
                for slice in payload.slices() {
                    if let Some(offset) = self.offset_in_draft(*slice) {
                        each(*slice, offset == at);
                    }
                    at += slice.size;
                }
            }
        };
        let mut moved = HashSet::new();
        visit(&mut |slice, is_there| {
            if !is_there {
                moved.insert(slice);
            }
        });
        if !moved.is_empty() {
            visit(&mut |slice, is_there| {
                if is_there {
                    moved.remove(&slice);
                }
            });
        }
        moved.is_empty()
    }

    fn offset_in_draft(&self, id: ContentId) -> Option<u64> {
        match self.slots.get(&id)?.place {
            Place::Draft { offset } => Some(offset),
            _ => None,
        }
    }

    /// Copies `file`, which has `size` bytes, into the draft at `start`.
    fn draw(&self, start: u64, file: &dyn FileHandle, size: u64) -> io::Result<ContentId> {
        let draft = self.draft().ok_or(io::ErrorKind::NotFound)?;
        let (id, is_harmless) = copy_input(file, size, |offset, piece| {
            draft.write(start + offset, piece)?;
            draft.let_go(start + offset, piece.len() as u64);
            Ok(())
        })?;
        self.insert_placed(id, start, is_harmless);
        Ok(id)
    }

    /// Adds the input `id`, which lies at `offset` of the draft.
    fn insert_placed(&self, id: ContentId, offset: u64, is_harmless: bool) {
        if id.size > 0 {
            self.insert(id, Slot { place: Place::Draft { offset }, holders: 1, is_input: true, is_harmless });
        }
    }
}
