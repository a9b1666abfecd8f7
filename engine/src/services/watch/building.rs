//! The half of a watch that builds: it waits for a burst of changes to end, packs, and waits again.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::super::pack::{PackRequest, PackResult};
use super::events::{WatchEnd, WatchEvent, WatchObserver, WatchRequest};
use super::noticed::{Notices, Touch};
use super::pending::{PATIENCE, Pending};
use crate::operation::{EventKind, OperationId, Status};
use crate::session::Session;
use crate::workspace::layout::BUILD;
use crate::workspace::{Changes, OutputFingerprints};

/// The half of a watch that builds.
pub(super) struct Building<'w> {
    session: &'w Mutex<Session>,
    request: &'w WatchRequest,
    observer: &'w dyn WatchObserver,
    pending: &'w Pending,
    /// How many files were in the last snapshot.
    file_count: AtomicUsize,
    /// When what is known was last kept for the next process.
    kept: Option<Instant>,
    /// The last operation that was not.
    unkept: Option<OperationId>,
}

impl Drop for Building<'_> {
    fn drop(&mut self) {
        let mut session = lock(self.session);
        session.set_defers_saving(false);
        if let Some(operation) = self.unkept.take() {
            session.save_outside_lane(&operation);
        }
    }
}

impl<'w> Building<'w> {
    /// How long what is known may only be known to this process.
    const KEEP_AFTER: Duration = Duration::from_secs(10);

    /// How many of the changed paths are told.
    const TOLD: usize = 10;

    /// After how long a build that failed is tried again, and a file is looked at again that may have changed under its stamp,
    /// at first and at most. It is doubled each time.
    const FIRST_RETRY: Duration = Duration::from_secs(1);
    const LAST_RETRY: Duration = Duration::from_secs(60);

    /// More files than these and twice those that there are now need not be remembered.
    const MOST_FORMER_FILES: usize = 10_000;

    pub(super) fn new(
        session: &'w Mutex<Session>,
        request: &'w WatchRequest,
        observer: &'w dyn WatchObserver,
        pending: &'w Pending,
    ) -> Self {
        lock(session).set_defers_saving(true);
        Self { session, request, observer, pending, file_count: AtomicUsize::new(0), kept: None, unkept: None }
    }

    pub(super) fn run(mut self) -> WatchEnd {
        let fs = Arc::clone(lock(self.session).fs());
        self.observer.watch(&WatchEvent::Watching);
        self.tell_polling();
        // What changed since the last build that succeeded, and since when there is something that no build looked at.
        let mut unbuilt = Changes::Anything;
        let mut waiting = None;
        let mut retry_after = Self::FIRST_RETRY;
        loop {
            let since = waiting.unwrap_or_else(Instant::now);
            let (result, is_overtaken) = self.build(unbuilt.clone(), since.elapsed() < PATIENCE);
            let mut retry_at = None;
            match result.status {
                Status::Success => {
                    unbuilt = Changes::none();
                    self.forget_former();
                }
                Status::Cancelled if self.request.cancel.is_cancelled() => return WatchEnd::Cancelled,
                Status::ExecutionFailed | Status::PublicationFailed => {
                    if matches!(fs.is_there(), Ok(false)) {
                        return WatchEnd::WorkspaceGone;
                    }
                    retry_at = Some(Instant::now() + retry_after);
                }
                Status::GateFailed | Status::Cancelled | Status::LaneBusy => {}
            }
            waiting = waiting.filter(|_| result.status == Status::Cancelled);
            if !is_overtaken && self.pending.is_empty() {
                let after_ms = u64::try_from(retry_after.as_millis()).unwrap_or(u64::MAX);
                let event = retry_at.map_or(WatchEvent::Waiting, |_| WatchEvent::Retrying { after_ms });
                self.observer.watch(&event);
            }
            retry_after = if retry_at.is_some() { (retry_after * 2).min(Self::LAST_RETRY) } else { Self::FIRST_RETRY };
            let Some((changes, first)) = self.next(retry_at) else { return WatchEnd::Ended };
            unbuilt.join(changes);
            waiting.get_or_insert(first);
        }
    }

    /// Packs, and tells whether that was cancelled.
    fn build(&mut self, changes: Changes, may_be_overtaken: bool) -> (PackResult, bool) {
        let cancel = self.request.cancel.part();
        self.pending.begin_build(&cancel, may_be_overtaken);
        let mut session = lock(self.session);
        session.set_changes(changes);
        // What a build that fails leaves is what it found.
        let fingerprints = OutputFingerprints::take(&**session.fs());
        session.outputs_mut().fingerprints = fingerprints;
        let request = PackRequest { cancel, ..PackRequest::default() };
        let observer = self.observer;
        let file_count = &self.file_count;
        let result = session.pack(&request, &|event| {
            if let EventKind::SnapshotFrozen { file_count: count, .. } = event.kind {
                file_count.store(count, Ordering::Relaxed);
            }
            observer.build(event);
        });
        self.pending.end_build();
        observer.built(&result, &session);
        drop(session);
        self.keep(&result);
        (result, request.cancel.is_cancelled())
    }

    /// Keeps what is known for the next process, now and then: it takes its time, and nobody waits for it.
    fn keep(&mut self, result: &PackResult) {
        let is_due = self.kept.is_none_or(|kept| kept.elapsed() >= Self::KEEP_AFTER);
        if is_due && lock(self.session).save_outside_lane(&result.operation_id) {
            self.kept = Some(Instant::now());
            self.unkept = None;
        } else {
            self.unkept = Some(result.operation_id.clone());
        }
    }

    /// Has the session let go of its database, if that holds mostly files that are no more: in a day there may be many.
    fn forget_former(&mut self) {
        let mut session = lock(self.session);
        let graph = &mut session.core_mut().graph;
        if graph.db.file_count() > 2 * self.file_count.load(Ordering::Relaxed) + Self::MOST_FORMER_FILES {
            graph.reset();
        }
    }

    /// Waits for the next build to be due: what changed meanwhile, and since when. None where the watch is to end.
    fn next(&mut self, retry_at: Option<Instant>) -> Option<(Changes, Instant)> {
        let mut rest = Self::FIRST_RETRY;
        let mut look_at = self.look_again_after(rest);
        loop {
            let until = [retry_at, look_at].into_iter().flatten().min();
            let burst = self.pending.wait(until, &self.request.cancel);
            if self.request.cancel.is_cancelled() {
                return None;
            }
            self.tell_polling();
            let is_past = |at: Option<Instant>| at.is_some_and(|at| Instant::now() >= at);
            let (noticed, first) = match burst {
                Some(burst) => burst,
                None if is_past(retry_at) => return Some((Changes::none(), Instant::now())),
                None if is_past(look_at) => {
                    rest = (rest * 2).min(Self::LAST_RETRY);
                    let changed = lock(self.session).reread_racy(&self.request.cancel);
                    look_at = self.look_again_after(rest);
                    (Notices { changes: Changes::Paths(changed), ..Notices::default() }, Instant::now())
                }
                None => continue,
            };
            let changes = self.changes(noticed);
            if !changes.is_none() {
                return Some((changes, first));
            }
        }
    }

    /// When to look again at files that may have changed under their stamps, if there are any. Not every end of a change is
    /// told: not where the system is polled, nor by a name outside the workspace.
    fn look_again_after(&self, rest: Duration) -> Option<Instant> {
        lock(self.session).core().state.is_racy().then(|| Instant::now() + rest)
    }

    /// What changed, the outputs included where they are not what the last build left. It is told.
    fn changes(&self, noticed: Notices) -> Changes {
        let mut changes = noticed.changes;
        let is_touched = match noticed.outputs {
            Touch::No => false,
            Touch::Perhaps => {
                let session = lock(self.session);
                OutputFingerprints::take(&**session.fs()) != session.outputs().fingerprints
            }
            Touch::Yes => true,
        };
        if is_touched {
            changes.add(BUILD.into());
        }
        if noticed.is_lost {
            self.observer.watch(&WatchEvent::Rescan);
        }
        match &changes {
            Changes::Anything => self.observer.watch(&WatchEvent::Changed { paths: Vec::new(), count: None }),
            Changes::Paths(paths) if !paths.is_empty() => {
                let first = paths.iter().take(Self::TOLD).map(ToString::to_string).collect();
                self.observer.watch(&WatchEvent::Changed { paths: first, count: Some(paths.len()) });
            }
            Changes::Paths(_) => {}
        }
        changes
    }

    fn tell_polling(&self) {
        if let Some(reason) = self.pending.take_polling() {
            self.observer.watch(&WatchEvent::Polling { reason });
        }
    }
}

/// The session, which is whole even if somebody panicked while it was theirs: an operation that came to no end is made up for by
/// the next one.
pub(super) fn lock(session: &Mutex<Session>) -> MutexGuard<'_, Session> {
    session.lock().unwrap_or_else(PoisonError::into_inner)
}
