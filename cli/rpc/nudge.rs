//! Has the loop of a server look for what no message tells of.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;

/// Has a loop look around. Any thread may do that, and does not wait for it.
#[derive(Clone)]
pub struct Nudge {
    is_due: Arc<AtomicBool>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

impl Nudge {
    /// For the loop that takes what `sender` sends: it gets an `input` that says nothing, unless more waits for it than it
    /// can hold. After each input it asks whether it [is to look](Self::is_due).
    pub fn new<T: Send + 'static>(sender: &SyncSender<T>, input: fn() -> T) -> Self {
        let sender = sender.clone();
        Self { is_due: Arc::default(), wake: Arc::new(move || drop(sender.try_send(input()))) }
    }

    /// For those who look at times of their own.
    pub fn of_nobody() -> Self {
        Self { is_due: Arc::default(), wake: Arc::new(|| {}) }
    }

    /// Has the loop look around.
    pub fn nudge(&self) {
        self.is_due.store(true, Ordering::SeqCst);
        (self.wake)();
    }

    /// Whether the loop is to look around, which it does then.
    pub fn is_due(&self) -> bool {
        self.is_due.swap(false, Ordering::SeqCst)
    }
}
