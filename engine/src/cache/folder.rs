//! The folder of the cache.

use camino::Utf8Path;

use crate::fs::FileSystem;
use crate::workspace::layout::CACHE;

/// The file that keeps the cache out of version control, independent of the other ignore files of the workspace.
pub(crate) const IGNORE_FILE: &str = "assets/.prometeu/cache/.gitignore";

/// Makes the folder of the cache, unless it exists. Reports no error: the next write to the folder fails then.
pub(crate) fn make_folder(fs: &dyn FileSystem) {
    drop(fs.create_folder(Utf8Path::new(CACHE)));
    drop(fs.create(Utf8Path::new(IGNORE_FILE)).and_then(|file| file.write_all_at(0, b"*\n")));
}
