//! The query that parses a manifest.

use super::location::manifest_location;
use crate::db::{Db, Query, executing};
use crate::diagnostic::Diagnostic;
use crate::inputs::{Asset, ManifestState};
use crate::schema::manifest as schema;

/// A manifest and what is wrong with its text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ParsedManifest {
    /// What it says.
    pub manifest: schema::Manifest,
    /// Faults and notices.
    pub diagnostics: Vec<Diagnostic>,
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
        // `checked_asset` says why it was refused.
        ManifestState::Unread | ManifestState::Refused(_) => ParsedManifest::default(),
    }
}
