//! What papack keeps between its processes, below `assets/.prometeu/cache/`. All of it may be lost at any time: that costs
//! time, and never changes a byte of the outputs.

pub(crate) mod index;
mod keeping;

use camino::Utf8Path;

use crate::fs::FileSystem;
use crate::lane::CACHE;

/// Makes the folder of the cache, unless it is there.
pub(crate) fn make_folder(fs: &dyn FileSystem) {
    drop(fs.create_folder(Utf8Path::new(CACHE)));
}
