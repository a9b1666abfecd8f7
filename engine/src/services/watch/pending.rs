//! What was noticed and not built yet: filled by the thread that listens, emptied by the one that builds.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::noticed::{Notices, Touch};
use crate::operation::Cancel;

/// A burst of changes is over when this long nothing changed.
pub(super) const QUIET: Duration = Duration::from_millis(50);

/// Where changes never cease, a build begins all the same when the first of them is this old, and is not overtaken.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);

/// How often those who wait look whether the watch was cancelled.
pub(super) const TICK: Duration = Duration::from_millis(100);

/// What was noticed and not built yet.
#[derive(Default)]
pub(super) struct Pending {
    state: Mutex<State>,
    more: Condvar,
}

#[derive(Default)]
struct State {
    noticed: Notices,
    /// When the first and the last of it was noticed.
    since: Option<(Instant, Instant)>,
    /// Why nothing but looking again and again is left, until that is told.
    polling: Option<String>,
    /// The build that is under way, where a change may overtake it.
    build: Option<Cancel>,
    is_over: bool,
}

impl Pending {
    /// Adds what was noticed. Where inputs changed, a build that is under way is overtaken.
    pub(super) fn add(&self, noticed: Notices) {
        if noticed == Notices::default() {
            return;
        }
        let now = Instant::now();
        let mut state = self.state();
        if let Some(build) = state.build.as_ref().filter(|_| !noticed.changes.is_none()) {
            build.cancel();
        }
        state.noticed.changes.join(noticed.changes);
        state.noticed.outputs.join(noticed.outputs);
        state.noticed.is_lost |= noticed.is_lost;
        state.since = Some((state.since.map_or(now, |(first, _)| first), now));
        self.more.notify_all();
    }

    /// Says that changes are only found by looking again and again from now on, and why.
    pub(super) fn poll(&self, reason: String) {
        self.state().polling = Some(reason);
        self.more.notify_all();
    }

    /// Why there is only polling, once.
    pub(super) fn take_polling(&self) -> Option<String> {
        self.state().polling.take()
    }

    /// Whether there is nothing to build.
    pub(super) fn is_empty(&self) -> bool {
        let state = self.state();
        state.noticed.changes.is_none() && state.noticed.outputs != Touch::Yes
    }

    /// Says that a build begins, and whether a change may overtake it.
    pub(super) fn begin_build(&self, build: &Cancel, may_be_overtaken: bool) {
        let mut state = self.state();
        if may_be_overtaken {
            if !state.noticed.changes.is_none() {
                build.cancel();
            }
            state.build = Some(build.clone());
        }
    }

    /// Says that the build has ended.
    pub(super) fn end_build(&self) {
        self.state().build = None;
    }

    /// Waits until a burst is over, and takes it, with the time when it began; or until `until`, or until `cancel` is set,
    /// or there is only polling left, which is told first.
    pub(super) fn wait(&self, until: Option<Instant>, cancel: &Cancel) -> Option<(Notices, Instant)> {
        let mut state = self.state();
        loop {
            let now = Instant::now();
            if let Some((first, last)) = state.since
                && now >= (last + QUIET).min(first + PATIENCE)
            {
                state.since = None;
                return Some((std::mem::take(&mut state.noticed), first));
            }
            if cancel.is_cancelled() || state.polling.is_some() || until.is_some_and(|until| now >= until) {
                return None;
            }
            let burst = state.since.map(|(first, last)| (last + QUIET).min(first + PATIENCE));
            let next = [burst, until].into_iter().flatten().map(|at| at - now).min().unwrap_or(TICK);
            state = self.more.wait_timeout(state, next.min(TICK)).unwrap_or_else(PoisonError::into_inner).0;
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
