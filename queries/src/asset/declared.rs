//! The query that tells what the payload of an asset depends on.

use super::check::checked_asset;
use super::location::root_location;
use super::parse::manifest;
use crate::db::{Db, Query, executing};
use crate::formats::{Format, Part};
use crate::inputs::{Asset, File};

/// What a payload depends on: the format with its fields, and the artifact files in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derivation {
    /// The asset root's path below the workspace. It is here so that a payload does not depend on the rest of the
    /// registry entry.
    pub root: String,
    /// The format.
    pub format: Format,
    /// The artifact files.
    pub files: Vec<File>,
    /// Which part of each of them is taken; empty where that is all of every file.
    pub parts: Vec<Option<Part>>,
}

impl Derivation {
    /// Which part of the file with this number is taken; none for all of it.
    pub fn part(&self, number: usize) -> Option<&Part> {
        self.parts.get(number)?.as_ref()
    }

    /// The path below the asset root of the artifact file at `location`.
    pub fn relative<'p>(&self, location: &'p str) -> &'p str {
        location.get(self.root.len() + 1..).unwrap_or_default()
    }
}

/// What the payload depends on, where the asset can be derived at all.
#[salsa::tracked(returns(as_ref))]
pub fn derivation(db: &dyn Db, asset: Asset) -> Option<Derivation> {
    executing(db, Query::Derivation, asset);
    let format = manifest(db, asset).manifest.format?;
    let checked = checked_asset(db, asset);
    let (files, parts) = (checked.files.clone()?, checked.parts.clone());
    Some(Derivation { root: root_location(db, asset), format, files, parts })
}
