//! Writing an index.

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

/// How the name of an index begins that is being written.
const UNFINISHED: &str = "index-";

/// An index that is being written: its sequences are there. Its file goes when this is dropped before it is in its place.
pub(crate) struct IndexWriter {
    fs: Arc<dyn FileSystem>,
    path: Utf8PathBuf,
    file: Box<dyn FileHandle>,
    /// Where the next bytes go.
    end: u64,
    sequences: Sequences,
    is_in_place: bool,
}

impl IndexWriter {
    /// Begins the index of what is `known`, where the last pack has these `payloads`.
    ///
    /// # Errors
    ///
    /// The operating system's.
    pub(crate) fn begin(
        fs: &Arc<dyn FileSystem>,
        operation: &OperationId,
        known: &BuildState,
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
            folders: writer.write(known.file_index.folders.iter())?,
            entries: writer.write(known.summary.entries.iter())?,
            assets: writer.write(known.summary.assets.iter())?,
            payloads: writer.write(payloads.iter())?,
        };
        Ok(writer)
    }

    /// Completes the index, authenticates it with `key`, and puts it into its place. What is `known` and the payloads are
    /// those of the beginning.
    ///
    /// # Errors
    ///
    /// The operating system's. Then the index of before may be gone.
    pub(crate) fn finish(
        mut self,
        key: &UserKey,
        known: &BuildState,
        clean_runs: &[CleanRun],
        generation: Option<&Generation>,
    ) -> io::Result<()> {
        /// As [`End`](super::format::End).
        #[derive(Serialize)]
        struct EndRef<'a> {
            saved_ns: i64,
            clean_runs: &'a [CleanRun],
            seen: &'a FileIndex,
            summary: &'a Summary,
            generation: Option<&'a Generation>,
            sequences: &'a Sequences,
        }
        let (seen, summary, sequences) = (&known.file_index, &known.summary, &self.sequences);
        let end = EndRef { saved_ns: clock::now_ns(), clean_runs, seen, summary, generation, sequences };
        let mut end = postcard::to_allocvec(&end).map_err(io::Error::other)?;
        if end.len() as u64 > MAX_END {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let code = authenticate(&end, key);
        end.extend((end.len() as u64).to_le_bytes());
        end.extend(code.as_bytes());
        self.append(&end)?;
        // Where there are no locks, another operation may have taken it for left behind.
        if self.fs.kind(&self.path)? != Some(NodeKind::File) {
            return Err(io::ErrorKind::NotFound.into());
        }
        // File systems flush what replaces a file, and this is not worth waiting for. A folder may be there instead.
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

/// Removes what is at `path`, be it a folder.
fn remove(fs: &dyn FileSystem, path: &Utf8Path) {
    if fs.remove_file(path).is_err() {
        remove_all(fs, path);
    }
}

/// Removes what those left that were killed while they wrote.
fn remove_unfinished(fs: &dyn FileSystem) {
    for (name, _) in fs.list(Utf8Path::new(CACHE)).unwrap_or_default() {
        if let Some(name) = name.to_str().filter(|name| name.starts_with(UNFINISHED)) {
            remove_unless_locked(fs, &Utf8Path::new(CACHE).join(name));
        }
    }
}
