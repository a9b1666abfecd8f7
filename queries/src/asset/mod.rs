//! The queries of one asset: manifest → checked asset → derivation → payload → record.
//!
//! The expensive query depends on a cheap one whose value rarely changes: an edit of white space or of `pipeline`
//! changes the manifest, but not its [`derivation`], and so derives no payload.
//!
//! Data come in through [`inputs`](crate::inputs) and, as bytes, through [`content`](crate::content). A pack takes only
//! the [`record`] of an asset; of a recorded asset the other queries are empty. Only a map knows of other assets, the banks
//! that have its [`tilesets`]. This folder knows nothing of a pack.

mod check;
mod declared;
mod derive;
mod foretell;
mod ignore_file;
mod leaving_out;
mod location;
mod matching;
mod parse;
mod pictures;
mod presence;
mod record;
mod rewriting;
mod suggestions;

use std::collections::HashSet;

use crate::db::Db;
use crate::glob::Effort;
use crate::inputs::Asset;
use crate::left_out::{Judge, Rules};
use crate::schema::MANIFEST_NAME;
use crate::tree::{Kind, Tree, TreeEntry};

pub use check::{CheckedAsset, checked_asset};
pub use declared::{Derivation, derivation};
pub use derive::{Derived, derive, failure, payload, tilesets};
pub use foretell::{Announced, Foretold, announced};
pub use ignore_file::ignoring;
pub use location::{manifest_location, root_location};
pub use matching::{taken, takes};
pub use parse::{ParsedManifest, manifest};
pub use pictures::owner;
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
    let _ = tilesets(db, asset);
}

/// The files in `tree`, which is below the asset root `root`, that are none of the artifact files `used` and that `rules`
/// do not leave out, relative to the root and sorted.
pub fn unused_files<'t>(tree: &'t Tree, root: &str, used: &[&str], rules: &Rules) -> Vec<&'t str> {
    let used: HashSet<&str> = used.iter().copied().collect();
    let mut judge = Judge::new(rules, root);
    let mut effort = Effort::new(UNUSED_EFFORT);
    let is_unused = |found: &&TreeEntry| {
        found.kind == Kind::File
            && *found.path != *MANIFEST_NAME
            && !used.contains(&*found.path)
            && judge.verdict(&found.path, |path| tree.is_file(path), &mut effort).is_none()
    };
    tree.entries().iter().filter(is_unused).map(|found| &*found.path).collect()
}
