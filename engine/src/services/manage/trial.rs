//! What the next pack would say of assets whose manifests are not written yet.

use std::sync::Arc;

use camino::Utf8Path;
use papack_queries::asset::{checked_asset, derivation, failure, record};
use papack_queries::change::{AssetInput, AssetState, Change};
use papack_queries::content::ContentStore;
use papack_queries::db::Database;
use papack_queries::diagnostic::{Code, Data, Diagnostic};
use papack_queries::inputs::{Asset, FileState, IgnoreFile, ManifestState, RootState};
use papack_queries::schema::MANIFEST_NAME;
use papack_queries::schema::registry::RegistryEntry;
use papack_queries::tree::{Kind, Tree, TreeEntry};
use rayon::prelude::*;

use super::claims::Claims;
use super::documents::Documents;
use super::edit::claimed_by;
use super::editing::Editing;
use super::new_asset::{NewAsset, without_asset};
use crate::content::{OperationStore as _, RuntimeStore};
use crate::fs::FileSystem;
use crate::operation::{Cancel, Status, Stop};
use crate::workspace::{ReadError, read_content};

/// What the next pack would say of one new asset.
pub(super) struct Trial {
    /// How many files it takes.
    pub(super) file_count: usize,
    /// What is wrong with it, and what else is to be said.
    pub(super) found: Vec<Diagnostic>,
}

impl Editing<'_, '_> {
    /// Derives `assets`, which are registered in `documents`, as the next pack would, and keeps no contents.
    pub(super) fn try_out(
        &mut self,
        documents: &Documents,
        ignore_file: &IgnoreFile,
        assets: &[NewAsset],
    ) -> Result<Vec<Trial>, Stop> {
        let fs = Arc::clone(self.session.fs());
        let cancel = self.operation.cancel().clone();
        let outcomes = outcomes(&fs, &cancel, documents, ignore_file, assets);
        self.operation.check_cancelled()?;
        let outcomes = outcomes.map_err(|fault| self.operation.fail(Status::ExecutionFailed, fault))?;
        let mut claims =
            Claims::of(documents, &*fs, &[]).map_err(|fault| self.operation.fail(Status::ExecutionFailed, fault))?;
        let trials = outcomes.into_iter().zip(assets).map(|((file_count, found), asset)| {
            // What cannot be made takes no name.
            let is_sound = !found.iter().any(Diagnostic::is_error);
            let owner = is_sound.then(|| claims.take_name(&asset.name, &asset.entry)).flatten();
            let taken = owner.map(|owner| name_taken(&asset.name, owner));
            // Of a loop that cannot be used the choice of the format tells more: why it is left out.
            let is_told = |found: &Diagnostic| {
                asset.notices.iter().any(|notice| notice.code == found.code && notice.path == found.path)
            };
            // The assets that have the tiles of a map are not tried out with it: the next pack tells.
            let found = found.into_iter().filter(|found| found.code != Code::MapTileset && !is_told(found));
            let found = found.map(without_asset);
            let found = taken.into_iter().chain(asset.notices.iter().cloned()).chain(found).collect();
            Trial { file_count, found }
        });
        Ok(trials.collect())
    }
}

/// How many files each of `assets` takes, and what is wrong with it. The error is one of the system.
fn outcomes(
    fs: &Arc<dyn FileSystem>,
    cancel: &Cancel,
    documents: &Documents,
    ignore_file: &IgnoreFile,
    assets: &[NewAsset],
) -> Result<Vec<(usize, Vec<Diagnostic>)>, Diagnostic> {
    let store = Arc::new(RuntimeStore::new(Arc::clone(fs)));
    let mut db = Database::new(Arc::clone(&store) as Arc<dyn ContentStore>, |_| {});
    let states = assets.iter().map(|asset| state(documents, asset)).collect();
    let ignore_file = Some(ignore_file.clone());
    Change { assets: Some(states), ignore_file, ..Change::default() }.apply(&mut db);
    let all = db.workspace().assets(&db).clone();
    let read = |path: &String| {
        let location = Utf8Path::new(path);
        let state = match read_content(&**fs, location, cancel, |file, found| store.take(location, file, found)) {
            Ok((content, _)) => FileState::Content(content),
            Err(ReadError::Refused(fault)) => FileState::Refused(fault),
            Err(ReadError::Failed(fault)) => return Err(*fault),
        };
        Ok((path.clone(), state))
    };
    let paths: Vec<String> = all.iter().flat_map(|asset| files(&db, *asset)).collect();
    let files = paths.par_iter().map(read).collect::<Result<_, _>>()?;
    Change { files, ..Change::default() }.apply(&mut db);
    let outcome = |db: &mut Database, asset: &Asset| {
        let id = asset.entry(db).asset_id;
        let found = record(db, *asset).placed_diagnostics(id, true).collect();
        if let Some(reason) = failure(db, *asset) {
            return Err(Diagnostic::error(Code::Io, reason.to_owned()));
        }
        Ok((checked_asset(db, *asset).files.as_ref().map_or(0, Vec::len), found))
    };
    all.par_iter().map_with(db.clone(), outcome).collect()
}

/// The input of a new asset, as if its manifest were written.
fn state(documents: &Documents, asset: &NewAsset) -> AssetState {
    let below = documents.walk.tree.below(&asset.entry.root);
    let manifest = TreeEntry { path: MANIFEST_NAME.into(), kind: Kind::File };
    let tree = Tree::new(below.entries().iter().cloned().chain([manifest]).collect());
    let root = RootState::Folder(Arc::new(tree));
    let manifest = ManifestState::Bytes(asset.text.as_bytes().into());
    AssetState { entry: asset.entry.clone(), input: AssetInput::Loaded { root, manifest } }
}

/// The artifact files of `asset`, by their paths below the workspace.
fn files(db: &Database, asset: Asset) -> Vec<String> {
    derivation(db, asset)
        .map_or(Vec::new(), |derivation| derivation.files.iter().map(|file| file.path(db).clone()).collect())
}

/// The fault that `owner` has the `name` of a new asset.
fn name_taken(name: &str, owner: &RegistryEntry) -> Diagnostic {
    let help =
        format!("rename the folder, or give the other asset another name: papack rename {} NAME", owner.asset_id);
    let fault = Diagnostic::error(Code::AssetNameTaken, format!("the name {name:?} is taken"));
    let fault = fault.with_data(Data::conflict(name, Vec::new()));
    claimed_by(owner, fault.with_help(help))
}
