//! `rename` and `preload`: one field of one manifest.

use std::sync::Arc;

use camino::Utf8PathBuf;
use papack_queries::diagnostic::{Code, Diagnostic};
use papack_queries::formats::Format;
use papack_queries::inputs::{FileFault, ManifestState};
use papack_queries::schema::edit::ManifestEdit;
use papack_queries::schema::manifest::{self, Manifest, SLOTS, check_name};
use papack_queries::schema::registry::RegistryEntry;

use super::change::Change;
use super::documents::{Documents, manifest_path};
use super::editing::Editing;
use super::plan::{Plan, Step, Work};
use super::task::PreloadChange;
use crate::operation::{Status, Stop};
use crate::workspace::read_manifest;

/// A manifest without errors.
struct Sound {
    path: Utf8PathBuf,
    bytes: Arc<[u8]>,
    manifest: Manifest,
}

impl Editing<'_, '_> {
    /// Plans that `asset` gets the name `name`, which no other asset of the build set has.
    pub(super) fn plan_renaming(&mut self, asset: &str, name: &str) -> Result<Plan, Stop> {
        let documents = self.read_documents()?;
        let entry = self.select_one(&documents, asset)?;
        check_name(name).map_err(|fault| self.operation.refuse(vec![Diagnostic::error(Code::FieldInvalid, fault)]))?;
        let sound = self.read_sound(&entry)?;
        let old = sound.manifest.name.as_ref().map(|(name, _)| name.clone()).unwrap_or_default();
        self.expect_free_name(&documents, &entry, name)?;
        if old == name {
            return Ok(Plan::default());
        }
        let change = Change::AssetRenamed { asset_id: entry.asset_id, from: old, to: name.to_owned() };
        self.plan_edit(sound, |edit| edit.set_name(name), change)
    }

    /// Makes sure that no other asset of the build set has the name `name`.
    pub(super) fn expect_free_name(
        &mut self,
        documents: &Documents,
        entry: &RegistryEntry,
        name: &str,
    ) -> Result<(), Stop> {
        let has_name = |other: &Manifest| other.name.as_ref().is_some_and(|(other, _)| other == name);
        let Some(other) = self.find_rival(documents, entry, has_name)? else { return Ok(()) };
        let fault = Diagnostic::error(Code::AssetNameTaken, format!("the name {name:?} is taken"));
        Err(self.operation.refuse(vec![of(entry, claimed_by(&other, fault))]))
    }

    /// Plans that `asset` is preloaded otherwise.
    pub(super) fn plan_preload(&mut self, asset: &str, preload: PreloadChange) -> Result<Plan, Stop> {
        let documents = self.read_documents()?;
        let entry = self.select_one(&documents, asset)?;
        let sound = self.read_sound(&entry)?;
        let slot = match preload {
            PreloadChange::Off => None,
            PreloadChange::Slot(slot) => {
                self.expect_free(&documents, &entry, &sound.manifest, slot)?;
                Some(slot)
            }
            PreloadChange::Next => Some(self.next_slot(&documents, &entry, &sound.manifest)?),
        };
        if sound.manifest.preload_slot.as_ref().map(|(slot, _)| *slot) == slot {
            return Ok(Plan::default());
        }
        self.plan_edit(sound, |edit| edit.set_preload(slot), Change::PreloadSet { asset_id: entry.asset_id, slot })
    }

    /// Makes sure that `slot` is one, and that no other asset of the build set is preloaded into it.
    fn expect_free(
        &mut self,
        documents: &Documents,
        entry: &RegistryEntry,
        manifest: &Manifest,
        slot: u8,
    ) -> Result<(), Stop> {
        if slot >= SLOTS {
            let fault = Diagnostic::error(Code::FieldInvalid, format!("{slot} is not between 0 and {}", SLOTS - 1));
            return Err(self.operation.refuse(vec![of(entry, fault)]));
        }
        let Some(other) = self.find_rival(documents, entry, |other| claims(other, manifest, slot))? else {
            return Ok(());
        };
        let message = format!("slot {slot} of the asset's bank is taken");
        let fault = Diagnostic::error(Code::PreloadSlotTaken, message).with_help("--next finds a free one");
        Err(self.operation.refuse(vec![of(entry, claimed_by(&other, fault))]))
    }

    /// The first slot of the asset's bank that no other asset of the build set is preloaded into.
    fn next_slot(&mut self, documents: &Documents, entry: &RegistryEntry, manifest: &Manifest) -> Result<u8, Stop> {
        let others = self.rivals(documents, entry)?;
        let is_free = |slot: &u8| others.iter().all(|(_, other)| !claims(other, manifest, *slot));
        (0..SLOTS).find(is_free).ok_or_else(|| {
            let message = format!("all {SLOTS} slots of the asset's bank are taken");
            self.operation.refuse(vec![of(entry, Diagnostic::error(Code::PreloadSlotTaken, message))])
        })
    }

    fn find_rival(
        &mut self,
        documents: &Documents,
        entry: &RegistryEntry,
        is_rival: impl Fn(&Manifest) -> bool,
    ) -> Result<Option<RegistryEntry>, Stop> {
        let rival = self.rivals(documents, entry)?.into_iter().find(|(_, other)| is_rival(other));
        Ok(rival.map(|(entry, _)| entry))
    }

    /// The other assets of the build set, where `entry` is one of it: only they can be in its way.
    fn rivals(&mut self, documents: &Documents, entry: &RegistryEntry) -> Result<Vec<(RegistryEntry, Manifest)>, Stop> {
        if !entry.included_in_build {
            return Ok(Vec::new());
        }
        let fs = Arc::clone(self.session.fs());
        let manifests =
            documents.read_manifests(&*fs).map_err(|fault| self.operation.fail(Status::ExecutionFailed, fault))?;
        let all = documents.registry.entries().iter().cloned().zip(manifests);
        Ok(all.filter(|(other, _)| other.included_in_build && other.asset_id != entry.asset_id).collect())
    }

    /// Reads the manifest of a registered asset. Errors in it end the operation.
    fn read_sound(&mut self, entry: &RegistryEntry) -> Result<Sound, Stop> {
        let fs = Arc::clone(self.session.fs());
        let path = manifest_path(&entry.root);
        let refused = |fault: FileFault| vec![of(entry, fault.diagnostic(path.as_str()))];
        let bytes = match read_manifest(&*fs, &entry.root)
            .map_err(|fault| self.operation.fail(Status::ExecutionFailed, fault))?
        {
            ManifestState::Bytes(bytes) => bytes,
            ManifestState::Refused(fault) => return Err(self.operation.refuse(refused(fault))),
            ManifestState::Unread => return Err(self.operation.refuse(refused(FileFault::Missing))),
        };
        self.session.core_mut().set_text(path.as_str(), Arc::clone(&bytes));
        let (manifest, found) = manifest::parse(path.as_str(), &bytes);
        let faults: Vec<_> = found.into_iter().filter(Diagnostic::is_error).map(|fault| of(entry, fault)).collect();
        if faults.is_empty() { Ok(Sound { path, bytes, manifest }) } else { Err(self.operation.refuse(faults)) }
    }

    fn plan_edit(
        &mut self,
        Sound { path, bytes, .. }: Sound,
        change_text: impl FnOnce(&mut ManifestEdit<'_>),
        change: Change,
    ) -> Result<Plan, Stop> {
        let edited = ManifestEdit::new(path.as_str(), &bytes).and_then(|mut edit| {
            change_text(&mut edit);
            edit.finish()
        });
        let after = edited.map_err(|fault| self.operation.refuse(vec![fault]))?;
        let work = Work::Replace { path, before: bytes, after };
        Ok(Plan { steps: vec![Step { work, changes: vec![change] }], ..Plan::default() })
    }
}

/// Whether `other` is preloaded into `slot` of the bank of `manifest`.
fn claims(other: &Manifest, manifest: &Manifest, slot: u8) -> bool {
    let bank = |manifest: &Manifest| manifest.format.map(Format::bank);
    other.preload_slot.as_ref().is_some_and(|(taken, _)| *taken == slot) && bank(other) == bank(manifest)
}

fn claimed_by(other: &RegistryEntry, fault: Diagnostic) -> Diagnostic {
    let place = manifest_path(&other.root).into_string();
    fault.with_related(format!("claimed by asset {}", other.asset_id), Some(place))
}

/// `fault`, said of the asset.
pub(super) fn of(entry: &RegistryEntry, fault: Diagnostic) -> Diagnostic {
    Diagnostic { asset_id: Some(entry.asset_id), ..fault }
}
