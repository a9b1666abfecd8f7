//! The services that change documents of `assets/`: read, plan, and only then write.
//!
//! ```text
//! lane → documents → plan (any fault ends it here) → stage every new document → put them in place, one by one
//! ```
//!
//! A plan is a list of steps in such an order that a kill between two of them leaves whole documents, and a workspace
//! in which the same call, made again, does the rest.

mod add;
mod apply;
mod create;
mod delete;
mod demo;
mod doctor;
mod documents;
mod edit;
mod init;
mod leftovers;
mod membership;
mod migrate;
mod naming;
mod relocate;
mod select;
mod staged;

use papack_queries::diagnostic::{Diagnostic, Severity};
use papack_queries::formats::FormatChoice;
use papack_queries::schema::registry::RegistryEntry;
use serde::Serialize;

pub(crate) use leftovers::irremovable;
pub(crate) use staged::remove_stale;

use crate::cancel::Cancel;
use crate::check::count;
use crate::event::{EventKind, Observer, OperationId};
use crate::lane::Held;
use crate::operation::{Operation, Status, Stop};
use crate::session::Session;
use apply::Plan;
pub use doctor::DoctorRequest;

/// What a caller wants changed.
#[derive(Debug, Clone)]
pub struct ManageRequest {
    /// The change.
    pub task: Task,
    /// Write nothing, take no lane, and tell what would be changed.
    pub dry_run: bool,
    /// Fail at once when another operation holds the lane, instead of waiting for it.
    pub no_wait: bool,
    /// Set to cancel the operation. Once the first document is being put in place, it ends what it began.
    pub cancel: Cancel,
}

/// A change of the documents below `assets/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// Make a workspace.
    Init {
        /// Whether there are a few assets in it.
        demo: bool,
    },
    /// Rewrite the documents of an older version that is still read: the registry, and every manifest.
    Migrate,
    /// Write a manifest, and register its asset.
    New {
        /// The folder, relative to `assets/`, which is made unless it is there.
        root: String,
        /// The format of the asset. What it leaves open the files decide.
        format: FormatChoice,
        /// The artifact files, relative to the folder; none: all files of the format's kind.
        files: Vec<String>,
    },
    /// Register the assets in these folders, which are relative to `assets/` and hold a manifest.
    Add {
        /// The folders.
        roots: Vec<String>,
    },
    /// Register every manifest that the registry does not know.
    AddAll,
    /// Move an asset, or follow one that was moved.
    Move {
        /// Which: an id, a root, a name or a pattern over roots, looked for in this order.
        asset: String,
        /// Its new root, relative to `assets/`.
        root: String,
    },
    /// Include assets in the build.
    Include {
        /// Which, as for a move; a pattern may mean several.
        assets: Vec<String>,
    },
    /// Exclude assets from the build. They stay registered.
    Exclude {
        /// Which.
        assets: Vec<String>,
    },
    /// Give an asset another name.
    Rename {
        /// Which: one.
        asset: String,
        /// The name that games know it by.
        name: String,
    },
    /// Preload an asset otherwise.
    Preload {
        /// Which: one.
        asset: String,
        /// How.
        preload: PreloadChange,
    },
    /// Take assets out of the registry. Their ids are never given again.
    Remove {
        /// Which.
        assets: Vec<String>,
        /// Whether their folders are deleted, with all that is in them.
        delete_files: bool,
    },
}

impl Task {
    /// The task in a word, for whoever waits for it.
    fn word(&self) -> &'static str {
        match self {
            Self::Init { .. } => "init",
            Self::Migrate => "migrate",
            Self::New { .. } => "new",
            Self::Add { .. } | Self::AddAll => "add",
            Self::Move { .. } => "mv",
            Self::Include { .. } => "include",
            Self::Exclude { .. } => "exclude",
            Self::Rename { .. } => "rename",
            Self::Preload { .. } => "preload",
            Self::Remove { .. } => "rm",
        }
    }
}

/// How an asset is preloaded from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PreloadChange {
    /// Into this slot of its bank, 0 to 15.
    Slot(u8),
    /// Into the first slot of its bank that is free.
    Next,
    /// Not at all.
    Off,
}

/// One thing that was changed, or would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Change {
    /// A folder was made.
    FolderCreated {
        /// The folder, relative to the workspace.
        path: String,
    },
    /// A file was made.
    FileCreated {
        /// The file, relative to the workspace.
        path: String,
    },
    /// A document was raised to the version that papack writes.
    DocumentMigrated {
        /// The document, relative to the workspace.
        path: String,
    },
    /// A manifest got an identity of its own.
    IdentityGiven {
        /// The manifest, relative to the workspace.
        path: String,
        /// The identity. Another run would make another one.
        asset_uuid: String,
    },
    /// An asset was registered, and included in the build.
    AssetRegistered {
        /// Its id.
        asset_id: u32,
        /// Its identity.
        asset_uuid: String,
        /// Its root, relative to `assets/`.
        root: String,
    },
    /// A folder was moved.
    FolderMoved {
        /// From where, relative to the workspace.
        from: String,
        /// To where, relative to the workspace.
        to: String,
    },
    /// An asset has another root in the registry.
    AssetRelocated {
        /// Its id.
        asset_id: u32,
        /// The old root, relative to `assets/`.
        from: String,
        /// The new root, relative to `assets/`.
        to: String,
    },
    /// An asset is included in the build now.
    AssetIncluded {
        /// Its id.
        asset_id: u32,
        /// Its root, relative to `assets/`.
        root: String,
    },
    /// An asset is not included in the build any more.
    AssetExcluded {
        /// Its id.
        asset_id: u32,
        /// Its root, relative to `assets/`.
        root: String,
    },
    /// An asset has another name.
    AssetRenamed {
        /// Its id.
        asset_id: u32,
        /// The old name.
        from: String,
        /// The new name.
        to: String,
    },
    /// An asset is preloaded otherwise.
    PreloadSet {
        /// Its id.
        asset_id: u32,
        /// Into which slot of its bank; null: not at all.
        slot: Option<u8>,
    },
    /// An asset has another id.
    AssetRenumbered {
        /// The old id, which is never given again.
        from: u32,
        /// The new id.
        to: u32,
        /// Its root, relative to `assets/`.
        root: String,
    },
    /// The next asset gets another id.
    CounterRaised {
        /// What `next_asset_id` was.
        from: u32,
        /// What it is.
        to: u32,
    },
    /// An asset that was listed more than once, with the very same values, is listed once less.
    RepetitionDropped {
        /// Its id.
        asset_id: u32,
        /// Its root, relative to `assets/`.
        root: String,
    },
    /// The registry was put into its one form.
    RegistryFormed,
    /// What a dead operation left was removed.
    LeftoverRemoved {
        /// What, relative to the workspace.
        path: String,
    },
    /// The folder of an asset was deleted, as far as nothing else is told.
    FilesDeleted {
        /// The folder, relative to the workspace.
        path: String,
        /// How many files and links in it.
        files: u64,
    },
    /// An asset is not registered any more.
    AssetUnregistered {
        /// Its id, which is never given again.
        asset_id: u32,
        /// Its root, relative to `assets/`.
        root: String,
    },
}

impl Change {
    fn registered(entry: &RegistryEntry) -> Self {
        let RegistryEntry { asset_id, asset_uuid, root, .. } = entry;
        Self::AssetRegistered { asset_id: *asset_id, asset_uuid: asset_uuid.to_string(), root: root.to_string() }
    }
}

/// What a change of documents came to.
#[derive(Debug, Clone, Serialize)]
pub struct ManageResult {
    /// Version of this document.
    pub schema_version: u32,
    /// Which operation.
    pub operation_id: OperationId,
    /// How it ended. `GATE_FAILED`: faults were in the way; of a migration, of some documents, which are as they were.
    pub status: Status,
    /// Whether nothing was to be written.
    pub dry_run: bool,
    /// What was changed, in this order; in a dry run, what would be.
    pub changes: Vec<Change>,
    /// Wall-clock time of the operation, in milliseconds.
    pub elapsed_ms: u64,
    /// Everything that was found.
    pub diagnostics: Vec<Diagnostic>,
}

impl Session {
    /// Changes documents of `assets/`. Every failure is a [`Status`] of the result.
    pub fn manage(&mut self, request: &ManageRequest, observer: &Observer<'_>) -> ManageResult {
        self.change(&request.cancel, request.dry_run, observer, |operation, changes| {
            manage(operation, request, changes)
        })
    }

    /// Tells what is wrong with the registry, with the assets' places and identities, and with what dead operations left,
    /// and mends what is to be mended. `GATE_FAILED`: something is left that is wrong.
    pub fn doctor(&mut self, request: &DoctorRequest, observer: &Observer<'_>) -> ManageResult {
        self.change(&request.cancel, request.dry_run, observer, |operation, changes| operation.doctor(request, changes))
    }

    fn change(
        &mut self,
        cancel: &Cancel,
        dry_run: bool,
        observer: &Observer<'_>,
        body: impl FnOnce(&mut Operation<'_>, &mut Vec<Change>) -> Result<(), Stop>,
    ) -> ManageResult {
        let mut changes = Vec::new();
        let mut ended = Operation::run(self, cancel, observer, |operation| body(operation, &mut changes));
        let result = ManageResult {
            schema_version: 1,
            operation_id: ended.operation_id.clone(),
            status: ended.status,
            dry_run,
            changes,
            elapsed_ms: ended.elapsed_ms,
            diagnostics: std::mem::take(&mut ended.diagnostics),
        };
        ended.tell(result)
    }
}

fn manage(operation: &mut Operation<'_>, request: &ManageRequest, changes: &mut Vec<Change>) -> Result<(), Stop> {
    if let Task::Init { demo } = request.task {
        operation.prepare_place(demo, request.dry_run, changes)?;
    }
    let _lane = if request.dry_run { None } else { Some(operation.begin_changing(request)?) };
    let Plan { steps, left, doomed } = match &request.task {
        Task::Init { demo } => operation.plan_workspace(*demo)?,
        Task::New { root, format, files } => operation.plan_new_asset(root, *format, files)?,
        Task::Migrate => operation.plan_migration()?,
        Task::Add { roots } => operation.plan_addition(Some(roots))?,
        Task::AddAll => operation.plan_addition(None)?,
        Task::Move { asset, root } => operation.plan_relocation(asset, root)?,
        Task::Include { assets } => operation.plan_inclusion(assets, true)?,
        Task::Exclude { assets } => operation.plan_inclusion(assets, false)?,
        Task::Rename { asset, name } => operation.plan_renaming(asset, name)?,
        Task::Preload { asset, preload } => operation.plan_preload(asset, *preload)?,
        Task::Remove { assets, delete_files } => operation.plan_removal(assets, *delete_files)?,
    };
    let error_count = count(operation.diagnostics(), Severity::Error);
    operation.stream.emit(EventKind::GateFinished { error_count });
    operation.check_cancelled()?;
    if request.dry_run {
        changes.extend(steps.into_iter().flat_map(|step| step.changes));
    } else {
        operation.apply(steps, changes)?;
    }
    operation.delete_folders(doomed, request.dry_run, changes)?;
    if left == 0 { Ok(()) } else { Err(Stop(Status::GateFailed)) }
}

impl Operation<'_> {
    /// Enters the lane to change documents.
    fn begin_changing(&mut self, request: &ManageRequest) -> Result<Held, Stop> {
        let entered = self.enter_lane(request.task.word(), request.no_wait)?;
        let lane = entered.ok_or_else(|| self.refuse_lane())?;
        self.recover_if_possible()?;
        Ok(lane)
    }
}
