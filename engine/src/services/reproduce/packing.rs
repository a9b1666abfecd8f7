//! One of the packings that are compared. Each is an operation. The first and the second have a session and threads for
//! themselves; the third runs on those of the second.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use papack_queries::db::Database;
use papack_queries::diagnostic::{Code, Diagnostic, Severity};
use rayon::ThreadPool;

use super::change::first_change;
use super::compare::fault;
use crate::content::{OperationStore, PackingStore};
use crate::incremental::{Explanation, Outcomes, derive, freeze, pass_gate};
use crate::operation::{Event, EventKind, Operation, Status, Stop};
use crate::publish::Staging;
use crate::session::Session;
use crate::workspace::{Filter, WalkPolicy};

/// Passes the events of the packings on to the operation that they are part of. A diagnostic that several packings
/// report is passed on once.
pub(super) struct Relay<'o, 's> {
    pub(super) operation: &'o mut Operation<'s>,
    reported: HashSet<Diagnostic>,
}

impl<'o, 's> Relay<'o, 's> {
    pub(super) fn new(operation: &'o mut Operation<'s>) -> Self {
        Self { operation, reported: HashSet::new() }
    }

    /// Packs the workspace of `session`, into a store in the operation's staging folder. `first` is the database of the
    /// first packing; `None` if this is the first.
    pub(super) fn pack(
        &mut self,
        session: &mut Session,
        pool: &ThreadPool,
        staging: &Arc<Staging>,
        first: Option<Database>,
    ) -> Result<(Arc<PackingStore>, Outcomes), Stop> {
        self.run(session, pool, |session, packing| {
            let store = session.open_comparing_store(staging);
            let policy = WalkPolicy::packing(Filter::Included);
            let outcomes = derive_all(session, packing, policy, &*store, first)?;
            Ok((store, outcomes))
        })
    }

    /// Packs again what `session` has packed already, so that all derivations are reused. Keeps no contents.
    pub(super) fn pack_again(
        &mut self,
        session: &mut Session,
        pool: &ThreadPool,
        first: Database,
    ) -> Result<Outcomes, Stop> {
        self.run(session, pool, |session, packing| {
            let store = session.open_runtime_store();
            let policy = WalkPolicy::runtime(Filter::Included);
            derive_all(session, packing, policy, &*store, Some(first))
        })
    }

    /// Runs one packing on the threads of `pool`. A packing without success ends the operation with the same status.
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
        let relay = relay.into_inner().unwrap_or_else(PoisonError::into_inner);
        if relay.operation.is_denied() {
            return Err(Stop(Status::GateFailed));
        }
        // With success, `body` has set `packed`.
        packed.filter(|_| status == Status::Success).ok_or(Stop(status))
    }

    fn pass_on(&mut self, kind: &EventKind) {
        match kind {
            EventKind::OperationStarted | EventKind::OperationFinished { .. } => {}
            EventKind::Diagnostic { diagnostic } => {
                if self.reported.insert(diagnostic.clone()) {
                    self.operation.report(diagnostic.clone());
                }
            }
            // The levels of the operation may make errors of what the packing found.
            EventKind::GateFinished { .. } => {
                self.operation.emit(EventKind::GateFinished { error_count: self.operation.count(Severity::Error) });
            }
            other => self.operation.emit(other.clone()),
        }
    }
}

/// Reads and derives everything and passes the gate. If `first` is given, the inputs must be the same as in that
/// packing, which has passed its gate.
fn derive_all(
    session: &mut Session,
    operation: &mut Operation<'_>,
    policy: WalkPolicy,
    store: &dyn OperationStore,
    first: Option<Database>,
) -> Result<Outcomes, Stop> {
    let fs = Arc::clone(session.fs());
    let core = session.core_mut();
    let dirty_set = core.state.file_index.everything();
    let mut snapshot = freeze(operation, &*fs, core, policy, dirty_set, store)?;
    if let Some(path) = first.as_ref().and_then(|first| first_change(first, &core.graph.db)) {
        let fault = Diagnostic::error(Code::FileUnstable, "the file changed between two readings of the workspace");
        let fault = fault.at(path).with_help("verify again when nothing writes to it");
        return Err(operation.fail(Status::ExecutionFailed, fault));
    }
    let outcomes = derive(operation, core, policy, &mut snapshot, store, &mut Explanation::new(false))?;
    let passed = pass_gate(operation, &*fs, core, Vec::new());
    if matches!(passed, Err(Stop(Status::GateFailed))) && first.is_some() {
        operation.report(fault("another packing of the same inputs finds faults where the first found none".into()));
    }
    passed.map(|()| outcomes)
}
