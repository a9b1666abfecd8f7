//! The files that one operation has read. There may be millions, so they are not copied into a list in the end.

use std::sync::Arc;

use dashmap::DashMap;
use dashmap::mapref::one::{Ref, RefMut};
use papack_queries::inputs::FileState;
use smol_str::SmolStr;

use crate::fs::Stamp;
use crate::workspace::Read;

/// The files that an operation has read so far, by their paths below `assets/`. They are boxed, because a map of this kind
/// has room for as many entries again.
#[derive(Default)]
pub(super) struct ReadFiles(DashMap<SmolStr, Box<ReadFile>>);

/// A file that this operation read.
#[derive(Clone)]
pub(super) struct ReadFile {
    pub(super) state: FileState,
    /// None where it is not conclusive.
    pub(super) stamp: Option<Stamp>,
    /// A manifest's bytes. Dropped once the store has them, if the manifest is also an artifact file, or once nobody
    /// needs them.
    pub(super) text: Option<Arc<[u8]>>,
}

impl ReadFiles {
    /// The file at `path`, if it was read.
    pub(super) fn get(&self, path: &str) -> Option<Ref<'_, SmolStr, Box<ReadFile>>> {
        self.0.get(path)
    }

    /// As [`get`](Self::get), to change it.
    pub(super) fn get_mut(&self, path: &str) -> Option<RefMut<'_, SmolStr, Box<ReadFile>>> {
        self.0.get_mut(path)
    }

    /// Adds the file at `path`, in the place of an earlier one.
    pub(super) fn insert(&self, path: SmolStr, file: ReadFile) {
        self.0.insert(path, Box::new(file));
    }

    /// What the build state is to remember of these files, and of the `dirty` ones. The texts are dropped.
    pub(super) fn into_reads<'p>(self, dirty: impl Iterator<Item = &'p str>) -> Reads {
        let unread = dirty.filter(|path| !self.0.contains_key(*path)).map(SmolStr::from).collect();
        self.0.iter_mut().for_each(|mut file| file.text = None);
        Reads { files: self.0, unread }
    }
}

/// What was read of files, by their paths below `assets/`; none for one that was dirty and was not read, or not
/// successfully. In no particular order.
#[derive(Default)]
pub(crate) struct Reads {
    files: DashMap<SmolStr, Box<ReadFile>>,
    unread: Vec<SmolStr>,
}

impl IntoIterator for Reads {
    type Item = (SmolStr, Option<Read>);
    type IntoIter = Box<dyn Iterator<Item = Self::Item>>;

    fn into_iter(self) -> Self::IntoIter {
        let read = |(path, file): (SmolStr, Box<ReadFile>)| match file.state {
            FileState::Content(content) => (path, Some(Read { content, stamp: file.stamp })),
            FileState::Unread | FileState::Refused(_) => (path, None),
        };
        Box::new(self.unread.into_iter().map(|path| (path, None)).chain(self.files.into_iter().map(read)))
    }
}
