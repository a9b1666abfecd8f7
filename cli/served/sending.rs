//! What is printed for a process, on its way there.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::message::{MAX_TEXT, ToProcess};
use crate::output::{Sink, Target};
use crate::rpc::{Outbox, frame};

/// How many bytes may wait for a process. What is printed for it waits until it has taken others.
const MAX_PENDING: usize = 16 * 1024 * 1024;

/// Sends to a process what is printed for it. Texts are gathered to larger messages.
pub struct Sending {
    outbox: Arc<Outbox>,
    gathered: Mutex<(Target, Vec<u8>)>,
}

impl Sending {
    pub fn new(outbox: Arc<Outbox>) -> Self {
        Self { outbox, gathered: Mutex::new((Target::Stdout, Vec::new())) }
    }

    /// Sends a message behind all that was printed.
    pub fn send(&self, message: &ToProcess) {
        let mut gathered = self.gathered();
        self.send_gathered(&mut gathered);
        self.outbox.send_frame(frame(message.to_bytes()).into());
    }

    fn send_gathered(&self, (target, text): &mut (Target, Vec<u8>)) {
        for piece in text.chunks(MAX_TEXT) {
            self.outbox.wait_for_room(MAX_PENDING);
            self.outbox.send_frame(frame(ToProcess::Text(*target, piece.to_vec()).to_bytes()).into());
        }
        text.clear();
    }

    fn gathered(&self) -> MutexGuard<'_, (Target, Vec<u8>)> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Sending {
    fn push(&self, target: Target, text: &[u8]) {
        let mut gathered = self.gathered();
        if gathered.0 != target || gathered.1.len() >= MAX_TEXT {
            self.send_gathered(&mut gathered);
            gathered.0 = target;
        }
        gathered.1.extend_from_slice(text);
    }

    fn show_progress(&self, line: Option<&str>) {
        self.send(&ToProcess::Progress(line.map(str::to_owned)));
    }
}
