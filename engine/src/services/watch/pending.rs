//! Reported changes that are not built yet. The listening thread adds them, the building thread takes them.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::report::{ChangeReport, OutputsTouched};
use crate::operation::{Cancel, Waker};

/// A burst of changes is over when nothing changed for this time.
pub(super) const QUIET: Duration = Duration::from_millis(50);

/// If changes never cease, a build begins all the same when the oldest of them has waited for this time. Later changes
/// do not cancel that build.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);

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
    /// When it was asked that a wait ends, although no change was reported.
    nudged_at: Option<Instant>,
    /// Ends a wait of the listening thread.
    waker: Option<Arc<Waker>>,
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

    /// Ends a [wait](Self::wait) of the building thread, that which it is in or else the next one: at once where it is
    /// cancelled, and else when no change is reported soon.
    pub(super) fn nudge(&self) {
        self.state().nudged_at = Some(Instant::now());
        self.changed.notify_all();
    }

    /// Waits until a burst of changes is over, and takes it, with the time when it began. Returns `None` if before that
    /// the time is `until`, or somebody [nudged](Self::nudge) it, or `cancel` is set, or a reason for polling waits to be
    /// taken.
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
            // What is reported right after it belongs to what it is about.
            let nudge_end = state.nudged_at.map(|at| at + QUIET).filter(|_| burst_end.is_none());
            if nudge_end.is_some_and(|end| now >= end) {
                state.nudged_at = None;
                return None;
            }
            let next = [burst_end, nudge_end, until].into_iter().flatten().map(|at| at - now).min();
            state = match next {
                Some(next) => self.changed.wait_timeout(state, next).unwrap_or_else(PoisonError::into_inner).0,
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// Ends the watch.
    pub(super) fn finish(&self) {
        let mut state = self.state();
        state.is_over = true;
        let waker = state.waker.take();
        drop(state);
        self.changed.notify_all();
        if let Some(wake) = waker {
            wake();
        }
    }

    /// Whether the watch is over. If it is not, its end calls `waker`.
    pub(super) fn is_over_else_wakes(&self, waker: Arc<Waker>) -> bool {
        let mut state = self.state();
        state.waker = Some(waker);
        state.is_over
    }

    /// Whether the watch is over, or gets so within this time.
    pub(super) fn is_over_within(&self, time: Duration) -> bool {
        let state = self.state();
        let waited = self.changed.wait_timeout_while(state, time, |state| !state.is_over);
        waited.unwrap_or_else(PoisonError::into_inner).0.is_over
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
