//! `watch`: packs whenever something changed.
//!
//! Two threads share a [`Pending`]. One listens: it keeps watches on the folders, and notes what the system tells. The
//! other one builds: it waits for a burst of changes to end, packs, and waits again. Each build is an operation like any
//! other; between two of them the watch holds no lane.

mod building;
mod folders;
mod pending;
mod polling;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use crate::cancel::Cancel;
use crate::event::Event;
use crate::fs::FileSystem;
use crate::pack::PackResult;
use crate::session::Session;

use building::Building;
use folders::Folders;
use pending::{Pending, TICK};
use polling::Polling;

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

impl Session {
    /// Packs the workspace, and again whenever something changed, until the caller ends it.
    ///
    /// # Errors
    ///
    /// When no thread can be started.
    pub fn watch(&mut self, request: &WatchRequest, observer: &dyn WatchObserver) -> io::Result<WatchEnd> {
        let fs = Arc::clone(&self.fs);
        let pending = Pending::default();
        let source = Source::new(&fs, &pending);
        let end = std::thread::scope(|scope| {
            let listener = std::thread::Builder::new().name("papack watch".into());
            listener.spawn_scoped(scope, || source.listen(&fs, &pending))?;
            let _finishing = Finishing(&pending);
            Ok::<_, io::Error>(Building::new(self, request, observer, &pending).run())
        })?;
        observer.watch(&WatchEvent::Finished { end });
        Ok(end)
    }
}

/// Where changes are learnt from.
enum Source {
    Folders(Folders),
    Polling(Polling),
}

impl Source {
    fn new(fs: &Arc<dyn FileSystem>, pending: &Pending) -> Self {
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
    fn listen(mut self, fs: &Arc<dyn FileSystem>, pending: &Pending) {
        let mut rested = Polling::REST;
        while !pending.is_over() {
            match &mut self {
                Self::Folders(folders) => match folders.wait(TICK) {
                    Ok(noticed) => pending.add(noticed),
                    Err(error) => self = Self::polling(fs, pending, &error),
                },
                Self::Polling(polling) if rested >= Polling::REST => {
                    pending.add(polling.look());
                    rested = Duration::ZERO;
                }
                Self::Polling(_) => {
                    std::thread::sleep(TICK);
                    rested += TICK;
                }
            }
        }
    }
}

/// Ends the listening, however the building ends.
struct Finishing<'p>(&'p Pending);

impl Drop for Finishing<'_> {
    fn drop(&mut self) {
        self.0.finish();
    }
}
