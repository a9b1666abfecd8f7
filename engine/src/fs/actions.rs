//! Actions that take more than one call of the trait, on any file system.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use papack_queries::content::Digest;

use super::file_system::{FileHandle, FileSystem, NodeKind};
use super::pieces::in_pieces;

/// The digest of `size` bytes of `file` from `start` on, read in pieces.
pub(crate) fn digest_at(file: &dyn FileHandle, start: u64, size: u64) -> io::Result<Digest> {
    let mut hasher = blake3::Hasher::new();
    in_pieces(size, |offset, piece| {
        file.read_exact_at(start + offset, piece)?;
        hasher.update(piece);
        Ok(())
    })?;
    Ok(Digest(*hasher.finalize().as_bytes()))
}

/// Creates a file that must not exist, and locks it as long as it is open. The lock distinguishes it from the file of a
/// dead process.
pub(crate) fn create_locked(fs: &dyn FileSystem, path: &Utf8Path) -> io::Result<Box<dyn FileHandle>> {
    /// How often somebody who tests the lock may be faster.
    const ATTEMPTS: usize = 10;
    for _ in 0..ATTEMPTS {
        let file = fs.create(path)?;
        match file.try_lock() {
            // Somebody who found the file before it was locked may have removed it.
            Ok(true) if fs.kind(path)? == Some(NodeKind::File) => return Ok(file),
            Ok(_) => drop(fs.remove_file(path)),
            // This file system has no locks.
            Err(_) => return Ok(file),
        }
    }
    Err(io::ErrorKind::ResourceBusy.into())
}

/// Whether the process that [created](create_locked) the file at `path` still has it open. False where there are no
/// locks.
pub(crate) fn is_locked(fs: &dyn FileSystem, path: &Utf8Path) -> bool {
    fs.open(path).is_ok_and(|(file, _)| file.try_lock_shared().is_ok_and(|is_free| !is_free))
}

/// The paths of all names in `folder`, in order, without names that are no UTF-8.
pub(crate) fn list_in_order(fs: &dyn FileSystem, folder: &Utf8Path) -> io::Result<Vec<Utf8PathBuf>> {
    let names = fs.list(folder)?.into_iter().filter_map(|(name, _)| name.into_string().ok());
    let mut paths: Vec<_> = names.map(|name| folder.join(name)).collect();
    paths.sort_unstable();
    Ok(paths)
}

/// Removes what is at `path`, unless it is a file that the process which [created](create_locked) it still has open.
pub(crate) fn remove_unless_locked(fs: &dyn FileSystem, path: &Utf8Path) {
    match fs.open(path) {
        // The lock is held until the file is removed, so that nobody else can lock it before.
        Ok((file, _)) if !matches!(file.try_lock_shared(), Ok(false)) => drop(fs.remove_file(path)),
        Ok(_) => {}
        Err(_) if fs.remove_file(path).is_ok() => {}
        Err(_) => remove_all(fs, path),
    }
}

/// Removes `path` with all that is in it, as far as possible. Links are removed, not followed.
pub(crate) fn remove_all(fs: &dyn FileSystem, path: &Utf8Path) {
    // What papack writes is flat. What lies deeper is somebody else's, and removing it must not exhaust the stack.
    const MAX_DEPTH: usize = 64;
    if path.components().count() > MAX_DEPTH {
        return;
    }
    for (name, kind) in fs.list(path).unwrap_or_default() {
        let Some(name) = name.to_str() else { continue };
        let child = path.join(name);
        match kind {
            NodeKind::Folder => remove_all(fs, &child),
            _ => drop(fs.remove_file(&child)),
        }
    }
    drop(fs.remove_folder(path));
}
