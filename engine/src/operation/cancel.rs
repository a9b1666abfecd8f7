//! Cancellation: a flag that a caller, or a signal handler, sets once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Cancels an operation, from any thread. Clones share one flag.
///
/// The operation stops at the next step, asset, piece of a file that is read, or output, and always before promotion; a
/// promotion that has begun is finished, and the operation succeeds. A flag that is set stays set: the next operation needs a new one.
#[derive(Debug, Clone, Default)]
pub struct Cancel {
    flag: Arc<AtomicBool>,
    /// Another flag that counts too.
    outer: Option<Arc<AtomicBool>>,
}

impl From<Arc<AtomicBool>> for Cancel {
    /// A flag that others set too, such as a signal handler.
    fn from(flag: Arc<AtomicBool>) -> Self {
        Self { flag, outer: None }
    }
}

impl Cancel {
    /// A flag that is not set.
    pub fn new() -> Self {
        Self::default()
    }

    /// A flag for a part of the work: it counts as set when this one is, and not the other way round.
    pub(crate) fn part(&self) -> Self {
        Self { flag: Arc::default(), outer: Some(Arc::clone(&self.flag)) }
    }

    /// Sets the flag. Tells whether it was set before.
    pub fn cancel(&self) -> bool {
        self.flag.swap(true, Ordering::Relaxed)
    }

    /// Whether the flag is set.
    pub fn is_cancelled(&self) -> bool {
        let is_set = |flag: &Arc<AtomicBool>| flag.load(Ordering::Relaxed);
        is_set(&self.flag) || self.outer.as_ref().is_some_and(is_set)
    }
}
