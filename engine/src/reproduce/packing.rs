//! One of the packings that are compared: an operation of its own, on a session and threads of its own.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use papack_queries::db::Database;
use papack_queries::diagnostic::{Code, Diagnostic};
use rayon::ThreadPool;

use super::change::first_change;
use super::compare::fault;
use crate::derive::Outcomes;
use crate::event::{Event, EventKind};
use crate::operation::{Operation, Status, Stop};
use crate::output::staging::Staging;
use crate::projection::Filter;
use crate::session::Session;
use crate::store::{Keeper, Store};

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
    ) -> Result<(Arc<Store>, Outcomes), Stop> {
        self.run(session, pool, |packing| {
            let store = packing.session.open_store(staging);
            let outcomes = packing.derive_again(&*store, before)?;
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
        self.run(session, pool, |packing| {
            let probe = packing.session.open_probe();
            packing.derive_again(&*probe, Some(before))
        })
    }

    fn run<T: Send>(
        &mut self,
        session: &mut Session,
        pool: &ThreadPool,
        body: impl FnOnce(&mut Operation<'_>) -> Result<T, Stop> + Send,
    ) -> Result<T, Stop> {
        let cancel = self.operation.cancel.clone();
        let relay = Mutex::new(self);
        let observer = |event: &Event| relay.lock().unwrap_or_else(PoisonError::into_inner).pass_on(&event.kind);
        let mut packed = None;
        let status = pool.install(|| {
            let ended = Operation::run(session, &cancel, &observer, |packing| {
                packed = Some(body(packing)?);
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
                    self.operation.tell(diagnostic.clone());
                }
            }
            other => self.operation.stream.emit(other.clone()),
        }
    }
}

impl Operation<'_> {
    /// Everything that comes before assembly. The inputs must be those of `before`, whose gate was passed.
    fn derive_again(&mut self, keeper: &dyn Keeper, before: Option<Database>) -> Result<Outcomes, Stop> {
        let noticed = self.session.known.seen.everything();
        let mut snapshot = self.freeze(Filter::Included, noticed, keeper)?;
        if let Some(path) = before.as_ref().and_then(|before| first_change(before, &self.session.db)) {
            let fault = Diagnostic::error(Code::FileUnstable, "the file changed between two readings of the workspace");
            let fault = fault.at(path).with_help("verify again when nothing writes to it");
            return Err(self.fail(Status::ExecutionFailed, fault));
        }
        let outcomes = self.derive(Filter::Included, &mut snapshot, keeper)?;
        let passed = self.pass_gate(Vec::new());
        if matches!(passed, Err(Stop(Status::GateFailed))) && before.is_some() {
            self.tell(fault("another packing of the same inputs finds faults where the first found none".into()));
        }
        passed.map(|()| outcomes)
    }
}
