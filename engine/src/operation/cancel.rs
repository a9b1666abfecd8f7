//! Cancellation: a flag that a caller, or a signal handler, sets once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Cancels an operation, from any thread. Clones share one flag.
///
/// The operation stops at the next step, asset, piece of a file that it reads, or output, but only before promotion. A
/// promotion that has begun is finished, and the operation succeeds. A flag that is set stays set: the next operation
/// needs a new one.
#[derive(Debug, Clone, Default)]
pub struct Cancel {
    flag: Arc<AtomicBool>,
    /// The flag of the whole, where this is a [part](Self::part) of it.
    whole: Option<Arc<AtomicBool>>,
}

impl From<Arc<AtomicBool>> for Cancel {
    /// A flag that others set too, such as a signal handler.
    fn from(flag: Arc<AtomicBool>) -> Self {
        Self { flag, whole: None }
    }
}

impl Cancel {
    /// A flag that is not set.
    pub fn new() -> Self {
        Self::default()
    }

    /// A flag for a part of the work: it counts as set when this one is set. To set it does not set this one.
    pub(crate) fn part(&self) -> Self {
        Self { flag: Arc::default(), whole: Some(Arc::clone(&self.flag)) }
    }

    /// Sets the flag. Returns whether it was set before.
    pub fn cancel(&self) -> bool {
        self.flag.swap(true, Ordering::Relaxed)
    }

    /// Whether the flag is set.
    pub fn is_cancelled(&self) -> bool {
        let is_set = |flag: &Arc<AtomicBool>| flag.load(Ordering::Relaxed);
        is_set(&self.flag) || self.whole.as_ref().is_some_and(is_set)
    }
}
