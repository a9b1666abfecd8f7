//! Reading a cache index: the head first, the body only when it is needed.

use std::io;

use super::super::key::UserKey;
use super::format::{
    End, FRAME, IndexBody, IndexHead, MAX_END, MAX_SIZE, Sequences, VERSION_LINE, WRITE_BACK_NS, authenticate, path,
};
use super::sequence::{Reader, size_of};
use crate::fs::clock::booted_ns;
use crate::fs::{FileHandle, FileSystem};
use crate::workspace::{Changes, DirtySet, FileIndex};

/// A cache index of which the head was read.
pub(crate) struct IndexReader {
    file: Box<dyn FileHandle>,
    /// No stamp is believed of what changed after this time, in nanoseconds since the epoch.
    believed_until_ns: Option<i64>,
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
        let End { saved_ns, clean_runs, mut file_index, summary, generation, sequences } = end;
        // After a power cut a file may have its new stamp, but not its new content.
        let is_believed = booted_ns().is_some_and(|booted| booted < saved_ns);
        let believed_until_ns = (!is_believed).then(|| saved_ns.saturating_sub(WRITE_BACK_NS));
        if let Some(limit) = believed_until_ns {
            file_index.forget_stamps_after(limit);
        }
        let registry = file_index.registry;
        let body = IndexBody { file_index, summary, generation };
        let reader = Self { file, believed_until_ns, body, sequences };
        Ok((reader, IndexHead { registry, clean_runs }))
    }

    /// Compares the stamps of all that the index has of `assets/` with the present ones; none where it is damaged. Folders
    /// are compared as they are read, and are not kept: where nothing changed, nobody needs them.
    ///
    /// # Errors
    ///
    /// As [`FileIndex::survey`].
    pub(crate) fn survey(&self, fs: &dyn FileSystem) -> Option<io::Result<DirtySet>> {
        let survey = |folders: Vec<_>| {
            let index = self.believed(FileIndex::of_folders(folders))?;
            Some(index.survey_folders(fs, &Changes::Anything).map(|dirty| (dirty, index.has_top())))
        };
        let pieces = self.sequences_at(0).read_pieces(&self.sequences.folders, survey)?;
        let sum_up = || {
            let pieces: Vec<_> = pieces.into_iter().collect::<io::Result<_>>()?;
            let has_top = pieces.iter().any(|(_, has_top)| *has_top);
            let registry = self.body.file_index.survey_registry(fs)?;
            Ok(DirtySet::of(pieces.into_iter().map(|(dirty, _)| dirty).chain([registry]), has_top))
        };
        Some(sum_up())
    }

    /// Reads the file index, which is a part of the body; none where it is damaged.
    pub(crate) fn read_file_index(&self) -> Option<FileIndex> {
        let folders = self.sequences_at(0).read(&self.sequences.folders)?;
        self.believed(FileIndex::of_folders(folders))
    }

    /// Reads the body, once; none where it is damaged.
    pub(crate) fn read_body(&mut self) -> Option<IndexBody> {
        let file_index = self.read_file_index()?;
        let mut body = IndexBody { file_index, ..std::mem::take(&mut self.body) };
        let Sequences { folders, entries, assets, payloads } = &self.sequences;
        let mut reader = self.sequences_at(size_of(folders.iter())?);
        body.summary.entries = reader.read(entries)?.collect();
        body.summary.assets = reader.read(assets)?.collect();
        let payloads = reader.read(payloads)?;
        if let Some(generation) = &mut body.generation {
            generation.payloads = payloads.collect();
        }
        Some(body)
    }

    /// A reader of the sequences from the one on that is `offset` bytes behind the first.
    fn sequences_at(&self, offset: u64) -> Reader<'_> {
        Reader { file: &*self.file, at: VERSION_LINE.len() as u64 + offset }
    }

    /// The file index with the folders that `index` has; none where no walk can find one of them.
    fn believed(&self, mut index: FileIndex) -> Option<FileIndex> {
        index.registry = self.body.file_index.registry;
        if let Some(limit) = self.believed_until_ns {
            index.forget_stamps_after(limit);
        }
        index.is_below_assets().then_some(index)
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
