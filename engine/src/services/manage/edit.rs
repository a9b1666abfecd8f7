//! `rename` and `preload`, which change one field of one manifest.

use std::sync::Arc;

use camino::Utf8PathBuf;
use papack_queries::diagnostic::{Code, Data, Diagnostic, OtherAsset, Related, Unit};
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

/// A manifest without errors, and its text.
struct ValidManifest {
    path: Utf8PathBuf,
    bytes: Arc<[u8]>,
    manifest: Manifest,
}

impl Editing<'_, '_> {
    /// Plans that `asset` gets the name `name`. No other asset of the build set may have it.
    pub(super) fn plan_renaming(&mut self, asset: &str, name: &str) -> Result<Plan, Stop> {
        let documents = self.read_documents()?;
        let entry = self.select_one(&documents, asset)?;
        check_name(name).map_err(|fault| self.operation.refuse(vec![Diagnostic::error(Code::FieldInvalid, fault)]))?;
        let valid = self.read_valid(&entry)?;
        let old = valid.manifest.name.as_ref().map(|(name, _)| name.clone()).unwrap_or_default();
        self.expect_free_name(&documents, &entry, name)?;
        if old == name {
            return Ok(Plan::default());
        }
        let change = Change::AssetRenamed { asset_id: entry.asset_id, from: old, to: name.to_owned() };
        self.plan_edit(valid, |edit| edit.set_name(name), change)
    }

    /// Ends the operation if another asset of the build set has the name `name`.
    fn expect_free_name(&mut self, documents: &Documents, entry: &RegistryEntry, name: &str) -> Result<(), Stop> {
        let has_name = |other: &Manifest| other.name.as_ref().is_some_and(|(other, _)| other == name);
        let Some(other) = self.find_other(documents, entry, has_name)? else { return Ok(()) };
        let help =
            format!("choose another name, or give the other asset another one: papack rename {} NAME", other.asset_id);
        let fault = Diagnostic::error(Code::AssetNameTaken, format!("the name {name:?} is taken")).with_help(help);
        let fault = fault.with_data(Data::conflict(name, Vec::new()));
        Err(self.operation.refuse(vec![of_asset(entry, claimed_by(&other, fault))]))
    }

    /// Plans that `asset` is preloaded as `preload` says.
    pub(super) fn plan_preload(&mut self, asset: &str, preload: PreloadChange) -> Result<Plan, Stop> {
        let documents = self.read_documents()?;
        let entry = self.select_one(&documents, asset)?;
        let valid = self.read_valid(&entry)?;
        let slot = match preload {
            PreloadChange::Off => None,
            PreloadChange::Slot(slot) => {
                self.expect_free_slot(&documents, &entry, &valid.manifest, slot)?;
                Some(slot)
            }
            PreloadChange::Next => Some(self.first_free_slot(&documents, &entry, &valid.manifest)?),
        };
        if valid.manifest.preload_slot.as_ref().map(|(slot, _)| *slot) == slot {
            return Ok(Plan::default());
        }
        let name = valid.manifest.name.as_ref().map(|(name, _)| name.clone()).unwrap_or_default();
        let change = Change::PreloadSet { asset_id: entry.asset_id, name, slot };
        self.plan_edit(valid, |edit| edit.set_preload(slot), change)
    }

    /// Ends the operation if there is no such slot, or if another asset of the build set is preloaded into it.
    fn expect_free_slot(
        &mut self,
        documents: &Documents,
        entry: &RegistryEntry,
        manifest: &Manifest,
        slot: u8,
    ) -> Result<(), Stop> {
        if slot >= SLOTS {
            let fault = Diagnostic::error(Code::FieldInvalid, format!("{slot} is not between 0 and {}", SLOTS - 1));
            let fault = fault.with_data(Data::range(slot.into(), 0, i64::from(SLOTS) - 1));
            return Err(self.operation.refuse(vec![of_asset(entry, fault)]));
        }
        let Some(other) = self.find_other(documents, entry, |other| claims(other, manifest, slot))? else {
            return Ok(());
        };
        let message = format!("slot {slot} of the asset's bank is taken");
        let fault = Diagnostic::error(Code::PreloadSlotTaken, message)
            .with_help(format!("the first free one: papack preload {} --next", entry.asset_id))
            .with_data(Data::conflict(slot, Vec::new()));
        Err(self.operation.refuse(vec![of_asset(entry, claimed_by(&other, fault))]))
    }

    /// The first slot of the asset's bank that no other asset of the build set is preloaded into.
    fn first_free_slot(
        &mut self,
        documents: &Documents,
        entry: &RegistryEntry,
        manifest: &Manifest,
    ) -> Result<u8, Stop> {
        let others = self.others_in_build(documents, entry)?;
        let is_free = |slot: &u8| others.iter().all(|(_, other)| !claims(other, manifest, *slot));
        (0..SLOTS).find(is_free).ok_or_else(|| {
            let message = format!("all {SLOTS} slots of the asset's bank are taken");
            let help = "free one first: papack status shows who has them, papack preload ASSET --off frees one";
            let data = Data::limit(Some(u64::from(SLOTS) + 1), 0, SLOTS.into(), Unit::Entries);
            let fault = Diagnostic::error(Code::PreloadSlotTaken, message).with_help(help).with_data(data);
            self.operation.refuse(vec![of_asset(entry, fault)])
        })
    }

    /// The first of the other assets of the build set whose manifest is a match.
    fn find_other(
        &mut self,
        documents: &Documents,
        entry: &RegistryEntry,
        is_match: impl Fn(&Manifest) -> bool,
    ) -> Result<Option<RegistryEntry>, Stop> {
        let rival = self.others_in_build(documents, entry)?.into_iter().find(|(_, other)| is_match(other));
        Ok(rival.map(|(entry, _)| entry))
    }

    /// The other assets of the build set, with their manifests. None if `entry` is not in the build set: then names and
    /// slots of others cannot conflict with it.
    fn others_in_build(
        &mut self,
        documents: &Documents,
        entry: &RegistryEntry,
    ) -> Result<Vec<(RegistryEntry, Manifest)>, Stop> {
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
    fn read_valid(&mut self, entry: &RegistryEntry) -> Result<ValidManifest, Stop> {
        let fs = Arc::clone(self.session.fs());
        let path = manifest_path(&entry.root);
        let refused = |fault: FileFault| vec![of_asset(entry, fault.diagnostic(path.as_str()))];
        let bytes = match read_manifest(&*fs, &entry.root)
            .map_err(|fault| self.operation.fail(Status::ExecutionFailed, fault))?
        {
            ManifestState::Bytes(bytes) => bytes,
            ManifestState::Refused(fault) => return Err(self.operation.refuse(refused(fault))),
            ManifestState::Unread => return Err(self.operation.refuse(refused(FileFault::Missing))),
        };
        self.session.core_mut().set_text(path.as_str(), Arc::clone(&bytes));
        let (manifest, found) = manifest::parse(path.as_str(), &bytes);
        let faults: Vec<_> =
            found.into_iter().filter(Diagnostic::is_error).map(|fault| of_asset(entry, fault)).collect();
        if faults.is_empty() { Ok(ValidManifest { path, bytes, manifest }) } else { Err(self.operation.refuse(faults)) }
    }

    /// The plan that changes the text of one manifest.
    fn plan_edit(
        &mut self,
        ValidManifest { path, bytes, .. }: ValidManifest,
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

/// `fault`, with the manifest of the asset `other` as the place that claims the same.
pub(super) fn claimed_by(other: &RegistryEntry, fault: Diagnostic) -> Diagnostic {
    let RegistryEntry { asset_id, root, .. } = other;
    let place = manifest_path(root).into_string();
    let related = Related::new(format!("claimed by {root:?} (asset {asset_id})"), Some(place));
    let mut fault = fault.with_place(Related { asset_id: Some(*asset_id), ..related });
    if let Some(Data::Conflict { assets, .. }) = fault.data.as_deref_mut() {
        assets.push(OtherAsset::registered(*asset_id, root.as_str()));
    }
    fault
}

/// `fault`, with the id of the asset.
pub(super) fn of_asset(entry: &RegistryEntry, fault: Diagnostic) -> Diagnostic {
    Diagnostic { asset_id: Some(entry.asset_id), ..fault }
}
