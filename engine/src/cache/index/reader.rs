//! Reading a cache index: the head first, the body only when it is needed.

use std::io;

use super::super::key::UserKey;
use super::format::{
    End, FRAME, IndexBody, IndexHead, MAX_END, MAX_SIZE, Sequences, VERSION_LINE, WRITE_BACK_NS, authenticate, path,
};
use super::sequence::Reader;
use crate::fs::clock::booted_ns;
use crate::fs::{FileHandle, FileSystem};
use crate::workspace::FileIndex;

/// A cache index of which the head was read.
pub(crate) struct IndexReader {
    file: Box<dyn FileHandle>,
    /// The offset of the sequences of the body, in bytes.
    pub(super) body_at: u64,
    /// The body without its sequences.
    body: IndexBody,
    pub(super) sequences: Sequences,
}

/// Why a cache index cannot be used.
pub(crate) enum Unusable {
    /// There is no cache index.
    Missing,
    /// The file is no cache index, of another version, damaged, or made with another key.
    Foreign,
}

impl IndexReader {
    /// Opens the cache index of a workspace, and reads its head.
    ///
    /// # Errors
    ///
    /// When there is none that is authenticated with `key`.
    pub(crate) fn open(fs: &dyn FileSystem, key: &UserKey) -> Result<(Self, IndexHead), Unusable> {
        let (file, stamp) = fs.open(&path()).map_err(|error| match error.kind() {
            // The cache is no folder, or may not be opened.
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::PermissionDenied => {
                Unusable::Missing
            }
            _ => Unusable::Foreign,
        })?;
        let end = read_end(&*file, stamp.size, key).ok_or(Unusable::Foreign)?;
        let End { saved_ns, clean_runs, file_index, summary, generation, sequences } = end;
        let mut reader = Reader { file: &*file, at: VERSION_LINE.len() as u64 };
        let folders = reader.read(&sequences.folders).ok_or(Unusable::Foreign)?;
        let body_at = reader.at;
        let mut file_index = FileIndex { folders: folders.collect(), ..file_index };
        if !file_index.is_below_assets() {
            return Err(Unusable::Foreign);
        }
        // After a power cut a file may have its new stamp, but not its new content.
        if booted_ns().is_none_or(|booted| booted >= saved_ns) {
            file_index.forget_stamps_after(saved_ns.saturating_sub(WRITE_BACK_NS));
        }
        let body = IndexBody { summary, generation };
        Ok((Self { file, body_at, body, sequences }, IndexHead { file_index, clean_runs }))
    }

    /// Reads the body, once; none where it is damaged.
    pub(crate) fn read_body(&mut self) -> Option<IndexBody> {
        let Self { file, body_at, body, sequences } = self;
        let mut body = std::mem::take(body);
        let mut reader = Reader { file: &**file, at: *body_at };
        body.summary.entries = reader.read(&sequences.entries)?.collect();
        body.summary.assets = reader.read(&sequences.assets)?.collect();
        let payloads = reader.read(&sequences.payloads)?;
        if let Some(generation) = &mut body.generation {
            generation.payloads = payloads.collect();
        }
        Some(body)
    }
}

/// Reads the end of a file of `size` bytes. None where the file is no cache index that is authenticated with `key`, or
/// where its sequences do not fill it exactly.
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
    // Compared in constant time: the time of a comparison of bytes would reveal a part of the code.
    if authenticate(&end, key) != blake3::Hash::from_slice(code).ok()? {
        return None;
    }
    let end: End = postcard::from_bytes(&end).ok()?;
    (end.sequences.size()? == end_at - line.len() as u64).then_some(end)
}
