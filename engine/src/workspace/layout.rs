//! The layout of a workspace: every name in it that papack uses, as a `/`-separated path below its folder.
//!
//! The registry, the manifests and the settings are named by `papack_queries::schema`.

use camino::{Utf8Path, Utf8PathBuf};
use papack_queries::schema::MANIFEST_NAME;

/// The folder of assets, below the workspace.
pub(crate) const ASSETS: &str = "assets";

/// The path below `assets/` of `path`, which is below the workspace. None where it lies elsewhere, or is `assets/`
/// itself.
pub(crate) fn below_assets(path: &str) -> Option<&str> {
    path.strip_prefix(ASSETS)?.strip_prefix('/')
}

/// The path below the workspace of the manifest in the folder `root`, which is relative to `assets/`.
pub(crate) fn manifest_path(root: &str) -> String {
    format!("{ASSETS}/{root}/{MANIFEST_NAME}")
}

/// The folder on which the lane is a lock. Every workspace has it. It needs no lock file, which somebody could delete
/// or commit, and it can be locked where it cannot be written.
pub(crate) const LANE: &str = "assets/.prometeu";

/// The folder of the cache and of the note of the lane, which are never committed.
pub(crate) const CACHE: &str = "assets/.prometeu/cache";

/// The folder of a session that serves other processes: its socket, and cookies.
pub(crate) const SERVING: &str = "assets/.prometeu/cache/serving";

/// The socket in [`SERVING`].
pub(crate) const SOCKET: &str = "assets/.prometeu/cache/serving/socket";

/// The folder in which new documents wait. It is on the mount of the registry, and no part of the cache, which may lie
/// elsewhere or be full.
pub(crate) const STAGED: &str = "assets/.prometeu/staged";

/// The list of new documents that wait elsewhere: their paths below the workspace, each in a line.
pub(crate) const ELSEWHERE: &str = "assets/.prometeu/staged/elsewhere";

/// The folder of outputs, below the workspace.
pub const BUILD: &str = "build";

/// The authoritative artifact.
pub const ASSETS_PA: &str = "assets.pa";
/// The companion that mirrors `header.asset_table`.
pub const ASSET_TABLE: &str = "asset_table.json";
/// The companion that mirrors `header.preload`.
pub const PRELOAD: &str = "preload.json";
/// The companion for tools.
pub const SIDECAR: &str = "asset_table_metadata.json";

/// The names of the four outputs: all that papack ever publishes.
pub(crate) const NAMES: [&str; 4] = [ASSETS_PA, ASSET_TABLE, PRELOAD, SIDECAR];
/// The index of the pack in [`NAMES`].
pub(crate) const PACK_AT: usize = 0;
/// The index of the sidecar in [`NAMES`].
pub(crate) const SIDECAR_AT: usize = 3;

/// The folder of the staging folders of all operations.
pub(crate) const STAGING: &str = "build/.staging";

/// Where `name` is published, below the workspace.
pub(crate) fn published_path(name: &str) -> Utf8PathBuf {
    Utf8Path::new(BUILD).join(name)
}

/// Where the note of the lane lies, below the workspace.
pub(crate) fn note_path() -> Utf8PathBuf {
    Utf8Path::new(CACHE).join("lane.json")
}
