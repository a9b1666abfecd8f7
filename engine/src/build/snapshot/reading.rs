//! What one operation reads of the live workspace: each file at most once.

use std::collections::HashSet;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use dashmap::DashMap;
use papack_queries::content::ContentId;
use papack_queries::diagnostic::Diagnostic;
use papack_queries::inputs::{FileFault, FileState, ManifestState};
use papack_queries::schema::{MANIFEST_NAME, manifest};
use smol_str::SmolStr;

use crate::content::OperationStore;
use crate::fs::{FileSystem, Stamp};
use crate::operation::Cancel;
use crate::workspace::layout::ASSETS;
use crate::workspace::{FileIndex, Read, ReadError, io_diagnostic, read_content, read_stamped_manifest, unstable};

/// Reads files of one snapshot. All paths are below `assets/`.
pub(super) struct Reading<'o> {
    pub(super) fs: &'o dyn FileSystem,
    pub(super) keeper: &'o dyn OperationStore,
    pub(super) cancel: &'o Cancel,
    pub(super) seen: &'o FileIndex,
    /// What must be read again, whatever was seen.
    noticed: HashSet<&'o str>,
    /// What was read.
    fresh: DashMap<SmolStr, Fresh>,
}

/// A file that this operation read.
#[derive(Clone)]
struct Fresh {
    state: FileState,
    stamp: Option<Stamp>,
    /// The bytes of a manifest, until it is taken as an artifact file, too.
    text: Option<Arc<[u8]>>,
}

impl<'o> Reading<'o> {
    pub(super) fn new(
        fs: &'o dyn FileSystem,
        keeper: &'o dyn OperationStore,
        cancel: &'o Cancel,
        seen: &'o FileIndex,
        noticed: &'o [String],
    ) -> Self {
        let noticed = noticed.iter().map(String::as_str).collect();
        Self { fs, keeper, cancel, seen, noticed, fresh: DashMap::new() }
    }

    /// What must be read again, whatever was seen.
    pub(super) fn noticed(&self) -> impl Iterator<Item = &'o str> {
        self.noticed.iter().copied()
    }

    /// The content at `path`, where that is known without reading it again.
    pub(super) fn known(&self, path: &str) -> Option<ContentId> {
        if let Some(fresh) = self.fresh.get(path) {
            return match fresh.state {
                FileState::Content(content) => Some(content),
                FileState::Unread | FileState::Refused(_) => None,
            };
        }
        Some(self.seen.read(path).filter(|_| !self.noticed.contains(path))?.content)
    }

    /// Reads the file at `path` for the keeper, unless that was done.
    pub(super) fn read(&self, path: &str) -> Result<FileState, Diagnostic> {
        let known = self.fresh.get(path).map(|fresh| fresh.clone());
        let location = Utf8Path::new(ASSETS).join(path);
        let fresh = match known {
            Some(Fresh { text: Some(text), stamp, state }) => {
                self.keeper.ingest_bytes(&text).map_err(|error| io_diagnostic(&location, &error))?;
                Fresh { state, stamp, text: None }
            }
            Some(Fresh { state, .. }) if !matches!(state, FileState::Refused(FileFault::TooLarge(_))) => {
                return Ok(state);
            }
            // What is too large for a manifest may well be an artifact file.
            Some(_) | None => match self.read_content(&location) {
                Ok((content, stamp)) => Fresh { state: FileState::Content(content), stamp, text: None },
                Err(ReadError::Refused(fault)) => Fresh { state: FileState::Refused(fault), stamp: None, text: None },
                Err(ReadError::Failed(fault)) => return Err(fault),
            },
        };
        let state = fresh.state;
        self.fresh.insert(path.into(), fresh);
        Ok(state)
    }

    fn read_content(&self, location: &Utf8Path) -> Result<(ContentId, Option<Stamp>), ReadError> {
        read_content(self.fs, location, self.cancel, |file, found| self.keeper.take(location, file, found))
    }

    /// Reads the manifest in the folder `root`.
    pub(super) fn manifest(&self, root: &str) -> Result<ManifestState, Diagnostic> {
        let path = manifest_path(root);
        let known = self.fresh.get(&path).map(|fresh| (fresh.state, fresh.text.clone()));
        match known {
            Some((FileState::Refused(fault), _)) => return Ok(ManifestState::Refused(fault)),
            Some((FileState::Content(_), Some(text))) => return Ok(ManifestState::Bytes(text)),
            Some((FileState::Content(content), None)) => return self.manifest_again(root, content),
            Some((FileState::Unread, _)) | None => {}
        }
        let (manifest, stamp) = read_stamped_manifest(self.fs, root)?;
        let fresh = match &manifest {
            ManifestState::Bytes(bytes) => {
                Fresh { state: FileState::Content(ContentId::of(bytes)), stamp, text: Some(Arc::clone(bytes)) }
            }
            ManifestState::Refused(fault) => Fresh { state: FileState::Refused(*fault), stamp: None, text: None },
            ManifestState::Unread => return Ok(manifest),
        };
        self.fresh.insert(path, fresh);
        Ok(manifest)
    }

    /// Reads a manifest that was read as an artifact file of an asset: it has to have this `content` still, for all that is
    /// remembered of it is of then.
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

    /// Lets go of the bytes of a manifest that nobody asks for any more.
    pub(super) fn forget_text(&self, root: &str) {
        if let Some(mut fresh) = self.fresh.get_mut(&manifest_path(root)) {
            fresh.text = None;
        }
    }

    /// What is to be remembered of each file that was read, and that nothing is of those that should have been.
    pub(super) fn into_reads(self) -> Vec<(SmolStr, Option<Read>)> {
        let unread = self.noticed.iter().filter(|path| !self.fresh.contains_key(**path));
        // Many files take much memory: a list that grew by and by would take it twice.
        let mut reads = Vec::with_capacity(self.fresh.len() + self.noticed.len());
        reads.extend(unread.map(|path| (SmolStr::from(*path), None)));
        let read = |(path, fresh): (SmolStr, Fresh)| match fresh.state {
            FileState::Content(content) => (path, Some(Read { content, stamp: fresh.stamp })),
            FileState::Unread | FileState::Refused(_) => (path, None),
        };
        reads.extend(self.fresh.into_iter().map(read));
        reads
    }
}

/// The path of the manifest in the folder `root`.
pub(super) fn manifest_path(root: &str) -> SmolStr {
    Utf8PathBuf::from(root).join(MANIFEST_NAME).into_string().into()
}
