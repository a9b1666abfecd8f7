//! The half of a watch that builds: it waits for a burst of changes to end, packs, and waits again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use papack_queries::unmanaged_folders::UnmanagedFolder;

use super::super::named_assets::look_for_unmanaged;
use super::super::pack::{PackRequest, PackResult};
use super::events::{WatchEnd, WatchEvent, WatchObserver, WatchRequest};
use super::pending::{PATIENCE, Pending};
use super::report::{ChangeReport, OutputsTouched};
use crate::operation::{OperationId, Status};
use crate::session::Session;
use crate::workspace::layout::BUILD;
use crate::workspace::{Changes, OutputFingerprints};

/// The half of a watch that builds.
pub(super) struct Building<'w> {
    session: &'w Mutex<Session>,
    request: &'w WatchRequest,
    observer: &'w dyn WatchObserver,
    pending: &'w Pending,
    /// When the build state was last written to the cache.
    last_saved: Option<Instant>,
    /// The last build.
    last_build: Option<OperationId>,
    /// The folders that no asset takes in, as they were last reported.
    unmanaged: Vec<UnmanagedFolder>,
    /// The [revision](crate::workspace::BuildState::names_revision) of the names when these folders were looked for.
    unmanaged_revision: Option<u64>,
}

impl Drop for Building<'_> {
    fn drop(&mut self) {
        let mut session = lock(self.session);
        session.set_defers_saving(false);
        // Others may have used the session since the last build was saved.
        if let Some(operation) = self.last_build.take() {
            session.save_outside_lane(&operation);
        }
    }
}

impl<'w> Building<'w> {
    /// The least time between two writes of the build state to the cache.
    const SAVE_INTERVAL: Duration = Duration::from_secs(10);

    /// How many of the changed paths, and of the folders that no asset takes in, an event names.
    const MAX_PATHS: usize = 10;

    /// The first and the longest delay before a build that failed is tried again, and before racy files are read again.
    /// The delay doubles each time.
    const FIRST_RETRY: Duration = Duration::from_secs(1);
    const LAST_RETRY: Duration = Duration::from_secs(60);

    pub(super) fn new(
        session: &'w Mutex<Session>,
        request: &'w WatchRequest,
        observer: &'w dyn WatchObserver,
        pending: &'w Pending,
    ) -> Self {
        lock(session).set_defers_saving(true);
        Self {
            session,
            request,
            observer,
            pending,
            last_saved: None,
            last_build: None,
            unmanaged: Vec::new(),
            unmanaged_revision: None,
        }
    }

    pub(super) fn run(mut self) -> WatchEnd {
        let fs = Arc::clone(lock(self.session).fs());
        self.observer.watch(&WatchEvent::Watching);
        self.report_polling();
        // When the oldest change was reported that no build has examined to the end.
        let mut waiting_since = None;
        let mut retry_after = Self::FIRST_RETRY;
        loop {
            let since = waiting_since.unwrap_or_else(Instant::now);
            let (result, is_cancelled) = self.build(since.elapsed() < PATIENCE);
            let mut retry_at = None;
            match result.status {
                Status::Cancelled if self.request.cancel.is_cancelled() => return WatchEnd::Cancelled,
                Status::ExecutionFailed | Status::PublicationFailed => {
                    if matches!(fs.is_there(), Ok(false)) {
                        return WatchEnd::WorkspaceGone;
                    }
                    retry_at = Some(Instant::now() + retry_after);
                }
                Status::Success | Status::GateFailed | Status::Cancelled | Status::LaneBusy => {}
            }
            waiting_since = waiting_since.filter(|_| result.status == Status::Cancelled);
            if !is_cancelled && self.pending.is_empty() {
                let after_ms = u64::try_from(retry_after.as_millis()).unwrap_or(u64::MAX);
                self.report_unmanaged();
                let event = retry_at.map_or(WatchEvent::Waiting, |_| WatchEvent::Retrying { after_ms });
                self.observer.watch(&event);
            }
            retry_after = if retry_at.is_some() { (retry_after * 2).min(Self::LAST_RETRY) } else { Self::FIRST_RETRY };
            let Some((changes, first)) = self.next(retry_at) else { return WatchEnd::Ended };
            self.pending.put_back(changes);
            waiting_since.get_or_insert(first);
        }
    }

    /// Packs what may have changed. Also returns whether a change, or the caller, has cancelled the build.
    fn build(&mut self, yields_to_changes: bool) -> (PackResult, bool) {
        let cancel = self.request.cancel.part();
        self.pending.begin_build(&cancel, yields_to_changes);
        let mut session = lock(self.session);
        let changes = self.pending.take_unexamined(&**session.fs());
        session.set_changes(changes.clone());
        // If the build fails, the outputs stay as they are now.
        let fingerprints = OutputFingerprints::take(&**session.fs());
        session.outputs_mut().fingerprints = fingerprints;
        let request = PackRequest { cancel, levels: self.request.levels.clone(), ..PackRequest::default() };
        let observer = self.observer;
        let result = session.pack(&request, &|event| observer.build(event));
        self.pending.end_build();
        if result.status != Status::Success {
            // It may not have examined all of them.
            self.pending.put_back(changes);
        }
        observer.built(&result, &session);
        // This build knows of them.
        session.core_mut().take_found_changes();
        drop(session);
        self.save(&result);
        (result, request.cancel.is_cancelled())
    }

    /// Writes the build state to the cache if that is due. It takes time, and nobody waits for the result.
    fn save(&mut self, result: &PackResult) {
        let is_due = self.last_saved.is_none_or(|saved| saved.elapsed() >= Self::SAVE_INTERVAL);
        if is_due && lock(self.session).save_outside_lane(&result.operation_id) {
            self.last_saved = Some(Instant::now());
        }
        self.last_build = Some(result.operation_id.clone());
    }

    /// Waits until the next build is due. Returns what has changed and when the first change was reported, or `None` if
    /// the watch is to end.
    fn next(&mut self, retry_at: Option<Instant>) -> Option<(Changes, Instant)> {
        let mut delay = Self::FIRST_RETRY;
        let mut reread_at = self.reread_after(delay);
        loop {
            let until = [retry_at, reread_at].into_iter().flatten().min();
            let burst = self.pending.wait(until, &self.request.cancel);
            if self.request.cancel.is_cancelled() {
                return None;
            }
            self.report_polling();
            let is_past = |at: Option<Instant>| at.is_some_and(|at| Instant::now() >= at);
            let (report, first) = match burst {
                Some(burst) => burst,
                None if is_past(retry_at) => return Some((Changes::none(), Instant::now())),
                None if is_past(reread_at) => {
                    delay = (delay * 2).min(Self::LAST_RETRY);
                    let changed = lock(self.session).reread_racy(&self.request.cancel);
                    reread_at = self.reread_after(delay);
                    (ChangeReport { changes: Changes::Paths(changed), ..ChangeReport::default() }, Instant::now())
                }
                None if lock(self.session).core_mut().take_found_changes() => {
                    return Some((Changes::none(), Instant::now()));
                }
                None => {
                    reread_at = reread_at.or_else(|| self.reread_after(delay));
                    continue;
                }
            };
            let changes = self.changes(report);
            if !changes.is_none() {
                return Some((changes, first));
            }
        }
    }

    /// When to read racy files again, if there are any. The end of a change is not always reported: not while the
    /// workspace is polled, and not for a file that is written by a name outside the workspace.
    fn reread_after(&self, delay: Duration) -> Option<Instant> {
        lock(self.session).core().state.is_racy().then(|| Instant::now() + delay)
    }

    /// The changes to build, which are reported to the observer. `build/` is one of them if the outputs are not those
    /// of the last build.
    fn changes(&self, report: ChangeReport) -> Changes {
        let mut changes = report.changes;
        let are_outputs_touched = match report.outputs {
            OutputsTouched::No => false,
            OutputsTouched::Perhaps => {
                let session = lock(self.session);
                OutputFingerprints::take(&**session.fs()) != session.outputs().fingerprints
            }
            OutputsTouched::Yes => true,
        };
        if are_outputs_touched {
            changes.add(BUILD.into());
        }
        if report.is_lost {
            self.observer.watch(&WatchEvent::Rescan);
        }
        match &changes {
            Changes::Anything => self.observer.watch(&WatchEvent::Changed { paths: Vec::new(), count: None }),
            Changes::Paths(paths) if !paths.is_empty() => {
                let first = paths.iter().take(Self::MAX_PATHS).map(ToString::to_string).collect();
                self.observer.watch(&WatchEvent::Changed { paths: first, count: Some(paths.len()) });
            }
            Changes::Paths(_) => {}
        }
        changes
    }

    /// Reports the folders that no asset takes in, if they are others than before. While they are not known, those of before
    /// stand.
    fn report_unmanaged(&mut self) {
        let mut session = lock(self.session);
        let revision = session.core().state.names_revision;
        if self.unmanaged_revision == Some(revision) {
            return;
        }
        // Where a watch begins and nothing changed since the last pack, no operation has asked yet what is registered.
        let is_first = self.unmanaged_revision.is_none();
        let fs = Arc::clone(session.fs());
        let look = || if is_first { look_for_unmanaged(&*fs) } else { None };
        let folders = session.core_mut().files_beside().folders.clone().or_else(look);
        drop(session);
        let Some(folders) = folders else { return };
        self.unmanaged_revision = Some(revision);
        if folders != self.unmanaged {
            let first = folders.iter().take(Self::MAX_PATHS).cloned().collect();
            self.observer.watch(&WatchEvent::Unmanaged { folders: first, count: folders.len() });
            self.unmanaged = folders;
        }
    }

    fn report_polling(&self) {
        if let Some(reason) = self.pending.take_polling() {
            self.observer.watch(&WatchEvent::Polling { reason });
        }
    }
}

/// Locks the session. It can be used even if another thread panicked with the lock: the next operation makes up for one
/// that was interrupted.
pub(super) fn lock(session: &Mutex<Session>) -> MutexGuard<'_, Session> {
    session.lock().unwrap_or_else(PoisonError::into_inner)
}
