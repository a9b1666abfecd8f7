//! Reading an index: the head at first, the rest where it is needed.

use std::io;

use super::super::key::UserKey;
use super::format::{
    End, FRAME, Head, IndexBody, MAX_END, MAX_SIZE, Sequences, VERSION_LINE, WRITE_BACK_NS, authenticate, path,
};
use super::sequence::Reader;
use crate::fs::clock::booted_ns;
use crate::fs::{FileHandle, FileSystem};
use crate::workspace::FileIndex;

/// An index of which the head was read.
pub(crate) struct IndexReader {
    file: Box<dyn FileHandle>,
    /// Where the sequences begin that were not read.
    pub(super) rest_at: u64,
    rest: IndexBody,
    pub(super) sequences: Sequences,
}

/// Why there is nothing to go on from.
pub(crate) enum Unusable {
    /// There is no index.
    Missing,
    /// What is there is none, of another version, damaged, or not of this user's making.
    Foreign,
}

impl IndexReader {
    /// Opens the index of a workspace, where it is authenticated with `key`.
    pub(crate) fn open(fs: &dyn FileSystem, key: &UserKey) -> Result<(Self, Head), Unusable> {
        let (file, stamp) = fs.open(&path()).map_err(|error| match error.kind() {
            // Something else than a folder is in the place of the cache, or nobody may look into it.
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::PermissionDenied => {
                Unusable::Missing
            }
            _ => Unusable::Foreign,
        })?;
        let end = read_end(&*file, stamp.size, key).ok_or(Unusable::Foreign)?;
        let End { saved_ns, clean_runs, seen, summary, generation, sequences } = end;
        let mut reader = Reader { file: &*file, at: VERSION_LINE.len() as u64 };
        let folders = reader.read(&sequences.folders).ok_or(Unusable::Foreign)?;
        let rest_at = reader.at;
        let mut seen = FileIndex { folders: folders.collect(), ..seen };
        if !seen.is_below_assets() {
            return Err(Unusable::Foreign);
        }
        // A power cut may keep the new stamp of a file and lose its new content.
        if booted_ns().is_none_or(|booted| booted >= saved_ns) {
            seen.forget_stamps_after(saved_ns.saturating_sub(WRITE_BACK_NS));
        }
        Ok((Self { file, rest_at, rest: IndexBody { summary, generation }, sequences }, Head { seen, clean_runs }))
    }

    /// Reads what is only needed when something changed; none where it is damaged.
    pub(crate) fn rest(&mut self) -> Option<IndexBody> {
        let Self { file, rest_at, rest, sequences } = self;
        let mut rest = std::mem::take(rest);
        let mut reader = Reader { file: &**file, at: *rest_at };
        rest.summary.entries = reader.read(&sequences.entries)?.collect();
        rest.summary.assets = reader.read(&sequences.assets)?.collect();
        let payloads = reader.read(&sequences.payloads)?;
        if let Some(generation) = &mut rest.generation {
            generation.payloads = payloads.collect();
        }
        Some(rest)
    }
}

/// Reads the end of a file of `size` bytes, where that is an index, authenticated with `key`, the sequences of which fill it.
fn read_end(file: &dyn FileHandle, size: u64, key: &UserKey) -> Option<End> {
    let mut line = [0; VERSION_LINE.len()];
    file.read_exact_at(0, &mut line).ok()?;
    if line != VERSION_LINE.as_bytes() || size > MAX_SIZE {
        return None;
    }
    let frame_at = size.checked_sub(FRAME as u64)?;
    let mut frame = [0; FRAME];
    file.read_exact_at(frame_at, &mut frame).ok()?;
    let (length, code) = frame.split_at(8);
    let length = u64::from_le_bytes(length.try_into().ok()?);
    let end_at = frame_at.checked_sub(length).filter(|at| *at >= line.len() as u64 && length <= MAX_END)?;
    let mut end = vec![0; usize::try_from(length).ok()?];
    file.read_exact_at(end_at, &mut end).ok()?;
    // Not compared as bytes: how long that takes would tell something of the code.
    if authenticate(&end, key) != blake3::Hash::from_slice(code).ok()? {
        return None;
    }
    let end: End = postcard::from_bytes(&end).ok()?;
    (end.sequences.size()? == end_at - line.len() as u64).then_some(end)
}
