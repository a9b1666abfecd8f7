//! `watch`: packs whenever something changed.
//!
//! Two threads share a [`Pending`]. One listens: it keeps watches on the folders, and notes what the system tells. The
//! other one builds: it waits for a burst of changes to end, packs, and waits again. Each build is an operation like any
//! other; between two of them the watch holds no lane.

mod folders;
mod pending;
mod polling;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::cancel::Cancel;
use crate::changes::Changes;
use crate::event::{Event, EventKind};
use crate::fs::FileSystem;
use crate::operation::Status;
use crate::output::BUILD;
use crate::output::traces::Traces;
use crate::pack::{PackRequest, PackResult};
use crate::session::Session;

use folders::{Folders, Noticed, Touch};
use pending::{PATIENCE, Pending, TICK};
use polling::Polling;

/// What a caller wants of a watch.
#[derive(Debug, Clone, Default)]
pub struct WatchRequest {
    /// Set to end the watch.
    pub cancel: Cancel,
}

/// How a watch ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WatchEnd {
    /// The caller ended it, between two builds.
    Ended,
    /// The caller ended it, and a build with it.
    Cancelled,
    /// The folder of the workspace is gone.
    WorkspaceGone,
}

/// What a watch tells between its builds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WatchEvent {
    /// From now on no change is missed. Always first.
    Watching,
    /// The system does not tell of changes, or not of all: the workspace is looked at again and again instead.
    Polling {
        /// Why.
        reason: String,
    },
    /// The system lost changes: everything is looked at anew.
    Rescan,
    /// Something changed, and a build begins.
    Changed {
        /// The first of the changed paths below the workspace, in the order of names. Each stands for all below it, too.
        paths: Vec<String>,
        /// How many there are; none where anything may have changed.
        count: Option<usize>,
    },
    /// The last build failed for a reason that may pass. Without a change, the next one begins then.
    Retrying {
        /// In how many milliseconds.
        after_ms: u64,
    },
    /// All that changed is built.
    Waiting,
    /// The watch ended. Always last.
    Finished {
        /// How.
        end: WatchEnd,
    },
}

/// Who is told what a watch does, on whatever thread it happens, one at a time and in order.
pub trait WatchObserver: Sync {
    /// Tells what the watch does between its builds.
    fn watch(&self, event: &WatchEvent);

    /// Tells an event of a build.
    fn build(&self, event: &Event);

    /// Tells the result of a build. The texts of `session` are those that its diagnostics speak of.
    fn built(&self, result: &PackResult, session: &Session);
}

impl Session {
    /// Packs the workspace, and again whenever something changed, until the caller ends it.
    ///
    /// # Errors
    ///
    /// When no thread can be started.
    pub fn watch(&mut self, request: &WatchRequest, observer: &dyn WatchObserver) -> io::Result<WatchEnd> {
        let fs = Arc::clone(&self.fs);
        let pending = Pending::default();
        let source = Source::new(&fs, &pending);
        let end = std::thread::scope(|scope| {
            let listener = std::thread::Builder::new().name("papack watch".into());
            listener.spawn_scoped(scope, || source.listen(&fs, &pending))?;
            let _finishing = Finishing(&pending);
            Ok::<_, io::Error>(
                Building { session: self, request, observer, pending: &pending, file_count: AtomicUsize::new(0) }.run(),
            )
        })?;
        observer.watch(&WatchEvent::Finished { end });
        Ok(end)
    }
}

/// Where changes are learnt from.
enum Source {
    Folders(Folders),
    Polling(Polling),
}

impl Source {
    fn new(fs: &Arc<dyn FileSystem>, pending: &Pending) -> Self {
        match Folders::new(fs) {
            Ok(folders) => Self::Folders(folders),
            Err(error) => Self::polling(fs, pending, &error),
        }
    }

    fn polling(fs: &Arc<dyn FileSystem>, pending: &Pending, error: &io::Error) -> Self {
        let reason = match error.kind() {
            io::ErrorKind::Unsupported => "the system does not tell of changes".into(),
            _ => error.to_string(),
        };
        pending.poll(reason);
        Self::Polling(Polling::new(fs))
    }

    /// Notes what happens until the watch is over.
    fn listen(mut self, fs: &Arc<dyn FileSystem>, pending: &Pending) {
        let mut rested = Polling::REST;
        while !pending.is_over() {
            match &mut self {
                Self::Folders(folders) => match folders.wait(TICK) {
                    Ok(noticed) => pending.add(noticed),
                    Err(error) => self = Self::polling(fs, pending, &error),
                },
                Self::Polling(polling) if rested >= Polling::REST => {
                    pending.add(polling.look());
                    rested = Duration::ZERO;
                }
                Self::Polling(_) => {
                    std::thread::sleep(TICK);
                    rested += TICK;
                }
            }
        }
    }
}

/// The half of a watch that builds.
struct Building<'w> {
    session: &'w mut Session,
    request: &'w WatchRequest,
    observer: &'w dyn WatchObserver,
    pending: &'w Pending,
    /// How many files the last build read.
    file_count: AtomicUsize,
}

impl Building<'_> {
    /// How many of the changed paths are told.
    const TOLD: usize = 10;

    /// After how long a build that failed is tried again, at first and at most. It is doubled each time.
    const FIRST_RETRY: Duration = Duration::from_secs(1);
    const LAST_RETRY: Duration = Duration::from_secs(60);

    /// More files than these and twice those that there are now need not be remembered.
    const MOST_FORMER_FILES: usize = 10_000;

    fn run(mut self) -> WatchEnd {
        let fs = Arc::clone(&self.session.fs);
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
                Status::Success => unbuilt = self.forget_former(),
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
        self.session.changed(changes);
        // What a build that fails leaves is what it found.
        self.session.left = Traces::look(&*self.session.fs);
        let request = PackRequest { no_wait: false, cancel };
        let observer = self.observer;
        let file_count = &self.file_count;
        let result = self.session.pack(&request, &|event| {
            if let EventKind::SnapshotFrozen { file_count: count, .. } = event.kind {
                file_count.store(count, Ordering::Relaxed);
            }
            observer.build(event);
        });
        self.pending.end_build();
        observer.built(&result, self.session);
        (result, request.cancel.is_cancelled())
    }

    /// Has the session forget everything, if that is mostly files that are no more: in a day there may be many. Returns what
    /// it does not know then.
    fn forget_former(&mut self) -> Changes {
        if self.session.db.file_count() <= 2 * self.file_count.load(Ordering::Relaxed) + Self::MOST_FORMER_FILES {
            return Changes::none();
        }
        self.session.forget();
        Changes::Anything
    }

    /// Waits for the next build to be due: what changed meanwhile, and since when. None where the watch is to end.
    fn next(&self, retry_at: Option<Instant>) -> Option<(Changes, Instant)> {
        loop {
            let burst = self.pending.wait(retry_at, &self.request.cancel);
            if self.request.cancel.is_cancelled() {
                return None;
            }
            self.tell_polling();
            match burst {
                Some((noticed, first)) => {
                    let changes = self.changes(noticed);
                    if !changes.is_none() {
                        return Some((changes, first));
                    }
                }
                None if retry_at.is_some_and(|at| Instant::now() >= at) => {
                    return Some((Changes::none(), Instant::now()));
                }
                None => {}
            }
        }
    }

    /// What changed, the outputs included where they are not what the last build left. It is told.
    fn changes(&self, noticed: Noticed) -> Changes {
        let mut changes = noticed.changes;
        let is_touched = match noticed.outputs {
            Touch::No => false,
            Touch::Perhaps => Traces::look(&*self.session.fs) != self.session.left,
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

/// Ends the listening, however the building ends.
struct Finishing<'p>(&'p Pending);

impl Drop for Finishing<'_> {
    fn drop(&mut self) {
        self.0.finish();
    }
}
