//! The services that change documents of `assets/`. They read and plan everything before they write anything.
//!
//! ```text
//! lane → documents → plan (any fault ends it here) → stage every new document → rename them into place, one by one
//! ```
//!
//! A plan is a list of steps. Their order is such that a kill between two of them leaves every document whole, and that
//! the same call, made again, does the remaining steps.

mod add;
mod apply;
mod change;
mod claims;
mod create;
mod delete;
mod demo;
mod doctor;
mod documents;
mod edit;
mod editing;
mod init;
mod leftovers;
mod membership;
mod migrate;
pub(super) mod naming;
mod new_asset;
mod new_files;
mod plan;
mod relocate;
mod result;
mod rewrite;
pub(super) mod select;
mod task;
mod trial;

use papack_queries::diagnostic::Severity;
use papack_queries::diagnostic::levels::Levels;

use crate::operation::{Cancel, EventKind, Observer, Status, Stop};
use crate::publish::recovery;
use crate::session::Session;
use crate::workspace::lane::{self, LaneGuard};

pub use change::Change;
pub use doctor::DoctorRequest;
pub use result::ManageResult;
pub(super) use rewrite::{Rewritten, rewrite};
pub use task::{ManageRequest, PreloadChange, Task};

use editing::Editing;
use plan::Plan;

impl Session {
    /// Changes documents of `assets/`. Every failure is a [`Status`] of the result.
    pub fn manage(&mut self, request: &ManageRequest, observer: &Observer<'_>) -> ManageResult {
        self.change(&request.levels, &request.cancel, request.dry_run, observer, |editing, changes| {
            manage(editing, request, changes)
        })
    }

    /// Reports what is wrong with the registry, with the places and identities of the assets, and which leftovers there
    /// are. Mends what the request asks for. `GATE_FAILED`: something is still wrong.
    pub fn doctor(&mut self, request: &DoctorRequest, observer: &Observer<'_>) -> ManageResult {
        self.change(&request.levels, &request.cancel, request.dry_run, observer, |editing, changes| {
            editing.doctor(request, changes)
        })
    }

    /// Runs `body` as an operation, and makes the result of the changes that it lists.
    fn change(
        &mut self,
        levels: &Levels,
        cancel: &Cancel,
        dry_run: bool,
        observer: &Observer<'_>,
        body: impl FnOnce(&mut Editing<'_, '_>, &mut Vec<Change>) -> Result<(), Stop>,
    ) -> ManageResult {
        let mut changes = Vec::new();
        let mut ended = self.run_judged(levels, cancel, observer, |session, operation| {
            body(&mut Editing { session, operation }, &mut changes)
        });
        let result = ManageResult {
            schema_version: 1,
            operation_id: ended.operation_id.clone(),
            status: ended.status,
            dry_run,
            changes,
            recovered: std::mem::take(&mut ended.recovered),
            elapsed_ms: ended.elapsed_ms,
            diagnostics: std::mem::take(&mut ended.diagnostics),
            allowed_diagnostic_count: ended.allowed_count,
        };
        ended.finish(result)
    }
}

/// Plans the task of the request, and carries the plan out unless it is a dry run.
fn manage(editing: &mut Editing<'_, '_>, request: &ManageRequest, changes: &mut Vec<Change>) -> Result<(), Stop> {
    if let Task::Init { demo } = request.task {
        editing.prepare_place(demo, request.dry_run, changes)?;
    }
    let _lane = if request.dry_run { None } else { Some(editing.begin_changing(request)?) };
    let Plan { steps, skipped, folders_to_delete } = match &request.task {
        Task::Init { demo } => editing.plan_workspace(*demo)?,
        Task::New { root, format, files } => editing.plan_new_asset(root, *format, files)?,
        Task::NewAll => editing.plan_all_new_assets()?,
        Task::Migrate => editing.plan_migration()?,
        Task::Add { roots } => editing.plan_addition(Some(roots))?,
        Task::AddAll => editing.plan_addition(None)?,
        Task::Move { asset, root } => editing.plan_relocation(asset, root)?,
        Task::Include { assets } => editing.plan_inclusion(assets, true)?,
        Task::Exclude { assets } => editing.plan_inclusion(assets, false)?,
        Task::Rename { asset, name } => editing.plan_renaming(asset, name)?,
        Task::Preload { asset, preload } => editing.plan_preload(asset, *preload)?,
        Task::Remove { assets, delete_files } => editing.plan_removal(assets, *delete_files)?,
    };
    let error_count = editing.operation.count(Severity::Error);
    editing.operation.emit(EventKind::GateFinished { error_count });
    editing.operation.check_cancelled()?;
    // A document that cannot be migrated does not keep the others from it.
    if editing.operation.is_denied() {
        return Err(Stop(Status::GateFailed));
    }
    if request.dry_run {
        changes.extend(steps.into_iter().flat_map(|step| step.changes));
    } else {
        editing.apply(steps, changes)?;
    }
    editing.delete_folders(folders_to_delete, request.dry_run, changes)?;
    if skipped == 0 { Ok(()) } else { Err(Stop(Status::GateFailed)) }
}

impl Editing<'_, '_> {
    /// Enters the lane to change documents, and clears up after operations that were cut short.
    fn begin_changing(&mut self, request: &ManageRequest) -> Result<LaneGuard, Stop> {
        let lane = lane::expect(self.operation, self.session.fs(), request.task.word(), request.no_wait)?;
        recovery::recover_if_possible(self.operation, &**self.session.fs())?;
        Ok(lane)
    }
}
