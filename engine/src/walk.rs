//! The walk: every name below `assets/`, and no content.

use std::io;

use papack_queries::discovery::Walk;

use crate::fs::FileSystem;
use crate::seen::{Listed, Seen};

/// The folder of assets, below the workspace.
pub(crate) const ASSETS: &str = "assets";

/// Where `path`, which is below the workspace, lies below `assets/`; none where it is elsewhere, or `assets/` itself.
pub(crate) fn below_assets(path: &str) -> Option<&str> {
    path.strip_prefix(ASSETS)?.strip_prefix('/')
}

/// Walks `assets/` anew, whatever is known of it. What is found is in a fixed order.
///
/// # Errors
///
/// When `assets/` itself cannot be listed, or the disk fails. Other folders that cannot be listed are found so.
pub(crate) fn walk(fs: &dyn FileSystem) -> io::Result<Walk> {
    let mut seen = Seen::default();
    seen.list(fs, vec![String::new()], &mut Listed::default())?;
    Ok(seen.walk())
}
