//! By what the outputs that an operation left are known again, without reading them.

use camino::Utf8Path;

use super::layout::{BUILD, NAMES, STAGING, published_path};
use crate::fs::{FileSystem, NodeKind, Stamp};

/// Which files the outputs are, and what is in the way of them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct OutputFingerprints {
    files: [Option<Fingerprint>; NAMES.len()],
    obstacles: [Option<NodeKind>; 2],
}

/// A file, whatever its name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fingerprint {
    inode: u64,
    device: u64,
    size: u64,
    modified_ns: i64,
}

impl OutputFingerprints {
    /// The outputs that are there.
    pub(crate) fn look(fs: &dyn FileSystem) -> Self {
        Self {
            files: NAMES.map(|name| trace(fs, &published_path(name))),
            obstacles: [BUILD, STAGING].map(|folder| {
                let kind = fs.kind(Utf8Path::new(folder)).ok().flatten();
                kind.filter(|kind| *kind != NodeKind::Folder)
            }),
        }
    }

    /// The output `name` is to be replaced by the file that is still at `path`.
    pub(crate) fn replace(&mut self, fs: &dyn FileSystem, name: &str, path: &Utf8Path) {
        for (file, _) in self.files.iter_mut().zip(NAMES).filter(|(_, known)| *known == name) {
            *file = trace(fs, path);
        }
    }
}

fn trace(fs: &dyn FileSystem, path: &Utf8Path) -> Option<Fingerprint> {
    let (_, Stamp { size, modified_ns, inode, device, .. }) = fs.open(path).ok()?;
    Some(Fingerprint { inode, device, size, modified_ns })
}
