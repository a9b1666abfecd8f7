//! The thread that runs operations, one after the other, on a session that it shares with whoever else works there.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use papack_engine::{Cancel, Event, Session};

use super::methods::{Operation, Outcome};

/// How often an operation that waits for the session looks whether it was cancelled.
const TICK: Duration = Duration::from_millis(5);

/// Who asked for an operation, from then until it has ended.
pub trait Caller: Send + Sync + 'static {
    /// What cancels the operation.
    fn cancel(&self) -> &Cancel;

    /// Whether nobody waits for the operation any more, so that it need not begin.
    fn is_gone(&self) -> bool;

    /// Is told of an event.
    fn event(&self, event: &Event);

    /// Is told how the operation ended, after all its events.
    fn ended(&self, outcome: &Outcome);
}

/// The thread that runs operations.
pub struct Worker<C> {
    operations: Sender<(Arc<C>, Operation)>,
}

impl<C: Caller> Worker<C> {
    /// Starts the thread, for the workspace in the folder `workspace`, which is that of `session`. It calls `done` when
    /// an operation has ended, or did not begin.
    ///
    /// # Errors
    ///
    /// When no thread can be started.
    pub fn start(
        session: Arc<Mutex<Session>>,
        workspace: PathBuf,
        done: impl Fn(Arc<C>) + Send + 'static,
    ) -> io::Result<Self> {
        let (operations, next): (_, Receiver<(Arc<C>, Operation)>) = channel();
        let thread = std::thread::Builder::new().name("papack operations".into());
        thread.spawn(move || {
            for (caller, operation) in next {
                if !caller.is_gone() {
                    run(&session, &workspace, &*caller, operation);
                }
                done(caller);
            }
        })?;
        Ok(Self { operations })
    }

    /// Runs `operation` when all that were asked for before are done. Returns whether there is a thread that will.
    pub fn push(&self, caller: Arc<C>, operation: Operation) -> bool {
        self.operations.send((caller, operation)).is_ok()
    }
}

fn run(session: &Mutex<Session>, workspace: &Path, caller: &impl Caller, operation: Operation) {
    let observer = |event: &Event| caller.event(event);
    let outcome = match Access::to(session, workspace, caller.cancel()) {
        Access::Shared(mut session) => operation(&mut session, caller.cancel(), &observer),
        Access::Own(mut session) => operation(&mut session, caller.cancel(), &observer),
    };
    caller.ended(&outcome);
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
