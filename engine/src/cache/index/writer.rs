//! Writing a cache index.

use std::io;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use papack_queries::content::ContentId;
use serde::Serialize;

use super::super::folder::make_folder;
use super::super::key::UserKey;
use super::format::{CleanRun, MAX_END, MAX_SIZE, Sequences, VERSION_LINE, authenticate, path};
use super::sequence::{self, Sequence};
use crate::fs::{FileHandle, FileSystem, NodeKind, clock, create_locked, remove_all, remove_unless_locked};
use crate::operation::OperationId;
use crate::workspace::layout::CACHE;
use crate::workspace::{BuildState, FileIndex, Generation, Summary};

/// The beginning of the name of a cache index that is not complete.
const UNFINISHED: &str = "index-";

/// A cache index that is being written: its sequences are in the file already. If this is dropped before the file is
/// renamed to its place, the file is removed.
pub(crate) struct IndexWriter {
    fs: Arc<dyn FileSystem>,
    path: Utf8PathBuf,
    file: Box<dyn FileHandle>,
    /// The offset of the next bytes.
    end: u64,
    sequences: Sequences,
    is_in_place: bool,
}

impl IndexWriter {
    /// Begins a cache index, and writes its sequences: those of `state`, and the `payloads` of the last pack.
    ///
    /// # Errors
    ///
    /// The operating system's.
    pub(crate) fn begin(
        fs: &Arc<dyn FileSystem>,
        operation: &OperationId,
        state: &BuildState,
        payloads: &[(u32, ContentId)],
    ) -> io::Result<Self> {
        make_folder(&**fs);
        remove_unfinished(&**fs);
        let path = Utf8Path::new(CACHE).join(format!("{UNFINISHED}{operation}"));
        let file = create_locked(&**fs, &path)?;
        let sequences = Sequences::default();
        let mut writer = Self { fs: Arc::clone(fs), path, file, end: 0, sequences, is_in_place: false };
        writer.append(VERSION_LINE.as_bytes())?;
        writer.sequences = Sequences {
            folders: writer.write(state.file_index.folders.iter())?,
            entries: writer.write(state.summary.entries.iter())?,
            assets: writer.write(state.summary.assets.iter())?,
            payloads: writer.write(payloads.iter())?,
        };
        Ok(writer)
    }

    /// Completes the cache index, authenticates it with `key`, and renames it to its place. The folders, entries and
    /// assets of `state` and the payloads of `generation` must be those that [`begin`](Self::begin) was called with.
    ///
    /// # Errors
    ///
    /// The operating system's. Then the previous cache index may be gone.
    pub(crate) fn finish(
        mut self,
        key: &UserKey,
        state: &BuildState,
        clean_runs: &[CleanRun],
        generation: Option<&Generation>,
    ) -> io::Result<()> {
        /// [`End`](super::format::End), borrowed, with the same fields in the same order.
        #[derive(Serialize)]
        struct EndRef<'a> {
            saved_ns: i64,
            clean_runs: &'a [CleanRun],
            file_index: &'a FileIndex,
            summary: &'a Summary,
            generation: Option<&'a Generation>,
            sequences: &'a Sequences,
        }
        let (file_index, summary, sequences) = (&state.file_index, &state.summary, &self.sequences);
        let end = EndRef { saved_ns: clock::now_ns(), clean_runs, file_index, summary, generation, sequences };
        let mut end = postcard::to_allocvec(&end).map_err(io::Error::other)?;
        if end.len() as u64 > MAX_END {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let code = authenticate(&end, key);
        end.extend((end.len() as u64).to_le_bytes());
        end.extend(code.as_bytes());
        self.append(&end)?;
        // On a file system without locks, another operation may have removed it as a leftover.
        if self.fs.kind(&self.path)? != Some(NodeKind::File) {
            return Err(io::ErrorKind::NotFound.into());
        }
        // Some file systems flush a file that replaces another one, and this one is not worth that wait. A folder may
        // be in the place, too.
        remove(&*self.fs, &path());
        self.fs.rename(&self.path, &path())?;
        self.is_in_place = true;
        Ok(())
    }

    fn write<T: Serialize + Send>(&mut self, items: impl Iterator<Item = T>) -> io::Result<Sequence> {
        sequence::write(items, |bytes| self.append(bytes))
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.end + bytes.len() as u64 > MAX_SIZE {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.file.write_all_at(self.end, bytes)?;
        self.end += bytes.len() as u64;
        Ok(())
    }
}

impl Drop for IndexWriter {
    fn drop(&mut self) {
        if !self.is_in_place {
            drop(self.fs.remove_file(&self.path));
        }
    }
}

/// Removes what is at `path`, a file or a folder.
fn remove(fs: &dyn FileSystem, path: &Utf8Path) {
    if fs.remove_file(path).is_err() {
        remove_all(fs, path);
    }
}

/// Removes the incomplete files of processes that were killed.
fn remove_unfinished(fs: &dyn FileSystem) {
    for (name, _) in fs.list(Utf8Path::new(CACHE)).unwrap_or_default() {
        if let Some(name) = name.to_str().filter(|name| name.starts_with(UNFINISHED)) {
            remove_unless_locked(fs, &Utf8Path::new(CACHE).join(name));
        }
    }
}
