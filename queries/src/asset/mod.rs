//! The queries of one asset: manifest → checked asset → derivation → payload → record.
//!
//! The expensive query depends on a cheap one whose value rarely changes: an edit of white space or of `pipeline`
//! changes the manifest, but not its [`derivation`], and so derives no payload.
//!
//! Data come in through [`inputs`](crate::inputs) and, as bytes, through [`content`](crate::content). A pack takes only
//! the [`record`] of an asset; of a recorded asset the other queries are empty. This folder knows nothing of other
//! assets, and nothing of a pack.

mod check;
mod derive;
mod foretell;
mod ignore_file;
mod leaving_out;
mod location;
mod matching;
mod parse;
mod presence;
mod record;
mod rewriting;
mod suggestions;

use std::collections::HashSet;

use crate::db::Db;
use crate::diagnostic::{Code, Diagnostic};
use crate::glob::Effort;
use crate::inputs::{Asset, RootState, Workspace};
use crate::left_out::Judge;
use crate::schema::MANIFEST_NAME;
use crate::tree::{Kind, TreeEntry};

pub use check::{CheckedAsset, checked_asset};
pub use derive::{Derivation, Derived, derivation, derive, failure, payload};
pub use foretell::{Announced, Foretold, announced};
pub use ignore_file::ignoring;
pub use location::{manifest_location, root_location};
pub use matching::{taken, takes};
pub use parse::{ParsedManifest, manifest};
pub use presence::{is_visible, present, resolution_fault, root_fault, uuid_fault};
pub use record::record;

/// The limit for finding out which unused files of one asset are left out: about a second. Beyond it, none is.
const UNUSED_EFFORT: u64 = 1 << 28;

/// Evicts the memos of `asset`, which was unloaded: the queries run once more and find nothing, so that what they made
/// before is freed.
pub(crate) fn evict(db: &dyn Db, asset: Asset) {
    manifest(db, asset);
    checked_asset(db, asset);
    derivation(db, asset);
    payload(db, asset);
}

/// Whether nothing is wrong with `asset` by itself, in the build set or not.
pub fn is_sound(db: &dyn Db, asset: Asset) -> bool {
    !record(db, asset).diagnostics.iter().any(Diagnostic::is_error)
}

/// Whether the root or the manifest of `asset` does not exist.
pub fn is_missing(db: &dyn Db, asset: Asset) -> bool {
    record(db, asset).diagnostics.iter().any(|found| found.code == Code::AssetMissing)
}

/// The files below the root of `asset` that no artifact entry uses and that are not left out, relative to it and sorted;
/// `None` unless it is loaded and its artifact files are determined.
pub fn unused_files(db: &dyn Db, asset: Asset) -> Option<Vec<&str>> {
    let RootState::Folder(tree) = asset.root(db) else { return None };
    let files = checked_asset(db, asset).files.as_ref()?;
    let prefix = root_location(db, asset).len() + 1;
    let used: HashSet<&str> = files.iter().filter_map(|file| file.path(db).get(prefix..)).collect();
    let mut judge = Judge::new(&ignoring(db, Workspace::get(db)).rules, &asset.entry(db).root);
    let mut effort = Effort::new(UNUSED_EFFORT);
    let is_unused = |found: &&TreeEntry| {
        found.kind == Kind::File
            && *found.path != *MANIFEST_NAME
            && !used.contains(&*found.path)
            && judge.verdict(&found.path, |path| tree.is_file(path), &mut effort).is_none()
    };
    Some(tree.entries().iter().filter(is_unused).map(|found| &*found.path).collect())
}
