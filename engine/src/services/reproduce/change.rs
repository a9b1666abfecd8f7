//! Whether the workspace changed between two packings. If it did, different outputs are no defect of papack.

use papack_queries::asset::{derivation, ignoring, manifest_location, root_location};
use papack_queries::db::Database;
use papack_queries::inputs::{Asset, File, RootState};
use papack_queries::left_out::IGNORE_PATH;
use papack_queries::pack::build_set;
use papack_queries::schema::REGISTRY_PATH;
use papack_queries::tree::TreeEntry;

/// The first file that changed between the packing of `before` and that of `after`, relative to the workspace. Only
/// files that a pack depends on count. The packing of `before` must have found nothing wrong.
pub(super) fn first_change(before: &Database, after: &Database) -> Option<String> {
    if let Some(fault) = after.workspace().diagnostics(after).iter().find(|fault| fault.is_error()) {
        return Some(fault.path.clone().unwrap_or_else(|| REGISTRY_PATH.to_owned()));
    }
    if ignoring(after, after.workspace()).fault.is_some() {
        return Some(IGNORE_PATH.to_owned());
    }
    let (old, new) = (build_set(before, before.workspace()), build_set(after, after.workspace()));
    let same_entries = old.iter().map(|asset| asset.entry(before)).eq(new.iter().map(|asset| asset.entry(after)));
    if !same_entries {
        return Some(REGISTRY_PATH.to_owned());
    }
    old.iter().zip(new).find_map(|(&old, &new)| change_of_asset((before, old), (after, new)))
}

/// The first file of one asset that changed.
fn change_of_asset((before, old): (&Database, Asset), (after, new): (&Database, Asset)) -> Option<String> {
    if old.manifest(before) != new.manifest(after) {
        return Some(manifest_location(before, old));
    }
    let (old_files, new_files) = (files(before, old), files(after, new));
    let same_names = old_files.iter().map(|file| file.path(before)).eq(new_files.iter().map(|file| file.path(after)));
    if same_names {
        let changed = old_files.iter().zip(new_files).find(|(old, new)| old.state(before) != new.state(after));
        return changed.map(|(old, _)| old.path(before).clone());
    }
    // The entries take other files: the names below the root must have changed, or the ignore file. If they did not,
    // papack took other files from the same names, which is a defect and no change.
    if let Some(name) = changed_name(names(old.root(before)), names(new.root(after))) {
        return Some(format!("{}/{name}", root_location(before, old)));
    }
    let is_ignoring_otherwise = before.workspace().ignore_file(before) != after.workspace().ignore_file(after);
    is_ignoring_otherwise.then(|| IGNORE_PATH.to_owned())
}

fn files(db: &Database, asset: Asset) -> &[File] {
    derivation(db, asset).map_or(&[], |derivation| &derivation.files)
}

fn names(root: &RootState) -> &[TreeEntry] {
    match root {
        RootState::Folder(tree) => tree.entries(),
        RootState::Moved { .. } | RootState::Unusable(_) => &[],
    }
}

/// The first name that only one of two sorted lists has, or that is of another kind in the other list.
fn changed_name<'t>(old: &'t [TreeEntry], new: &'t [TreeEntry]) -> Option<&'t str> {
    let shared = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    [old.get(shared), new.get(shared)].into_iter().flatten().map(|entry| &*entry.path).min()
}
