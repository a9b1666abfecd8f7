//! What was changed.

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
    /// A document was raised to the version that papack writes.
    DocumentMigrated {
        /// The document, relative to the workspace.
        path: String,
    },
    /// A manifest got an identity of its own.
    IdentityGiven {
        /// The manifest, relative to the workspace.
        path: String,
        /// The identity. Another run would make another one.
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
    /// An asset has another root in the registry.
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
    /// An asset has another name.
    AssetRenamed {
        /// Its id.
        asset_id: u32,
        /// The old name.
        from: String,
        /// The new name.
        to: String,
    },
    /// An asset is preloaded otherwise.
    PreloadSet {
        /// Its id.
        asset_id: u32,
        /// Into which slot of its bank; null: not at all.
        slot: Option<u8>,
    },
    /// An asset has another id.
    AssetRenumbered {
        /// The old id, which is never given again.
        from: u32,
        /// The new id.
        to: u32,
        /// Its root, relative to `assets/`.
        root: String,
    },
    /// The next asset gets another id.
    CounterRaised {
        /// What `next_asset_id` was.
        from: u32,
        /// What it is.
        to: u32,
    },
    /// An asset that was listed more than once, with the very same values, is listed once less.
    RepetitionDropped {
        /// Its id.
        asset_id: u32,
        /// Its root, relative to `assets/`.
        root: String,
    },
    /// The registry was put into its one form.
    RegistryFormed,
    /// What a dead operation left was removed.
    LeftoverRemoved {
        /// What, relative to the workspace.
        path: String,
    },
    /// The folder of an asset was deleted, as far as nothing else is told.
    FilesDeleted {
        /// The folder, relative to the workspace.
        path: String,
        /// How many files and links in it.
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
