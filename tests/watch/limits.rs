//! The limits of the system: its queue overflows, and it watches no more folders.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::space::{KEY, TestSpace};
use crate::watching::{Watch, count, is};

const REGISTRY: &str = "assets/.prometeu/index.json";

fn limit(name: &str) -> usize {
    fs::read_to_string(Path::new("/proc/sys/fs/inotify").join(name)).unwrap().trim().parse().unwrap()
}

#[test]
fn a_queue_that_overflows_leads_to_a_rescan() {
    let space = TestSpace::with_assets(&[("a", &[("f", "one")]), ("b", &[("f", "two")])]);
    let watch = Watch::start(&space);
    for round in 0..2 {
        // The process sleeps while more happens than the queue holds.
        watch.signal("-STOP");
        for number in 0..limit("max_queued_events") / 3 + 10 {
            // Three events that are not alike: made, renamed from, renamed to.
            space.write("assets/a/one", "");
            fs::rename(space.path().join("assets/a/one"), space.path().join(format!("assets/a/{}", number % 7)))
                .unwrap();
        }
        // What the lost events would have told.
        space.write(&format!("assets/c{round}/d/f"), "not used");
        space.write("assets/b/f", format!("changed in round {round}"));
        watch.signal("-CONT");
        watch.until("the rescan", |lines| count(lines, "RESCAN") == round + 1);
        watch.settle(&space);
        // Everything is watched as before, the new folders too.
        let builds = watch.results().len();
        space.write(&format!("assets/c{round}/d/f"), "changed");
        watch.until("a build for the new folder", |lines| {
            lines.iter().filter(|line| line["type"] == "result").count() > builds
        });
        space.write("assets/b/f", format!("changed again in round {round}"));
        watch.settle(&space);
    }
    let (code, lines) = watch.end();
    assert_eq!((code, count(&lines, "POLLING")), (0, 0));
}

/// A watch in a user namespace that allows `limit` of what `name` counts; none where such a namespace cannot be had.
pub fn limited(space: &TestSpace, name: &str, limit: usize) -> Option<Watch> {
    let script = format!("echo {limit} > /proc/sys/user/{name} && exec \"$0\" watch");
    let arguments = ["--user", "--map-root-user", "sh", "-c", &script];
    let can =
        Command::new("unshare").args(&arguments[..3]).args(["-c", &format!("echo 1 > /proc/sys/user/{name}")]).status();
    if !can.is_ok_and(|status| status.success()) {
        return None;
    }
    let mut command = Command::new("unshare");
    command.args(arguments).arg(env!("CARGO_BIN_EXE_papack")).current_dir(space.path());
    command.env("PAPACK_CACHE_KEY", KEY);
    Some(Watch::spawn(command))
}

/// Looks every second instead, and says so.
#[test]
fn no_more_folders_can_be_watched() {
    for (name, limit, told) in
        [("max_inotify_instances", 0, "max_user_instances"), ("max_inotify_watches", 3, "max_user_watches")]
    {
        let space = TestSpace::with_many(20, |id| vec![1; id]);
        let Some(watch) = limited(&space, name, limit) else { return };
        watch.until("the first build", |lines| lines.iter().any(|line| is(line, "WAITING")));
        let lines = watch.lines();
        let polling = lines.iter().find(|line| is(line, "POLLING")).unwrap();
        assert!(polling["reason"].as_str().unwrap().contains(told), "{polling}");
        polled(&space, watch);
    }
}

/// A program that has a file mapped changes it without another stamp, and no system tells of it before it lets go. The watch
/// looks again by itself, whether it is told of changes or polls.
#[test]
#[allow(unsafe_code, reason = "a mapping is what this is about; nobody makes the file shorter")]
fn what_is_written_through_a_mapping_is_found() {
    let start = |polls: bool, space: &TestSpace| {
        if polls { limited(space, "max_inotify_instances", 0) } else { Some(Watch::start(space)) }
    };
    for (polls, path, from) in
        [(false, "assets/a/f", "content"), (true, "assets/a/f", "content"), (true, REGISTRY, "\"root\": \"a\"")]
    {
        let space = TestSpace::with_assets(&[("a", &[("f", "content")])]);
        let file = fs::File::options().read(true).write(true).open(space.path().join(path)).unwrap();
        // SAFETY: nobody else changes the file.
        let mut mapping = unsafe { memmap2::MmapMut::map_mut(&file) }.unwrap();
        drop(file);
        let text = space.read(path);
        let at = text.windows(from.len()).position(|part| part == from.as_bytes()).unwrap() + from.len() - 2;
        mapping[at] = std::hint::black_box(mapping[at]);
        let Some(watch) = start(polls, &space) else { return };
        watch.settle(&space);
        if !polls {
            let builds = watch.results().len();
            std::thread::sleep(Duration::from_secs(4));
            assert_eq!(watch.results().len(), builds, "what did not change is not built");
        }
        for byte in *b"xy" {
            mapping[at] = byte;
            watch.settle(&space);
        }
        mapping[at] = text[at];
        drop(mapping);
        watch.settle(&space);
        let (code, lines) = watch.end();
        assert_eq!((code, count(&lines, "POLLING")), (0, usize::from(polls)));
    }
}

#[test]
fn the_limit_is_met_on_the_way() {
    let space = TestSpace::with_assets(&[("a", &[("f", "one")])]);
    let Some(watch) = limited(&space, "max_inotify_watches", 8) else { return };
    watch.until("the first build", |lines| lines.iter().any(|line| is(line, "WAITING")));
    assert_eq!(count(&watch.lines(), "POLLING"), 0);
    space.write("assets/a/1/2/3/4/5/6/7/8/f", "");
    watch.until("the limit", |lines| count(lines, "POLLING") == 1);
    polled(&space, watch);
}

fn polled(space: &TestSpace, watch: Watch) {
    let file = if space.path().join("assets/a").exists() { "assets/a/f" } else { "assets/g7/a7/f" };
    space.write(file, "changed");
    watch.settle(space);
    space.write(file, "CHANGED");
    watch.settle(space);
    drop(fs::remove_dir_all(space.path().join("build")));
    watch.settle(space);
    fs::remove_file(space.path().join(file)).unwrap();
    watch.settle(space);
    space.write(file, "back");
    watch.settle(space);
    let (code, lines) = watch.end();
    assert_eq!((code, count(&lines, "POLLING")), (0, 1));
    // Nothing is built where nothing changed.
    let idle = lines.iter().filter(|line| line["type"] == "result" && line["up_to_date"] == true).count();
    assert!(idle <= 6, "{idle} builds for nothing");
}
