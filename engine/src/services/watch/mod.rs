//! `watch`: packs whenever something changed.
//!
//! Two threads share a [`Pending`]. One listens: it watches the folders, and adds the changes that the system reports.
//! The other one builds: it waits for a burst of changes to end, packs, and waits again. Each build is an operation
//! like any other. Between two of them the watch does not hold the lane.
//!
//! A [`Following`] lets others run operations on the session that are told of exactly what changed, as the builds are.

mod building;
mod events;
mod files;
mod folders;
mod following;
mod pending;
mod polling;
mod report;
mod source;

use std::io;
use std::sync::{Arc, Mutex};

use crate::operation::Waker;
use crate::session::Session;

pub use events::{WatchEnd, WatchEvent, WatchObserver, WatchRequest};
pub use files::{ChangedFiles, watch_files};
pub use following::{Doubt, Following, follow};

use building::{Building, lock};
use pending::Pending;
use source::Source;

/// Packs the workspace of `session`, and packs it again whenever something changed, until the caller ends the watch.
/// The session is locked during each build only, the time for which it waits for the lane included: between two builds,
/// others may run operations on it. The observer is called while it is locked, and must not lock it.
///
/// # Errors
///
/// When no thread can be started.
pub fn watch(session: &Mutex<Session>, request: &WatchRequest, observer: &dyn WatchObserver) -> io::Result<WatchEnd> {
    let pending = Arc::new(Pending::default());
    let nudging = Arc::clone(&pending);
    let nudge: Arc<Waker> = Arc::new(move || nudging.nudge());
    request.cancel.wake(&nudge);
    let fs = {
        let mut session = lock(session);
        // Others may find racy files, or changes of which no event tells.
        session.wake(&nudge);
        Arc::clone(session.fs())
    };
    let source = Source::new(&fs, &pending);
    let _attached = request.following.attach(&fs, &pending);
    let end = std::thread::scope(|scope| {
        let listener = std::thread::Builder::new().name("papack watch".into());
        listener.spawn_scoped(scope, || source.listen(&fs, &pending))?;
        let _finishing = Finishing(&pending);
        Ok::<_, io::Error>(Building::new(session, request, observer, &pending).run())
    })?;
    observer.watch(&WatchEvent::Finished { end });
    Ok(end)
}

/// Ends the listening thread, however the building ends.
struct Finishing<'p>(&'p Pending);

impl Drop for Finishing<'_> {
    fn drop(&mut self) {
        self.0.finish();
    }
}
