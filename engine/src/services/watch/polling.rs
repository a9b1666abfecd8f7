//! Where the system does not tell of changes: the names and stamps of all files, compared with what they were.

use std::sync::Arc;
use std::time::Duration;

use camino::Utf8PathBuf;
use papack_queries::content::Digest;
use papack_queries::path::MAX_COMPONENTS;

use super::noticed::{Notices, Touch};
use crate::fs::{FileSystem, NodeKind, clock};
use crate::workspace::Changes;
use crate::workspace::layout::{ASSETS, CACHE};

/// A workspace that is looked at again and again.
pub(super) struct Polling {
    fs: Arc<dyn FileSystem>,
    last: Option<Digest>,
}

impl Polling {
    /// How long to rest between two looks.
    pub(super) const REST: Duration = Duration::from_secs(1);

    pub(super) fn new(fs: &Arc<dyn FileSystem>) -> Self {
        Self { fs: Arc::clone(fs), last: None }
    }

    /// Looks whether anything changed since the last look. To the first look, it did.
    pub(super) fn look(&mut self) -> Notices {
        let now = self.digest();
        let is_changed = now.is_none() || now != self.last;
        self.last = now;
        Notices {
            changes: if is_changed { Changes::Anything } else { Changes::none() },
            outputs: Touch::Perhaps,
            is_lost: false,
        }
    }

    /// A digest of names, kinds and stamps; none where one of the stamps is too young to be trusted.
    fn digest(&self) -> Option<Digest> {
        let now_ns = clock::now_ns();
        let mut hasher = blake3::Hasher::new();
        let mut folders = vec![Utf8PathBuf::from(ASSETS)];
        while let Some(folder) = folders.pop() {
            let mut names = match self.fs.list(&folder) {
                Ok(names) => names,
                Err(error) => {
                    hasher.update(format!("{folder}\0{:?}\0", error.kind()).as_bytes());
                    continue;
                }
            };
            names.sort_by(|(one, _), (other, _)| one.cmp(other));
            for (name, kind) in names {
                let path = folder.join(name.to_string_lossy().as_ref());
                if path == CACHE {
                    continue;
                }
                hasher.update(format!("{path}\0{kind:?}\0").as_bytes());
                match kind {
                    NodeKind::Folder if path.components().count() <= 2 * MAX_COMPONENTS + 1 => folders.push(path),
                    NodeKind::File => match self.fs.open(&path) {
                        Ok((_, stamp)) => {
                            let stamp = clock::conclusive_stamp(stamp, now_ns)?;
                            hasher.update(format!("{stamp:?}\0").as_bytes());
                        }
                        Err(error) => drop(hasher.update(format!("{:?}\0", error.kind()).as_bytes())),
                    },
                    _ => {}
                }
            }
        }
        Some(Digest(*hasher.finalize().as_bytes()))
    }
}
