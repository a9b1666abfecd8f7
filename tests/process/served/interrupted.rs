//! Sessions that die, stand still or end while a process asks them.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::host::{Host, is_served, socket};
use crate::space::{CACHE, TestSpace};

fn ground() -> TestSpace {
    TestSpace::with_many(60, |id| vec![u8::try_from(id).unwrap(); 3000])
}

/// Whenever the session dies, the process does the rest, and prints one result.
#[test]
fn a_session_that_is_killed_costs_time_only() {
    let space = ground();
    space.pack();
    let copy = ground();
    for round in 0..24_u64 {
        let content = format!("round {round}");
        for space in [&space, &copy] {
            space.write("assets/g7/a7/f", &content);
        }
        copy.pack();
        let mut host = Host::serve(&space);
        let json = round % 2 == 0;
        let arguments: &[&str] = if json { &["pack", "--message-format", "json"] } else { &["pack"] };
        let pack = space.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        std::thread::sleep(Duration::from_micros(round * 700));
        host.process.kill().unwrap();
        let output = pack.wait_with_output().unwrap();
        let (stdout, stderr) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert_eq!(output.status.code(), Some(0), "{round}: {stdout}{stderr}");
        let starts = if json { "\"kind\":\"OPERATION_STARTED\"" } else { "60 assets" };
        assert_eq!(stdout.matches(starts).count(), 1, "{round}: {stdout}");
        assert_eq!(space.build(), copy.build(), "{round}");
    }
}

#[test]
fn a_session_that_stands_still_is_not_waited_for() {
    let space = ground();
    let host = Host::serve(&space);
    host.signal("-STOP");
    let began = Instant::now();
    space.pack();
    let taken = began.elapsed();
    assert!((Duration::from_millis(900)..Duration::from_secs(10)).contains(&taken), "{taken:?}");
    host.signal("-CONT");
    super::host::until("it serves again", || is_served(&space));
}

#[test]
fn a_session_that_ends_leaves_nothing() {
    let space = ground();
    let mut host = Host::serve(&space);
    host.signal("-TERM");
    assert!(host.process.wait().unwrap().success());
    assert!(!socket(&space).parent().unwrap().exists());
    space.pack();
    // One that could not clean up is replaced.
    let host = Host::serve(&space);
    drop(host);
    assert!(socket(&space).exists());
    assert!(!is_served(&space));
    let _host = Host::serve(&space);
}

#[test]
fn the_cache_may_be_deleted_meanwhile() {
    let space = ground();
    let host = Host::serve(&space);
    fs::remove_dir_all(space.path().join(CACHE)).unwrap();
    space.write("assets/g7/a7/f", "after that");
    space.pack();
    assert!(!is_served(&space));
    drop(host);
    let _host = Host::serve(&space);
}

/// A signal cancels what is done, as it does alone.
#[test]
fn a_signal_cancels() {
    use rustix::fs::{FlockOperation, flock};
    let space = ground();
    let _host = Host::serve(&space);
    // Another operation holds the lane.
    let lane = fs::File::open(space.path().join("assets/.prometeu")).unwrap();
    flock(&lane, FlockOperation::LockExclusive).unwrap();
    let pack = space.command(&["pack"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(1500));
    // It waits by itself: the session is there for others.
    assert!(is_served(&space));
    let id = pack.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let output = pack.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{stderr}");
    assert_eq!(stderr.matches("waiting for it to end").count(), 1, "{stderr}");
    let run = space.run(&["pack", "--no-wait"]);
    assert_eq!(run.code, 5, "{}", run.stderr);
    drop(lane);
    space.pack();
}
