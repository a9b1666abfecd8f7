//! `migrate`: rewrites documents of an older version in the current one.

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
    /// The registered asset whose manifest it is; `None` if it is not registered.
    asset_id: Option<u32>,
    /// The highest severity that its faults may have.
    max_severity: Severity,
}

/// What is planned for a manifest.
enum Outcome {
    /// Nothing: it is of the current version, or does not exist.
    Current,
    /// It is rewritten by this step.
    Migrated(Step),
    /// It is skipped because of these faults, in this text.
    Skipped(Vec<Diagnostic>, Option<Text>),
}

impl Editing<'_, '_> {
    /// Plans the migration of the registry, and of every manifest, registered or not. A faulty manifest that may be of
    /// an older version is skipped.
    pub(super) fn plan_migration(&mut self) -> Result<Plan, Stop> {
        let documents = self.read_documents()?;
        let fs = Arc::clone(self.session.fs());
        let mut steps = Vec::new();
        let mut skipped = 0;
        let candidates = candidates(&documents);
        let outcomes: Vec<_> = candidates
            .into_par_iter()
            .map(|candidate| Ok((plan_one(&*fs, &candidate)?, candidate)))
            .collect::<Result<_, _>>()
            .map_err(|fault| self.operation.fail(Status::ExecutionFailed, fault))?;
        for (outcome, candidate) in outcomes {
            match outcome {
                Outcome::Current => {}
                Outcome::Migrated(step) => steps.push(step),
                Outcome::Skipped(faults, text) => {
                    skipped += usize::from(candidate.asset_id.is_some());
                    text.into_iter().for_each(|(path, text)| self.session.core_mut().set_text(&path, text));
                    faults.into_iter().for_each(|fault| self.operation.report(fault));
                }
            }
        }
        if documents.registry_is_older {
            steps.push(documents.write_registry(Vec::new()));
        }
        Ok(Plan { steps, skipped, ..Plan::default() })
    }
}

/// The manifests of the registered assets, and those that could be registered.
fn candidates(documents: &Documents) -> Vec<Candidate> {
    let registered = documents.registry.entries().iter().map(|entry| Candidate {
        root: entry.root.to_string(),
        asset_id: Some(entry.asset_id),
        max_severity: if entry.included_in_build { Severity::Error } else { Severity::Warning },
    });
    // A manifest that is not registered takes part in nothing, so its faults are for information only.
    let unmanaged = documents.unmanaged_roots().into_iter();
    let unmanaged = unmanaged.map(|root| Candidate { root, asset_id: None, max_severity: Severity::Info });
    registered.chain(unmanaged).collect()
}

/// Plans the migration of one manifest. Fails with an error of the system.
fn plan_one(fs: &dyn FileSystem, candidate: &Candidate) -> Result<Outcome, Diagnostic> {
    let path = manifest_path(&candidate.root);
    let skipped = |faults: Vec<Diagnostic>, text| {
        let placed = |fault: Diagnostic| Diagnostic {
            severity: fault.severity.min(candidate.max_severity),
            asset_id: candidate.asset_id,
            ..fault
        };
        Outcome::Skipped(faults.into_iter().map(placed).collect(), text)
    };
    let bytes = match read_manifest(fs, &candidate.root)? {
        ManifestState::Bytes(bytes) => bytes,
        ManifestState::Unread | ManifestState::Refused(FileFault::Missing) => return Ok(Outcome::Current),
        ManifestState::Refused(fault) => return Ok(skipped(vec![fault.diagnostic(path.as_str())], None)),
    };
    Ok(match migrate(&path, &bytes, candidate.asset_id.is_none()) {
        Ok(None) => Outcome::Current,
        Ok(Some(after)) => {
            let changes = vec![Change::DocumentMigrated { path: path.to_string() }];
            Outcome::Migrated(Step { work: Work::Replace { path, before: bytes, after }, changes })
        }
        Err(faults) => skipped(faults, Some((path.into_string(), bytes))),
    })
}

/// The text of the manifest in the current version; `None` if it is of that version already. `is_new` says that it is
/// not registered.
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
