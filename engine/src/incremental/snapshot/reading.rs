//! What one operation reads from the workspace. Of each file it takes one content.
//!
//! A file is read once, with two exceptions. If it changes while it is read, it is read again, a few times at most. And
//! a manifest whose bytes went into the store as those of an artifact file is read a second time when it is needed as a
//! manifest: then it must have the same content.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::io;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use papack_queries::content::ContentId;
use papack_queries::diagnostic::Diagnostic;
use papack_queries::inputs::{FileFault, FileState, IgnoreFile, ManifestState};
use papack_queries::left_out::IGNORE_NAME;
use papack_queries::schema::{MANIFEST_NAME, manifest};
use smol_str::SmolStr;

use super::read_files::{ReadFile, ReadFiles, Reads};
use crate::content::{OperationStore, Placing};
use crate::fs::{FileHandle, FileSystem, NodeKind, Stamp};
use crate::operation::Cancel;
use crate::workspace::layout::ASSETS;
use crate::workspace::{
    FileIndex, FoundFile, ReadError, io_diagnostic, read_content, read_ignore_file, read_stamped_manifest, unstable,
};

/// Reads the files of one snapshot into a store. All paths are below `assets/`.
pub(super) struct Reading<'o> {
    fs: &'o dyn FileSystem,
    pub(super) store: &'o dyn OperationStore,
    pub(super) cancel: &'o Cancel,
    pub(super) file_index: &'o FileIndex,
    /// Files that must be read again: their digests in the file index may be outdated.
    dirty_files: HashSet<&'o str>,
    /// The files that this operation read.
    files: ReadFiles,
}

impl<'o> Reading<'o> {
    pub(super) fn new(
        fs: &'o dyn FileSystem,
        store: &'o dyn OperationStore,
        cancel: &'o Cancel,
        file_index: &'o FileIndex,
        dirty_files: &'o [String],
    ) -> Self {
        let dirty_files = dirty_files.iter().map(String::as_str).collect();
        Self { fs, store, cancel, file_index, dirty_files, files: ReadFiles::default() }
    }

    /// The files that must be read again.
    pub(super) fn dirty_files(&self) -> impl Iterator<Item = &'o str> {
        self.dirty_files.iter().copied()
    }

    /// The content at `path`, if this operation read it already, or the file index has it and it is not dirty.
    pub(super) fn recorded_content(&self, path: &str) -> Option<ContentId> {
        if let Some(file) = self.files.get(path) {
            return match file.state {
                FileState::Content(content) => Some(content),
                FileState::Unread | FileState::Refused(_) => None,
            };
        }
        Some(self.file_index.read(path).filter(|_| !self.dirty_files.contains(path))?.content)
    }

    /// The sizes of the files at `paths`, as they seem; none where one cannot be told.
    pub(super) fn sizes(&self, paths: &[&str]) -> Option<Vec<u64>> {
        let (_, found) = self.fs.stat(Utf8Path::new(ASSETS), paths).ok()?;
        let size = |found: Option<(NodeKind, Stamp)>| Some(found.filter(|(kind, _)| *kind == NodeKind::File)?.1.size);
        found.into_iter().map(size).collect()
    }

    /// Reads the file at `path` into the store, unless that was done before.
    pub(super) fn read(&self, path: &str) -> Result<FileState, Diagnostic> {
        self.read_with(path, |location, file, found| self.store.take(location, file, found))
    }

    /// As [`read`](Self::read), but into `piece`, if the file has as many bytes. Then its content is returned, too, and
    /// is not in the store yet.
    pub(super) fn read_into(&self, path: &str, piece: &mut [u8]) -> Result<(FileState, Option<ContentId>), Diagnostic> {
        let (piece, read) = (RefCell::new(piece), Cell::new(None));
        let state = self.read_with(path, |location, file, found| {
            // What is there of an earlier attempt is read over.
            read.set(None);
            let mut piece = piece.borrow_mut();
            if found.stamp.size != piece.len() as u64 {
                return self.store.take(location, file, found);
            }
            file.read_exact_at(0, &mut piece)?;
            let content = ContentId::of(&piece);
            read.set(Some(content));
            Ok(content)
        })?;
        Ok((state, read.get().filter(|content| state == FileState::Content(*content))))
    }

    /// As [`read`](Self::read), but to `start` in the next pack, if the file has the foretold `size`.
    pub(super) fn read_to(
        &self,
        path: &str,
        store: &dyn Placing,
        start: u64,
        size: u64,
    ) -> Result<FileState, Diagnostic> {
        let place = Cell::new(Some(start));
        self.read_with(path, |location, file, found| match place.take() {
            Some(start) if found.stamp.size == size => store.take_to(start, location, file, found),
            _ => self.store.take(location, file, found),
        })
    }

    /// Reads the file at `path` with `take`, which gets its path below the workspace, unless that was done before.
    fn read_with(
        &self,
        path: &str,
        take: impl Fn(&Utf8Path, &dyn FileHandle, FoundFile) -> io::Result<ContentId>,
    ) -> Result<FileState, Diagnostic> {
        let earlier = self.files.get(path).map(|file| ReadFile::clone(&file));
        let location = Utf8Path::new(ASSETS).join(path);
        let file = match earlier {
            Some(ReadFile { text: Some(text), stamp, state }) => {
                self.store.ingest_bytes(&text).map_err(|error| io_diagnostic(&location, &error))?;
                ReadFile { state, stamp, text: None }
            }
            Some(ReadFile { state, .. }) if !matches!(state, FileState::Refused(FileFault::TooLarge(_))) => {
                return Ok(state);
            }
            // A file that is too large for a manifest may still be an artifact file.
            Some(_) | None => {
                match read_content(self.fs, &location, self.cancel, |file, found| take(&location, file, found)) {
                    Ok((content, stamp)) => ReadFile { state: FileState::Content(content), stamp, text: None },
                    Err(ReadError::Refused(fault)) => {
                        ReadFile { state: FileState::Refused(fault), stamp: None, text: None }
                    }
                    Err(ReadError::Failed(fault)) => return Err(*fault),
                }
            }
        };
        let state = file.state;
        self.files.insert(path.into(), file);
        Ok(state)
    }

    /// Reads the manifest in the folder `root`.
    pub(super) fn manifest(&self, root: &str) -> Result<ManifestState, Diagnostic> {
        let path = manifest_path(root);
        let earlier = self.files.get(&path).map(|file| (file.state, file.text.clone()));
        match earlier {
            Some((FileState::Refused(fault), _)) => return Ok(ManifestState::Refused(fault)),
            Some((FileState::Content(_), Some(text))) => return Ok(ManifestState::Bytes(text)),
            Some((FileState::Content(content), None)) => return self.manifest_again(root, content),
            Some((FileState::Unread, _)) | None => {}
        }
        let (manifest, stamp) = read_stamped_manifest(self.fs, root)?;
        let file = match &manifest {
            ManifestState::Bytes(bytes) => {
                ReadFile { state: FileState::Content(ContentId::of(bytes)), stamp, text: Some(Arc::clone(bytes)) }
            }
            ManifestState::Refused(fault) => ReadFile { state: FileState::Refused(*fault), stamp: None, text: None },
            ManifestState::Unread => return Ok(manifest),
        };
        self.files.insert(path, file);
        Ok(manifest)
    }

    /// The ignore file, which was `previous` in the last operation. It is read if it may have changed.
    pub(super) fn ignore_file(&self, previous: &IgnoreFile) -> Result<IgnoreFile, Diagnostic> {
        if !self.file_index.has(IGNORE_NAME) {
            return Ok(IgnoreFile::Absent);
        }
        if let (IgnoreFile::Bytes(bytes), Some(content)) = (previous, self.recorded_content(IGNORE_NAME))
            && ContentId::of(bytes) == content
        {
            return Ok(previous.clone());
        }
        let (ignore_file, stamp) = read_ignore_file(self.fs)?;
        if let IgnoreFile::Bytes(bytes) = &ignore_file {
            let state = FileState::Content(ContentId::of(bytes));
            self.files.insert(IGNORE_NAME.into(), ReadFile { state, stamp, text: None });
        }
        Ok(ignore_file)
    }

    /// Reads a manifest that was read as an artifact file of an asset before. It must still have this `content`,
    /// because digest and stamp were recorded at the first reading.
    fn manifest_again(&self, root: &str, content: ContentId) -> Result<ManifestState, Diagnostic> {
        if content.size > manifest::MAX_SIZE as u64 {
            return Ok(ManifestState::Refused(FileFault::TooLarge(manifest::MAX_SIZE)));
        }
        match read_stamped_manifest(self.fs, root)?.0 {
            ManifestState::Bytes(bytes) if ContentId::of(&bytes) == content => Ok(ManifestState::Bytes(bytes)),
            _ => {
                let location = Utf8Path::new(ASSETS).join(root).join(MANIFEST_NAME);
                Err(unstable(&location, "the file changed between the two times it was read"))
            }
        }
    }

    /// Drops the bytes of a manifest that is not needed any more.
    pub(super) fn forget_text(&self, root: &str) {
        if let Some(mut file) = self.files.get_mut(&manifest_path(root)) {
            file.text = None;
        }
    }

    /// What the build state is to remember of the files that were read, and of the dirty ones that were not.
    pub(super) fn into_reads(self) -> Reads {
        self.files.into_reads(self.dirty_files.into_iter())
    }
}

/// The path of the manifest in the folder `root`.
pub(super) fn manifest_path(root: &str) -> SmolStr {
    Utf8PathBuf::from(root).join(MANIFEST_NAME).into_string().into()
}
