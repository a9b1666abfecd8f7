//! The source of reported changes: watched folders, or polling.

use std::io;
use std::sync::Arc;

use super::folders::Folders;
use super::pending::Pending;
use super::polling::Polling;
use crate::fs::FileSystem;

/// The source of reported changes.
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

    /// The source to use after watching folders failed with `error`.
    fn polling(fs: &Arc<dyn FileSystem>, pending: &Pending, error: &io::Error) -> Self {
        let reason = match error.kind() {
            io::ErrorKind::Unsupported => "the system does not tell of changes".into(),
            _ => error.to_string(),
        };
        pending.poll(reason);
        Self::Polling(Polling::new(fs))
    }

    /// Adds all changes to `pending` until the watch is over.
    pub(super) fn listen(mut self, fs: &Arc<dyn FileSystem>, pending: &Pending) {
        loop {
            match &mut self {
                Self::Folders(folders) => {
                    if pending.is_over_else_wakes(folders.waker()) {
                        return;
                    }
                    match folders.wait() {
                        Ok(report) => {
                            if folders.are_shared() {
                                pending.distrust();
                            }
                            pending.add(report);
                        }
                        Err(error) => self = Self::polling(fs, pending, &error),
                    }
                }
                Self::Polling(polling) => {
                    pending.add(polling.poll());
                    if pending.is_over_within(Polling::REST) {
                        return;
                    }
                }
            }
        }
    }
}
