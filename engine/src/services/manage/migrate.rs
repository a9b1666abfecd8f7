//! `migrate`: documents of an older version become documents of the current one.

use std::sync::Arc;

use camino::Utf8Path;
use papack_queries::diagnostic::{Diagnostic, Severity};
use papack_queries::inputs::{FileFault, ManifestState};
use papack_queries::schema::edit::ManifestEdit;
use papack_queries::schema::manifest;
use rayon::prelude::*;

use super::change::Change;
use super::documents::{Documents, manifest_path};
use super::editing::Editing;
use super::plan::{Plan, Step, Work};
use crate::fs::FileSystem;
use crate::operation::{Status, Stop};
use crate::workspace::{Text, read_manifest};

/// A manifest that may have to be migrated.
struct Candidate {
    root: String,
    /// The registered asset that it is of, and the most that its faults are to that asset.
    asset_id: Option<u32>,
    severity: Severity,
}

/// What becomes of a manifest.
enum Fate {
    /// It is current, or not there.
    Stays,
    /// It is rewritten.
    Migrated(Step),
    /// Faults are in the way: these, in this text.
    Left(Vec<Diagnostic>, Option<Text>),
}

impl Editing<'_, '_> {
    /// Plans the migration of the registry, and of every manifest, registered or not. One that has faults, and may be
    /// of an older version, is left as it is.
    pub(super) fn plan_migration(&mut self) -> Result<Plan, Stop> {
        let documents = self.read_documents()?;
        let fs = Arc::clone(self.session.fs());
        let mut steps = Vec::new();
        let mut left = 0;
        let candidates = candidates(&documents);
        let fates: Vec<_> = candidates
            .into_par_iter()
            .map(|candidate| Ok((fate(&*fs, &candidate)?, candidate)))
            .collect::<Result<_, _>>()
            .map_err(|fault| self.operation.fail(Status::ExecutionFailed, fault))?;
        for (fate, candidate) in fates {
            match fate {
                Fate::Stays => {}
                Fate::Migrated(step) => steps.push(step),
                Fate::Left(faults, text) => {
                    left += usize::from(candidate.asset_id.is_some());
                    text.into_iter().for_each(|(path, text)| self.session.core_mut().set_text(&path, text));
                    faults.into_iter().for_each(|fault| self.operation.report(fault));
                }
            }
        }
        if documents.registry_is_older {
            steps.push(documents.write_registry(Vec::new()));
        }
        Ok(Plan { steps, left, ..Plan::default() })
    }
}

fn candidates(documents: &Documents) -> Vec<Candidate> {
    let registered = documents.registry.entries().iter().map(|entry| Candidate {
        root: entry.root.to_string(),
        asset_id: Some(entry.asset_id),
        severity: if entry.included_in_build { Severity::Error } else { Severity::Warning },
    });
    // It takes no part in anything, so nothing is wrong.
    let unmanaged = documents.unmanaged_roots().into_iter();
    let unmanaged = unmanaged.map(|root| Candidate { root, asset_id: None, severity: Severity::Info });
    registered.chain(unmanaged).collect()
}

fn fate(fs: &dyn FileSystem, candidate: &Candidate) -> Result<Fate, Diagnostic> {
    let path = manifest_path(&candidate.root);
    let left = |faults: Vec<Diagnostic>, text| {
        let placed = |fault: Diagnostic| Diagnostic {
            severity: fault.severity.min(candidate.severity),
            asset_id: candidate.asset_id,
            ..fault
        };
        Fate::Left(faults.into_iter().map(placed).collect(), text)
    };
    let bytes = match read_manifest(fs, &candidate.root)? {
        ManifestState::Bytes(bytes) => bytes,
        ManifestState::Unread | ManifestState::Refused(FileFault::Missing) => return Ok(Fate::Stays),
        ManifestState::Refused(fault) => return Ok(left(vec![fault.diagnostic(path.as_str())], None)),
    };
    Ok(match migrate(&path, &bytes, candidate.asset_id.is_none()) {
        Ok(None) => Fate::Stays,
        Ok(Some(after)) => {
            let changes = vec![Change::DocumentMigrated { path: path.to_string() }];
            Fate::Migrated(Step { work: Work::Replace { path, before: bytes, after }, changes })
        }
        Err(faults) => left(faults, Some((path.into_string(), bytes))),
    })
}

/// The manifest in the current version, unless it is that already.
fn migrate(path: &Utf8Path, bytes: &[u8], is_new: bool) -> Result<Option<String>, Vec<Diagnostic>> {
    let mut edit = ManifestEdit::new(path.as_str(), bytes).map_err(|fault| vec![fault])?;
    if edit.is_current() {
        return Ok(None);
    }
    let parse = if is_new { manifest::parse_new } else { manifest::parse };
    let (_, found) = parse(path.as_str(), bytes);
    let faults: Vec<_> = found.into_iter().filter(Diagnostic::is_error).collect();
    if !faults.is_empty() {
        return Err(faults);
    }
    edit.migrate();
    edit.finish().map(Some).map_err(|fault| vec![fault])
}
