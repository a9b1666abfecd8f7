//! The watched folders, and what changes in them mean.
//!
//! ```text
//! .                  the names `assets`, `build` and `papack.toml`
//! ├─ assets/         all folders, as deep as the walk goes
//! │  └─ .prometeu/   `index.json`
//! │     └─ cache/serving/   cookies, which tell how far the events were read
//! └─ build/          the names of outputs
//! ```
//!
//! An event may be outdated when it arrives: its folder may be gone by now, renamed, or replaced by another one. So
//! after every event of a folder, the folder is watched as it is now. If that is outdated too, newer events are still
//! to come.
//!
//! A change is reported after its folder is watched. So a build for that change finds whatever came into the folder
//! before.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use papack_queries::path::MAX_COMPONENTS;
use papack_queries::schema::REGISTRY_PATH;
use papack_queries::schema::settings::SETTINGS_NAME;

use super::report::{ChangeReport, OutputsTouched};
use crate::fs::{FileSystem, FolderEvent, NameChange, NodeKind, WatchId, Watcher};
use crate::operation::Waker;
use crate::workspace::Changes;
use crate::workspace::layout::{ASSETS, BUILD, LANE, NAMES, SERVING, STAGING};

/// How long one call of the system waits for changes.
const LONG: Duration = Duration::from_secs(3600);

/// Watches on all folders of a workspace in which a change can matter.
pub(super) struct Folders {
    fs: Arc<dyn FileSystem>,
    watcher: Box<dyn Watcher>,
    paths: HashMap<WatchId, Utf8PathBuf>,
    ids: BTreeMap<Utf8PathBuf, WatchId>,
}

impl Folders {
    /// Watches all folders in which a change can matter. Fails if the system cannot watch folders, or not so many.
    pub(super) fn new(fs: &Arc<dyn FileSystem>) -> io::Result<Self> {
        let watcher = fs.watcher()?;
        let mut folders = Self { fs: Arc::clone(fs), watcher, paths: HashMap::new(), ids: BTreeMap::new() };
        for folder in ["", BUILD, SERVING, ASSETS] {
            folders.follow(Utf8Path::new(folder))?;
        }
        Ok(folders)
    }

    /// Whether the system may not tell of all changes in some folder.
    pub(super) fn are_shared(&self) -> bool {
        self.watcher.is_shared()
    }

    /// Waits for changes, or until the [waker](Self::waker) is called; an hour at most. Fails if the system cannot watch
    /// more folders.
    pub(super) fn wait(&mut self) -> io::Result<ChangeReport> {
        let mut report = ChangeReport::default();
        for event in self.watcher.wait(LONG)? {
            match event {
                FolderEvent::Lost => {
                    // Events that are still in the queue are of watches that end here.
                    *self = Self::new(&self.fs)?;
                    return Ok(ChangeReport {
                        changes: Changes::Anything,
                        outputs: OutputsTouched::Perhaps,
                        is_lost: true,
                        ..ChangeReport::default()
                    });
                }
                FolderEvent::Ended(watch) => self.end(watch),
                FolderEvent::Changed { watch, name, is_folder, change } => {
                    // A folder that is not watched any more has no path. Its parent folder had an event too.
                    if let Some(folder) = self.paths.get(&watch).cloned() {
                        self.changed(&folder, &name, is_folder, change, &mut report)?;
                    }
                }
            }
        }
        Ok(report)
    }

    /// Ends a wait. After a report that changes were lost there is another one.
    pub(super) fn waker(&self) -> Arc<Waker> {
        self.watcher.waker()
    }

    /// Adds to `report` what an event for `name` in `folder` means, and watches `name` if it is a folder.
    fn changed(
        &mut self,
        folder: &Utf8Path,
        name: &OsStr,
        is_folder: bool,
        change: NameChange,
        report: &mut ChangeReport,
    ) -> io::Result<()> {
        let Some(name) = name.to_str() else {
            // A name that is not UTF-8 cannot be an input, nor can anything below it. It counts as a change of
            // `folder`.
            if folder.starts_with(ASSETS) && folder != LANE {
                report.changes.add(folder.to_owned());
            }
            return Ok(());
        };
        let path = folder.join(name);
        if folder == SERVING {
            report.cookies.push(name.to_owned());
            return Ok(());
        }
        if folder == BUILD {
            report.outputs.join(touched(&path, name, is_folder, change));
            return Ok(());
        }
        if path == BUILD {
            self.refollow(&path, change)?;
            report.outputs.join(OutputsTouched::Perhaps);
        } else if path == ASSETS || folder != "" && folder != LANE {
            if is_folder {
                self.refollow(&path, change)?;
            }
            report.changes.add(path);
        } else if path == REGISTRY_PATH || path == SETTINGS_NAME {
            report.changes.add(path);
        }
        Ok(())
    }

    /// Watches the folder at `folder` as it is now. Ends the watches of a folder that went away.
    fn refollow(&mut self, folder: &Utf8Path, change: NameChange) -> io::Result<()> {
        if change == NameChange::Removed {
            self.forget(folder);
        }
        self.follow(folder)
    }

    /// Watches `folder` and the folders below it in which a change can matter, as far as they exist and may be read.
    /// Each is watched before it is listed, so that no folder in it is missed.
    fn follow(&mut self, folder: &Utf8Path) -> io::Result<()> {
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            let listed = self.watch(&folder).and_then(|()| {
                let is_listed = folder.starts_with(ASSETS) && folder != LANE;
                if is_listed && folder.components().count() <= MAX_DEPTH {
                    self.fs.list(&folder)
                } else {
                    Ok(Vec::new())
                }
            });
            match listed {
                Ok(names) => folders.extend(names.iter().filter_map(|(name, kind)| {
                    let name = name.to_str().filter(|_| *kind == NodeKind::Folder)?;
                    Some(folder.join(name))
                })),
                // The folder is gone, is something else by now, or may not be read. When that changes, its parent
                // folder has an event.
                Err(error) if is_no_folder(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn watch(&mut self, folder: &Utf8Path) -> io::Result<()> {
        let watch = self.watcher.add(folder)?;
        if let Some(old_path) = self.paths.insert(watch, folder.to_owned())
            && old_path != folder
            && self.ids.get(&old_path) == Some(&watch)
        {
            // The folder was renamed.
            self.ids.remove(&old_path);
        }
        if let Some(other) = self.ids.insert(folder.to_owned(), watch)
            && other != watch
        {
            // Another folder was at this path.
            self.paths.remove(&other);
            self.watcher.remove(other);
        }
        Ok(())
    }

    /// Ends the watches of `folder` and of all below it.
    fn forget(&mut self, folder: &Utf8Path) {
        let below = self.ids.range(folder.to_owned()..).take_while(|(path, _)| path.starts_with(folder));
        for watch in below.map(|(_, watch)| *watch).collect::<Vec<_>>() {
            self.watcher.remove(watch);
            self.end(watch);
        }
    }

    /// Removes a watch that has ended.
    fn end(&mut self, watch: WatchId) {
        if let Some(path) = self.paths.remove(&watch)
            && self.ids.get(&path) == Some(&watch)
        {
            self.ids.remove(&path);
        }
    }
}

/// Folders whose paths have more components than this are not listed. The walk goes just as deep.
pub(super) const MAX_DEPTH: usize = 2 * MAX_COMPONENTS + 1;

/// Whether `error` means that there is no folder to watch.
fn is_no_folder(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::PermissionDenied)
}

/// Whether a change in `build/` is somebody else's. papack itself only renames files to the names of outputs there, and
/// makes and removes the staging folder.
fn touched(path: &Utf8Path, name: &str, is_folder: bool, change: NameChange) -> OutputsTouched {
    if path == STAGING {
        return if is_folder { OutputsTouched::No } else { OutputsTouched::Perhaps };
    }
    if !NAMES.contains(&name) {
        return OutputsTouched::No;
    }
    if change == NameChange::MovedHere && !is_folder { OutputsTouched::Perhaps } else { OutputsTouched::Yes }
}
