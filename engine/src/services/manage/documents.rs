//! The documents of a workspace, which are read in order to change them.

use std::collections::HashSet;
use std::sync::Arc;

use camino::Utf8PathBuf;
use papack_queries::asset::resolution_fault;
use papack_queries::diagnostic::{Code, Diagnostic};
use papack_queries::discovery::Walk;
use papack_queries::inputs::ManifestState;
use papack_queries::schema::edit::{RegistryEdit, is_older};
use papack_queries::schema::manifest::{self, Manifest};
use papack_queries::schema::registry::{RegistryEntry, asset_id};
use papack_queries::schema::{MANIFEST_NAME, REGISTRY_PATH};
use papack_queries::tree::Resolution;
use papack_queries::unmanaged::{absent, uuid_of};
use rayon::prelude::*;

use super::change::Change;
use super::editing::Editing;
use super::naming;
use super::plan::{Plan, Step, Work};
use crate::fs::FileSystem;
use crate::operation::{Status, Stop};
use crate::workspace::layout::ASSETS;
use crate::workspace::{read_manifest, read_registry, read_uuids, walk, walk_failure};

/// The names and the registry of a workspace that is being changed.
pub(super) struct Documents {
    /// Every name below `assets/`.
    pub(super) walk: Walk,
    /// The registry, to which changes are made.
    pub(super) registry: RegistryEdit,
    /// Whether the registry was of an older version when it was read.
    pub(super) registry_is_older: bool,
    /// The text of the registry when it was read.
    registry_text: Arc<[u8]>,
    /// The folder, relative to the workspace, from which the caller may name roots.
    here: Option<String>,
}

impl Editing<'_, '_> {
    /// Reads the names and the registry. A faulty registry ends the operation, since it does not say what is
    /// registered.
    pub(super) fn read_documents(&mut self) -> Result<Documents, Stop> {
        let fs = Arc::clone(self.session.fs());
        let walk = walk(&*fs).map_err(|error| walk_failure(self.operation, &error))?;
        self.operation.check_cancelled()?;
        let (text, parsed) =
            read_registry(&*fs).map_err(|fault| self.operation.fail(Status::ExecutionFailed, fault))?;
        self.session.core_mut().forget_texts();
        self.session.core_mut().set_text(REGISTRY_PATH, Arc::clone(&text));
        let Some(registry) = RegistryEdit::new(&parsed) else { return Err(self.operation.refuse(parsed.diagnostics)) };
        Ok(Documents {
            walk,
            registry,
            registry_is_older: is_older(&parsed.diagnostics),
            registry_text: text,
            here: self.session.here().map(str::to_owned),
        })
    }
}

impl Documents {
    /// The folders with a manifest that could be registered and are not, relative to `assets/`, sorted.
    pub(super) fn unmanaged_roots(&self) -> Vec<String> {
        let folders = self.walk.unmanaged(self.registry.entries()).into_iter();
        folders.filter(|root| self.registry.outer(root).is_none()).map(str::to_owned).collect()
    }

    /// The ids of those assets of `entries` that are not at their roots.
    pub(super) fn absent(&self, fs: &dyn FileSystem, entries: &[RegistryEntry]) -> Result<HashSet<u32>, Diagnostic> {
        let roots = self.walk.roots(entries);
        let absent = absent(entries, &roots, &read_uuids(fs, entries, &roots)?);
        Ok(entries.iter().zip(absent).filter(|(_, is_absent)| *is_absent).map(|(entry, _)| entry.asset_id).collect())
    }

    /// Fails if the root of the asset holds another asset. `is_absent` says whether the asset is not at its root.
    pub(super) fn expect_no_other_asset(&self, entry: &RegistryEntry, is_absent: bool) -> Result<(), Diagnostic> {
        let manifest = format!("{}/{MANIFEST_NAME}", entry.root);
        if !is_absent || self.walk.tree.index().resolve(&manifest) == Resolution::Missing {
            return Ok(());
        }
        let message = format!("the folder {:?} holds another asset: its manifest has another asset_uuid", entry.root);
        let fault = Diagnostic::error(Code::AssetUuidMismatch, message).at(format!("{ASSETS}/{manifest}"));
        Err(fault.with_help("papack check tells where the assets are, as far as it can be told"))
    }

    /// The fault that the folder of `entry` contains another registered asset that is nowhere else, since somebody
    /// moved it there; `None` if it does not. Assets among `removed` do not count.
    pub(super) fn nested_asset_fault(
        &self,
        fs: &dyn FileSystem,
        entry: &RegistryEntry,
        removed: &[RegistryEntry],
    ) -> Result<Option<Diagnostic>, Diagnostic> {
        let inside = format!("{}/", entry.root);
        let folders = self.walk.unmanaged(self.registry.entries()).into_iter();
        for folder in folders.filter(|folder| folder.starts_with(&inside)) {
            let uuid = uuid_of(&read_manifest(fs, folder)?);
            let owner = uuid.and_then(|uuid| self.registry.of_uuid(uuid)).filter(|owner| !removed.contains(owner));
            let Some(owner) = owner else { continue };
            if self.absent(fs, std::slice::from_ref(owner))?.contains(&owner.asset_id) {
                let RegistryEntry { asset_id, root, .. } = owner;
                let message = format!("{root:?} (asset {asset_id}) is nowhere else: its folder was moved in here");
                let fault = Diagnostic::error(Code::AssetMoved, message);
                let help = format!("move it out, or remove it too: papack rm {asset_id}");
                return Ok(Some(fault.at(manifest_path(folder)).with_help(help)));
            }
        }
        Ok(None)
    }

    /// The root that the caller means by `named`.
    pub(super) fn root(&self, named: &str) -> String {
        naming::root(&self.walk, self.here.as_deref(), named)
    }

    /// The file that the caller means by `named`, relative to `root`. Fails if it is not below `root`.
    pub(super) fn file(&self, root: &str, named: &str) -> Result<String, Diagnostic> {
        naming::file(&self.walk, self.here.as_deref(), root, named)
    }

    /// The registered asset whose id or root is `asked`.
    pub(super) fn by_id_or_root(&self, asked: &str) -> Option<&RegistryEntry> {
        let by_id = asset_id(asked).and_then(|id| self.registry.asset(id));
        let roots = || naming::candidates(self.here.as_deref(), asked);
        by_id.or_else(|| roots().iter().find_map(|root| self.registry.at_root(root)))
    }

    /// The manifests of the registered assets, in the order of the entries. One that cannot be read is empty.
    pub(super) fn read_manifests(&self, fs: &dyn FileSystem) -> Result<Vec<Manifest>, Diagnostic> {
        let read = |entry: &RegistryEntry| match read_manifest(fs, &entry.root)? {
            ManifestState::Bytes(bytes) => Ok(manifest::parse(manifest_path(&entry.root).as_str(), &bytes).0),
            ManifestState::Refused(_) | ManifestState::Unread => Ok(Manifest::default()),
        };
        self.registry.entries().par_iter().map(read).collect()
    }

    /// The step that writes the changed registry, in the current version.
    pub(super) fn write_registry(&self, mut changes: Vec<Change>) -> Step {
        if self.registry_is_older {
            changes.insert(0, Change::DocumentMigrated { path: REGISTRY_PATH.to_owned() });
        }
        let (before, after) = (Arc::clone(&self.registry_text), self.registry.to_text());
        Step { work: Work::Replace { path: REGISTRY_PATH.into(), before, after }, changes }
    }

    /// The plan that writes the registry, if there are `changes`, and does nothing else.
    pub(super) fn plan_registry(&self, changes: Vec<Change>) -> Plan {
        let steps = if changes.is_empty() { Vec::new() } else { vec![self.write_registry(changes)] };
        Plan { steps, ..Plan::default() }
    }
}

/// The path of the manifest of the asset at `root`, relative to the workspace.
pub(super) fn manifest_path(root: &str) -> Utf8PathBuf {
    Utf8PathBuf::from(ASSETS).join(root).join(MANIFEST_NAME)
}

/// The fault that nothing can be put at `place`, a path below `assets/` that resolves to `found`.
pub(super) fn place_fault(found: &Resolution, place: &str) -> Diagnostic {
    let is_there = matches!(found, Resolution::Found(_));
    let fault = resolution_fault(found, place).filter(|_| !is_there).unwrap_or_else(|| {
        let fault = Diagnostic::error(Code::PlaceTaken, "something is there already");
        fault.with_help("move it away, or choose another place")
    });
    fault.at(format!("{ASSETS}/{place}"))
}

/// Random bytes for an identity.
pub(super) fn random_bytes() -> Result<[u8; 16], Diagnostic> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| Diagnostic::error(Code::Io, format!("the operating system has no random bytes: {error}")))?;
    Ok(bytes)
}
