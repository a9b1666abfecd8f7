//! What every service is: one operation on a session, with a stream of events and a true end.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use camino::{Utf8Path, Utf8PathBuf};
use papack_queries::diagnostic::{Code, Diagnostic, Severity};
use papack_queries::inputs::FileFault;
use papack_queries::pack::gate;
use serde::Serialize;

use crate::cancel::Cancel;
use crate::decision::Decision;
use crate::event::{EventKind, Observer, OperationId, OperationResult, Stream};
use crate::lane::{self, Held, Lane};
use crate::manage;
use crate::output::journal;
use crate::output::{self, staging};
use crate::read::io_diagnostic;
use crate::session::Session;

/// How an operation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// It did what was asked for; of a pack: the four artifacts are published.
    Success,
    /// Something is wrong with the workspace; of a pack: blocked before emission.
    GateFailed,
    /// Failed while reading, materializing, deriving, assembling or staging.
    ExecutionFailed,
    /// Failed while making the outputs final, or while completing an earlier promotion.
    PublicationFailed,
    /// Another operation holds the lane, and the caller does not wait.
    LaneBusy,
    /// The caller cancelled, of a pack: before promotion.
    Cancelled,
}

/// Why an operation ended without success. What it has to say is among the diagnostics already.
pub(crate) struct Stop(pub(crate) Status);

/// What an operation in the lane found of earlier ones that it could not deal with.
#[derive(Default)]
pub(crate) struct Recovery {
    /// What stands in the place of an output.
    pub(crate) blocked: Vec<Diagnostic>,
    /// Why an earlier promotion could not be completed.
    pub(crate) failure: Option<Diagnostic>,
    /// What else lies where outputs are staged, and cannot be removed.
    pub(crate) litter: Vec<Utf8PathBuf>,
}

/// One running operation.
pub(crate) struct Operation<'s> {
    pub(crate) session: &'s mut Session,
    pub(crate) stream: Stream<'s>,
    pub(crate) cancel: Cancel,
    diagnostics: Vec<Diagnostic>,
    /// How many of them were told before the gate.
    before_gate: usize,
    /// What was decided for each asset, where that is asked for.
    pub(crate) explained: Option<Vec<Decision>>,
    /// Whether it began to read artifact files.
    pub(crate) reads_inputs: bool,
}

/// An operation that ended, but for telling so.
pub(crate) struct Ended<'s> {
    stream: Stream<'s>,
    pub(crate) operation_id: OperationId,
    pub(crate) status: Status,
    pub(crate) elapsed_ms: u64,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) explained: Option<Vec<Decision>>,
    /// Whether it had begun to read artifact files.
    pub(crate) had_read_inputs: bool,
}

impl<'s> Operation<'s> {
    /// Runs `body` as an operation of `session`. Whatever happens in it, it ends with a status.
    pub(crate) fn run(
        session: &'s mut Session,
        cancel: &Cancel,
        observer: &'s Observer<'s>,
        body: impl FnOnce(&mut Self) -> Result<(), Stop>,
    ) -> Ended<'s> {
        let started = Instant::now();
        let (operation_id, no_randomness) = match OperationId::random() {
            Ok(id) => (id, None),
            Err(error) => (OperationId::none(), Some(error)),
        };
        let stream = Stream::new(operation_id.clone(), observer);
        stream.emit(EventKind::OperationStarted);
        let _step = session.timings.step("operation");
        let (cancel, diagnostics) = (cancel.clone(), Vec::new());
        let mut operation =
            Self { session, stream, cancel, diagnostics, before_gate: 0, explained: None, reads_inputs: false };
        let outcome = match no_randomness {
            Some(error) => {
                let fault = Diagnostic::error(Code::Io, format!("the operating system has no random bytes: {error}"));
                Err(operation.fail(Status::ExecutionFailed, fault))
            }
            None => operation.run_guarded(body),
        };
        let status = match outcome {
            Ok(()) => Status::Success,
            Err(Stop(status)) => status,
        };
        if status == Status::ExecutionFailed {
            // What was published may be the cause.
            operation.session.distrust_outputs();
        }
        operation.session.close_store();
        let elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let Self { stream, diagnostics, mut explained, reads_inputs, .. } = operation;
        explained.iter_mut().for_each(|decisions| decisions.sort_by_key(|decision| decision.asset_id));
        Ended { stream, operation_id, status, elapsed_ms, diagnostics, explained, had_read_inputs: reads_inputs }
    }

    /// A defect of papack's own must not take an editor or a watch down with it.
    fn run_guarded(&mut self, body: impl FnOnce(&mut Self) -> Result<(), Stop>) -> Result<(), Stop> {
        catch_unwind(AssertUnwindSafe(|| body(self))).unwrap_or_else(|panic| {
            let fault = Diagnostic::error(Code::Internal, format!("papack panicked: {}", panic_message(&*panic)));
            Err(self.fail(Status::ExecutionFailed, fault.with_help("this is a defect of papack; please report it")))
        })
    }

    /// Completes a promotion that an earlier operation began, and clears away what it left. The lane is ours.
    ///
    /// What stands in the place of an output is returned: then an earlier promotion may lie there, and nothing of it was
    /// touched.
    pub(crate) fn recover(&mut self) -> Result<Vec<Diagnostic>, Stop> {
        let Recovery { blocked, failure, litter } = self.try_to_recover()?;
        litter.first().into_iter().for_each(|path| self.tell(manage::irremovable(path)));
        failure.map_or(Ok(blocked), |fault| Err(self.fail(Status::PublicationFailed, fault)))
    }

    /// As [`recover`](Self::recover), for an operation that does not need the outputs: it only warns of what is in the way of
    /// them, and of a promotion that cannot be completed.
    pub(crate) fn recover_if_possible(&mut self) -> Result<(), Stop> {
        let Recovery { blocked, failure, .. } = self.try_to_recover()?;
        blocked.into_iter().chain(failure).for_each(|fault| self.warn(fault));
        Ok(())
    }

    /// As [`recover`](Self::recover), and tells what went wrong to whoever is to decide what that means.
    pub(crate) fn try_to_recover(&mut self) -> Result<Recovery, Stop> {
        let _step = self.session.timings.step("recover");
        let fs = self.session.fs.clone();
        manage::remove_stale(&*fs);
        let blocked = self.blocked_places()?;
        if !blocked.is_empty() {
            return Ok(Recovery { blocked, ..Recovery::default() });
        }
        match journal::recover(&*fs) {
            Ok(notice) => {
                notice.into_iter().for_each(|notice| self.tell(notice));
                Ok(Recovery { litter: staging::remove_stale(&*fs), ..Recovery::default() })
            }
            Err(fault) => Ok(Recovery { failure: Some(fault), ..Recovery::default() }),
        }
    }

    /// What every pack would stop at: what stands in the places of outputs, and a promotion that cannot be completed. One
    /// that the next operation in the lane completes is told as a warning, and so is an output that cannot be replaced.
    pub(crate) fn output_faults(&mut self) -> Result<Vec<Diagnostic>, Stop> {
        // A promotion that runs was not cut short, and is in nobody's way.
        let is_at_work = lane::is_held(&*self.session.fs);
        let found = if is_at_work { self.blocked_places()? } else { self.examine_outputs()? };
        let (faults, notices): (Vec<_>, Vec<_>) = found.into_iter().partition(Diagnostic::is_error);
        notices.into_iter().for_each(|notice| self.tell(notice));
        Ok(faults)
    }

    /// What is in the way of the next pack, while nobody is at work: what stands in the places of outputs; or else a promotion
    /// that was cut short; or else, as a warning, an output that cannot be replaced.
    pub(crate) fn examine_outputs(&mut self) -> Result<Vec<Diagnostic>, Stop> {
        let fs = self.session.fs.clone();
        let blocked = self.blocked_places()?;
        if !blocked.is_empty() {
            return Ok(blocked);
        }
        let pending = journal::pending(&*fs).map_err(|fault| self.fail(Status::ExecutionFailed, fault))?;
        let found = pending.or_else(|| journal::foresee_irreplaceable(&*fs, &output::NAMES));
        Ok(found.into_iter().collect())
    }

    /// What stands in the places of outputs.
    pub(crate) fn blocked_places(&mut self) -> Result<Vec<Diagnostic>, Stop> {
        let fs = self.session.fs.clone();
        output::blocked_places(&*fs).map_err(|error| self.io_failure(output::BUILD, &error))
    }

    /// Enters the write lane, to do what the word `what` says. It is left when this is dropped. There is none where a link
    /// is in the way.
    pub(crate) fn enter_lane(&mut self, what: &str, no_wait: bool) -> Result<Option<Held>, Stop> {
        let _step = self.session.timings.step("enter lane");
        let fs = self.session.fs.clone();
        let cancel = self.cancel.clone();
        let waiting = |holder: &str| {
            self.tell(Diagnostic::info(Code::LaneBusy, format!("{holder}; waiting for it to end")));
        };
        match lane::enter(&fs, what, !no_wait, &cancel, waiting) {
            Ok(Lane::Held(held)) => Ok(Some(held)),
            Ok(Lane::Busy(holder)) => {
                let fault = Diagnostic::error(Code::LaneBusy, holder);
                Err(self.fail(Status::LaneBusy, fault.with_help("wait for it to end, or leave out --no-wait")))
            }
            Ok(Lane::Cancelled) => Err(Stop(Status::Cancelled)),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                let fault = Diagnostic::error(Code::FileForbidden, "the registry's folder may not be read");
                Err(self.refuse(vec![fault.at(lane::LANE).with_help("check its permissions")]))
            }
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(None),
            Err(error) => Err(self.io_failure(lane::LANE, &error)),
        }
    }

    /// Ends the operation where a link is in the way of the lane.
    pub(crate) fn refuse_lane(&mut self) -> Stop {
        self.refuse(vec![FileFault::Link.diagnostic(lane::LANE)])
    }

    /// Tells what is wrong with the snapshot, after `more`. Any error among it ends the operation.
    pub(crate) fn pass_gate(&mut self, more: Vec<Diagnostic>) -> Result<(), Stop> {
        let error_count = self.tell_gate(more);
        self.check_cancelled()?;
        if error_count > 0 { Err(Stop(Status::GateFailed)) } else { Ok(()) }
    }

    /// Tells what is wrong with the snapshot, after `more`, and returns how many errors there are.
    pub(crate) fn tell_gate(&mut self, mut more: Vec<Diagnostic>) -> usize {
        let _step = self.session.timings.step("gate");
        let workspace = self.session.db.workspace();
        more.extend_from_slice(gate(&self.session.db, workspace));
        self.end_gate(more)
    }

    /// Ends the operation at the gate, for faults that leave nothing else to look at.
    pub(crate) fn refuse(&mut self, faults: Vec<Diagnostic>) -> Stop {
        self.end_gate(faults);
        Stop(Status::GateFailed)
    }

    /// Tells all that is wrong, and that this is all.
    pub(crate) fn end_gate(&mut self, faults: Vec<Diagnostic>) -> usize {
        let error_count = faults.iter().filter(|fault| fault.is_error()).count();
        self.before_gate = self.diagnostics.len();
        faults.into_iter().for_each(|fault| self.tell(fault));
        self.stream.emit(EventKind::GateFinished { error_count });
        error_count
    }

    /// What was told at the gate, and since.
    pub(crate) fn told_at_gate(&self) -> &[Diagnostic] {
        &self.diagnostics[self.before_gate..]
    }

    /// Everything that was told so far.
    pub(crate) fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Adds `diagnostic` to the stream and to the result.
    pub(crate) fn tell(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic.clone());
        self.stream.emit(EventKind::Diagnostic { diagnostic });
    }

    /// Tells `fault` as a warning: this operation goes on.
    pub(crate) fn warn(&mut self, fault: Diagnostic) {
        self.tell(Diagnostic { severity: Severity::Warning, ..fault });
    }

    /// Tells `fault`, and gives the reason to stop.
    pub(crate) fn fail(&mut self, status: Status, fault: Diagnostic) -> Stop {
        self.tell(fault);
        Stop(status)
    }

    pub(crate) fn io_failure(&mut self, path: &str, error: &io::Error) -> Stop {
        self.fail(Status::ExecutionFailed, io_diagnostic(Utf8Path::new(path), error))
    }

    pub(crate) fn check_cancelled(&self) -> Result<(), Stop> {
        if self.cancel.is_cancelled() { Err(Stop(Status::Cancelled)) } else { Ok(()) }
    }
}

impl Ended<'_> {
    /// Tells the observer how it ended, and the caller too.
    pub(crate) fn tell<R: Clone + Into<OperationResult>>(self, result: R) -> R {
        self.stream.emit(EventKind::OperationFinished { result: Box::new(result.clone().into()) });
        result
    }
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}
