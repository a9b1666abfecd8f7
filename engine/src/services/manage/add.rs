//! `add`: registers the assets of manifests.

use std::collections::HashSet;
use std::sync::Arc;

use camino::Utf8PathBuf;
use papack_queries::asset::resolution_fault;
use papack_queries::diagnostic::{Code, Data, Diagnostic, command_word};
use papack_queries::inputs::{ManifestState, NewPlace, Obstacle};
use papack_queries::schema::MANIFEST_NAME;
use papack_queries::schema::edit::{ManifestEdit, RegistryEdit, new_identity};
use papack_queries::schema::manifest;
use papack_queries::schema::registry::check_root;
use papack_queries::tree::{Kind, Resolution, TreeIndex};
use papack_queries::unmanaged::moved_fault;
use uuid::Uuid;

use super::change::Change;
use super::claims::{Added, Claims};
use super::documents::{Documents, manifest_path, random_bytes};
use super::editing::Editing;
use super::plan::{Plan, Step, Work};
use crate::fs::FileSystem;
use crate::operation::{Status, Stop};
use crate::workspace::layout::ASSETS;
use crate::workspace::read_manifest;

impl Editing<'_, '_> {
    /// Plans the registration of the assets at `roots`; if `None`, of all that could be registered. Registered assets
    /// are skipped. The first steps give manifests their identities. The last one writes the registry with all new
    /// assets.
    pub(super) fn plan_addition(&mut self, roots: Option<&[String]>) -> Result<Plan, Stop> {
        let fs = Arc::clone(self.session.fs());
        let mut documents = self.read_documents()?;
        let named = |roots: &[String]| roots.iter().map(|root| documents.root(root)).collect();
        let roots: Vec<_> = roots.map_or_else(|| documents.unmanaged_roots(), named);
        let absent = documents
            .absent(&*fs, documents.registry.entries())
            .map_err(|fault| self.operation.fail(Status::ExecutionFailed, fault))?;
        let mut addition = Addition::new(&mut documents, absent);
        for root in &roots {
            self.operation.check_cancelled()?;
            if addition.registry.at_root(root).is_some() {
                continue;
            }
            if let Err(fault) = addition.expect_manifest(root) {
                addition.faults.push(fault);
                continue;
            }
            let path = manifest_path(root).into_string();
            match read_manifest(&*fs, root).map_err(|fault| self.operation.fail(Status::ExecutionFailed, fault))? {
                ManifestState::Bytes(bytes) => {
                    self.session.core_mut().set_text(&path, Arc::clone(&bytes));
                    addition
                        .register(root, bytes)
                        .map_err(|fault| self.operation.fail(Status::ExecutionFailed, fault))?;
                }
                ManifestState::Refused(fault) => addition.faults.push(fault.diagnostic(&path)),
                ManifestState::Unread => {}
            }
        }
        let Addition { mut steps, registered, added, mut faults, .. } = addition;
        if faults.is_empty() && !added.is_empty() {
            let claims = claim_faults(&documents, &*fs, &added);
            faults = claims.map_err(|fault| self.operation.fail(Status::ExecutionFailed, fault))?;
        }
        if !faults.is_empty() {
            return Err(self.operation.refuse(faults));
        }
        if !registered.is_empty() {
            steps.push(documents.write_registry(registered));
        }
        Ok(Plan { steps, ..Plan::default() })
    }
}

/// The faults that an asset of the build set, or an earlier one of `added`, has the name or the slot of one of these. The
/// error is one of the system.
fn claim_faults(documents: &Documents, fs: &dyn FileSystem, added: &[Added]) -> Result<Vec<Diagnostic>, Diagnostic> {
    let mut claims = Claims::of(documents, fs, added)?;
    let entries = added.iter().filter_map(|asset| Some((documents.registry.asset(asset.asset_id)?, asset)));
    Ok(entries.flat_map(|(entry, asset)| claims.take(entry, asset)).collect())
}

/// The registration of assets, while it is planned.
struct Addition<'d> {
    index: TreeIndex<'d>,
    /// The ids of the registered assets that are not at their roots. A manifest with the uuid of one of them is no
    /// copy: the asset was moved there.
    absent: HashSet<u32>,
    registry: &'d mut RegistryEdit,
    /// The steps that give identities to manifests.
    steps: Vec<Step>,
    registered: Vec<Change>,
    /// The assets that are registered.
    added: Vec<Added>,
    faults: Vec<Diagnostic>,
}

impl<'d> Addition<'d> {
    fn new(documents: &'d mut Documents, absent: HashSet<u32>) -> Self {
        let Documents { walk, registry, .. } = documents;
        Self {
            index: walk.tree.index(),
            absent,
            registry,
            steps: Vec::new(),
            registered: Vec::new(),
            added: Vec::new(),
            faults: Vec::new(),
        }
    }

    /// Fails if there is no manifest in the folder `root`.
    fn expect_manifest(&self, root: &str) -> Result<(), Diagnostic> {
        let invalid = |fault| Diagnostic::error(Code::PathInvalid, fault).with_data(Data::value(root));
        check_root(root).map_err(invalid)?;
        let manifest = format!("{root}/{MANIFEST_NAME}");
        let found = self.index.resolve(&manifest);
        let Some(fault) = resolution_fault(&found, &manifest) else { return Ok(()) };
        let fault = fault.at(manifest_path(root));
        Err(match (found, self.index.resolve(root)) {
            (Resolution::Missing, Resolution::Found(Kind::Folder)) => fault.with_help(format!(
                "the folder has no manifest yet: papack new {} writes one, and registers the asset",
                command_word(&format!("{ASSETS}/{root}"))
            )),
            (Resolution::Missing, _) => fault.with_help(
                "there is no such folder; papack status lists folders with a manifest that are not registered, and papack \
                 add --all registers them",
            ),
            _ => fault,
        })
    }

    /// Adds the asset at `root` to the registry. If its manifest has no identity, or that of another asset, also adds a
    /// step that gives it a new one. Faults of the asset are added to `faults`; an error is one of the system.
    fn register(&mut self, root: &str, bytes: Arc<[u8]>) -> Result<(), Diagnostic> {
        let path = manifest_path(root);
        let text = Arc::clone(&bytes);
        let (manifest, found) = manifest::parse_new(path.as_str(), &bytes);
        if found.iter().any(Diagnostic::is_error) {
            self.faults.extend(found.into_iter().filter(Diagnostic::is_error));
            return Ok(());
        }
        let stated = manifest.asset_uuid.as_ref().map(|(uuid, _)| *uuid);
        let uuid = match (stated, stated.and_then(|uuid| self.registry.of_uuid(uuid))) {
            (Some(uuid), None) => uuid,
            (_, Some(owner)) if self.absent.contains(&owner.asset_id) => {
                let outer = self.registry.outer(root).filter(|outer| outer.asset_id != owner.asset_id);
                let obstacle = outer.map(|outer| Obstacle::Inside { outer: outer.root.to_string() });
                self.faults.push(moved_fault(owner, &[NewPlace { obstacle, root: root.to_owned() }]));
                return Ok(());
            }
            // The manifest has no identity, or is a copy of that of another asset.
            _ => {
                let uuid = new_identity(random_bytes()?);
                self.give_identity(path, bytes, uuid);
                uuid
            }
        };
        match self.registry.register(root, uuid) {
            Ok(entry) => {
                self.registered.push(Change::registered(&entry));
                self.added.push(Added { asset_id: entry.asset_id, manifest, text });
            }
            Err(fault) => self.faults.push(fault),
        }
        Ok(())
    }

    fn give_identity(&mut self, path: Utf8PathBuf, before: Arc<[u8]>, uuid: Uuid) {
        let edited = ManifestEdit::new(path.as_str(), &before).and_then(|mut edit| {
            edit.set_identity(uuid);
            edit.finish()
        });
        match edited {
            Ok(after) => {
                let change = Change::IdentityGiven { path: path.to_string(), asset_uuid: uuid.to_string() };
                self.steps.push(Step { work: Work::Replace { path, before, after }, changes: vec![change] });
            }
            Err(fault) => self.faults.push(fault),
        }
    }
}
