//! What papack keeps between its processes, below `assets/.prometeu/cache/`. All of it may be lost at any time: that
//! costs time, and never changes a byte of the outputs.

mod draft;
pub(crate) mod index;
mod keeping;
mod key;
pub(crate) mod payloads;
mod segment;
mod service;
#[cfg(test)]
pub(crate) mod tests;
mod upkeep;

use camino::Utf8Path;

use crate::fs::FileSystem;
use crate::lane::CACHE;

pub use key::{KeySource, UserKey};
pub(crate) use key::{Purpose, find_user_key};
pub use service::{CacheContents, CacheRequest, CacheResult, CacheTask, CachedPayloads};

/// What keeps the cache out of version control, wherever the workspace lies and whatever else is ignored there.
pub(crate) const IGNORE_FILE: &str = "assets/.prometeu/cache/.gitignore";

/// Makes the folder of the cache, unless it is there. Whoever writes there next finds out whether that went well.
pub(crate) fn make_folder(fs: &dyn FileSystem) {
    drop(fs.create_folder(Utf8Path::new(CACHE)));
    drop(fs.create(Utf8Path::new(IGNORE_FILE)).and_then(|file| file.write_all_at(0, b"*\n")));
}
