//! How a watch ends.

use std::fs::{self, File};
use std::process::Stdio;

use crate::space::{Run, TestSpace};
use crate::watching::{Watch, is};

fn space() -> TestSpace {
    TestSpace::with_assets(&[("a", &[("f", "one")])])
}

#[test]
fn a_signal_between_two_builds_is_its_normal_end() {
    for signal in ["-INT", "-TERM"] {
        let space = space();
        let watch = Watch::start(&space);
        watch.signal(signal);
        let (code, lines) = watch.ended();
        assert_eq!(code, 0);
        assert_eq!(lines.last().unwrap()["end"], "ENDED");
    }
}

#[test]
fn a_signal_in_a_build_cancels_it() {
    let space = space();
    let lane = File::open(space.path().join("assets/.prometeu")).unwrap();
    lane.lock().unwrap();
    let watch = Watch::spawn(space.command(&["watch"]));
    watch.until("the build", |lines| lines.iter().any(|line| line["kind"] == "OPERATION_STARTED"));
    let (code, lines) = watch.end();
    assert_eq!(code, 130);
    assert_eq!(lines.last().unwrap()["end"], "CANCELLED");
    assert_eq!(lines[lines.len() - 2]["status"], "CANCELLED");
    assert!(!space.path().join("build").exists());
}

#[test]
fn the_workspace_is_deleted() {
    let space = space();
    let inner = space.path().join("inner");
    fs::create_dir(&inner).unwrap();
    fs::rename(space.path().join("assets"), inner.join("assets")).unwrap();
    let watch = Watch::spawn(space.command(&["watch", "--workspace", "inner"]));
    watch.until("the first build", |lines| lines.iter().any(|line| is(line, "WAITING")));
    // A new name is not the end of it.
    let renamed = space.path().join("renamed");
    fs::rename(&inner, &renamed).unwrap();
    fs::write(renamed.join("assets/a/f"), "changed").unwrap();
    watch.until("a build", |lines| lines.iter().filter(|line| is(line, "WAITING")).count() == 2);
    fs::remove_dir_all(&renamed).unwrap();
    let (code, lines) = watch.ended();
    assert_eq!(code, 2);
    assert_eq!(lines.last().unwrap()["end"], "WORKSPACE_GONE");
}

#[test]
fn there_is_no_workspace() {
    let run = TestSpace::empty().run(&["watch"]);
    let [result] = &run.lines()[..] else { panic!("{}", run.stdout) };
    assert_eq!((run.code, result["status"].as_str()), (2, Some("NO_WORKSPACE")));
    assert!(run.stderr.contains("no workspace"), "{}", run.stderr);
}

/// It would go on for nobody.
#[test]
fn nobody_reads_what_it_prints() {
    for format in ["json", "human", "short", "github"] {
        let space = space();
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = space.command(&["watch", "--message-format", format]);
        command.stdout(writer);
        let run = Run::of(command);
        assert_eq!(run.code, 0, "{format}: {}", run.stderr);
        let mut command = space.command(&["watch", "--message-format", format]);
        command.stdout(File::create("/dev/full").unwrap()).stderr(Stdio::null());
        assert_eq!(command.status().unwrap().code(), Some(3), "{format}");
    }
}
