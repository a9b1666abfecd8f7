//! Reported changes that are not built yet. The listening thread adds them, the building thread takes them.

use std::collections::HashSet;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::report::{ChangeReport, OutputsTouched};
use crate::fs::FileSystem;
use crate::operation::{Cancel, Waker};
use crate::workspace::Changes;

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
    /// What may have changed since an operation on the session last examined all of it.
    unexamined: Changes,
    /// The cookies that somebody waits for.
    cookies: HashSet<String>,
    /// Whether the system does not tell of all changes.
    is_polled: bool,
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
    pub(super) fn add(&self, mut report: ChangeReport) {
        let cookies = std::mem::take(&mut report.cookies);
        if report == ChangeReport::default() && cookies.is_empty() {
            return;
        }
        let now = Instant::now();
        let mut state = self.state();
        state.unexamined.join(report.changes.clone());
        if report.is_lost {
            // Cookies may be among what is lost. What they would have told is told: anything may have changed.
            state.cookies.clear();
        }
        state.cookies.retain(|cookie| !cookies.contains(cookie));
        self.changed.notify_all();
        if report == ChangeReport::default() {
            return;
        }
        if let Some(build) = state.build.as_ref().filter(|_| !report.changes.is_none()) {
            build.cancel();
        }
        state.report.join(report);
        state.burst = Some((state.burst.map_or(now, |(first, _)| first), now));
    }

    /// Takes what may have changed since an operation on the session last examined all of it. The caller has locked the
    /// session, and puts back what its operation does not examine to the end. The system tells of a change by one name only: where
    /// a file in `fs` has others, anything may have changed.
    pub(super) fn take_unexamined(&self, fs: &dyn FileSystem) -> Changes {
        let changes = std::mem::replace(&mut self.state().unexamined, Changes::none());
        match &changes {
            Changes::Paths(paths) if paths.iter().any(|path| fs.has_other_names(path)) => Changes::Anything,
            _ => changes,
        }
    }

    /// Adds to what the next operation on the session has to examine.
    pub(super) fn put_back(&self, changes: Changes) {
        self.state().unexamined.join(changes);
    }

    /// Begins to wait for the cookie `name`, which is about to be made.
    pub(super) fn expect_cookie(&self, name: &str) {
        self.state().cookies.insert(name.to_owned());
    }

    /// Waits until the cookie `name` was seen: then all changes before it are in [`take_unexamined`](Self::take_unexamined).
    /// False if it does not come `until` then, or where the system does not tell of all changes.
    pub(super) fn wait_for_cookie(&self, name: &str, until: Instant) -> bool {
        let mut state = self.state();
        while !state.is_polled && !state.is_over && state.cookies.contains(name) {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        !state.cookies.remove(name) && !state.is_polled && !state.is_over
    }

    /// Records that the workspace is polled from now on, and why.
    pub(super) fn poll(&self, reason: String) {
        let mut state = self.state();
        state.polling = Some(reason);
        state.is_polled = true;
        drop(state);
        self.changed.notify_all();
    }

    /// Records that the system may not tell of all changes.
    pub(super) fn distrust(&self) {
        self.state().is_polled = true;
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
