//! The layout of a workspace: every name that papack knows in one, below its folder and `/`-separated.
//!
//! The registry and the manifests are named by `papack_queries::schema`.

use camino::{Utf8Path, Utf8PathBuf};

/// The folder of assets, below the workspace.
pub(crate) const ASSETS: &str = "assets";

/// Where `path`, which is below the workspace, lies below `assets/`; none where it is elsewhere, or `assets/` itself.
pub(crate) fn below_assets(path: &str) -> Option<&str> {
    path.strip_prefix(ASSETS)?.strip_prefix('/')
}

/// The folder that is locked. It is there wherever there is a workspace, needs no file of its own that somebody
/// could delete or commit, and can be locked where it cannot be written.
pub(crate) const LANE: &str = "assets/.prometeu";

/// The folder of what is never committed, the note among it, below the workspace.
pub(crate) const CACHE: &str = "assets/.prometeu/cache";

/// The folder: on the mount of the registry, and no part of the cache, which may lie elsewhere or be full.
pub(crate) const STAGED: &str = "assets/.prometeu/staged";

/// The list of files that wait elsewhere: their paths below the workspace, each in a line.
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

/// All that papack ever publishes.
pub(crate) const NAMES: [&str; 4] = [ASSETS_PA, ASSET_TABLE, PRELOAD, SIDECAR];
/// Which of them is the pack.
pub(crate) const PACK_AT: usize = 0;
/// Which of them is the sidecar.
pub(crate) const SIDECAR_AT: usize = 3;

/// The folder of all staging.
pub(crate) const STAGING: &str = "build/.staging";

/// Where `name` is published, below the workspace.
pub(crate) fn published_path(name: &str) -> Utf8PathBuf {
    Utf8Path::new(BUILD).join(name)
}

/// Where the note lies, below the workspace.
pub(crate) fn note_path() -> Utf8PathBuf {
    Utf8Path::new(CACHE).join("lane.json")
}
