//! `doctor`: what is wrong with a workspace beyond what a pack looks at, and mending what has one right answer.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use camino::Utf8PathBuf;
use papack_queries::asset::{present, uuid_fault};
use papack_queries::diagnostic::{Code, Diagnostic, Severity};
use papack_queries::discovery::Walk;
use papack_queries::inputs::{ManifestState, RootState};
use papack_queries::schema::edit::{RegistryEdit, RegistryRepair, is_older};
use papack_queries::schema::registry::{self, Registry, RegistryEntry};
use papack_queries::schema::{REGISTRY_PATH, manifest};
use rayon::prelude::*;

use super::super::examine::count;
use super::change::Change;
use super::documents::manifest_path;
use super::editing::Editing;
use super::plan::{Step, Work};
use super::{leftovers, naming};
use crate::fs::FileSystem;
use crate::operation::{Cancel, EventKind, Status, Stop};
use crate::publish::recovery::{Recovery, irremovable};
use crate::publish::{journal, recovery};
use crate::workspace::layout::{BUILD, NAMES, STAGING};
use crate::workspace::{
    Text, find_unmanaged, io_failure, lane, read_manifest, read_registry, read_uuids, walk, walk_failure,
};

/// What a caller wants of the doctor.
#[derive(Debug, Clone, Default)]
pub struct DoctorRequest {
    /// Mend what has one right answer.
    pub fix: bool,
    /// Give the asset with this root or uuid a new id.
    pub renumber: Option<String>,
    /// Write nothing, and tell what would be mended. The lane is taken all the same: only then nobody is at work.
    pub dry_run: bool,
    /// Fail at once when another operation holds the lane, instead of waiting for it.
    pub no_wait: bool,
    /// Set to cancel the operation. Once the registry is being put in place, it ends what it began.
    pub cancel: Cancel,
}

/// The registry while it is examined.
struct ExaminedRegistry {
    /// Its text when it was read.
    before: Arc<[u8]>,
    /// Its text now, where it was mended.
    after: Option<String>,
    /// What that text says, and what is wrong with it.
    registry: Registry,
    /// Every entry, where each of them is valid by itself.
    draft: Option<RegistryRepair>,
    changes: Vec<Change>,
}

impl ExaminedRegistry {
    fn new(before: Arc<[u8]>, registry: Registry) -> Self {
        let draft = RegistryRepair::read(&before);
        Self { before, after: None, registry, draft, changes: Vec::new() }
    }

    fn text(&self) -> &[u8] {
        self.after.as_ref().map_or(&self.before, String::as_bytes)
    }

    /// Makes `text` of it, which has these changes.
    fn rewrite(&mut self, text: String, changes: Vec<Change>) {
        if is_older(&self.registry.diagnostics) {
            self.changes.push(Change::DocumentMigrated { path: REGISTRY_PATH.to_owned() });
        }
        self.registry = registry::parse(text.as_bytes());
        self.after = Some(text);
        self.changes.extend(changes);
    }

    /// Whether it breaks no rule, and is only not in its one form. One of an older version is for `migrate`.
    fn is_out_of_form(&self) -> bool {
        let is_current = !is_older(&self.registry.diagnostics);
        let form = RegistryEdit::new(&self.registry).filter(|_| is_current).map(|edit| edit.to_text());
        form.is_some_and(|form| form.as_bytes() != self.text())
    }
}

impl Editing<'_, '_> {
    /// Tells what is wrong, and mends what is to be mended.
    pub(super) fn doctor(&mut self, request: &DoctorRequest, changes: &mut Vec<Change>) -> Result<(), Stop> {
        let fs = Arc::clone(self.session.fs());
        let _lane = lane::expect(self.operation, &fs, "doctor", request.no_wait)?;
        self.examine_leftovers(&*fs, request, changes)?;
        let walk = walk(&*fs).map_err(|error| walk_failure(self.operation, &error))?;

        self.operation.check_cancelled()?;
        let (text, registry) =
            read_registry(&*fs).map_err(|fault| self.operation.fail(Status::ExecutionFailed, fault))?;
        let mut patient = ExaminedRegistry::new(text, registry);
        if let Some(asset) = &request.renumber {
            let named = naming::candidates(self.session.here(), asset);
            renumber(&mut patient, asset, &named).map_err(|faults| self.operation.refuse(faults))?;
        }
        if request.fix {
            mend(&mut patient);
        }
        let examined = self.examine_assets(&*fs, &walk, &mut patient, request.fix);
        let found = examined.map_err(|fault| self.operation.fail(Status::ExecutionFailed, fault))?;
        self.session.core_mut().set_text(REGISTRY_PATH, patient.text().into());
        patient.registry.diagnostics.into_iter().chain(found).for_each(|fault| self.operation.report(fault));
        let error_count = count(self.operation.diagnostics(), Severity::Error);
        self.operation.emit(EventKind::GateFinished { error_count });
        self.operation.check_cancelled()?;
        let is_left = error_count + count(self.operation.diagnostics(), Severity::Warning) > 0;
        match patient.after {
            Some(after) if !request.dry_run => {
                let work = Work::Replace { path: REGISTRY_PATH.into(), before: patient.before, after };
                self.apply(vec![Step { work, changes: patient.changes }], changes)?;
            }
            _ => changes.extend(patient.changes),
        }
        if is_left { Err(Stop(Status::GateFailed)) } else { Ok(()) }
    }

    /// Reports what is in the way of the next pack and what operations that were cut short left, or does what they could not
    /// do any more.
    fn examine_leftovers(
        &mut self,
        fs: &dyn FileSystem,
        request: &DoctorRequest,
        changes: &mut Vec<Change>,
    ) -> Result<(), Stop> {
        let left = self.leftovers(fs)?;
        if request.fix && !request.dry_run {
            return self.remove_leftovers(fs, left, changes);
        }
        let found = recovery::examine_outputs(self.operation, fs)?;
        let stays = found.iter().any(Diagnostic::is_error);
        for found in found {
            match found.code {
                Code::OutputIrreplaceable => self.report_irreplaceable(found),
                // What is about to be completed is no more than worth knowing.
                _ if request.fix && !stays => self.operation.report(Diagnostic { severity: Severity::Info, ..found }),
                _ => self.operation.report(found),
            }
        }
        for path in left {
            if !request.fix || stays && path.starts_with(STAGING) {
                self.operation.report(leftovers::fault(&path));
            } else {
                changes.push(Change::LeftoverRemoved { path: path.into_string() });
            }
        }
        Ok(())
    }

    /// Completes a promotion and removes the rest of what is `left`, as far as that can be.
    fn remove_leftovers(
        &mut self,
        fs: &dyn FileSystem,
        left: Vec<Utf8PathBuf>,
        changes: &mut Vec<Change>,
    ) -> Result<(), Stop> {
        let Recovery { blocked, failure, .. } = recovery::try_to_recover(self.operation, fs)?;
        let stays = !blocked.is_empty() || failure.is_some();
        if !stays {
            let found = journal::foresee_irreplaceable(fs, &NAMES);
            found.into_iter().for_each(|fault| self.report_irreplaceable(fault));
        }
        blocked.into_iter().for_each(|fault| self.operation.report(fault));
        failure.into_iter().for_each(|fault| self.operation.warn(fault));
        let kept = self.leftovers(fs)?;
        for path in left {
            if !kept.contains(&path) {
                changes.push(Change::LeftoverRemoved { path: path.into_string() });
            } else if stays && path.starts_with(STAGING) {
                self.operation.report(leftovers::fault(&path));
            } else {
                self.operation.report(irremovable(&path));
            }
        }
        Ok(())
    }

    /// Reports an output that cannot be replaced. Sooner or later a pack will have to do that, so it is to be mended.
    fn report_irreplaceable(&mut self, fault: Diagnostic) {
        self.operation.report(Diagnostic { severity: Severity::Error, ..fault });
    }

    fn leftovers(&mut self, fs: &dyn FileSystem) -> Result<Vec<Utf8PathBuf>, Stop> {
        leftovers::find(fs).map_err(|error| io_failure(self.operation, BUILD, &error))
    }

    /// What is wrong with the assets' places and identities. An asset that was moved to one place is followed there, if
    /// `fix` says so. Where the entries are not known, neither are the assets.
    fn examine_assets(
        &mut self,
        fs: &dyn FileSystem,
        walk: &Walk,
        patient: &mut ExaminedRegistry,
        fix: bool,
    ) -> Result<Vec<Diagnostic>, Diagnostic> {
        let Some(entries) = patient.draft.as_ref().map(|draft| draft.entries().to_vec()) else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        let mut roots = walk.roots(&entries, |_| None);
        let held = read_uuids(fs, &entries, &roots)?;
        let (unmanaged, texts) = find_unmanaged(walk, &entries, &mut roots, &held, |folder| read_manifest(fs, folder))?;
        texts.into_iter().for_each(|(path, text)| self.session.core_mut().set_text(&path, text));
        let followed = if fix { follow(patient, &entries, &roots) } else { HashSet::new() };
        if patient.is_out_of_form() {
            match RegistryEdit::new(&patient.registry).filter(|_| fix) {
                Some(edit) => patient.rewrite(edit.to_text(), vec![Change::RegistryFormed]),
                None => found.push(form_notice()),
            }
        }
        let there = entries.into_par_iter().zip(roots).filter(|(entry, _)| !followed.contains(&entry.asset_id));
        let examined = there.map(|(entry, root)| examine_asset(fs, &entry, &root)).collect::<Result<Vec<_>, _>>()?;
        for (faults, text) in examined {
            found.extend(faults);
            text.into_iter().for_each(|(path, text)| self.session.core_mut().set_text(&path, text));
        }
        found.extend(unmanaged.into_iter().flat_map(|unmanaged| unmanaged.diagnostics));
        Ok(found)
    }
}

/// Gives the asset that `asked` means a new id; or tells why not.
fn renumber(patient: &mut ExaminedRegistry, asked: &str, named: &[String]) -> Result<(), Vec<Diagnostic>> {
    let Some(draft) = &mut patient.draft else { return Err(std::mem::take(&mut patient.registry.diagnostics)) };
    let unknown = |message: String| {
        let help = "name it by its root or its uuid; an id may be that of two assets";
        vec![Diagnostic::error(Code::AssetUnknown, message).with_help(help)]
    };
    let found = named.iter().map(|name| draft.find(name)).find(|found| !found.is_empty());
    let position = match found.unwrap_or_default()[..] {
        [position] => position,
        [] => return Err(unknown(format!("no registered asset has the root or uuid {asked:?}"))),
        _ => return Err(unknown(format!("more than one asset has the root or uuid {asked:?}"))),
    };
    let RegistryEntry { asset_id: from, root, .. } = draft.entries()[position].clone();
    let to = draft.renumber(position).map_err(|fault| vec![fault])?;
    let text = draft.to_text();
    patient.rewrite(text, vec![Change::AssetRenumbered { from, to, root: root.to_string() }]);
    Ok(())
}

/// Mends what is wrong with the registry by itself.
fn mend(patient: &mut ExaminedRegistry) {
    let Some(draft) = &mut patient.draft else { return };
    let dropped = draft.drop_repeated().into_iter();
    let dropped =
        dropped.map(|entry| Change::RepetitionDropped { asset_id: entry.asset_id, root: entry.root.to_string() });
    let mut changes: Vec<_> = dropped.collect();
    let raised = draft.raise_counter();
    changes.extend(raised.map(|from| Change::CounterRaised { from, to: draft.next_asset_id() }));
    if !changes.is_empty() {
        let text = draft.to_text();
        patient.rewrite(text, changes);
    }
}

/// Makes the registry follow the assets that were moved to one place, all at once: two may have changed places. Returns
/// their ids.
fn follow(patient: &mut ExaminedRegistry, entries: &[RegistryEntry], roots: &[RootState]) -> HashSet<u32> {
    let Some(mut edit) = RegistryEdit::new(&patient.registry) else { return HashSet::new() };
    let mut moves = BTreeMap::new();
    for (entry, root) in entries.iter().zip(roots) {
        if let RootState::Moved { to } = root
            && let [place] = &to[..]
        {
            moves.insert(entry.asset_id, place.root.clone());
        }
    }
    let followed: HashSet<_> = edit.relocate_all(moves).into_iter().collect();
    let relocated = entries.iter().filter(|entry| followed.contains(&entry.asset_id));
    let relocated = relocated.filter_map(|RegistryEntry { asset_id, root: from, .. }| {
        let to = &edit.asset(*asset_id)?.root;
        Some(Change::AssetRelocated { asset_id: *asset_id, from: from.to_string(), to: to.to_string() })
    });
    let changes: Vec<_> = relocated.collect();
    if !changes.is_empty() {
        patient.rewrite(edit.to_text(), changes);
    }
    followed
}

/// What is wrong with the place and the identity of one registered asset, and the text that this points into.
fn examine_asset(
    fs: &dyn FileSystem,
    entry: &RegistryEntry,
    root: &RootState,
) -> Result<(Vec<Diagnostic>, Option<Text>), Diagnostic> {
    let path = manifest_path(&entry.root).into_string();
    let limit = if entry.included_in_build { Severity::Error } else { Severity::Warning };
    let of_asset = |faults: Vec<Diagnostic>| -> Vec<_> {
        let placed = |fault: Diagnostic| Diagnostic {
            severity: fault.severity.min(limit),
            asset_id: Some(entry.asset_id),
            ..fault
        };
        faults.into_iter().map(placed).collect()
    };
    if let Err(fault) = present(entry, root) {
        return Ok((of_asset(vec![fault]), None));
    }
    let bytes = match read_manifest(fs, &entry.root)? {
        ManifestState::Bytes(bytes) => bytes,
        ManifestState::Refused(fault) => return Ok((of_asset(vec![fault.diagnostic(&path)]), None)),
        ManifestState::Unread => return Ok((Vec::new(), None)),
    };
    let (identity, mut faults) = manifest::identity(&path, &bytes);
    if let Some((uuid, place)) = identity.filter(|(uuid, _)| *uuid != entry.asset_uuid) {
        let text = String::from_utf8_lossy(&bytes);
        faults.push(place.of(&text, uuid_fault(entry.asset_uuid, uuid)).at(path.as_str()));
    }
    let text = if faults.is_empty() { None } else { Some((path, bytes)) };
    Ok((of_asset(faults), text))
}

fn form_notice() -> Diagnostic {
    let message = "the registry is not in the form in which papack writes it; version control merges that better";
    let detect_changes = Diagnostic::info(Code::RegistryForm, message).at(REGISTRY_PATH);
    detect_changes.with_help("papack doctor --fix rewrites it")
}
