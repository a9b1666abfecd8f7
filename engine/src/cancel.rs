//! Cancellation: a flag that a caller, or a signal handler, sets once.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Set to `true` to cancel an operation. It stops at the next asset or file, and always before promotion.
pub type Cancel = Arc<AtomicBool>;
