//! What is to be changed.

use papack_queries::formats::FormatChoice;

use crate::operation::Cancel;

/// What a caller wants changed.
#[derive(Debug, Clone)]
pub struct ManageRequest {
    /// The change.
    pub task: Task,
    /// Write nothing, take no lane, and tell what would be changed.
    pub dry_run: bool,
    /// Fail at once when another operation holds the lane, instead of waiting for it.
    pub no_wait: bool,
    /// Set to cancel the operation. Once the first document is being put in place, it ends what it began.
    pub cancel: Cancel,
}

/// A change of the documents below `assets/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// Make a workspace.
    Init {
        /// Whether there are a few assets in it.
        demo: bool,
    },
    /// Rewrite the documents of an older version that is still read: the registry, and every manifest.
    Migrate,
    /// Write a manifest, and register its asset.
    New {
        /// The folder, relative to `assets/`, which is made unless it is there.
        root: String,
        /// The format of the asset. What it leaves open the files decide.
        format: FormatChoice,
        /// The artifact files, relative to the folder; none: all files of the format's kind.
        files: Vec<String>,
    },
    /// Register the assets in these folders, which are relative to `assets/` and hold a manifest.
    Add {
        /// The folders.
        roots: Vec<String>,
    },
    /// Register every manifest that the registry does not know.
    AddAll,
    /// Move an asset, or follow one that was moved.
    Move {
        /// Which: an id, a root, a name or a pattern over roots, looked for in this order.
        asset: String,
        /// Its new root, relative to `assets/`.
        root: String,
    },
    /// Include assets in the build.
    Include {
        /// Which, as for a move; a pattern may mean several.
        assets: Vec<String>,
    },
    /// Exclude assets from the build. They stay registered.
    Exclude {
        /// Which.
        assets: Vec<String>,
    },
    /// Give an asset another name.
    Rename {
        /// Which: one.
        asset: String,
        /// The name that games know it by.
        name: String,
    },
    /// Preload an asset otherwise.
    Preload {
        /// Which: one.
        asset: String,
        /// How.
        preload: PreloadChange,
    },
    /// Take assets out of the registry. Their ids are never given again.
    Remove {
        /// Which.
        assets: Vec<String>,
        /// Whether their folders are deleted, with all that is in them.
        delete_files: bool,
    },
}

impl Task {
    /// The task in a word, for whoever waits for it.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Init { .. } => "init",
            Self::Migrate => "migrate",
            Self::New { .. } => "new",
            Self::Add { .. } | Self::AddAll => "add",
            Self::Move { .. } => "mv",
            Self::Include { .. } => "include",
            Self::Exclude { .. } => "exclude",
            Self::Rename { .. } => "rename",
            Self::Preload { .. } => "preload",
            Self::Remove { .. } => "rm",
        }
    }
}

/// How an asset is preloaded from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PreloadChange {
    /// Into this slot of its bank, 0 to 15.
    Slot(u8),
    /// Into the first slot of its bank that is free.
    Next,
    /// Not at all.
    Off,
}
