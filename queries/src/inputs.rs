//! The salsa inputs, and the one function that turns what the engine saw into changes of them.

#![expect(missing_docs, reason = "salsa's macro makes public methods without docs")]

use std::sync::Arc;

use salsa::Setter;
use salsa::plumbing::AsId;

use crate::content::ContentId;
use crate::db::{Database, Db, Key};
use crate::diagnostic::{Code, Diagnostic};
use crate::json::too_large;
use crate::schema::registry::RegistryEntry;
use crate::tree::{Resolution, Tree};

/// Everything that was found: the registered assets, and what is wrong with the registry and the walk.
#[salsa::input(singleton, debug)]
pub struct Workspace {
    /// The registered assets, in ascending `asset_id`.
    #[returns(ref)]
    pub assets: Vec<Asset>,
    /// Faults that belong to no asset.
    #[returns(ref)]
    pub diagnostics: Vec<Diagnostic>,
}

/// One registered asset.
#[salsa::input(debug)]
pub struct Asset {
    /// What the registry says.
    #[returns(ref)]
    pub entry: RegistryEntry,
    /// What is at the asset root.
    #[returns(ref)]
    pub root: RootState,
    /// The manifest's bytes.
    #[returns(ref)]
    pub manifest: ManifestState,
}

impl Asset {
    /// The asset as the event hook names it.
    pub fn key(self) -> Key {
        self.as_id()
    }
}

/// One artifact file. Its identity is its path.
#[salsa::input(debug)]
pub struct File {
    /// The path below the workspace.
    #[returns(ref)]
    pub path: String,
    /// Its bytes, as a handle.
    #[returns(ref)]
    pub state: FileState,
}

/// What is at an asset root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RootState {
    /// A folder with these names in it.
    Folder(Arc<Tree>),
    /// Nothing of the asset: its manifest was found in these folders instead, at least one.
    Moved {
        /// The folders, those first that can become its root; otherwise in the order of their names.
        to: Vec<NewPlace>,
    },
    /// Something else, or nothing.
    Unusable(Resolution),
}

/// A folder in which the manifest of a moved asset was found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NewPlace {
    /// Why it cannot become the asset's root as things are.
    pub obstacle: Option<Obstacle>,
    /// The folder, relative to `assets/`.
    pub root: String,
}

/// Why a folder cannot become the root of an asset that was moved there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Obstacle {
    /// The registry has another asset there, which is not there either.
    Registered {
        /// That asset.
        asset_id: u32,
        /// Whether its manifest was found elsewhere.
        is_moved: bool,
    },
    /// It lies inside the root of another asset.
    Inside {
        /// That root.
        outer: String,
    },
    /// It is no valid root, for this reason.
    Invalid(String),
}

/// A manifest as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ManifestState {
    /// It was not asked for: the asset is not in the build set.
    Unread,
    /// Its bytes.
    Bytes(Arc<[u8]>),
    /// It could not be read.
    Refused(FileFault),
}

/// An artifact file as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileState {
    /// It was not read yet.
    Unread,
    /// Its content.
    Content(ContentId),
    /// It could not be read.
    Refused(FileFault),
}

/// Why a file is no input. A failing disk is none of these: that is no property of the workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileFault {
    /// It is not there.
    Missing,
    /// It may not be read.
    Forbidden,
    /// It, or a folder on the way, is a symbolic link.
    Link,
    /// It is a folder, FIFO, socket or device.
    NotRegular,
    /// It has more bytes than this, which a document of its kind may have.
    TooLarge(usize),
}

impl FileFault {
    /// The diagnostic for the file at `location`, given relative to the workspace.
    pub fn diagnostic(self, location: &str) -> Diagnostic {
        let (code, message, help) = match self {
            Self::Missing => (Code::FileMissing, "the file is not there", None),
            Self::Forbidden => (Code::FileForbidden, "the file may not be read", Some("check its permissions")),
            Self::Link => (
                Code::FileLink,
                "the path leads through a symbolic link",
                Some("links are not followed below assets/: put the file itself there"),
            ),
            Self::NotRegular => (Code::FileNotRegular, "this is no regular file", None),
            Self::TooLarge(limit) => return too_large(limit).at(location),
        };
        let diagnostic = Diagnostic::error(code, message).at(location);
        match help {
            Some(help) => diagnostic.with_help(help),
            None => diagnostic,
        }
    }
}

/// What the engine saw of one registered asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetState {
    /// What the registry says.
    pub entry: RegistryEntry,
    /// What is at the asset root.
    pub root: RootState,
    /// The manifest.
    pub manifest: ManifestState,
}

/// A change of the inputs: what a walk and its readings found.
#[derive(Debug, Default)]
pub struct Change {
    /// All registered assets, in ascending `asset_id`; `None` leaves them as they are.
    pub assets: Option<Vec<AssetState>>,
    /// Faults that belong to no asset; `None` leaves them as they are.
    pub diagnostics: Option<Vec<Diagnostic>>,
    /// Artifact files that were read, by their path below the workspace.
    pub files: Vec<(String, FileState)>,
}

impl Change {
    /// Applies the change. A setter invalidates even when the value is equal, so each value is compared first.
    pub fn apply(self, db: &mut Database) {
        if let Some(states) = self.assets {
            apply_assets(states, db);
        }
        if let Some(diagnostics) = self.diagnostics {
            let workspace = db.workspace();
            if *workspace.diagnostics(db) != diagnostics {
                workspace.set_diagnostics(db).to(diagnostics);
            }
        }
        for (path, state) in self.files {
            let file = db.file(&path);
            if *file.state(db) != state {
                file.set_state(db).to(state);
            }
        }
    }
}

fn apply_assets(states: Vec<AssetState>, db: &mut Database) {
    let workspace = db.workspace();
    let known = workspace.assets(db).clone();
    // An asset is the same one as long as it has the same id.
    let find = |db: &Database, id: u32| {
        let index = known.binary_search_by_key(&id, |asset| asset.entry(db).asset_id).ok()?;
        known.get(index).copied()
    };
    let mut assets = Vec::with_capacity(states.len());
    for state in states {
        let asset = match find(db, state.entry.asset_id) {
            Some(asset) => {
                update_asset(asset, state, db);
                asset
            }
            None => Asset::new(db, state.entry, state.root, state.manifest),
        };
        assets.push(asset);
    }
    if assets != known {
        workspace.set_assets(db).to(assets);
    }
}

fn update_asset(asset: Asset, state: AssetState, db: &mut Database) {
    if *asset.entry(db) != state.entry {
        asset.set_entry(db).to(state.entry);
    }
    if *asset.root(db) != state.root {
        asset.set_root(db).to(state.root);
    }
    if *asset.manifest(db) != state.manifest {
        asset.set_manifest(db).to(state.manifest);
    }
}
