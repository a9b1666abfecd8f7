//! The request for a change of documents.

use papack_queries::diagnostic::levels::Levels;
use papack_queries::formats::FormatChoice;

use crate::operation::Cancel;

/// The options of a change of documents.
#[derive(Debug, Clone)]
pub struct ManageRequest {
    /// The change.
    pub task: Task,
    /// Write nothing, do not take the lane, and return what would be changed.
    pub dry_run: bool,
    /// Fail at once when another operation holds the lane, instead of waiting for it.
    pub no_wait: bool,
    /// How severe the caller takes diagnostics to be. With an ERROR of its making, nothing is changed.
    pub levels: Levels,
    /// Set to cancel the operation. Once it puts the first document in place, it carries out the whole plan.
    pub cancel: Cancel,
}

/// A change of the documents below `assets/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// Make a workspace.
    Init {
        /// Whether to put a few assets into it.
        demo: bool,
    },
    /// Rewrite all documents of an older version that papack still reads: the registry, and every manifest.
    Migrate,
    /// Write a manifest, and register its asset.
    New {
        /// The folder, relative to `assets/`.
        root: String,
        /// The format of the asset; none: that for the kind of its files. What a choice leaves open is decided by the
        /// files.
        format: Option<FormatChoice>,
        /// The artifact files, relative to the folder; if empty, all files of the kind that the format takes.
        files: Vec<String>,
    },
    /// Write a manifest in each folder of pictures or sounds that no asset takes in, and register their assets.
    NewAll,
    /// Register the assets in these folders, which are relative to `assets/` and hold a manifest.
    Add {
        /// The folders.
        roots: Vec<String>,
    },
    /// Register every manifest that is not registered.
    AddAll,
    /// Move an asset, or change the root of one that was moved by hand.
    Move {
        /// The asset: an id, a root, a name or a pattern over roots, tried in this order.
        asset: String,
        /// Its new root, relative to `assets/`.
        root: String,
    },
    /// Include assets in the build.
    Include {
        /// The assets, each named as for a move. A pattern may mean several.
        assets: Vec<String>,
    },
    /// Exclude assets from the build. They stay registered.
    Exclude {
        /// The assets, named as for an inclusion.
        assets: Vec<String>,
    },
    /// Give an asset another name.
    Rename {
        /// The asset, named as for a move.
        asset: String,
        /// The name that games know it by.
        name: String,
    },
    /// Change how an asset is preloaded.
    Preload {
        /// The asset, named as for a move.
        asset: String,
        /// How it is to be preloaded.
        preload: PreloadChange,
    },
    /// Take assets out of the registry. Their ids are never given again.
    Remove {
        /// The assets, named as for an inclusion.
        assets: Vec<String>,
        /// Whether their folders are deleted, with all that is in them.
        delete_files: bool,
    },
}

impl Task {
    /// The name of the task, for those who wait for the lane.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Init { .. } => "init",
            Self::Migrate => "migrate",
            Self::New { .. } | Self::NewAll => "new",
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
