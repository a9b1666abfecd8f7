//! `mv`: changes the root of an asset, and moves its folder there unless that was done by hand. Folders that are to hold
//! it are made.

use std::slice;
use std::sync::Arc;

use camino::Utf8Path;
use papack_queries::asset::root_fault;
use papack_queries::diagnostic::{Code, Data, Diagnostic, OtherAsset};
use papack_queries::inputs::ManifestState;
use papack_queries::schema::manifest;
use papack_queries::schema::registry::{RegistryEntry, check_root};
use papack_queries::tree::{Kind, Resolution, TreeIndex};

use super::change::Change;
use super::documents::{Documents, manifest_path, place_fault};
use super::edit::of_asset;
use super::editing::Editing;
use super::new_files::expect_root;
use super::plan::{Plan, Step, Work};
use crate::fs::FileSystem;
use crate::operation::{Status, Stop};
use crate::workspace::layout::ASSETS;
use crate::workspace::read_manifest;

impl Editing<'_, '_> {
    /// Plans that `asset` gets the root `root`. Its folder is moved there, unless it was moved there by hand.
    pub(super) fn plan_relocation(&mut self, asset: &str, root: &str) -> Result<Plan, Stop> {
        let mut documents = self.read_documents()?;
        let fs = Arc::clone(self.session.fs());
        let root = documents.root(root);
        let root = root.as_str();
        let entry = self.select_one(&documents, asset)?;
        if *entry.root == *root {
            return Ok(Plan::default());
        }
        let mut steps = Vec::new();
        let is_absent = documents
            .absent(&*fs, slice::from_ref(&entry))
            .map(|absent| !absent.is_empty())
            .map_err(|fault| self.operation.fail(Status::ExecutionFailed, fault))?;
        let was_moved = is_absent
            && is_manifest_at(&*fs, &documents, &entry, root)
                .map_err(|fault| self.operation.fail(Status::ExecutionFailed, fault))?;
        if !was_moved {
            let movable = expect_movable(&documents, &entry, root)
                .and_then(|()| documents.expect_no_other_asset(&entry, is_absent))
                .and_then(|()| missing_parents(&documents.walk.tree.index(), root));
            let parents = movable.map_err(|fault| self.operation.refuse(vec![of_asset(&entry, fault)]))?;
            let place = |root: &str| Utf8Path::new(ASSETS).join(root);
            steps.extend(parents.into_iter().map(|parent| Step::create_folder(place(parent))));
            let (from, to) = (place(&entry.root), place(root));
            let change = Change::FolderMoved { from: from.to_string(), to: to.to_string() };
            steps.push(Step { work: Work::MoveFolder { from, to }, changes: vec![change] });
        }
        let is_taken = documents.registry.at_root(root).is_some();
        documents.registry.relocate(entry.asset_id, root).map_err(|fault| {
            let fault = of_asset(&entry, fault);
            // The asset that is registered at `root` was moved too, since the manifest of this one is there.
            let help = "papack doctor --fix follows all assets that were moved by hand, at once";
            self.operation.refuse(vec![if was_moved && is_taken { fault.with_help(help) } else { fault }])
        })?;
        let change =
            Change::AssetRelocated { asset_id: entry.asset_id, from: entry.root.to_string(), to: root.to_owned() };
        steps.push(documents.write_registry(vec![change]));
        Ok(Plan { steps, ..Plan::default() })
    }
}

/// Whether the manifest of the asset is in the folder `root`, and `root` is a valid root.
fn is_manifest_at(
    fs: &dyn FileSystem,
    documents: &Documents,
    entry: &RegistryEntry,
    root: &str,
) -> Result<bool, Diagnostic> {
    let is_there = || documents.walk.tree.index().resolve(root) == Resolution::Found(Kind::Folder);
    if check_root(root).is_err() || !is_there() {
        return Ok(false);
    }
    let ManifestState::Bytes(bytes) = read_manifest(fs, root)? else { return Ok(false) };
    let (identity, _) = manifest::identity(manifest_path(root).as_str(), &bytes);
    Ok(identity.is_some_and(|(uuid, _)| uuid == entry.asset_uuid))
}

/// Fails if the folder of the asset does not exist, or cannot be moved to `root`.
fn expect_movable(documents: &Documents, entry: &RegistryEntry, root: &str) -> Result<(), Diagnostic> {
    expect_root(root)?;
    let index = documents.walk.tree.index();
    let location = format!("{ASSETS}/{root}");
    match index.resolve(&entry.root) {
        Resolution::Found(Kind::Folder) => {}
        other => return Err(root_fault(entry, &other)),
    }
    if root.strip_prefix(&*entry.root).is_some_and(|rest| rest.starts_with('/')) {
        let message = format!("the root {root:?} lies inside the asset's own folder");
        let own = OtherAsset::registered(entry.asset_id, entry.root.as_str());
        let fault = Diagnostic::error(Code::RegistryConflict, message).with_data(Data::conflict(root, vec![own]));
        return Err(fault.at(location));
    }
    match index.resolve(root) {
        Resolution::Missing => {}
        // Only the spelling changes.
        Resolution::Misspelled { actual } if *actual == *entry.root => {}
        other => return Err(place_fault(&other, root)),
    }
    Ok(())
}

/// The folders around `root` that do not exist, the outermost first. Fails if anything else is in the place of one.
fn missing_parents<'r>(index: &TreeIndex<'_>, root: &'r str) -> Result<Vec<&'r str>, Diagnostic> {
    let mut missing = Vec::new();
    for folder in root.match_indices('/').map(|(end, _)| &root[..end]) {
        match index.resolve(folder) {
            Resolution::Found(Kind::Folder) => {}
            Resolution::Missing => missing.push(folder),
            other => return Err(place_fault(&other, folder)),
        }
    }
    Ok(missing)
}
