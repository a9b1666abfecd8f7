//! The queries of one asset: manifest → checked asset → derivation → payload → record.
//!
//! The expensive query hangs on a cheap one whose value rarely changes: an edit of white space or of `pipeline` changes
//! the manifest, but not its [`derivation`], and so derives no payload.
//!
//! A pack takes only the [`record`] of an asset. The other queries are there for live assets: at rest they know nothing.

mod check;
mod inputs;
mod record;
mod suggestions;

use std::collections::HashSet;

use crate::db::{Db, Query, executing};
use crate::diagnostic::{Code, Diagnostic};
use crate::formats::{Format, Payload, Source};
use crate::inputs::{Asset, File, FileState, ManifestState, RootState};
use crate::schema::{MANIFEST_NAME, manifest as schema};
use crate::tree::{Kind, TreeEntry};

pub use check::{CheckedAsset, is_visible, present, resolution_fault, root_fault, uuid_fault};
pub use inputs::{InputChange, InputFile, Inputs};
pub use record::{Claim, Record, RecordedPayload, Row, record};

/// A manifest and what is wrong with its text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ParsedManifest {
    /// What it says.
    pub manifest: schema::Manifest,
    /// Faults and notices.
    pub diagnostics: Vec<Diagnostic>,
}

/// What a payload depends on: the format with its fields, and the artifact files in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derivation {
    /// The asset root's path below the workspace. Here, so that a payload does not hang on the rest of the registry
    /// entry.
    pub root: String,
    /// The format.
    pub format: Format,
    /// The artifact files.
    pub files: Vec<File>,
}

impl Derivation {
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
    /// The content could not be had. This says nothing about the asset, and is asked again in the next revision.
    pub failure: Option<String>,
}

/// The asset root's path below the workspace.
pub fn root_location(db: &dyn Db, asset: Asset) -> String {
    format!("assets/{}", asset.entry(db).root)
}

/// The manifest's path below the workspace.
pub fn manifest_location(db: &dyn Db, asset: Asset) -> String {
    format!("assets/{}/{MANIFEST_NAME}", asset.entry(db).root)
}

/// Reads the manifest's text.
#[salsa::tracked(returns(ref))]
pub fn manifest(db: &dyn Db, asset: Asset) -> ParsedManifest {
    executing(db, Query::Manifest, asset);
    match asset.manifest(db) {
        ManifestState::Bytes(bytes) => {
            let (manifest, diagnostics) = schema::parse(&manifest_location(db, asset), bytes);
            ParsedManifest { manifest, diagnostics }
        }
        // Why it was refused is the checked asset's to say.
        ManifestState::Unread | ManifestState::Refused(_) => ParsedManifest::default(),
    }
}

/// Holds the manifest against the registry and against what is there.
#[salsa::tracked(returns(ref))]
pub fn checked_asset(db: &dyn Db, asset: Asset) -> CheckedAsset {
    executing(db, Query::CheckedAsset, asset);
    if asset.rest(db).is_some() { CheckedAsset::default() } else { check::check(db, asset) }
}

/// What the payload depends on, where the asset can be derived at all.
#[salsa::tracked(returns(as_ref))]
pub fn derivation(db: &dyn Db, asset: Asset) -> Option<Derivation> {
    executing(db, Query::Derivation, asset);
    let format = manifest(db, asset).manifest.format?;
    let files = checked_asset(db, asset).files.clone()?;
    Some(Derivation { root: root_location(db, asset), format, files })
}

/// Derives the payload, or recalls it.
#[salsa::tracked(returns(ref))]
pub fn payload(db: &dyn Db, asset: Asset) -> Derived {
    executing(db, Query::Payload, asset);
    if let Some(outcome) = Inputs::of(db, asset).and_then(|inputs| inputs.recall(db)) {
        return Derived { payload: outcome.payload, diagnostics: outcome.diagnostics, failure: None };
    }
    asset.failures(db);
    let derived = derive(db, asset);
    if derived.failure.is_some() {
        db.failed(asset);
    }
    derived
}

/// What [`payload`] memoizes, computed anew by the format: for a payload whose memo is valid and whose bytes are gone.
pub fn derive(db: &dyn Db, asset: Asset) -> Derived {
    let Some(derivation) = derivation(db, asset) else { return Derived::default() };
    let mut sources = Vec::with_capacity(derivation.files.len());
    let mut derived = Derived::default();
    for file in &derivation.files {
        let location = file.path(db).as_str();
        let path = derivation.relative(location);
        match file.state(db) {
            FileState::Content(content) => sources.push(Source { path, content: *content }),
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

/// Lets go of what the queries of `asset` know, which is at rest now: there is nothing in the memos of what knows nothing.
pub(crate) fn forget(db: &dyn Db, asset: Asset) {
    manifest(db, asset);
    checked_asset(db, asset);
    derivation(db, asset);
    payload(db, asset);
}

/// Why the content of `asset` could not be had, where that is so.
pub fn failure(db: &dyn Db, asset: Asset) -> Option<&str> {
    if asset.rest(db).is_some() { None } else { payload(db, asset).failure.as_deref() }
}

/// Whether nothing is wrong with `asset` alone, be it in the build set or not.
pub fn is_sound(db: &dyn Db, asset: Asset) -> bool {
    !record(db, asset).diagnostics.iter().any(Diagnostic::is_error)
}

/// Whether the root or the manifest of `asset` is not there.
pub fn is_missing(db: &dyn Db, asset: Asset) -> bool {
    record(db, asset).diagnostics.iter().any(|found| found.code == Code::AssetMissing)
}

/// The files below the root of `asset` that no artifact entry uses, relative to it and sorted, where it is live and the
/// artifact files are known.
pub fn unused_files(db: &dyn Db, asset: Asset) -> Option<Vec<&str>> {
    let RootState::Folder(tree) = asset.root(db) else { return None };
    let files = checked_asset(db, asset).files.as_ref()?;
    let prefix = root_location(db, asset).len() + 1;
    let used: HashSet<&str> = files.iter().filter_map(|file| file.path(db).get(prefix..)).collect();
    let is_unused =
        |found: &&TreeEntry| found.kind == Kind::File && *found.path != *MANIFEST_NAME && !used.contains(&*found.path);
    Some(tree.entries().iter().filter(is_unused).map(|found| &*found.path).collect())
}
