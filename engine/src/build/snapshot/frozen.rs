//! What a snapshot is.

use std::collections::BTreeMap;

use papack_queries::inputs::{Found, ManifestState, RootState};
use papack_queries::unmanaged::Unmanaged;
use smol_str::SmolStr;
use uuid::Uuid;

use super::super::batch::Batch;
use crate::workspace::Read;

/// What the snapshot tells beside the inputs that it set.
#[derive(Default)]
pub(crate) struct Snapshot {
    /// How many assets are in it.
    pub(crate) asset_count: usize,
    /// How many artifact files are in it.
    pub(crate) file_count: usize,
    /// The manifests that the registry does not know, where they were looked for.
    pub(crate) unmanaged: Vec<Unmanaged>,
    /// The assets that were looked into, with the uuids in their manifests; the others are as they were.
    pub(crate) fresh: BTreeMap<u32, Option<Uuid>>,
    /// Those of them that are live.
    pub(crate) live: Vec<u32>,
    /// The others, which are too many for that, in databases of their own.
    pub(crate) batches: Vec<Batch>,
    /// Assets that are not in it and may have changed.
    pub(crate) unwanted: Vec<u32>,
    /// After a walk, whether the next operation has to walk again.
    pub(crate) is_walk_due: Option<bool>,
    /// What was read.
    pub(crate) reads: Vec<(SmolStr, Option<Read>)>,
}

/// An asset that is to be looked into.
pub(super) struct Fresh {
    pub(super) root: RootState,
    pub(super) manifest: ManifestState,
    /// The uuid in it.
    pub(super) uuid: Option<Uuid>,
}

impl Fresh {
    pub(super) fn found(self) -> Found {
        // What is at the root of an asset that was moved is not its own.
        let is_moved = matches!(self.root, RootState::Moved { .. });
        let manifest = if is_moved { ManifestState::Unread } else { self.manifest };
        Found::Live { root: self.root, manifest }
    }
}
