//! Fingerprints: what the outputs of an operation are recognized by, without reading them.

use camino::Utf8Path;

use super::layout::{BUILD, NAMES, STAGING, published_path};
use crate::fs::{FileSystem, NodeKind, Stamp};

/// Which files the outputs are, and which obstacles are in their place.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct OutputFingerprints {
    files: [Option<Fingerprint>; NAMES.len()],
    /// What is in the place of `build/` and of the folder of all staging, where that is no folder.
    obstacles: [Option<NodeKind>; 2],
}

/// What identifies a file under any name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fingerprint {
    inode: u64,
    device: u64,
    size: u64,
    modified_ns: i64,
}

impl OutputFingerprints {
    /// The fingerprints of the outputs that exist.
    pub(crate) fn take(fs: &dyn FileSystem) -> Self {
        Self {
            files: NAMES.map(|name| fingerprint(fs, &published_path(name))),
            obstacles: [BUILD, STAGING].map(|folder| {
                let kind = fs.kind(Utf8Path::new(folder)).ok().flatten();
                kind.filter(|kind| *kind != NodeKind::Folder)
            }),
        }
    }

    /// Records that the file at `path` is about to become the output `name`.
    pub(crate) fn replace(&mut self, fs: &dyn FileSystem, name: &str, path: &Utf8Path) {
        for (file, _) in self.files.iter_mut().zip(NAMES).filter(|(_, output)| *output == name) {
            *file = fingerprint(fs, path);
        }
    }
}

fn fingerprint(fs: &dyn FileSystem, path: &Utf8Path) -> Option<Fingerprint> {
    let (_, Stamp { size, modified_ns, inode, device, .. }) = fs.open(path).ok()?;
    Some(Fingerprint { inode, device, size, modified_ns })
}
