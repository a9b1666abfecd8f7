//! Reported changes that are not built yet. The listening thread adds them, the building thread takes them.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::report::{ChangeReport, OutputsTouched};
use crate::operation::Cancel;

/// A burst of changes is over when nothing changed for this time.
pub(super) const QUIET: Duration = Duration::from_millis(50);

/// If changes never cease, a build begins all the same when the oldest of them has waited for this time. Later changes
/// do not cancel that build.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);

/// How often a waiting thread checks whether the watch was cancelled.
pub(super) const TICK: Duration = Duration::from_millis(100);

/// Reported changes that are not built yet.
#[derive(Default)]
pub(super) struct Pending {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    report: ChangeReport,
    /// When the first and the last change of the burst was reported.
    burst: Option<(Instant, Instant)>,
    /// Why the workspace is polled, until [`Pending::take_polling`] returns it.
    polling: Option<String>,
    /// The running build, if a change is to cancel it.
    build: Option<Cancel>,
    is_over: bool,
}

impl Pending {
    /// Adds changes. If inputs changed, that cancels a running build which yields to changes.
    pub(super) fn add(&self, report: ChangeReport) {
        if report == ChangeReport::default() {
            return;
        }
        let now = Instant::now();
        let mut state = self.state();
        if let Some(build) = state.build.as_ref().filter(|_| !report.changes.is_none()) {
            build.cancel();
        }
        state.report.join(report);
        state.burst = Some((state.burst.map_or(now, |(first, _)| first), now));
        self.changed.notify_all();
    }

    /// Records that the workspace is polled from now on, and why.
    pub(super) fn poll(&self, reason: String) {
        self.state().polling = Some(reason);
        self.changed.notify_all();
    }

    /// Why the workspace is polled. Each reason is returned once.
    pub(super) fn take_polling(&self) -> Option<String> {
        self.state().polling.take()
    }

    /// Whether there is nothing to build.
    pub(super) fn is_empty(&self) -> bool {
        let state = self.state();
        state.report.changes.is_none() && state.report.outputs != OutputsTouched::Yes
    }

    /// Records that a build begins. If it `yields_to_changes`, the next change of an input cancels it.
    pub(super) fn begin_build(&self, build: &Cancel, yields_to_changes: bool) {
        let mut state = self.state();
        if yields_to_changes {
            if !state.report.changes.is_none() {
                build.cancel();
            }
            state.build = Some(build.clone());
        }
    }

    /// Records that the build has ended.
    pub(super) fn end_build(&self) {
        self.state().build = None;
    }

    /// Waits until a burst of changes is over, and takes it, with the time when it began. Returns `None` if before that
    /// the time is `until`, or `cancel` is set, or a reason for polling waits to be taken.
    pub(super) fn wait(&self, until: Option<Instant>, cancel: &Cancel) -> Option<(ChangeReport, Instant)> {
        let mut state = self.state();
        loop {
            let now = Instant::now();
            if let Some((first, last)) = state.burst
                && now >= (last + QUIET).min(first + PATIENCE)
            {
                state.burst = None;
                return Some((std::mem::take(&mut state.report), first));
            }
            if cancel.is_cancelled() || state.polling.is_some() || until.is_some_and(|until| now >= until) {
                return None;
            }
            let burst_end = state.burst.map(|(first, last)| (last + QUIET).min(first + PATIENCE));
            let next = [burst_end, until].into_iter().flatten().map(|at| at - now).min().unwrap_or(TICK);
            state = self.changed.wait_timeout(state, next.min(TICK)).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Ends the watch.
    pub(super) fn finish(&self) {
        self.state().is_over = true;
    }

    pub(super) fn is_over(&self) -> bool {
        self.state().is_over
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
