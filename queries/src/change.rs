//! The one function through which a workspace becomes inputs: everything that a query can ever see of it comes in here.
//!
//! Two others touch inputs, and bring in nothing that was read: [`Database::begin_operation`] counts failures, and
//! [`Db::file`] creates the input of an artifact file, unread.
//!
//! An asset is *loaded* or *recorded*. Of a loaded asset the manifest and the files are inputs, and queries make its
//! record from them. Of a recorded asset only the record is an input; it takes a tenth of the memory, and nothing of it
//! is asked again while other assets are edited.

use std::sync::Arc;

use salsa::{Durability, Setter};

use crate::asset;
use crate::db::{Database, Db};
use crate::diagnostic::Diagnostic;
use crate::inputs::{Asset, FileState, Group, IgnoreFile, Ignoring, ManifestState, RootState};
use crate::record::Record;
use crate::schema::registry::RegistryEntry;
use crate::tree::Resolution;

/// The new input of an asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AssetInput {
    /// Its root and manifest, as they were read.
    Loaded {
        /// What is at the asset root.
        root: RootState,
        /// The manifest.
        manifest: ManifestState,
    },
    /// Only its record: nothing changed since that was made.
    Recorded(Arc<Record>),
    /// The input stays as it is. A new asset is loaded, with nothing at its root.
    Unchanged,
}

/// One registered asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetState {
    /// What the registry says.
    pub entry: RegistryEntry,
    /// Its new input.
    pub input: AssetInput,
}

/// A change of the inputs.
#[derive(Debug, Default)]
pub struct Change {
    /// All registered assets, in ascending `asset_id`; `None` leaves them as they are.
    pub assets: Option<Vec<AssetState>>,
    /// New inputs of registered assets, by their ids. The others stay as they are, and cost nothing.
    pub updates: Vec<(u32, AssetInput)>,
    /// Faults that belong to no asset; `None` leaves them as they are.
    pub diagnostics: Option<Vec<Diagnostic>>,
    /// Artifact files that were read, by their path below the workspace.
    pub files: Vec<(String, FileState)>,
    /// The ignore file; `None` leaves it as it is.
    pub ignore_file: Option<IgnoreFile>,
}

impl Change {
    /// Applies the change. A setter invalidates even when the value is equal, so each value is compared first.
    pub fn apply(self, db: &mut Database) {
        if let Some(states) = self.assets {
            apply_assets(states, db);
        }
        for (asset_id, input) in self.updates {
            if let Some(asset) = find(db, asset_id) {
                set_input(asset, input, db);
            }
        }
        if let Some(diagnostics) = self.diagnostics {
            let workspace = db.workspace();
            if *workspace.diagnostics(db) != diagnostics {
                workspace.set_diagnostics(db).to(diagnostics);
            }
        }
        if let Some(ignore_file) = self.ignore_file {
            let workspace = db.workspace();
            if *workspace.ignore_file(db) != ignore_file {
                workspace.set_ignoring(db).to(Ignoring::of(&ignore_file));
                workspace.set_ignore_file(db).to(ignore_file);
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
pub fn find(db: &Database, asset_id: u32) -> Option<Asset> {
    let existing = db.workspace().assets(db);
    let index = existing.binary_search_by_key(&asset_id, |asset| asset.entry(db).asset_id).ok()?;
    existing.get(index).copied()
}

fn apply_assets(states: Vec<AssetState>, db: &mut Database) {
    let existing = db.workspace().assets(db).clone();
    let mut existing = existing.into_iter().peekable();
    let mut assets = Vec::with_capacity(states.len());
    for AssetState { entry, input } in states {
        // Both are in ascending `asset_id`. An asset is the same one as long as it has the same id.
        while existing.next_if(|asset| asset.entry(db).asset_id < entry.asset_id).is_some() {}
        let asset = match existing.next_if(|asset| asset.entry(db).asset_id == entry.asset_id) {
            Some(asset) => {
                if *asset.entry(db) != entry {
                    asset.set_entry(db).to(entry);
                }
                set_input(asset, input, db);
                asset
            }
            None => {
                let (recorded, root, manifest) = fields_of(input).unwrap_or((None, UNLOADED, ManifestState::Unread));
                let new = Asset::builder(entry, recorded, root, manifest, 0);
                new.entry_durability(Durability::HIGH).recorded_durability(Durability::HIGH).new(db)
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
    let existing = workspace.groups(db).clone();
    let number_of = |db: &Database, asset: Asset| Group::number_of(asset.entry(db).asset_id);
    let runs = assets.chunk_by(|one, next| number_of(db, *one) == number_of(db, *next));
    let runs: Vec<_> = runs.filter_map(|run| Some((number_of(db, *run.first()?), run))).collect();
    let mut groups = Vec::with_capacity(runs.len());
    for (number, run) in runs {
        let group = match existing.binary_search_by_key(&number, |group| group.number(db)) {
            Ok(index) => {
                let group = existing[index];
                if **group.assets(db) != *run {
                    group.set_assets(db).to(run.into());
                }
                group
            }
            Err(_) => Group::builder(number, run.into()).durability(Durability::HIGH).new(db),
        };
        groups.push(group);
    }
    if groups != existing {
        workspace.set_groups(db).to(groups);
    }
}

/// What a recorded asset has as its root.
const UNLOADED: RootState = RootState::Unusable(Resolution::Missing);

/// The record, root and manifest that `input` gives an asset; `None` where it keeps those that it has.
fn fields_of(input: AssetInput) -> Option<(Option<Arc<Record>>, RootState, ManifestState)> {
    match input {
        AssetInput::Loaded { root, manifest } => Some((None, root, manifest)),
        AssetInput::Recorded(record) => Some((Some(record), UNLOADED, ManifestState::Unread)),
        AssetInput::Unchanged => None,
    }
}

fn set_input(asset: Asset, input: AssetInput, db: &mut Database) {
    let Some((recorded, root, manifest)) = fields_of(input) else { return };
    // An asset that was never loaded has no memos to evict.
    let was_loaded = *asset.root(db) != UNLOADED || *asset.manifest(db) != ManifestState::Unread;
    let is_unloaded = recorded.is_some() && was_loaded;
    if *asset.recorded(db) != recorded {
        asset.set_recorded(db).to(recorded);
    }
    if *asset.root(db) != root {
        asset.set_root(db).to(root);
    }
    if *asset.manifest(db) != manifest {
        asset.set_manifest(db).to(manifest);
    }
    if is_unloaded {
        asset::evict(db, asset);
    }
}
