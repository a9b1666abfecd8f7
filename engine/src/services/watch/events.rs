//! The request for a watch, and what the watch reports to its caller.

use papack_queries::diagnostic::levels::Levels;
use papack_queries::unmanaged_folders::UnmanagedFolder;
use serde::Serialize;

use super::super::pack::PackResult;
use super::following::Following;
use crate::operation::{Cancel, Event};
use crate::session::Session;

/// The options of a watch.
#[derive(Debug, Clone, Default)]
pub struct WatchRequest {
    /// How severe the caller takes the diagnostics of each build to be.
    pub levels: Levels,
    /// Set to end the watch.
    pub cancel: Cancel,
    /// Lets others run operations on the session that are told of what the watch knows.
    pub following: Following,
}

/// How a watch ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WatchEnd {
    /// The caller ended it, between two builds.
    Ended,
    /// The caller ended it during a build, which was cancelled.
    Cancelled,
    /// The folder of the workspace is gone.
    WorkspaceGone,
}

/// What a watch reports between its builds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WatchEvent {
    /// From now on no change is missed. Always first.
    Watching,
    /// The system does not report changes, or not all of them. From now on the workspace is polled instead.
    Polling {
        /// Why.
        reason: String,
    },
    /// The system lost changes: the next build examines everything.
    Rescan,
    /// Something changed, and a build begins.
    Changed {
        /// The first of the changed paths below the workspace, in the order of their names. A path also stands for
        /// everything below it.
        paths: Vec<String>,
        /// How many paths changed; null if anything may have changed.
        count: Option<usize>,
    },
    /// The last build failed for a reason that may pass. The next one begins after this time, or earlier if something
    /// changes.
    Retrying {
        /// The time in milliseconds.
        after_ms: u64,
    },
    /// The folders of pictures and sounds that no asset takes in are others than before. There may be none any more.
    Unmanaged {
        /// The first of them, in the order of their names.
        folders: Vec<UnmanagedFolder>,
        /// How many there are.
        count: usize,
    },
    /// There is nothing more to build. The watch waits for changes.
    Waiting,
    /// The watch ended. Always last.
    Finished {
        /// How it ended.
        end: WatchEnd,
    },
}

/// Receives everything that a watch reports. The calls come one at a time and in order, on the thread on which each
/// thing happens.
pub trait WatchObserver: Sync {
    /// Receives an event between two builds.
    fn watch(&self, event: &WatchEvent);

    /// Receives an event of a build.
    fn build(&self, event: &Event);

    /// Receives the result of a build. `session` has the texts that its diagnostics point into.
    fn built(&self, result: &PackResult, session: &Session);
}
