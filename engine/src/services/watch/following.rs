//! Operations of others on a session that are told of exactly what changed, so that they need not look at everything.
//!
//! What the system tells of a change comes a moment after it, through a queue. So before an operation a *cookie* is made:
//! a file with a name of its own, in a folder that is watched. When the system tells of it, it has told of all changes
//! before.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use camino::Utf8Path;

use super::folders::Folders;
use super::pending::Pending;
use crate::fs::FileSystem;
use crate::operation::{Cancel, OperationId};
use crate::session::Session;
use crate::workspace::Changes;
use crate::workspace::layout::SERVING;

/// How often an operation that waits for the session looks whether it is free.
const SESSION_TICK: Duration = Duration::from_millis(1);

/// Knows what changed in the workspace of a session, while something listens to the system. Clones know the same.
#[derive(Debug, Clone, Default)]
pub struct Following(Arc<Mutex<Option<Attached>>>);

/// What listens to the system.
struct Attached {
    fs: Arc<dyn FileSystem>,
    pending: Arc<Pending>,
}

impl std::fmt::Debug for Attached {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Attached")
    }
}

/// Why an operation cannot be run on a session in the knowledge of all changes. Whoever asked runs it otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// It is not known, or not in time, what changed.
    Unknown,
    /// Another operation has the session for too long.
    Busy,
    /// Whoever asked does not want it any more.
    Unwanted,
}

impl Following {
    /// Runs `operate` on `session`, told of all changes that happened before this call. It returns also whether the
    /// operation examined all of them. What has to come before is over at `until`, and just before the operation begins
    /// `is_wanted` is asked.
    ///
    /// # Errors
    ///
    /// When it did not run.
    pub fn run<T>(
        &self,
        session: &Mutex<Session>,
        until: Instant,
        is_wanted: impl FnOnce() -> bool,
        operate: impl FnOnce(&mut Session) -> (T, bool),
    ) -> Result<T, Doubt> {
        let (fs, pending) = match &*self.attached() {
            Some(Attached { fs, pending }) => (Arc::clone(fs), Arc::clone(pending)),
            None => return Err(Doubt::Unknown),
        };
        wait_for_events(&*fs, &pending, until)?;
        let mut session = lock_in_time(session, until)?;
        if !is_wanted() {
            return Err(Doubt::Unwanted);
        }
        let mut told = Told { pending: &pending, changes: pending.take_unexamined(&*fs) };
        session.set_changes(told.changes.clone());
        let (result, has_examined) = operate(&mut session);
        if has_examined {
            told.changes = Changes::none();
        }
        Ok(result)
    }

    /// Lets `pending` tell of changes until what is returned is dropped.
    pub(super) fn attach(&self, fs: &Arc<dyn FileSystem>, pending: &Arc<Pending>) -> impl Drop + use<> {
        *self.attached() = Some(Attached { fs: Arc::clone(fs), pending: Arc::clone(pending) });
        Detaching(self.clone())
    }

    fn attached(&self) -> MutexGuard<'_, Option<Attached>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an operation was told, and may not have examined to the end when this is dropped.
struct Told<'p> {
    pending: &'p Pending,
    changes: Changes,
}

impl Drop for Told<'_> {
    fn drop(&mut self) {
        self.pending.put_back(std::mem::replace(&mut self.changes, Changes::none()));
    }
}

/// Ends what [`Following::attach`] began.
struct Detaching(Following);

impl Drop for Detaching {
    fn drop(&mut self) {
        *self.0.attached() = None;
    }
}

/// Listens for `following` to what changes in the workspace of `session`, until something happens there after `cancel` is
/// set, or the system does not tell of changes. Blocks the calling thread, and takes no processor time while nothing changes.
pub fn follow(session: &Mutex<Session>, following: &Following, cancel: &Cancel) {
    let fs = Arc::clone(session.lock().unwrap_or_else(PoisonError::into_inner).fs());
    let Ok(mut folders) = Folders::new(&fs) else { return };
    let pending = Arc::new(Pending::default());
    let _attached = following.attach(&fs, &pending);
    // An error is that the system cannot watch more folders.
    while let Ok(report) = folders.wait()
        && !cancel.is_cancelled()
        && !folders.are_shared()
    {
        pending.add(report);
    }
    pending.finish();
}

/// Waits until the system has told of all changes that happened before this call.
fn wait_for_events(fs: &dyn FileSystem, pending: &Pending, until: Instant) -> Result<(), Doubt> {
    let name = OperationId::random().map_err(|_| Doubt::Unknown)?;
    let cookie = Utf8Path::new(SERVING).join(name.as_str());
    pending.expect_cookie(name.as_str());
    // Its name alone counts: the file may go before it is seen.
    let made = fs.create(&cookie).and_then(|_| fs.remove_file(&cookie));
    let until = if made.is_ok() { until } else { Instant::now() };
    if pending.wait_for_cookie(name.as_str(), until) { Ok(()) } else { Err(Doubt::Unknown) }
}

/// Locks the session, unless another operation has it until then.
fn lock_in_time(session: &Mutex<Session>, until: Instant) -> Result<MutexGuard<'_, Session>, Doubt> {
    loop {
        match session.try_lock() {
            Ok(session) => return Ok(session),
            // The next operation makes up for one that was interrupted.
            Err(TryLockError::Poisoned(poisoned)) => return Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) if Instant::now() >= until => return Err(Doubt::Busy),
            Err(TryLockError::WouldBlock) => std::thread::sleep(SESSION_TICK),
        }
    }
}
