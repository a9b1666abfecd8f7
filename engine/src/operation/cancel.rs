//! Cancellation: a flag that a caller, or a signal handler, sets once.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Has a thread that waits look around again.
pub(crate) type Waker = dyn Fn() + Send + Sync;

/// Cancels an operation, from any thread. Clones share one flag.
///
/// The operation stops at the next step, asset, piece of a file that it reads, of a sound or picture that it converts, or
/// output, but only before promotion. A promotion that has begun is finished, and the operation succeeds. A flag that is set
/// stays set: the next operation needs a new one.
#[derive(Debug, Clone, Default)]
pub struct Cancel {
    flag: Arc<AtomicBool>,
    /// The flag of the whole, where this is a [part](Self::part) of it.
    whole: Option<Arc<AtomicBool>>,
    wakers: Wakers,
}

/// What to call when a flag is set.
#[derive(Clone, Default)]
struct Wakers(Arc<Mutex<Vec<Weak<Waker>>>>);

impl fmt::Debug for Wakers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wakers")
    }
}

impl From<Arc<AtomicBool>> for Cancel {
    /// A flag that others set too, such as a signal handler. Who waits for it, as an idle watch does, learns of it only when
    /// [`cancel`](Cancel::cancel) is called as well.
    fn from(flag: Arc<AtomicBool>) -> Self {
        Self { flag, ..Self::default() }
    }
}

impl Cancel {
    /// A flag that is not set.
    pub fn new() -> Self {
        Self::default()
    }

    /// A flag for a part of the work: it counts as set when this one is set. To set it does not set this one.
    pub fn part(&self) -> Self {
        Self { whole: Some(Arc::clone(&self.flag)), ..Self::default() }
    }

    /// Sets the flag. Returns whether it was set before.
    pub fn cancel(&self) -> bool {
        let was_set = self.flag.swap(true, Ordering::SeqCst);
        let wakers: Vec<_> = self.wakers().iter().filter_map(Weak::upgrade).collect();
        wakers.iter().for_each(|wake| wake());
        was_set
    }

    /// Has [`cancel`](Self::cancel) call `wake` as long as that is held.
    pub(crate) fn wake(&self, wake: &Arc<Waker>) {
        let mut wakers = self.wakers();
        wakers.retain(|waker| waker.strong_count() > 0);
        wakers.push(Arc::downgrade(wake));
    }

    fn wakers(&self) -> std::sync::MutexGuard<'_, Vec<Weak<Waker>>> {
        self.wakers.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the flag is set.
    pub fn is_cancelled(&self) -> bool {
        let is_set = |flag: &Arc<AtomicBool>| flag.load(Ordering::Relaxed);
        is_set(&self.flag) || self.whole.as_ref().is_some_and(is_set)
    }
}
