//! A session that is watched and asked by others at the same time, as in an editor.

use std::fs::File;
use std::sync::{Mutex, mpsc};
use std::time::Duration;

use papack_engine::{
    Cancel, CheckRequest, Code, Event, EventKind, PackRequest, PackResult, Session, Status, WatchEnd, WatchEvent,
    WatchObserver, WatchRequest, watch,
};

use crate::space::{TestSpace, manifest};

/// After this long what is waited for will not come any more.
const LONG: Duration = Duration::from_secs(60);

/// Says when a build begins, and hands over its result.
struct Builds {
    began: Mutex<mpsc::Sender<()>>,
    built: Mutex<mpsc::Sender<PackResult>>,
}

impl Builds {
    fn new() -> (Self, mpsc::Receiver<()>, mpsc::Receiver<PackResult>) {
        let ((began, begins), (built, results)) = (mpsc::channel(), mpsc::channel());
        (Self { began: Mutex::new(began), built: Mutex::new(built) }, begins, results)
    }
}

impl WatchObserver for Builds {
    fn watch(&self, _: &WatchEvent) {}

    fn build(&self, event: &Event) {
        if matches!(event.kind, EventKind::OperationStarted) {
            // Nobody may care any more.
            _ = self.began.lock().unwrap().send(());
        }
    }

    fn built(&self, result: &PackResult, _: &Session) {
        self.built.lock().unwrap().send(result.clone()).unwrap();
    }
}

/// Ends the watch however the test ends.
struct Ending<'c>(&'c Cancel);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

#[test]
fn a_session_answers_others_while_it_is_watched() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")]), ("b", &[("g", "g")])]);
    let session = Mutex::new(space.session());
    let request = WatchRequest::default();
    let (observer, _begins, built) = Builds::new();
    // Other results may come first: of a build that was overtaken by the next change.
    let until = |status: Status| loop {
        let result = built.recv_timeout(LONG).expect("no build");
        if result.status == status {
            return result;
        }
    };
    std::thread::scope(|scope| {
        let _ending = Ending(&request.cancel);
        let watching = scope.spawn(|| watch(&session, &request, &observer).unwrap());
        until(Status::Success);
        let check = || session.lock().unwrap().check(&CheckRequest::default(), &|_| {});
        assert_eq!((check().status, check().checked_asset_count), (Status::Success, 2));

        let sound = manifest(1, "a", r#"{ "file": "f" }"#);
        space.write("assets/a/asset.json", "{");
        until(Status::GateFailed);
        let faulty = check();
        assert_eq!((faulty.status, faulty.diagnostics[0].code), (Status::GateFailed, Code::JsonSyntax));
        // A pack of somebody else's is one build less for the watch, or one that has nothing to do.
        space.write("assets/a/asset.json", sound);
        space.write("assets/b/g", "other");
        let packed = session.lock().unwrap().pack(&PackRequest::default(), &|_| {});
        assert_eq!(packed.status, Status::Success);
        until(Status::Success);
        request.cancel.cancel();
        assert!(matches!(watching.join().unwrap(), WatchEnd::Ended | WatchEnd::Cancelled));
    });
    let watched = space.build();
    std::fs::remove_dir_all(space.path().join("build")).unwrap();
    space.pack();
    assert_eq!(space.build(), watched);
}

/// A build that is overtaken while it waits for the lane has looked at nothing, and leaves nothing behind of what it was to
/// look at: others must look everywhere.
#[test]
fn a_build_that_never_began_narrows_no_other_operation() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")]), ("b", &[("g", "g")])]);
    let session = Mutex::new(space.session());
    let request = WatchRequest::default();
    let (observer, begins, built) = Builds::new();
    std::thread::scope(|scope| {
        let _ending = Ending(&request.cancel);
        let watching = scope.spawn(|| watch(&session, &request, &observer).unwrap());
        begins.recv_timeout(LONG).unwrap();
        assert_eq!(built.recv_timeout(LONG).unwrap().status, Status::Success);
        let lane = File::open(space.path().join("assets/.prometeu")).unwrap();
        lane.lock().unwrap();
        // The next build waits for the lane, and the one after it overtakes it.
        space.write("assets/a/f", "other");
        begins.recv_timeout(LONG).unwrap();
        let waiting = scope.spawn(|| session.lock().unwrap().check(&CheckRequest::default(), &|_| {}));
        std::thread::sleep(Duration::from_millis(100));
        space.write("assets/b/asset.json", "{");
        // The build after that goes on, even if it should get the session before the check does.
        scope.spawn(move || {
            begins.recv_timeout(LONG).unwrap();
            drop(lane);
        });
        let checked = waiting.join().unwrap();
        assert_eq!((checked.status, checked.error_count), (Status::GateFailed, 1));
        assert_eq!(built.recv_timeout(LONG).unwrap().status, Status::Cancelled);
        assert_eq!(built.recv_timeout(LONG).unwrap().status, Status::GateFailed);
        request.cancel.cancel();
        watching.join().unwrap();
    });
}
