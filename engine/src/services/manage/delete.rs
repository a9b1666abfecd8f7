//! `rm --delete-files`: the folders of assets that are not registered any more.

use std::io;
use std::path::Path;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use papack_queries::asset::root_fault;
use papack_queries::diagnostic::{Code, Diagnostic};
use papack_queries::schema::registry::RegistryEntry;
use papack_queries::tree::{Kind, Resolution};

use super::change::Change;
use super::documents::Documents;
use super::edit::of;
use super::editing::Editing;
use crate::fs::{FileSystem, NodeKind};
use crate::operation::{Status, Stop};
use crate::workspace::layout::ASSETS;
use crate::workspace::{io_diagnostic, io_failure};

/// How many names that stay are told one by one.
const TOLD: usize = 20;

impl Editing<'_, '_> {
    /// The folders of `entries`, but those that are gone already. What is no folder, or holds
    /// another asset, is refused.
    pub(super) fn doomed_folders(
        &mut self,
        documents: &Documents,
        entries: &[RegistryEntry],
    ) -> Result<Vec<Utf8PathBuf>, Stop> {
        let index = documents.walk.tree.index();
        let fs = Arc::clone(self.session.fs());
        let absent =
            documents.absent(&*fs, entries).map_err(|fault| self.operation.fail(Status::ExecutionFailed, fault))?;
        let (mut folders, mut faults) = (Vec::new(), Vec::new());
        for entry in entries {
            let guest = documents.guest(&*fs, entry, entries);
            faults.extend(
                guest
                    .map_err(|fault| self.operation.fail(Status::ExecutionFailed, fault))?
                    .map(|fault| of(entry, fault)),
            );
            let folder = Utf8Path::new(ASSETS).join(&*entry.root);
            match index.resolve(&entry.root) {
                Resolution::Found(Kind::Folder) => {
                    match documents.expect_own(entry, absent.contains(&entry.asset_id)) {
                        Ok(()) => {
                            self.expect_no_mounts(&*fs, &folder)?;
                            folders.push(folder);
                        }
                        Err(fault) => faults.push(of(entry, fault)),
                    }
                }
                Resolution::Missing => {}
                other => faults.push(of(entry, root_fault(folder.as_str(), &other))),
            }
        }
        if faults.is_empty() { Ok(folders) } else { Err(self.operation.refuse(faults)) }
    }

    /// Makes sure that nothing in `folder` is mounted, nor the folder itself: that would stay, with all else gone.
    fn expect_no_mounts(&mut self, fs: &dyn FileSystem, folder: &Utf8Path) -> Result<(), Stop> {
        let mut mounted = None;
        let swept = fs.sweep(folder, &mut |found, _| {
            if found.is_mount_point {
                mounted = Some(found.path.to_string_lossy().into_owned());
            }
            true
        });
        swept.map_err(|error| io_failure(self.operation, folder, &error))?;
        let Some(path) = mounted else { return Ok(()) };
        let fault = Diagnostic::error(Code::Io, "the system cannot delete this: it is a mount point").at(path);
        let fault = fault.with_help("unmount it, or remove the asset without --delete-files, which keeps its folder");
        Err(self.operation.fail(Status::ExecutionFailed, fault))
    }

    /// Deletes `folders`, each as far as possible, and lists what was deleted; in a dry run, what would be.
    pub(super) fn delete_folders(
        &mut self,
        folders: Vec<Utf8PathBuf>,
        dry_run: bool,
        changes: &mut Vec<Change>,
    ) -> Result<(), Stop> {
        let fs = Arc::clone(self.session.fs());
        let mut is_complete = true;
        for folder in folders {
            let deletion = Deletion::of(&*fs, &folder, dry_run);
            let Deletion { files, is_changed, left, faults } = deletion;
            if is_changed {
                changes.push(Change::FilesDeleted { path: folder.to_string(), files });
            }
            is_complete &= left == 0;
            let unshown = left - faults.len();
            for (index, (path, error)) in faults.iter().enumerate() {
                let mut fault = io_diagnostic(&Utf8PathBuf::from(path.to_string_lossy().into_owned()), error);
                fault.message = format!("cannot be deleted: {}", fault.message);
                if index + 1 == faults.len() && unshown > 0 {
                    fault = fault.with_help(format!("{unshown} more like this in the folder are not shown"));
                }
                self.operation.report(fault);
            }
        }
        if is_complete { Ok(()) } else { Err(Stop(Status::ExecutionFailed)) }
    }
}

/// What became of a folder that was to be deleted.
#[derive(Default)]
struct Deletion {
    /// How many files, links and the like are gone, or would be.
    files: u64,
    /// Whether anything is gone, or would be.
    is_changed: bool,
    /// How many names could not be deleted, and the first of them.
    left: usize,
    faults: Vec<(std::path::PathBuf, io::Error)>,
}

impl Deletion {
    fn of(fs: &dyn FileSystem, folder: &Utf8Path, dry_run: bool) -> Self {
        let mut deletion = Self::default();
        let swept = fs.sweep(folder, &mut |found, remove| {
            let removed = if dry_run { Ok(()) } else { remove() };
            deletion.count(found.path, found.kind, removed)
        });
        // The names are flushed as all others are. A deletion that the disk forgets loses nothing.
        let flushed = folder.parent().filter(|_| !dry_run).map_or(Ok(()), |around| fs.sync_folder(around));
        if let Err(error) = swept.and(flushed) {
            deletion.keep(folder.as_std_path(), error);
        }
        deletion
    }

    fn count(&mut self, path: &Path, kind: NodeKind, removed: io::Result<()>) -> bool {
        match removed {
            Ok(()) => {
                self.files += u64::from(kind != NodeKind::Folder);
                self.is_changed = true;
            }
            // Somebody was faster.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                self.keep(path, error);
                return false;
            }
        }
        true
    }

    fn keep(&mut self, path: &Path, error: io::Error) {
        self.left += 1;
        if self.faults.len() < TOLD {
            self.faults.push((path.to_owned(), error));
        }
    }
}
