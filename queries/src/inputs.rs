//! The salsa inputs, and the one function that turns what the engine saw into changes of them.
//!
//! Most assets are at rest: their record is an input. Those that are being edited are live: what was found of them is.
//! Salsa checks what hangs on inputs of low durability alone again only where one of those changed, so entries, records
//! and groups are of high durability, and everything that an edit changes is of low: it costs nothing for assets at rest.

#![expect(missing_docs, reason = "salsa's macro makes public methods without docs")]

use std::sync::Arc;

use salsa::plumbing::AsId;
use salsa::{Durability, Setter};

use crate::asset::{self, Record};
use crate::content::ContentId;
use crate::db::{Database, Db, Key};
use crate::diagnostic::{Code, Diagnostic};
use crate::json::too_large;
use crate::schema::registry::RegistryEntry;
use crate::tree::{Resolution, Tree};

/// Everything that was found: the registered assets, and what is wrong with the registry and the walk.
#[salsa::input(singleton, debug)]
pub struct Workspace {
    /// The registered assets, in ascending `asset_id`. Queries of a whole pack walk over the groups instead.
    #[returns(ref)]
    pub assets: Vec<Asset>,
    /// The same assets in groups, in ascending number.
    #[returns(ref)]
    pub groups: Vec<Group>,
    /// Faults that belong to no asset.
    #[returns(ref)]
    pub diagnostics: Vec<Diagnostic>,
}

/// The registered assets of one run of ids, so that an asset that is added or removed moves no other to another group.
#[salsa::input(debug)]
pub struct Group {
    /// Which run of ids.
    #[returns(copy)]
    pub number: u32,
    /// The assets, in ascending `asset_id`; at least one.
    #[returns(ref)]
    pub assets: Box<[Asset]>,
}

impl Group {
    /// The group of the asset with this id: 256 ids are a group.
    fn number_of(asset_id: u32) -> u32 {
        asset_id >> 8
    }

    /// The group as the event hook names it.
    pub fn key(self) -> Key {
        self.as_id()
    }
}

/// One registered asset.
#[salsa::input(debug)]
pub struct Asset {
    /// What the registry says.
    #[returns(ref)]
    pub entry: RegistryEntry,
    /// The record of an asset at rest; `None` for a live one.
    #[returns(ref)]
    pub rest: Option<Arc<Record>>,
    /// What is at the asset root, of a live asset.
    #[returns(ref)]
    pub root: RootState,
    /// The manifest's bytes, of a live asset.
    #[returns(ref)]
    pub manifest: ManifestState,
    /// How often its content could not be had, which every query that failed depends on; see [`Database::begin_operation`].
    #[returns(copy)]
    pub failures: u32,
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

/// What the engine found of an asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// What is there now.
    Live {
        /// What is at the asset root.
        root: RootState,
        /// The manifest.
        manifest: ManifestState,
    },
    /// Nothing that its record does not tell.
    AtRest(Arc<Record>),
    /// Nothing new. An asset that was not known is live, with nothing seen of it.
    Same,
}

/// What the engine saw of one registered asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetState {
    /// What the registry says.
    pub entry: RegistryEntry,
    /// What was found.
    pub found: Found,
}

/// A change of the inputs: what a walk and its readings found.
#[derive(Debug, Default)]
pub struct Change {
    /// All registered assets, in ascending `asset_id`; `None` leaves them as they are.
    pub assets: Option<Vec<AssetState>>,
    /// What was found of registered assets, by their ids; the others stay as they are, and cost nothing.
    pub seen: Vec<(u32, Found)>,
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
        for (asset_id, found) in self.seen {
            if let Some(asset) = find(db, asset_id) {
                update_found(asset, found, db);
            }
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

/// The registered asset with this id.
fn find(db: &Database, asset_id: u32) -> Option<Asset> {
    let known = db.workspace().assets(db);
    let index = known.binary_search_by_key(&asset_id, |asset| asset.entry(db).asset_id).ok()?;
    known.get(index).copied()
}

fn apply_assets(states: Vec<AssetState>, db: &mut Database) {
    let known = db.workspace().assets(db).clone();
    let mut known = known.into_iter().peekable();
    let mut assets = Vec::with_capacity(states.len());
    for AssetState { entry, found } in states {
        // Both are in ascending `asset_id`. An asset is the same one as long as it has the same id.
        while known.next_if(|asset| asset.entry(db).asset_id < entry.asset_id).is_some() {}
        let asset = match known.next_if(|asset| asset.entry(db).asset_id == entry.asset_id) {
            Some(asset) => {
                if *asset.entry(db) != entry {
                    asset.set_entry(db).to(entry);
                }
                update_found(asset, found, db);
                asset
            }
            None => {
                let (rest, root, manifest) = fields_of(found).unwrap_or((None, UNSEEN, ManifestState::Unread));
                let new = Asset::builder(entry, rest, root, manifest, 0);
                new.entry_durability(Durability::HIGH).rest_durability(Durability::HIGH).new(db)
            }
        };
        assets.push(asset);
    }
    let workspace = db.workspace();
    if assets != *workspace.assets(db) {
        apply_groups(&assets, db);
        workspace.set_assets(db).to(assets);
    }
}

fn apply_groups(assets: &[Asset], db: &mut Database) {
    let workspace = db.workspace();
    let known = workspace.groups(db).clone();
    let number_of = |db: &Database, asset: Asset| Group::number_of(asset.entry(db).asset_id);
    let runs = assets.chunk_by(|one, next| number_of(db, *one) == number_of(db, *next));
    let runs: Vec<_> = runs.filter_map(|run| Some((number_of(db, *run.first()?), run))).collect();
    let mut groups = Vec::with_capacity(runs.len());
    for (number, run) in runs {
        let group = match known.binary_search_by_key(&number, |group| group.number(db)) {
            Ok(index) => {
                let group = known[index];
                if **group.assets(db) != *run {
                    group.set_assets(db).to(run.into());
                }
                group
            }
            Err(_) => Group::builder(number, run.into()).durability(Durability::HIGH).new(db),
        };
        groups.push(group);
    }
    if groups != known {
        workspace.set_groups(db).to(groups);
    }
}

/// What an asset at rest has as its root: nothing was seen of it.
const UNSEEN: RootState = RootState::Unusable(Resolution::Missing);

/// The fields of an asset of which this was `found`; none where it keeps those that it has.
fn fields_of(found: Found) -> Option<(Option<Arc<Record>>, RootState, ManifestState)> {
    match found {
        Found::Live { root, manifest } => Some((None, root, manifest)),
        Found::AtRest(record) => Some((Some(record), UNSEEN, ManifestState::Unread)),
        Found::Same => None,
    }
}

fn update_found(asset: Asset, found: Found, db: &mut Database) {
    let Some((rest, root, manifest)) = fields_of(found) else { return };
    let falls_asleep = rest.is_some() && asset.rest(db).is_none();
    if *asset.rest(db) != rest {
        asset.set_rest(db).to(rest);
    }
    if *asset.root(db) != root {
        asset.set_root(db).to(root);
    }
    if *asset.manifest(db) != manifest {
        asset.set_manifest(db).to(manifest);
    }
    if falls_asleep {
        asset::forget(db, asset);
    }
}
