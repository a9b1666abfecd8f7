//! The snapshot, and the changed assets that it is made of.

use std::collections::BTreeMap;

use papack_queries::change::AssetInput;
use papack_queries::formats::Format;
use papack_queries::inputs::{ManifestState, RootState};
use papack_queries::schema::manifest;
use papack_queries::unmanaged::Unmanaged;
use uuid::Uuid;

use super::super::batch::Batch;
use super::read_files::Reads;

/// A frozen snapshot: what later stages need of it beside the salsa inputs that were set.
#[derive(Default)]
pub(crate) struct Snapshot {
    /// How many assets are in it.
    pub(crate) asset_count: usize,
    /// How many artifact files are in it.
    pub(crate) file_count: usize,
    /// The manifests that the registry does not name; empty where nobody asked for them and there was no walk.
    pub(crate) unmanaged: Vec<Unmanaged>,
    /// The changed assets, with the uuids in their manifests. The other assets are as they are recorded.
    pub(crate) changed: BTreeMap<u32, Option<Uuid>>,
    /// Those of the changed assets that are loaded into the database of the session.
    pub(crate) loaded: Vec<u32>,
    /// The changed assets, if they are too many to load.
    pub(crate) batches: Vec<Batch>,
    /// Assets that the filter excludes and that may have changed.
    pub(crate) dirty_excluded: Vec<u32>,
    /// After a walk, whether the next operation has to walk again.
    pub(crate) is_walk_due: Option<bool>,
    /// The files that were read.
    pub(crate) reads: Reads,
}

/// A changed asset, as it is now.
pub(super) struct ChangedAsset {
    pub(super) root: RootState,
    pub(super) manifest: ManifestState,
    /// The uuid in the manifest.
    pub(super) uuid: Option<Uuid>,
}

impl ChangedAsset {
    /// Whether the asset may ask for tilesets of others: then it is derived where those are known. That is cheaper to
    /// tell than what the manifest says.
    pub(super) fn may_ask(&self) -> bool {
        let ManifestState::Bytes(text) = &self.manifest else { return false };
        let has = |word: &str| memchr::memmem::find(text, word.as_bytes()).is_some();
        let asks = || manifest::parse_new("", text).0.format.is_some_and(Format::asks_for_tilesets);
        // A name may be written with escapes.
        (has("tilemap") || has("\\")) && asks()
    }

    /// The input of a loaded asset.
    pub(super) fn into_input(self) -> AssetInput {
        // What is at the old root of a moved asset does not belong to it.
        let is_moved = matches!(self.root, RootState::Moved { .. });
        let manifest = if is_moved { ManifestState::Unread } else { self.manifest };
        AssetInput::Loaded { root: self.root, manifest }
    }
}
