//! The workspace that is served: which it is, and the paths of its files for a client.

use std::collections::VecDeque;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Weak};

use gen_lsp_types::Uri;
use papack_engine::{Editor, find_workspace, is_workspace};

use super::uri;

/// How deep below an open folder a workspace is looked for.
const MAX_DEPTH: usize = 3;

/// How many folders are looked into.
const MAX_FOLDERS: usize = 1000;

/// Which folder it is that a path names. No other one is the same while anybody has it open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    /// That of the folder at a path.
    ///
    /// # Errors
    ///
    /// The operating system's.
    pub fn of(folder: &Path) -> io::Result<Self> {
        folder.metadata().map(|found| Self { device: found.dev(), inode: found.ino() })
    }

    /// Whether another workspace stands at the path now, as when it was deleted and cloned again.
    pub fn is_replaced(self, folder: &Path) -> bool {
        Self::of(folder).is_ok_and(|now| now != self) && is_workspace(folder).unwrap_or(false)
    }
}

/// A workspace.
pub struct Workspace {
    /// Its folder, as the client names it.
    pub folder: PathBuf,
    /// Its folder without links.
    real_folder: PathBuf,
    identity: Identity,
    /// Lives as long as the workspace does.
    life: Arc<()>,
    pub editor: Editor,
}

impl Workspace {
    /// Opens the workspace in `folder`.
    ///
    /// # Errors
    ///
    /// The operating system's.
    pub fn open(folder: PathBuf) -> io::Result<Self> {
        let real_folder = folder.canonicalize()?;
        let editor = Editor::open(&real_folder)?;
        let identity = Identity::of(&real_folder)?;
        Ok(Self { folder, real_folder, identity, life: Arc::new(()), editor })
    }

    /// The workspace that stands at the place of this one now, if that is another one.
    pub fn successor(&self) -> Option<Self> {
        if !self.identity.is_replaced(&self.folder) {
            return None;
        }
        // Where it cannot be opened now, the next look may.
        Self::open(self.folder.clone()).ok()
    }

    /// Tells whether the workspace was dropped: then nothing holds what this points to.
    pub fn token(&self) -> Weak<()> {
        Arc::downgrade(&self.life)
    }

    /// The path of a file below the workspace. None where it is not below it, or no text.
    pub fn below(&self, path: &Path) -> Option<String> {
        let rest = path.strip_prefix(&self.folder).or_else(|_| path.strip_prefix(&self.real_folder)).ok()?;
        let names = rest.components().map(|component| match component {
            Component::Normal(name) => name.to_str(),
            _ => None,
        });
        Some(names.collect::<Option<Vec<_>>>()?.join("/"))
    }

    /// The URI of a file below the workspace.
    pub fn uri(&self, path: &str) -> Uri {
        uri::from_path(&self.folder.join(path))
    }
}

/// The first workspace that there is in or around `folders`: for each of them it is the nearest one from there upwards,
/// or the first one below, in the order of depth and names.
pub fn find(folders: &[PathBuf]) -> Option<PathBuf> {
    folders.iter().find_map(|folder| around(folder).or_else(|| find_below(folder)))
}

/// The nearest workspace from a folder upwards. Where that cannot be found out, there is none.
pub fn around(folder: &Path) -> Option<PathBuf> {
    find_workspace(folder).ok().flatten().map(Path::to_owned)
}

fn find_below(folder: &Path) -> Option<PathBuf> {
    let mut folders = VecDeque::from([(folder.to_owned(), 0)]);
    let mut count = 0;
    while let Some((folder, depth)) = folders.pop_front() {
        if is_workspace(&folder).unwrap_or(false) {
            return Some(folder);
        }
        if depth == MAX_DEPTH {
            continue;
        }
        let mut inner = subfolders(&folder);
        inner.truncate(MAX_FOLDERS - count);
        count += inner.len();
        folders.extend(inner.into_iter().map(|inner| (inner, depth + 1)));
    }
    None
}

/// The folders in `folder` that are neither hidden nor links, in the order of names.
fn subfolders(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().take(MAX_FOLDERS).flatten();
    let is_hidden = |entry: &std::fs::DirEntry| entry.file_name().as_encoded_bytes().starts_with(b".");
    let visible = entries.filter(|entry| !is_hidden(entry) && entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let mut folders: Vec<_> = visible.map(|entry| entry.path()).collect();
    folders.sort_unstable();
    folders
}
