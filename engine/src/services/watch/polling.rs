//! Finds changes where the system does not report them, by comparing the names and stamps of all files.

use std::sync::Arc;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use papack_queries::content::Digest;
use papack_queries::schema::settings::SETTINGS_NAME;

use super::folders::MAX_DEPTH;
use super::report::{ChangeReport, OutputsTouched};
use crate::fs::{FileSystem, NodeKind, clock};
use crate::workspace::Changes;
use crate::workspace::layout::{ASSETS, CACHE};

/// A workspace that is polled.
pub(super) struct Polling {
    fs: Arc<dyn FileSystem>,
    /// The digest of the last poll.
    last: Option<Digest>,
}

impl Polling {
    /// The time between two polls.
    pub(super) const REST: Duration = Duration::from_secs(1);

    pub(super) fn new(fs: &Arc<dyn FileSystem>) -> Self {
        Self { fs: Arc::clone(fs), last: None }
    }

    /// Reports whether anything changed since the last poll. The first poll always reports a change.
    pub(super) fn poll(&mut self) -> ChangeReport {
        let now = self.digest();
        let is_changed = now.is_none() || now != self.last;
        self.last = now;
        ChangeReport {
            changes: if is_changed { Changes::Anything } else { Changes::none() },
            outputs: OutputsTouched::Perhaps,
            ..ChangeReport::default()
        }
    }

    /// A digest of all names, kinds and stamps; `None` if a stamp is not conclusive.
    fn digest(&self) -> Option<Digest> {
        let now_ns = clock::now_ns();
        let mut hasher = blake3::Hasher::new();
        let settings = self.fs.stat(Utf8Path::new(""), &[SETTINGS_NAME]).map(|(_, found)| found.into_iter().flatten());
        for (kind, stamp) in settings.into_iter().flatten() {
            let stamp = clock::conclusive_stamp(stamp, now_ns)?;
            hasher.update(format!("{SETTINGS_NAME}\0{kind:?}\0{stamp:?}\0").as_bytes());
        }
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
                    NodeKind::Folder if path.components().count() <= MAX_DEPTH => folders.push(path),
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
