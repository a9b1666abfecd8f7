//! All that is in a folder, held in memory: to compare it, to lay it down elsewhere, and to go back to it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What is below a folder, by its path below it. No link is followed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree(pub BTreeMap<String, Node>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    Folder,
    File { bytes: Vec<u8>, modified: SystemTime },
    Link(PathBuf),
}

/// The modification times of files that are laid down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// Those that they had, as `cp -p` does it.
    Kept,
    /// The present.
    New,
}

impl Tree {
    /// What is below `folder`: nothing where there is no such folder. The place where sessions serve others does not count.
    pub fn of(folder: &Path) -> Self {
        let mut nodes = BTreeMap::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(next) = folders.pop() {
            for entry in fs::read_dir(&next).into_iter().flatten() {
                let entry = entry.unwrap();
                let path = entry.path();
                // A session beside the workspace has that, if there is one.
                if path.ends_with(".prometeu/cache/serving") {
                    continue;
                }
                let kind = entry.file_type().unwrap();
                let node = if kind.is_dir() {
                    folders.push(path.clone());
                    Node::Folder
                } else if kind.is_symlink() {
                    Node::Link(fs::read_link(&path).unwrap())
                } else {
                    let modified = fs::metadata(&path).unwrap().modified().unwrap();
                    Node::File { bytes: fs::read(&path).unwrap(), modified }
                };
                nodes.insert(path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned(), node);
            }
        }
        Self(nodes)
    }

    /// All but what is at `path` and below it.
    pub fn without(mut self, path: &str) -> Self {
        self.0.retain(|found, _| !Path::new(found).starts_with(path));
        self
    }

    /// The paths of the files.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter(|(_, node)| matches!(node, Node::File { .. })).map(|(path, _)| path.as_str())
    }

    /// The files' bytes.
    pub fn contents(&self) -> BTreeMap<&str, &[u8]> {
        self.0
            .iter()
            .filter_map(|(path, node)| match node {
                Node::File { bytes, .. } => Some((path.as_str(), bytes.as_slice())),
                Node::Folder | Node::Link(_) => None,
            })
            .collect()
    }

    /// Whether there are the same names and bytes.
    pub fn is_like(&self, other: &Self) -> bool {
        let same = |(one, other): (&Node, &Node)| match (one, other) {
            (Node::File { bytes: one, .. }, Node::File { bytes: other, .. }) => one == other,
            (one, other) => one == other,
        };
        self.0.keys().eq(other.0.keys()) && self.0.values().zip(other.0.values()).all(same)
    }

    /// Puts everything into `folder`, which is made where it is not there. Nothing may be in the way.
    pub fn lay(&self, folder: &Path, times: Times) {
        fs::create_dir_all(folder).unwrap();
        for (path, node) in &self.0 {
            node.put(&folder.join(path), times).unwrap();
        }
    }

    /// Makes `folder` hold exactly this, as version control does it: what is the same already is not touched.
    pub fn check_out(&self, folder: &Path, spared: &str) {
        let found = Self::of(folder).without(spared);
        let is_same = |path: &str| match (self.0.get(path), found.0.get(path)) {
            (Some(Node::File { bytes: wanted, .. }), Some(Node::File { bytes, .. })) => wanted == bytes,
            (wanted, node) => wanted == node,
        };
        for (path, node) in found.0.iter().rev().filter(|(path, _)| !is_same(path)) {
            let place = folder.join(path);
            if matches!(node, Node::Folder) { fs::remove_dir(place) } else { fs::remove_file(place) }.unwrap();
        }
        for (path, node) in self.0.iter().filter(|(path, _)| !is_same(path)) {
            node.put(&folder.join(path), Times::New).unwrap();
        }
    }
}

impl Node {
    fn put(&self, place: &Path, times: Times) -> io::Result<()> {
        match self {
            Self::Folder => fs::create_dir(place),
            Self::Link(target) => symlink(target, place),
            Self::File { bytes, modified } => {
                fs::write(place, bytes)?;
                if times == Times::Kept { set_modified(place, *modified) } else { Ok(()) }
            }
        }
    }
}

/// Sets the modification time of a file. The time of the change of its stamp is the kernel's.
pub fn set_modified(path: &Path, modified: SystemTime) -> io::Result<()> {
    fs::File::options().write(true).open(path)?.set_modified(modified)
}
