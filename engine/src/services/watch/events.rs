//! What a caller wants of a watch, and is told by it.

use serde::Serialize;

use super::super::pack::PackResult;
use crate::operation::{Cancel, Event};
use crate::session::Session;

/// What a caller wants of a watch.
#[derive(Debug, Clone, Default)]
pub struct WatchRequest {
    /// Set to end the watch.
    pub cancel: Cancel,
}

/// How a watch ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WatchEnd {
    /// The caller ended it, between two builds.
    Ended,
    /// The caller ended it, and a build with it.
    Cancelled,
    /// The folder of the workspace is gone.
    WorkspaceGone,
}

/// What a watch tells between its builds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WatchEvent {
    /// From now on no change is missed. Always first.
    Watching,
    /// The system does not tell of changes, or not of all: the workspace is looked at again and again instead.
    Polling {
        /// Why.
        reason: String,
    },
    /// The system lost changes: everything is looked at anew.
    Rescan,
    /// Something changed, and a build begins.
    Changed {
        /// The first of the changed paths below the workspace, in the order of names. Each stands for all below it, too.
        paths: Vec<String>,
        /// How many there are; none where anything may have changed.
        count: Option<usize>,
    },
    /// The last build failed for a reason that may pass. Without a change, the next one begins then.
    Retrying {
        /// In how many milliseconds.
        after_ms: u64,
    },
    /// All that changed is built.
    Waiting,
    /// The watch ended. Always last.
    Finished {
        /// How.
        end: WatchEnd,
    },
}

/// Who is told what a watch does, on whatever thread it happens, one at a time and in order.
pub trait WatchObserver: Sync {
    /// Tells what the watch does between its builds.
    fn watch(&self, event: &WatchEvent);

    /// Tells an event of a build.
    fn build(&self, event: &Event);

    /// Tells the result of a build. The texts of `session` are those that its diagnostics speak of.
    fn built(&self, result: &PackResult, session: &Session);
}
