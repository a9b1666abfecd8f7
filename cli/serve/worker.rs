//! The thread that runs operations, one after the other, on the session that all clients share.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};
use std::time::Duration;

use papack_engine::{Cancel, Event, EventKind, OperationId, Session};

use super::message::{Id, answer, notification};
use super::methods::Job;
use super::outbox::Outbox;
use crate::render::json;

/// How often an operation that waits for a build of the watch looks whether it was cancelled.
const TICK: Duration = Duration::from_millis(5);

/// An operation that a client asked for, from then until it is answered.
pub struct Asked {
    /// The id of the request; none if nobody waits for the result.
    pub id: Option<Id>,
    cancel: Cancel,
    /// How many bytes of memory it takes while it waits, about.
    pub size: usize,
    outbox: Arc<Outbox>,
    operation_id: OnceLock<OperationId>,
    /// Its client is gone, so that it need not begin.
    is_abandoned: AtomicBool,
    is_answered: AtomicBool,
}

impl Asked {
    /// An operation that has not begun.
    pub fn new(id: Option<Id>, size: usize, outbox: &Arc<Outbox>) -> Self {
        Self {
            id,
            cancel: Cancel::new(),
            size,
            outbox: Arc::clone(outbox),
            operation_id: OnceLock::new(),
            is_abandoned: AtomicBool::new(false),
            is_answered: AtomicBool::new(false),
        }
    }

    /// The id of the operation, once it has begun.
    pub fn operation_id(&self) -> Option<&str> {
        self.operation_id.get().map(OperationId::as_str)
    }

    /// Cancels the operation. Returns whether it was not answered yet.
    pub fn cancel(&self) -> bool {
        self.cancel.cancel();
        !self.is_answered.load(Ordering::SeqCst)
    }

    /// Cancels the operation, or keeps it from beginning: nobody waits for it any more.
    pub fn abandon(&self) {
        self.is_abandoned.store(true, Ordering::SeqCst);
        self.cancel.cancel();
    }

    /// Sends an event to the client; before the first one, which operation it is that begins.
    fn observe(&self, event: &Event) {
        if matches!(event.kind, EventKind::OperationStarted) {
            self.operation_id.get_or_init(|| event.operation_id.clone());
            if let Some(id) = &self.id {
                let params = format!(r#"{{"id":{},"operation_id":"{}"}}"#, id.json(), event.operation_id);
                self.outbox.send(&notification("started", &params));
            }
        }
        self.outbox.send(&event_message(event));
    }
}

/// The notification of an event, which may be a diagnostic.
pub fn event_message(event: &Event) -> String {
    let method = if matches!(event.kind, EventKind::Diagnostic { .. }) { "diagnostic" } else { "event" };
    notification(method, &json::event(event))
}

/// The thread that runs operations.
pub struct Worker {
    jobs: Sender<(Arc<Asked>, Job)>,
}

impl Worker {
    /// Starts the thread. It calls `done` when an operation is answered.
    ///
    /// # Errors
    ///
    /// When no thread can be started.
    pub fn start(
        session: Arc<Mutex<Session>>,
        workspace: PathBuf,
        done: impl Fn(Arc<Asked>) + Send + 'static,
    ) -> io::Result<Self> {
        let (jobs, next): (_, Receiver<(Arc<Asked>, Job)>) = channel();
        let thread = std::thread::Builder::new().name("papack operations".into());
        thread.spawn(move || {
            for (asked, job) in next {
                if !asked.is_abandoned.load(Ordering::SeqCst) {
                    run(&session, &workspace, &asked, job);
                }
                done(asked);
            }
        })?;
        Ok(Self { jobs })
    }

    /// Runs `job` when all that were asked for before are done. Returns whether there is a thread that will.
    pub fn push(&self, asked: Arc<Asked>, job: Job) -> bool {
        self.jobs.send((asked, job)).is_ok()
    }
}

fn run(session: &Mutex<Session>, workspace: &Path, asked: &Asked, job: Job) {
    let observer = |event: &Event| asked.observe(event);
    let result = match Access::to(session, workspace, &asked.cancel) {
        Access::Shared(mut session) => job(&mut session, &asked.cancel, &observer),
        Access::Own(mut session) => job(&mut session, &asked.cancel, &observer),
    };
    asked.is_answered.store(true, Ordering::SeqCst);
    if let Some(id) = &asked.id {
        asked.outbox.send(&answer(id, &result));
    }
}

/// A session for one operation.
enum Access<'s> {
    Shared(MutexGuard<'s, Session>),
    Own(Box<Session>),
}

impl<'s> Access<'s> {
    /// Waits for the session, which a build of the watch may have. That may wait for the lane in its turn; an operation
    /// that is cancelled meanwhile ends at once, on a session of its own.
    fn to(session: &'s Mutex<Session>, workspace: &Path, cancel: &Cancel) -> Self {
        loop {
            match session.try_lock() {
                Ok(session) => return Self::Shared(session),
                // The next operation makes up for one that was interrupted.
                Err(TryLockError::Poisoned(poisoned)) => return Self::Shared(poisoned.into_inner()),
                Err(TryLockError::WouldBlock) if cancel.is_cancelled() => {
                    return match Session::open(workspace) {
                        Ok(own) => Self::Own(Box::new(own)),
                        Err(_) => Self::Shared(session.lock().unwrap_or_else(PoisonError::into_inner)),
                    };
                }
                Err(TryLockError::WouldBlock) => std::thread::sleep(TICK),
            }
        }
    }
}
