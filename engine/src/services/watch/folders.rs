//! The folders that are watched, and what the changes in them mean.
//!
//! ```text
//! .                  the names `assets` and `build`
//! ├─ assets/         all folders, as deep as the walk goes
//! │  └─ .prometeu/   `index.json`
//! └─ build/          the names of outputs
//! ```
//!
//! What is told of a folder may be old news: it may be gone by now, renamed, or another one. So whenever something is
//! told of a folder, it is looked at as it is now, and followed; if that is old news too, newer notices are still to
//! come. A change is noted after the folder is watched: a build that is told of it then sees what came into the folder
//! before.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use papack_queries::path::MAX_COMPONENTS;
use papack_queries::schema::REGISTRY_PATH;

use super::noticed::{Notices, Touch};
use crate::fs::{FileSystem, FolderEvent, NameChange, NodeKind, WatchId, Watcher};
use crate::workspace::Changes;
use crate::workspace::layout::{ASSETS, BUILD, LANE, NAMES, STAGING};

/// All folders of a workspace that matter, watched.
pub(super) struct Folders {
    fs: Arc<dyn FileSystem>,
    watcher: Box<dyn Watcher>,
    paths: HashMap<WatchId, Utf8PathBuf>,
    ids: BTreeMap<Utf8PathBuf, WatchId>,
}

impl Folders {
    /// Watches all folders that matter. Fails where the system cannot watch them, or no more of them.
    pub(super) fn new(fs: &Arc<dyn FileSystem>) -> io::Result<Self> {
        let watcher = fs.watcher()?;
        let mut folders = Self { fs: Arc::clone(fs), watcher, paths: HashMap::new(), ids: BTreeMap::new() };
        for folder in ["", BUILD, ASSETS] {
            folders.follow(Utf8Path::new(folder))?;
        }
        Ok(folders)
    }

    /// Waits until something happened, at most as long as `timeout`. Fails where the system watches no more folders.
    pub(super) fn wait(&mut self, timeout: Duration) -> io::Result<Notices> {
        let mut noticed = Notices::default();
        for detect_changes in self.watcher.wait(timeout)? {
            match detect_changes {
                FolderEvent::Lost => {
                    // What is still in the queue is about watches that are no more.
                    *self = Self::new(&self.fs)?;
                    return Ok(Notices { changes: Changes::Anything, outputs: Touch::Perhaps, is_lost: true });
                }
                FolderEvent::Ended(watch) => self.end(watch),
                FolderEvent::Changed { watch, name, is_folder, change } => {
                    // What is told of a folder that is not watched any more was told of the folder around it, too.
                    if let Some(folder) = self.paths.get(&watch).cloned() {
                        self.changed(&folder, &name, is_folder, change, &mut noticed)?;
                    }
                }
            }
        }
        Ok(noticed)
    }

    /// Something happened to `name` in `folder`.
    fn changed(
        &mut self,
        folder: &Utf8Path,
        name: &OsStr,
        is_folder: bool,
        change: NameChange,
        noticed: &mut Notices,
    ) -> io::Result<()> {
        let Some(name) = name.to_str() else {
            // It has no path, so it is a change of its folder. What is in it cannot be an input.
            if folder.starts_with(ASSETS) && folder != LANE {
                noticed.changes.add(folder.to_owned());
            }
            return Ok(());
        };
        let path = folder.join(name);
        if folder == BUILD {
            noticed.outputs.join(touch(&path, name, is_folder, change));
            return Ok(());
        }
        if path == BUILD {
            self.refollow(&path, change)?;
            noticed.outputs.join(Touch::Perhaps);
        } else if path == ASSETS || folder != "" && folder != LANE {
            if is_folder {
                self.refollow(&path, change)?;
            }
            noticed.changes.add(path);
        } else if path == REGISTRY_PATH {
            noticed.changes.add(path);
        }
        Ok(())
    }

    /// Watches what is at `folder` now, and no more what was there.
    fn refollow(&mut self, folder: &Utf8Path, change: NameChange) -> io::Result<()> {
        if change == NameChange::Removed {
            self.forget(folder);
        }
        self.follow(folder)
    }

    /// Watches `folder` and those below it that matter, as far as they are there and may be read. Each is watched before
    /// it is listed, so that no folder in it is missed.
    fn follow(&mut self, folder: &Utf8Path) -> io::Result<()> {
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            let listed = self.watch(&folder).and_then(|()| {
                let is_deep = folder.starts_with(ASSETS) && folder != LANE;
                if is_deep && folder.components().count() <= DEEPEST { self.fs.list(&folder) } else { Ok(Vec::new()) }
            });
            match listed {
                Ok(names) => folders.extend(names.iter().filter_map(|(name, kind)| {
                    let name = name.to_str().filter(|_| *kind == NodeKind::Folder)?;
                    Some(folder.join(name))
                })),
                // It is gone, or something else by now, or may not be read: when that changes, the folder around it
                // tells.
                Err(error) if is_elsewhere(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn watch(&mut self, folder: &Utf8Path) -> io::Result<()> {
        let watch = self.watcher.add(folder)?;
        if let Some(before) = self.paths.insert(watch, folder.to_owned())
            && before != folder
            && self.ids.get(&before) == Some(&watch)
        {
            // It was renamed.
            self.ids.remove(&before);
        }
        if let Some(other) = self.ids.insert(folder.to_owned(), watch)
            && other != watch
        {
            // Another folder was here.
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

    /// A watch has ended.
    fn end(&mut self, watch: WatchId) {
        if let Some(path) = self.paths.remove(&watch)
            && self.ids.get(&path) == Some(&watch)
        {
            self.ids.remove(&path);
        }
    }
}

/// How many components the path of a folder may have whose folders are watched. The walk goes as deep.
const DEEPEST: usize = 2 * MAX_COMPONENTS + 1;

/// Whether `error` says that there is no such folder to watch.
fn is_elsewhere(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::PermissionDenied)
}

/// What a change in `build/` means. All that papack itself does there is to rename files to the names of outputs, and to
/// make and remove the folder of staging.
fn touch(path: &Utf8Path, name: &str, is_folder: bool, change: NameChange) -> Touch {
    if path == STAGING {
        return if is_folder { Touch::No } else { Touch::Perhaps };
    }
    if !NAMES.contains(&name) {
        return Touch::No;
    }
    if change == NameChange::MovedHere && !is_folder { Touch::Perhaps } else { Touch::Yes }
}
