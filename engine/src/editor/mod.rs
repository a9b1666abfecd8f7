//! A workspace as an editor shows it: unsaved texts over the files of the disk, and what is wrong with the whole.
//!
//! An [`Editor`] looks, and never writes: its files are an overlay that only reads, and of the cache it reads what
//! earlier operations left. Texts and reports of changed files go in; diagnostics come out, each at its place in a
//! document that an editor shows. A look takes the same steps as a check, but visits only what changed.

mod complete;
mod document;
mod features;
mod format;
mod globs;
mod hover;
mod known;
mod look;
mod navigate;
mod outline;
mod places;
mod registry_fixes;
mod rename;
mod shown;
#[cfg(test)]
mod tests;

use std::io;
use std::path::Path;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use crate::content::RecentPayloads;
use crate::fs::{FileSystem, Overlay, RealFs};
use crate::session::Session;
use crate::workspace::Changes;

pub use features::{
    Completion, CompletionKind, DocumentEdit, DocumentSymbol, Hover, Place, Symbol, TextEdit, ValueKind,
};
pub use places::is_document;
pub use shown::{Look, Marked};

/// A workspace, open in an editor. It belongs to one thread; a look works on all of them.
pub struct Editor {
    overlay: Arc<Overlay>,
    session: Session,
    /// What may have changed since the last look.
    unseen: Changes,
    look: Look,
    registry_fixes: registry_fixes::RegistryFixes,
    lists: places::Lists,
}

impl Editor {
    /// Opens the workspace in the folder `path`.
    ///
    /// # Errors
    ///
    /// When `path` is no folder, or may not be read.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self::with_file_system(Arc::new(RealFs::new(path)?)))
    }

    /// Opens the workspace in `disk`.
    pub fn with_file_system(disk: Arc<dyn FileSystem>) -> Self {
        let overlay = Arc::new(Overlay::new(disk));
        let session = Session::looking(Arc::clone(&overlay) as Arc<dyn FileSystem>);
        Self {
            overlay,
            session,
            unseen: Changes::Anything,
            look: Look::default(),
            registry_fixes: registry_fixes::RegistryFixes::default(),
            lists: places::Lists::default(),
        }
    }

    /// From now on shares what it derives with the sessions that share `recent`.
    pub fn share(&mut self, recent: Arc<RecentPayloads>) {
        self.session.share(recent);
    }

    /// Sets the unsaved text of the document at `path`, which is relative to the workspace and `/`-separated. With none,
    /// the file on the disk counts again. A text stands in for a regular file or for nothing, in a folder that exists.
    pub fn set_text(&mut self, path: &str, text: Option<Arc<[u8]>>) {
        self.overlay.set(Utf8Path::new(path), text);
        self.unseen.add(path.into());
    }

    /// The text of the document at `path`: the unsaved one, or that of the file as it is now; none where that cannot be
    /// read, or has more than `limit` bytes.
    pub fn text(&self, path: &str, limit: usize) -> Option<Arc<[u8]>> {
        crate::workspace::read_text(&*self.overlay, Utf8Path::new(path), limit).ok()
    }

    /// Notes that the files at these paths, relative to the workspace, may have changed on the disk. A folder stands for
    /// all below it.
    pub fn note_changed(&mut self, paths: impl IntoIterator<Item = String>) {
        paths.into_iter().for_each(|path| self.unseen.add(Utf8PathBuf::from(path)));
    }

    /// Notes that anything may have changed on the disk.
    pub fn note_anything_changed(&mut self) {
        self.unseen = Changes::Anything;
    }

    /// Whether something may have changed since the last look.
    pub fn has_changes(&self) -> bool {
        !self.unseen.is_none()
    }

    /// The last look.
    pub fn last_look(&self) -> &Look {
        &self.look
    }
}
