//! `rm --delete-files`: deletes the folders of assets that were removed from the registry.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use papack_queries::asset::root_fault;
use papack_queries::diagnostic::{Code, Diagnostic};
use papack_queries::schema::registry::RegistryEntry;
use papack_queries::tree::{Kind, Resolution};

use super::change::Change;
use super::documents::Documents;
use super::edit::of_asset;
use super::editing::Editing;
use crate::fs::{FileSystem, NodeKind};
use crate::operation::{Status, Stop};
use crate::workspace::layout::ASSETS;
use crate::workspace::{io_diagnostic, io_failure};

/// How many of the names that could not be deleted get a diagnostic each.
const MAX_SHOWN: usize = 20;

impl Editing<'_, '_> {
    /// The folders of `entries`, except for those that do not exist. Ends the operation if one of them is no folder, or
    /// holds another asset.
    pub(super) fn folders_to_delete(
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
            let nested_fault = documents.nested_asset_fault(&*fs, entry, entries);
            faults.extend(
                nested_fault
                    .map_err(|fault| self.operation.fail(Status::ExecutionFailed, fault))?
                    .map(|fault| of_asset(entry, fault)),
            );
            let folder = Utf8Path::new(ASSETS).join(&*entry.root);
            match index.resolve(&entry.root) {
                Resolution::Found(Kind::Folder) => {
                    match documents.expect_no_other_asset(entry, absent.contains(&entry.asset_id)) {
                        Ok(()) => {
                            self.expect_no_mounts(&*fs, &folder)?;
                            folders.push(folder);
                        }
                        Err(fault) => faults.push(of_asset(entry, fault)),
                    }
                }
                Resolution::Missing => {}
                other => faults.push(of_asset(entry, root_fault(entry, &other))),
            }
        }
        if faults.is_empty() { Ok(folders) } else { Err(self.operation.refuse(faults)) }
    }

    /// Ends the operation if `folder`, or anything in it, is a mount point. A deletion could not remove the mount
    /// point, but would remove everything else.
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
            let deletion = Deletion::run(&*fs, &folder, dry_run);
            let Deletion { files, is_changed, remaining, failures } = deletion;
            if is_changed {
                changes.push(Change::FilesDeleted { path: folder.to_string(), files });
            }
            is_complete &= remaining == 0;
            let unshown = remaining - failures.len();
            for (index, (path, error)) in failures.iter().enumerate() {
                let mut fault = io_diagnostic(&Utf8PathBuf::from(path.to_string_lossy().into_owned()), error);
                fault.message = format!("cannot be deleted: {}", fault.message);
                if index + 1 == failures.len() && unshown > 0 {
                    fault = fault.with_help(format!("{unshown} more like this in the folder are not shown"));
                }
                self.operation.report(fault);
            }
        }
        if is_complete { Ok(()) } else { Err(Stop(Status::ExecutionFailed)) }
    }
}

/// The deletion of one folder.
#[derive(Default)]
struct Deletion {
    /// How many files, links and the like were deleted; in a dry run, would be.
    files: u64,
    /// Whether anything was deleted; in a dry run, would be.
    is_changed: bool,
    /// How many names could not be deleted.
    remaining: usize,
    /// The first of these names, with their errors.
    failures: Vec<(PathBuf, io::Error)>,
}

impl Deletion {
    fn run(fs: &dyn FileSystem, folder: &Utf8Path, dry_run: bool) -> Self {
        let mut deletion = Self::default();
        let swept = fs.sweep(folder, &mut |found, remove| {
            let removed = if dry_run { Ok(()) } else { remove() };
            deletion.count(found.path, found.kind, removed)
        });
        // Flushed as all changes of names are, although a deletion that the disk forgets would lose nothing.
        let flushed = folder.parent().filter(|_| !dry_run).map_or(Ok(()), |parent| fs.sync_folder(parent));
        if let Err(error) = swept.and(flushed) {
            deletion.add_failure(folder.as_std_path(), error);
        }
        deletion
    }

    /// Counts a name that `removed` says was deleted or not. Returns whether it is gone.
    fn count(&mut self, path: &Path, kind: NodeKind, removed: io::Result<()>) -> bool {
        match removed {
            Ok(()) => {
                self.files += u64::from(kind != NodeKind::Folder);
                self.is_changed = true;
            }
            // Another process has just deleted it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                self.add_failure(path, error);
                return false;
            }
        }
        true
    }

    fn add_failure(&mut self, path: &Path, error: io::Error) {
        self.remaining += 1;
        if self.failures.len() < MAX_SHOWN {
            self.failures.push((path.to_owned(), error));
        }
    }
}
