//! One running operation.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use papack_queries::diagnostic::{Code, Diagnostic, Severity};
use papack_queries::schema::settings::Budget;

use super::cancel::Cancel;
use super::event::{EventKind, Observer, OperationResult, Stream};
use super::id::OperationId;
use super::levels::Policy;
use super::status::{Status, Stop};
use super::timings::{Span, Timings};

/// One running operation.
pub(crate) struct Operation<'o> {
    stream: Stream<'o>,
    /// Why the operation has no random id, where it has none.
    no_randomness: Option<getrandom::Error>,
    cancel: Cancel,
    timings: Timings,
    started: Instant,
    policy: Policy,
    budgets: Vec<Budget>,
    /// What was reported, as it was found.
    found: Vec<Diagnostic>,
    /// How many diagnostics were reported before the gate.
    count_before_gate: usize,
    /// Whether the settings are wrong, or a level makes an error of a diagnostic.
    is_denied: bool,
    /// Whether the operation began to read artifact files.
    has_begun_reading: bool,
    recovered: Vec<&'static str>,
}

/// An operation that ended, except for the last event of its stream.
pub(crate) struct Ended<'o> {
    stream: Stream<'o>,
    pub(crate) operation_id: OperationId,
    pub(crate) status: Status,
    pub(crate) elapsed_ms: u64,
    /// What was told.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// How many diagnostics were allowed, and not told.
    pub(crate) allowed_count: usize,
    /// Whether the operation began to read artifact files.
    pub(crate) had_begun_reading: bool,
    /// The outputs of a promotion that was cut short which the operation made final; if it only looks, those that the
    /// next one in the lane makes final.
    pub(crate) recovered: Vec<&'static str>,
}

impl<'o> Operation<'o> {
    /// Begins an operation.
    pub(crate) fn begin(cancel: &Cancel, timings: &Timings, observer: &'o Observer<'o>) -> Self {
        let started = Instant::now();
        let (operation_id, no_randomness) = match OperationId::random() {
            Ok(id) => (id, None),
            Err(error) => (OperationId::none(), Some(error)),
        };
        let operation = Self {
            stream: Stream::new(operation_id, observer),
            no_randomness,
            cancel: cancel.clone(),
            timings: timings.clone(),
            started,
            policy: Policy::default(),
            budgets: Vec::new(),
            found: Vec::new(),
            count_before_gate: 0,
            is_denied: false,
            has_begun_reading: false,
            recovered: Vec::new(),
        };
        operation.emit(EventKind::OperationStarted);
        operation
    }

    /// Runs `body`, the work of the operation, and returns how that ended. A panic in it is a status, too: a defect of
    /// papack must not end the editor or the watch that called it.
    pub(crate) fn attempt(&mut self, body: impl FnOnce(&mut Self) -> Result<(), Stop>) -> Status {
        if let Some(error) = self.no_randomness.take() {
            self.report(Diagnostic::error(Code::Io, format!("the operating system has no random bytes: {error}")));
            return Status::ExecutionFailed;
        }
        // One that was cancelled before it began does nothing.
        match catch_unwind(AssertUnwindSafe(|| self.check_cancelled().and_then(|()| body(self)))) {
            Ok(Ok(())) => Status::Success,
            Ok(Err(Stop(status))) => status,
            Err(panic) => {
                let fault = Diagnostic::error(Code::Internal, format!("papack panicked: {}", panic_message(&*panic)));
                self.report(fault.with_help("this is a defect of papack; please report it"));
                Status::ExecutionFailed
            }
        }
    }

    /// Ends the operation, except for the last event of its stream, which [`Ended::finish`] emits.
    pub(crate) fn end(self, status: Status) -> Ended<'o> {
        let Self { stream, started, policy, found, has_begun_reading, recovered, .. } = self;
        let found_count = found.len();
        let diagnostics: Vec<_> = found.into_iter().filter_map(|found| policy.told(found)).collect();
        Ended {
            operation_id: stream.operation_id().clone(),
            stream,
            status,
            elapsed_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            allowed_count: found_count - diagnostics.len(),
            diagnostics,
            had_begun_reading: has_begun_reading,
            recovered,
        }
    }

    /// Its id.
    pub(crate) fn id(&self) -> &OperationId {
        self.stream.operation_id()
    }

    /// Its events, for threads that emit some of their own.
    pub(crate) fn stream(&self) -> &Stream<'o> {
        &self.stream
    }

    /// The flag that cancels it.
    pub(crate) fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    /// The times of its steps.
    pub(crate) fn timings(&self) -> &Timings {
        &self.timings
    }

    /// Begins a step. Its time is measured until the span is dropped.
    pub(crate) fn step(&self, name: &'static str) -> Span {
        self.timings.step(name)
    }

    /// Emits an event.
    pub(crate) fn emit(&self, kind: EventKind) {
        self.stream.emit(kind);
    }

    /// Records that the operation reads artifact files from now on.
    pub(crate) fn begin_reading(&mut self) {
        self.has_begun_reading = true;
    }

    /// Sets with which severities diagnostics are told. Comes before all reports.
    pub(crate) fn set_policy(&mut self, policy: Policy) {
        self.policy = policy;
    }

    /// Sets the budgets that the gate judges.
    pub(crate) fn set_budgets(&mut self, budgets: Vec<Budget>) {
        self.budgets = budgets;
    }

    /// The budgets that the gate judges.
    pub(crate) fn budgets(&self) -> &[Budget] {
        &self.budgets
    }

    /// Records that a promotion which was cut short is completed, which makes `outputs` final; by an operation that only
    /// looks, that the next one in the lane completes it.
    pub(crate) fn note_recovered(&mut self, outputs: Vec<&'static str>) {
        self.recovered = outputs;
    }

    /// The outputs that [`note_recovered`](Self::note_recovered) recorded.
    pub(crate) fn recovered(&self) -> &[&'static str] {
        &self.recovered
    }

    /// Reports all faults of the snapshot, and emits that the gate is finished. Returns how many errors were told, those
    /// before the gate included.
    pub(crate) fn finish_gate(&mut self, faults: Vec<Diagnostic>) -> usize {
        self.count_before_gate = self.found.len();
        faults.into_iter().for_each(|fault| self.report(fault));
        let error_count = self.count(Severity::Error);
        self.emit(EventKind::GateFinished { error_count });
        error_count
    }

    /// Ends the operation at the gate, for faults that leave nothing else to check.
    pub(crate) fn refuse(&mut self, faults: Vec<Diagnostic>) -> Stop {
        self.finish_gate(faults);
        Stop(Status::GateFailed)
    }

    /// Reports what is wrong with the settings. No operation with a gate passes it after that.
    pub(crate) fn deny(&mut self, faults: Vec<Diagnostic>) {
        self.is_denied |= !faults.is_empty();
        faults.into_iter().for_each(|fault| self.report(fault));
    }

    /// Whether the settings are wrong, or a level makes an error of something that is none by itself.
    pub(crate) fn is_denied(&self) -> bool {
        self.is_denied
    }

    /// The diagnostics of the gate, and those reported since, as they were found.
    pub(crate) fn found_since_gate(&self) -> Vec<Diagnostic> {
        self.found[self.count_before_gate..].to_vec()
    }

    /// All diagnostics reported so far, as they were found, and the severity that each was told with.
    pub(crate) fn found(&self) -> impl Iterator<Item = (&Diagnostic, Option<Severity>)> {
        self.found.iter().map(|found| (found, self.policy.severity(found)))
    }

    /// How many diagnostics were told with this severity.
    pub(crate) fn count(&self, severity: Severity) -> usize {
        self.found().filter(|(_, told)| *told == Some(severity)).count()
    }

    /// Adds `diagnostic`, which is as it was found, to the result, and to the stream, unless it is not to be told.
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic.clone());
        let is_error = diagnostic.is_error();
        if let Some(told) = self.policy.told(diagnostic) {
            self.is_denied |= told.is_error() && !is_error;
            self.emit(EventKind::Diagnostic { diagnostic: told });
        }
    }

    /// Reports `fault` as a warning: this operation goes on.
    pub(crate) fn warn(&mut self, fault: Diagnostic) {
        self.report(Diagnostic { severity: Severity::Warning, ..fault });
    }

    /// Reports `fault`, and returns the reason to stop.
    pub(crate) fn fail(&mut self, status: Status, fault: Diagnostic) -> Stop {
        self.report(fault);
        Stop(status)
    }

    /// As [`fail`](Self::fail) with [`Status::ExecutionFailed`]. Where the operation was cancelled, `fault` is not
    /// reported and the cancellation is the reason to stop: a call that it cut short is no failure.
    pub(crate) fn fail_unless_cancelled(&mut self, fault: Diagnostic) -> Stop {
        match self.check_cancelled() {
            Err(cancelled) => cancelled,
            Ok(()) => self.fail(Status::ExecutionFailed, fault),
        }
    }

    /// Fails where the operation was cancelled.
    pub(crate) fn check_cancelled(&self) -> Result<(), Stop> {
        if self.cancel.is_cancelled() { Err(Stop(Status::Cancelled)) } else { Ok(()) }
    }
}

impl Ended<'_> {
    /// Emits the last event, with the service's `result`, and returns that.
    pub(crate) fn finish<R: OperationResult + Clone + 'static>(self, result: R) -> R {
        self.stream.emit(EventKind::OperationFinished { result: Arc::new(result.clone()) });
        result
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}
