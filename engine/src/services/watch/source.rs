//! Where changes are learnt from.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::folders::Folders;
use super::pending::{Pending, TICK};
use super::polling::Polling;
use crate::fs::FileSystem;

/// Where changes are learnt from.
pub(super) enum Source {
    Folders(Folders),
    Polling(Polling),
}

impl Source {
    pub(super) fn new(fs: &Arc<dyn FileSystem>, pending: &Pending) -> Self {
        match Folders::new(fs) {
            Ok(folders) => Self::Folders(folders),
            Err(error) => Self::polling(fs, pending, &error),
        }
    }

    fn polling(fs: &Arc<dyn FileSystem>, pending: &Pending, error: &io::Error) -> Self {
        let reason = match error.kind() {
            io::ErrorKind::Unsupported => "the system does not tell of changes".into(),
            _ => error.to_string(),
        };
        pending.poll(reason);
        Self::Polling(Polling::new(fs))
    }

    /// Notes what happens until the watch is over.
    pub(super) fn listen(mut self, fs: &Arc<dyn FileSystem>, pending: &Pending) {
        let mut wait_for_tick = Polling::REST;
        while !pending.is_over() {
            match &mut self {
                Self::Folders(folders) => match folders.wait(TICK) {
                    Ok(noticed) => pending.add(noticed),
                    Err(error) => self = Self::polling(fs, pending, &error),
                },
                Self::Polling(polling) if wait_for_tick >= Polling::REST => {
                    pending.add(polling.look());
                    wait_for_tick = Duration::ZERO;
                }
                Self::Polling(_) => {
                    std::thread::sleep(TICK);
                    wait_for_tick += TICK;
                }
            }
        }
    }
}
