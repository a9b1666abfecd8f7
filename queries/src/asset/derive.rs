//! The queries that derive a payload, or recall it from an earlier operation.

use super::check::checked_asset;
use super::location::root_location;
use super::parse::manifest;
use crate::content::{Outcome, Payload};
use crate::db::{Db, Query, executing};
use crate::diagnostic::Diagnostic;
use crate::formats::{Format, Part, Source};
use crate::inputs::{Asset, File, FileState};
use crate::record::{InputFile, PayloadInputs};

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

/// What deriving an asset gave.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Derived {
    /// The payload, unless something is wrong.
    pub payload: Option<Payload>,
    /// What is wrong with the artifact files, which are named by their paths below the asset root.
    pub diagnostics: Vec<Diagnostic>,
    /// Why the content could not be read. This says nothing about the asset, and is tried again in the next operation.
    pub failure: Option<String>,
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

/// Derives the payload, or recalls it.
#[salsa::tracked(returns(ref))]
pub fn payload(db: &dyn Db, asset: Asset) -> Derived {
    executing(db, Query::Payload, asset);
    if let Some(outcome) = PayloadInputs::of(db, asset).and_then(|inputs| inputs.recall(db)) {
        return Derived { payload: outcome.payload, diagnostics: outcome.diagnostics, failure: None };
    }
    asset.failures(db);
    let derived = derive(db, asset);
    if derived.failure.is_some() {
        db.retry(asset);
    }
    derived
}

/// Derives the payload anew, without a memo: for a payload whose memo is valid but whose bytes were evicted.
pub fn derive(db: &dyn Db, asset: Asset) -> Derived {
    let Some(derivation) = derivation(db, asset) else { return Derived::default() };
    let mut sources = Vec::with_capacity(derivation.files.len());
    let mut derived = Derived::default();
    for (number, file) in derivation.files.iter().enumerate() {
        let location = file.path(db).as_str();
        let path = derivation.relative(location);
        match file.state(db) {
            FileState::Content(content) => {
                sources.push(Source { path, content: *content, part: derivation.part(number) });
            }
            FileState::Refused(fault) => derived.diagnostics.push(fault.diagnostic(path)),
            FileState::Unread => derived.failure = Some(format!("{location} was not read")),
        }
    }
    if derived.failure.is_some() || !derived.diagnostics.is_empty() {
        return derived;
    }
    executing(db, Query::Format, asset);
    match derivation.format.derive(&sources, db.content()) {
        Ok(outcome) => Derived { payload: outcome.payload, diagnostics: outcome.diagnostics, failure: None },
        Err(error) => Derived { failure: Some(error.to_string()), ..Derived::default() },
    }
}

/// Why the content of `asset` could not be read, where that is so.
pub fn failure(db: &dyn Db, asset: Asset) -> Option<&str> {
    if asset.recorded(db).is_some() { None } else { payload(db, asset).failure.as_deref() }
}

impl PayloadInputs {
    /// The inputs of a loaded `asset`; `None` where its files are not determined, or one of them has no content.
    pub fn of(db: &dyn Db, asset: Asset) -> Option<Self> {
        let derivation = derivation(db, asset)?;
        let file = |(number, file): (usize, &File)| match *file.state(db) {
            FileState::Content(content) => {
                let part = derivation.part(number).cloned().map(Box::new);
                Some(InputFile { path: derivation.relative(file.path(db)).into(), content, part })
            }
            FileState::Unread | FileState::Refused(_) => None,
        };
        let files = derivation.files.iter().enumerate().map(file).collect::<Option<_>>()?;
        Some(Self { format: derivation.format, files })
    }

    /// The outcome that these inputs had in an earlier operation, where it is stored with its bytes. Then no format
    /// runs.
    pub fn recall(&self, db: &dyn Db) -> Option<Outcome> {
        db.content().recall(self.key())
    }
}
