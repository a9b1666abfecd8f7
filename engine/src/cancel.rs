//! Cancellation: a flag that a caller, or a signal handler, sets once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Cancels an operation, from any thread. Clones share one flag.
///
/// The operation stops at the next step, asset, piece of a file that is read, or output, and always before promotion; a
/// promotion that has begun is finished, and the operation succeeds. A flag that is set stays set: the next operation needs a new one.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// A flag that is not set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the flag. Tells whether it was set before.
    pub fn cancel(&self) -> bool {
        self.0.swap(true, Ordering::Relaxed)
    }

    /// Whether the flag is set.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
