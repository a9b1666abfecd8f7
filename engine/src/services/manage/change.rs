//! The changes that a result lists.

use papack_queries::schema::registry::RegistryEntry;
use serde::Serialize;

/// One thing that was changed, or would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Change {
    /// A folder was made.
    FolderCreated {
        /// The folder, relative to the workspace.
        path: String,
    },
    /// A file was made.
    FileCreated {
        /// The file, relative to the workspace.
        path: String,
    },
    /// The manifest of a new asset was made.
    ManifestCreated {
        /// The manifest, relative to the workspace.
        path: String,
        /// The format of the asset.
        format: &'static str,
        /// The patterns or files that it takes, relative to its folder.
        artifacts: Vec<String>,
        /// How many files these are.
        file_count: usize,
    },
    /// A document was rewritten in the version that papack writes.
    DocumentMigrated {
        /// The document, relative to the workspace.
        path: String,
    },
    /// A manifest got a new identity.
    IdentityGiven {
        /// The manifest, relative to the workspace.
        path: String,
        /// The identity. It is random: after a dry run, the real one differs.
        asset_uuid: String,
    },
    /// An asset was registered, and included in the build.
    AssetRegistered {
        /// Its id.
        asset_id: u32,
        /// Its identity.
        asset_uuid: String,
        /// Its root, relative to `assets/`.
        root: String,
    },
    /// A folder was moved.
    FolderMoved {
        /// From where, relative to the workspace.
        from: String,
        /// To where, relative to the workspace.
        to: String,
    },
    /// The root of an asset in the registry changed.
    AssetRelocated {
        /// Its id.
        asset_id: u32,
        /// The old root, relative to `assets/`.
        from: String,
        /// The new root, relative to `assets/`.
        to: String,
    },
    /// An asset is included in the build now.
    AssetIncluded {
        /// Its id.
        asset_id: u32,
        /// Its root, relative to `assets/`.
        root: String,
    },
    /// An asset is not included in the build any more.
    AssetExcluded {
        /// Its id.
        asset_id: u32,
        /// Its root, relative to `assets/`.
        root: String,
    },
    /// The name of an asset changed.
    AssetRenamed {
        /// Its id.
        asset_id: u32,
        /// The old name.
        from: String,
        /// The new name.
        to: String,
    },
    /// The preload slot of an asset changed.
    PreloadSet {
        /// Its id.
        asset_id: u32,
        /// Its name.
        name: String,
        /// The slot of its bank that it preloads into now; null if it is not preloaded.
        slot: Option<u8>,
    },
    /// An asset got a new id.
    AssetRenumbered {
        /// The old id. It is never given again, unless the request gave it to another asset in the same change.
        from: u32,
        /// The new id.
        to: u32,
        /// Its root, relative to `assets/`.
        root: String,
    },
    /// The id for the next asset was raised.
    CounterRaised {
        /// The old `next_asset_id`.
        from: u32,
        /// The new one.
        to: u32,
    },
    /// A second entry of an asset, with the very same values as the first, was removed.
    RepetitionDropped {
        /// Its id.
        asset_id: u32,
        /// Its root, relative to `assets/`.
        root: String,
    },
    /// The registry was rewritten in the form in which papack writes it.
    RegistryFormed,
    /// A leftover of an operation that was cut short was removed.
    LeftoverRemoved {
        /// The file or folder, relative to the workspace.
        path: String,
    },
    /// The folder of an asset was deleted. What could not be deleted has a diagnostic.
    FilesDeleted {
        /// The folder, relative to the workspace.
        path: String,
        /// How many files and links in it were deleted.
        files: u64,
    },
    /// An asset is not registered any more.
    AssetUnregistered {
        /// Its id, which is never given again.
        asset_id: u32,
        /// Its root, relative to `assets/`.
        root: String,
    },
}

impl Change {
    pub(super) fn registered(entry: &RegistryEntry) -> Self {
        let RegistryEntry { asset_id, asset_uuid, root, .. } = entry;
        Self::AssetRegistered { asset_id: *asset_id, asset_uuid: asset_uuid.to_string(), root: root.to_string() }
    }
}
