//! The one function that turns what the engine saw into changes of the inputs.

use std::sync::Arc;

use salsa::{Durability, Setter};

use super::{Asset, FileState, Group, ManifestState, RootState};
use crate::asset::{self, Record};
use crate::db::{Database, Db};
use crate::diagnostic::Diagnostic;
use crate::schema::registry::RegistryEntry;
use crate::tree::Resolution;

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
pub fn find(db: &Database, asset_id: u32) -> Option<Asset> {
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
    // Where nothing was seen, nothing was asked, and there is nothing to let go of.
    let was_seen = *asset.root(db) != UNSEEN || *asset.manifest(db) != ManifestState::Unread;
    let falls_asleep = rest.is_some() && was_seen;
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
