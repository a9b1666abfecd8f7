//! One of the packings that are compared: an operation of its own, on a session and threads of its own.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use papack_queries::db::Database;
use papack_queries::diagnostic::{Code, Diagnostic};
use rayon::ThreadPool;

use super::change::first_change;
use super::compare::fault;
use crate::build::{Explanation, Outcomes, derive, freeze, pass_gate};
use crate::content::{OperationStore, PackingStore};
use crate::operation::{Event, EventKind, Operation, Status, Stop};
use crate::publish::Staging;
use crate::session::Session;
use crate::workspace::{Filter, WalkPolicy};

/// Passes on what a packing tells to the operation that it is part of. What several packings find is told once.
pub(super) struct Relay<'o, 's> {
    pub(super) operation: &'o mut Operation<'s>,
    told: HashSet<Diagnostic>,
}

impl<'o, 's> Relay<'o, 's> {
    pub(super) fn new(operation: &'o mut Operation<'s>) -> Self {
        Self { operation, told: HashSet::new() }
    }

    /// Packs what `session` shows, into a store of the operation's staging folder.
    pub(super) fn pack(
        &mut self,
        session: &mut Session,
        pool: &ThreadPool,
        staging: &Arc<Staging>,
        before: Option<Database>,
    ) -> Result<(Arc<PackingStore>, Outcomes), Stop> {
        self.run(session, pool, |session, packing| {
            let store = session.open_store(staging);
            let policy = WalkPolicy::packing(Filter::Included);
            let outcomes = derive_again(session, packing, policy, &*store, before)?;
            Ok((store, outcomes))
        })
    }

    /// Packs once more what `session` has packed, keeping no content: what is known need not be made again.
    pub(super) fn pack_again(
        &mut self,
        session: &mut Session,
        pool: &ThreadPool,
        before: Database,
    ) -> Result<Outcomes, Stop> {
        self.run(session, pool, |session, packing| {
            let probe = session.open_probe();
            let policy = WalkPolicy::runtime(Filter::Included);
            derive_again(session, packing, policy, &*probe, Some(before))
        })
    }

    fn run<T: Send>(
        &mut self,
        session: &mut Session,
        pool: &ThreadPool,
        body: impl FnOnce(&mut Session, &mut Operation<'_>) -> Result<T, Stop> + Send,
    ) -> Result<T, Stop> {
        let cancel = self.operation.cancel().clone();
        let relay = Mutex::new(self);
        let observer = |event: &Event| relay.lock().unwrap_or_else(PoisonError::into_inner).pass_on(&event.kind);
        let mut packed = None;
        let status = pool.install(|| {
            let ended = session.run(&cancel, &observer, |session, packing| {
                packed = Some(body(session, packing)?);
                Ok(())
            });
            ended.status
        });
        // Without success there is nothing; with it there is something.
        packed.filter(|_| status == Status::Success).ok_or(Stop(status))
    }

    fn pass_on(&mut self, kind: &EventKind) {
        match kind {
            EventKind::OperationStarted | EventKind::OperationFinished { .. } => {}
            EventKind::Diagnostic { diagnostic } => {
                if self.told.insert(diagnostic.clone()) {
                    self.operation.report(diagnostic.clone());
                }
            }
            other => self.operation.emit(other.clone()),
        }
    }
}

/// Everything that comes before assembly. The inputs must be those of `before`, whose gate was passed.
fn derive_again(
    session: &mut Session,
    operation: &mut Operation<'_>,
    policy: WalkPolicy,
    keeper: &dyn OperationStore,
    before: Option<Database>,
) -> Result<Outcomes, Stop> {
    let fs = Arc::clone(session.fs());
    let core = session.core_mut();
    let noticed = core.state.file_index.everything();
    let mut snapshot = freeze(operation, &*fs, core, policy, noticed, keeper)?;
    if let Some(path) = before.as_ref().and_then(|before| first_change(before, &core.graph.db)) {
        let fault = Diagnostic::error(Code::FileUnstable, "the file changed between two readings of the workspace");
        let fault = fault.at(path).with_help("verify again when nothing writes to it");
        return Err(operation.fail(Status::ExecutionFailed, fault));
    }
    let outcomes = derive(operation, core, policy, &mut snapshot, keeper, &mut Explanation::new(false))?;
    let passed = pass_gate(operation, &core.graph.db, Vec::new());
    if matches!(passed, Err(Stop(Status::GateFailed))) && before.is_some() {
        operation.report(fault("another packing of the same inputs finds faults where the first found none".into()));
    }
    passed.map(|()| outcomes)
}
