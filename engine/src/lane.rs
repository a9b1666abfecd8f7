//! The write lane: writes and builds of one workspace go one after the other.

use std::io;
use std::sync::atomic::Ordering;
use std::time::Duration;

use camino::Utf8Path;

use crate::cancel::Cancel;
use crate::fs::{FileSystem, Lock};

/// The folder that is locked. It is there wherever there is a workspace, needs no file of its own that somebody
/// could delete or commit, and can be locked where it cannot be written.
pub(crate) const LANE: &str = "assets/.prometeu";

/// How often a waiting operation looks again.
const POLL: Duration = Duration::from_millis(20);

/// How entering the lane went.
pub(crate) enum Lane {
    /// It is ours until the lock is dropped.
    Held(Box<dyn Lock>),
    /// Somebody else holds it, and we were not to wait.
    Busy,
    /// We were cancelled while we waited.
    Cancelled,
}

/// Enters the lane. Calls `waiting` once if another operation holds it and `wait` is set.
pub(crate) fn enter(fs: &dyn FileSystem, wait: bool, cancel: &Cancel, mut waiting: impl FnMut()) -> io::Result<Lane> {
    let mut told = false;
    loop {
        if let Some(lock) = fs.try_lock(Utf8Path::new(LANE))? {
            return Ok(Lane::Held(lock));
        }
        if !wait {
            return Ok(Lane::Busy);
        }
        if cancel.load(Ordering::Relaxed) {
            return Ok(Lane::Cancelled);
        }
        if !told {
            waiting();
            told = true;
        }
        std::thread::sleep(POLL);
    }
}
