//! `doctor`: reports what is wrong with a workspace beyond what a pack checks, and mends what has one right answer.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use camino::Utf8PathBuf;
use papack_queries::asset::{present, uuid_fault};
use papack_queries::diagnostic::levels::Levels;
use papack_queries::diagnostic::{Code, Data, Diagnostic, Severity};
use papack_queries::discovery::Walk;
use papack_queries::inputs::{ManifestState, RootState};
use papack_queries::schema::edit::{RegistryEdit, RegistryRepair, is_older};
use papack_queries::schema::registry::{self, Registry, RegistryEntry};
use papack_queries::schema::{REGISTRY_PATH, manifest};
use rayon::prelude::*;

use super::change::Change;
use super::documents::manifest_path;
use super::editing::Editing;
use super::plan::{Step, Work};
use super::{leftovers, naming};
use crate::fs::FileSystem;
use crate::operation::{Cancel, EventKind, Status, Stop};
use crate::publish::recovery::{Outlook, Recovery, irremovable};
use crate::publish::{journal, recovery};
use crate::workspace::layout::{BUILD, NAMES, STAGING};
use crate::workspace::{
    Text, find_unmanaged, io_failure, lane, read_manifest, read_registry, read_uuids, walk, walk_failure,
};

/// The options of the doctor.
#[derive(Debug, Clone, Default)]
pub struct DoctorRequest {
    /// Mend what has one right answer.
    pub fix: bool,
    /// Give the asset with this root or uuid a new id.
    pub renumber: Option<String>,
    /// Give the id that this asset had to the asset with this root or uuid. Without `renumber` it means nothing.
    pub give_to: Option<String>,
    /// Write nothing, and return what would be mended. The lane is taken all the same: only then is no operation
    /// running.
    pub dry_run: bool,
    /// Fail at once when another operation holds the lane, instead of waiting for it.
    pub no_wait: bool,
    /// How severe the caller takes diagnostics to be. What is mended is mended all the same.
    pub levels: Levels,
    /// Set to cancel the operation. Once it puts the registry in place, it carries on to the end.
    pub cancel: Cancel,
}

/// The registry while it is examined.
struct ExaminedRegistry {
    /// Its text when it was read.
    before: Arc<[u8]>,
    /// Its text after mending; `None` if nothing was mended.
    after: Option<String>,
    /// The registry that the latest text holds, with its diagnostics.
    parsed: Registry,
    /// The entries, for mending them; `None` if one of them is not valid by itself.
    repair: Option<RegistryRepair>,
    changes: Vec<Change>,
}

impl ExaminedRegistry {
    fn new(before: Arc<[u8]>, parsed: Registry) -> Self {
        let repair = RegistryRepair::read(&before);
        Self { before, after: None, parsed, repair, changes: Vec::new() }
    }

    /// The latest text.
    fn text(&self) -> &[u8] {
        self.after.as_ref().map_or(&self.before, String::as_bytes)
    }

    /// Replaces the text, and adds `changes`.
    fn rewrite(&mut self, text: String, changes: Vec<Change>) {
        if is_older(&self.parsed.diagnostics) {
            self.changes.push(Change::DocumentMigrated { path: REGISTRY_PATH.to_owned() });
        }
        self.parsed = registry::parse(text.as_bytes());
        self.after = Some(text);
        self.changes.extend(changes);
    }

    /// Whether it is valid, but not in the form in which papack writes it. `migrate` rewrites one of an older version.
    fn is_out_of_form(&self) -> bool {
        let is_current = !is_older(&self.parsed.diagnostics);
        let form = RegistryEdit::new(&self.parsed).filter(|_| is_current).map(|edit| edit.to_text());
        form.is_some_and(|form| form.as_bytes() != self.text())
    }
}

impl Editing<'_, '_> {
    /// Reports what is wrong, and mends what the request asks for.
    pub(super) fn doctor(&mut self, request: &DoctorRequest, changes: &mut Vec<Change>) -> Result<(), Stop> {
        let fs = Arc::clone(self.session.fs());
        let _lane = lane::expect(self.operation, &fs, "doctor", request.no_wait)?;
        self.examine_leftovers(&*fs, request, changes)?;
        let walk = walk(&*fs).map_err(|error| walk_failure(self.operation, &error))?;

        self.operation.check_cancelled()?;
        let (text, parsed) =
            read_registry(&*fs).map_err(|fault| self.operation.fail(Status::ExecutionFailed, fault))?;
        let mut registry = ExaminedRegistry::new(text, parsed);
        if let Some(asset) = &request.renumber {
            let heir = request.give_to.as_deref();
            renumber(&mut registry, self.session.here(), asset, heir)
                .map_err(|faults| self.operation.refuse(faults))?;
        }
        if request.fix {
            mend(&mut registry);
        }
        let examined = self.examine_assets(&*fs, &walk, &mut registry, request.fix);
        let found = examined.map_err(|fault| self.operation.fail(Status::ExecutionFailed, fault))?;
        self.session.core_mut().set_text(REGISTRY_PATH, registry.text().into());
        registry.parsed.diagnostics.into_iter().chain(found).for_each(|fault| self.operation.report(fault));
        let error_count = self.operation.count(Severity::Error);
        self.operation.emit(EventKind::GateFinished { error_count });
        self.operation.check_cancelled()?;
        let has_faults = error_count + self.operation.count(Severity::Warning) > 0;
        match registry.after {
            Some(after) if !request.dry_run => {
                let work = Work::Replace { path: REGISTRY_PATH.into(), before: registry.before, after };
                self.apply(vec![Step { work, changes: registry.changes }], changes)?;
            }
            _ => changes.extend(registry.changes),
        }
        if has_faults { Err(Stop(Status::GateFailed)) } else { Ok(()) }
    }

    /// Reports the obstacles to the next pack, and the leftovers of operations that were cut short. With `fix`,
    /// completes a promotion and removes the leftovers instead, or in a dry run lists them as removed.
    fn examine_leftovers(
        &mut self,
        fs: &dyn FileSystem,
        request: &DoctorRequest,
        changes: &mut Vec<Change>,
    ) -> Result<(), Stop> {
        let paths = self.leftovers(fs)?;
        if request.fix && !request.dry_run {
            return self.remove_leftovers(fs, paths, changes);
        }
        let Outlook { found, recovers } = recovery::examine_outputs(self.operation, fs)?;
        let is_blocked = found.iter().any(Diagnostic::is_error);
        for found in found {
            match found.code {
                Code::OutputIrreplaceable => self.report_irreplaceable(found),
                // In a dry run of `fix`: a promotion that `fix` completes is for information only.
                _ if request.fix && !recovers.is_empty() => {
                    self.operation.report(Diagnostic { severity: Severity::Info, ..found });
                }
                _ => self.operation.report(found),
            }
        }
        if request.fix {
            self.operation.note_recovered(recovers);
        }
        for path in paths {
            let stays = is_blocked && path.starts_with(STAGING);
            if !request.fix || stays {
                self.operation.report(leftovers::fault(&path, stays));
            } else {
                changes.push(Change::LeftoverRemoved { path: path.into_string() });
            }
        }
        Ok(())
    }

    /// Completes a promotion, and removes the leftovers at `paths`, as far as that is possible.
    fn remove_leftovers(
        &mut self,
        fs: &dyn FileSystem,
        paths: Vec<Utf8PathBuf>,
        changes: &mut Vec<Change>,
    ) -> Result<(), Stop> {
        let Recovery { blocked, failure, .. } = recovery::try_to_recover(self.operation, fs)?;
        let is_blocked = !blocked.is_empty() || failure.is_some();
        if !is_blocked {
            let found = journal::foresee_irreplaceable(fs, &NAMES);
            found.into_iter().for_each(|fault| self.report_irreplaceable(fault));
        }
        blocked.into_iter().for_each(|fault| self.operation.report(fault));
        failure.into_iter().for_each(|fault| self.operation.warn(fault));
        let remaining = self.leftovers(fs)?;
        for path in paths {
            if !remaining.contains(&path) {
                changes.push(Change::LeftoverRemoved { path: path.into_string() });
            } else if is_blocked && path.starts_with(STAGING) {
                self.operation.report(leftovers::fault(&path, true));
            } else {
                self.operation.report(irremovable(&path));
            }
        }
        Ok(())
    }

    /// Reports an output that cannot be replaced, as an error: sooner or later a pack will have to replace it.
    fn report_irreplaceable(&mut self, fault: Diagnostic) {
        self.operation.report(Diagnostic { severity: Severity::Error, ..fault });
    }

    fn leftovers(&mut self, fs: &dyn FileSystem) -> Result<Vec<Utf8PathBuf>, Stop> {
        leftovers::find(fs).map_err(|error| io_failure(self.operation, BUILD, &error))
    }

    /// What is wrong with the places and identities of the assets. With `fix`, the registry follows every asset that
    /// was moved to one place. If the registry has no valid entries, no asset is examined.
    fn examine_assets(
        &mut self,
        fs: &dyn FileSystem,
        walk: &Walk,
        registry: &mut ExaminedRegistry,
        fix: bool,
    ) -> Result<Vec<Diagnostic>, Diagnostic> {
        let Some(entries) = registry.repair.as_ref().map(|repair| repair.entries().to_vec()) else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        let mut roots = walk.roots(&entries);
        let manifest_uuids = read_uuids(fs, &entries, &roots)?;
        let (unmanaged, texts) =
            find_unmanaged(walk, &entries, &mut roots, &manifest_uuids, |folder| read_manifest(fs, folder))?;
        texts.into_iter().for_each(|(path, text)| self.session.core_mut().set_text(&path, text));
        let followed = if fix { follow_moved(registry, &entries, &roots) } else { HashSet::new() };
        if registry.is_out_of_form() {
            match RegistryEdit::new(&registry.parsed).filter(|_| fix) {
                Some(edit) => registry.rewrite(edit.to_text(), vec![Change::RegistryFormed]),
                None => found.push(form_diagnostic()),
            }
        }
        let unmoved = entries.into_par_iter().zip(roots).filter(|(entry, _)| !followed.contains(&entry.asset_id));
        let examined = unmoved.map(|(entry, root)| examine_asset(fs, &entry, &root)).collect::<Result<Vec<_>, _>>()?;
        for (faults, text) in examined {
            found.extend(faults);
            text.into_iter().for_each(|(path, text)| self.session.core_mut().set_text(&path, text));
        }
        found.extend(unmanaged.into_iter().flat_map(|unmanaged| unmanaged.diagnostics));
        Ok(found)
    }
}

/// Gives a new id to the asset that `asked` means, and its old one to the asset that `heir` means, both from the folder
/// `here`. Fails with the reasons.
fn renumber(
    registry: &mut ExaminedRegistry,
    here: Option<&str>,
    asked: &str,
    heir: Option<&str>,
) -> Result<(), Vec<Diagnostic>> {
    let Some(repair) = &mut registry.repair else { return Err(std::mem::take(&mut registry.parsed.diagnostics)) };
    let position = find(repair, here, asked)?;
    let heir = heir.map(|heir| find(repair, here, heir)).transpose()?.filter(|heir| *heir != position);
    let heir = heir.map(|heir| repair.entries()[heir].clone());
    let RegistryEntry { asset_id: given, root, .. } = repair.entries()[position].clone();
    let to = repair.renumber(position).map_err(|fault| vec![fault])?;
    let mut changes = vec![Change::AssetRenumbered { from: given, to, root: root.to_string() }];
    if let Some(heir) = heir
        && let Some(position) = repair.entries().iter().position(|entry| *entry == heir)
    {
        repair.give(position, given).map_err(|fault| vec![fault])?;
        changes.push(Change::AssetRenumbered { from: heir.asset_id, to: given, root: heir.root.to_string() });
    }
    let text = repair.to_text();
    registry.rewrite(text, changes);
    Ok(())
}

/// The position of the asset that `asked` means: by its root, or by its uuid.
fn find(repair: &RegistryRepair, here: Option<&str>, asked: &str) -> Result<usize, Vec<Diagnostic>> {
    let unknown = |message: String| {
        let help = "name it by its root or its uuid; an id may be that of two assets";
        vec![Diagnostic::error(Code::AssetUnknown, message).with_help(help).with_data(Data::value(asked))]
    };
    let candidates = naming::candidates(here, asked);
    let found = candidates.iter().map(|name| repair.find(name)).find(|found| !found.is_empty());
    match found.unwrap_or_default()[..] {
        [position] => Ok(position),
        [] => Err(unknown(format!("no registered asset has the root or uuid {asked:?}"))),
        _ => Err(unknown(format!("more than one asset has the root or uuid {asked:?}"))),
    }
}

/// Mends the faults of the registry that can be found without looking at the assets.
fn mend(registry: &mut ExaminedRegistry) {
    let Some(repair) = &mut registry.repair else { return };
    let dropped = repair.drop_repeated().into_iter();
    let dropped =
        dropped.map(|entry| Change::RepetitionDropped { asset_id: entry.asset_id, root: entry.root.to_string() });
    let mut changes: Vec<_> = dropped.collect();
    let raised = repair.raise_counter();
    changes.extend(raised.map(|from| Change::CounterRaised { from, to: repair.next_asset_id() }));
    if !changes.is_empty() {
        let text = repair.to_text();
        registry.rewrite(text, changes);
    }
}

/// Changes the roots of the assets that were moved to one place. All are changed at once, since two assets may have
/// swapped their places. Returns the ids of these assets.
fn follow_moved(registry: &mut ExaminedRegistry, entries: &[RegistryEntry], roots: &[RootState]) -> HashSet<u32> {
    let Some(mut edit) = RegistryEdit::new(&registry.parsed) else { return HashSet::new() };
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
        registry.rewrite(edit.to_text(), changes);
    }
    followed
}

/// What is wrong with the place and the identity of one registered asset, and the text that the diagnostics point into.
fn examine_asset(
    fs: &dyn FileSystem,
    entry: &RegistryEntry,
    root: &RootState,
) -> Result<(Vec<Diagnostic>, Option<Text>), Diagnostic> {
    let path = manifest_path(&entry.root).into_string();
    let max_severity = if entry.included_in_build { Severity::Error } else { Severity::Warning };
    let of_asset = |faults: Vec<Diagnostic>| -> Vec<_> {
        let placed = |fault: Diagnostic| Diagnostic {
            severity: fault.severity.min(max_severity),
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

fn form_diagnostic() -> Diagnostic {
    let message = "the registry is not in the form in which papack writes it; version control merges that better";
    let found = Diagnostic::info(Code::RegistryForm, message).at(REGISTRY_PATH);
    found.with_help("papack doctor --fix rewrites it")
}
