//! Where `--timings` may write: to a new file, and over an earlier one of its own.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::space::{TestSpace, files_below, manifest};

const COMMANDS: [&str; 3] = ["pack", "check", "plan"];

fn space() -> TestSpace {
    TestSpace::with_assets(&[("a", &[("f", "f")])])
}

/// Everything below the workspace, and what links lead to.
fn content(space: &TestSpace) -> Vec<(String, Vec<u8>)> {
    let is_kept = |path: &str| !path.contains("/cache/");
    files_below(space.path()).into_iter().filter(|(path, _)| is_kept(path)).collect()
}

#[track_caller]
fn expect_refused(space: &TestSpace, file: &str, reason: &str) {
    for command in COMMANDS {
        let before = content(space);
        let run = space.run(&[command, "--timings", file]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{command} {file}: {}", run.stderr);
        assert!(run.stderr.starts_with(&format!("error: {file}: {reason}")), "{command} {file}: {}", run.stderr);
        assert!(content(space) == before, "{command} {file}: something was written");
    }
}

#[test]
fn what_papack_reads_or_writes_otherwise_is_not_written_over() {
    const OWN: &str = "the workspace's own files are not for timings";
    let space = space();
    // Neither where it is there, nor where it is not.
    for is_packed in [false, true] {
        if is_packed {
            space.pack();
            fs::create_dir(space.path().join("build/.staging")).unwrap();
        } else {
            fs::create_dir(space.path().join("build")).unwrap();
        }
        for output in ["assets.pa", "asset_table.json", "preload.json", "asset_table_metadata.json"] {
            expect_refused(&space, &format!("build/{output}"), OWN);
        }
        expect_refused(&space, "build", OWN);
        expect_refused(&space, "assets", OWN);
        for below in ["a/f", "a/asset.json", ".prometeu/index.json", "new.json", ".prometeu/cache.json"] {
            expect_refused(&space, &format!("assets/{below}"), OWN);
            expect_refused(&space, &format!("build/../assets/{below}"), OWN);
        }
    }
    expect_refused(&space, "build/.staging/journal.json", OWN);
    space.write("assets/a/empty", "");
    symlink("assets/a/empty", space.path().join("link")).unwrap();
    symlink("assets/a", space.path().join("folder")).unwrap();
    symlink("build/assets.pa", space.path().join("output")).unwrap();
    for link in ["link", "folder/empty", "folder/new.json", "output"] {
        expect_refused(&space, link, OWN);
    }
    // From elsewhere, too.
    let elsewhere = TestSpace::empty();
    let (workspace, file) = (space.path().to_str().unwrap(), space.path().join("assets/new.json"));
    let run = elsewhere.run(&["pack", "--workspace", workspace, "--timings", file.to_str().unwrap()]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(!file.exists());
}

#[test]
fn nothing_but_timings_is_written_over() {
    const OTHER: &str = "the file is there already, and holds no timings";
    let space = space();
    for other in ["", "text", "[\n1]", "[{\"name\":\"x\"}]", "[\n{\"name\"", "[", "\n"] {
        space.write("file", other);
        expect_refused(&space, "file", OTHER);
    }
    // The documents and outputs of another workspace among it.
    let other = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    other.pack();
    for file in ["assets/a/asset.json", "assets/.prometeu/index.json", "build/assets.pa", "build/asset_table.json"] {
        let (file, before) = (other.path().join(file), other.read(file));
        expect_refused(&space, file.to_str().unwrap(), OTHER);
        assert_eq!(fs::read(file).unwrap(), before);
    }
    symlink("file", space.path().join("link")).unwrap();
    expect_refused(&space, "link", OTHER);
    // An artifact under another name.
    space.write("assets/a/empty", "");
    fs::hard_link(space.path().join("assets/a/empty"), space.path().join("other")).unwrap();
    expect_refused(&space, "other", OTHER);
}

#[test]
fn an_artifact_that_is_timings_stays_as_it_is_under_its_own_name() {
    let space = space();
    space.write("assets/a/f", "[\n]\n");
    fs::hard_link(space.path().join("assets/a/f"), space.path().join("other")).unwrap();
    assert_eq!(space.run(&["pack", "--timings", "other"]).code, 0);
    assert_eq!(space.read("assets/a/f"), b"[\n]\n");
    assert!(space.read("other").len() > 100);
}

#[test]
fn what_is_no_file_is_not_opened() {
    const IRREGULAR: &str = "not a regular file";
    let space = space();
    fs::create_dir(space.path().join("folder")).unwrap();
    expect_refused(&space, "folder", IRREGULAR);
    assert!(Command::new("mkfifo").arg(space.path().join("fifo")).status().unwrap().success());
    let run = |file: &str| {
        let run = space.run(&["pack", "--timings", file]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{file}: {}", run.stderr);
        assert!(run.stderr.starts_with(&format!("error: {file}: {IRREGULAR}")), "{file}: {}", run.stderr);
        assert!(!space.path().join("build").exists(), "{file}");
    };
    // Opening it for writing would wait for a reader.
    run("fifo");
    let _socket = UnixListener::bind(space.path().join("socket")).unwrap();
    run("socket");
    for device in ["/dev/null", "/dev/full", "/dev/tty"] {
        if fs::metadata(device).is_ok_and(|_| Path::new(device).canonicalize().is_ok()) {
            run(device);
        }
    }
}

#[test]
fn places_that_are_not_there_are_told() {
    let space = space();
    let missing = "No such file or directory";
    expect_refused(&space, "missing/trace.json", missing);
    space.write("file", "");
    expect_refused(&space, "file/trace.json", "Not a directory");
    symlink("nowhere", space.path().join("link")).unwrap();
    let run = space.run(&["pack", "--timings", "link"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.starts_with("error: link: a link that leads nowhere"), "{}", run.stderr);
    assert!(!space.path().join("nowhere").exists() && !space.path().join("build").exists());
    if Path::new("/proc/self/fd").exists() {
        symlink("/proc/self/fd/1", space.path().join("stdout")).unwrap();
        let run = space.run(&["pack", "--timings", "stdout"]);
        let told = "error: stdout: a pipe or another file without a path";
        assert!(run.code == 2 && run.stderr.starts_with(told), "{}", run.stderr);
    }
}

#[test]
fn a_new_and_an_earlier_file_are_written() {
    let space = space();
    fs::create_dir_all(space.path().join("build/mine")).unwrap();
    fs::create_dir(space.path().join("traces")).unwrap();
    symlink("traces/linked.json", space.path().join("link")).unwrap();
    space.write("traces/linked.json", "[\n]\n");
    for file in ["new.json", "traces/new.json", "build/mine/trace.json", "build/trace.json", "link"] {
        let mut lengths = Vec::new();
        // What fails takes fewer steps than what packs, and leaves nothing of what was there.
        for (artifact, code) in [("f", 0), ("missing", 1), ("f", 0)] {
            space.write("assets/a/asset.json", manifest(1, "a", &format!(r#"{{"file": "{artifact}"}}"#)));
            let run = space.run(&["pack", "--timings", file]);
            assert_eq!(run.code, code, "{file}: {}", run.stderr);
            let events: Vec<Value> = serde_json::from_slice(&space.read(file)).unwrap();
            lengths.push(events.len());
        }
        assert!(lengths[1] > 0 && lengths[1] < lengths[0], "{file}: {lengths:?}");
    }
    assert!(fs::symlink_metadata(space.path().join("link")).unwrap().is_symlink());
    let names = |folder: &str| fs::read_dir(space.path().join(folder)).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(names("traces").all(|name| name == "new.json" || name == "linked.json"), "nothing is left beside them");
}

/// How many operations have a file with timings begun, in the folder of the workspace.
fn begun(space: &TestSpace) -> usize {
    let names = fs::read_dir(space.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with("trace.json.")).count()
}

#[track_caller]
fn wait_until_begun(space: &TestSpace, count: usize) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while begun(space) < count {
        assert!(Instant::now() < deadline, "they did not begin");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Whoever looks finds timings as a whole: those of before, or those of one of the operations that end.
#[test]
fn operations_at_the_same_time_leave_whole_timings() {
    let space = space();
    let read = || serde_json::from_slice::<Vec<Value>>(&space.read("trace.json")).unwrap();
    assert_eq!(space.run(&["pack", "--timings", "trace.json"]).code, 0);
    let lane = File::open(space.path().join("assets/.prometeu")).unwrap();
    lane.lock().unwrap();
    let mut packs: Vec<_> = (0..3)
        .map(|_| {
            let mut pack = space.command(&["pack", "--timings", "trace.json"]);
            pack.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
        })
        .collect();
    wait_until_begun(&space, packs.len());
    let before = read();
    assert_eq!(space.run(&["check", "--timings", "trace.json"]).code, 0);
    assert_ne!(read(), before);
    drop(lane);
    while packs.iter_mut().any(|pack| pack.try_wait().unwrap().is_none()) {
        read();
    }
    assert!(packs.iter_mut().all(|pack| pack.wait().unwrap().success()));
    read();
}

#[test]
fn what_came_there_meanwhile_is_not_written_over() {
    let space = space();
    let lane = File::open(space.path().join("assets/.prometeu")).unwrap();
    lane.lock().unwrap();
    let pack = space.command(&["pack", "--timings", "trace.json"]).stderr(Stdio::piped()).spawn().unwrap();
    wait_until_begun(&space, 1);
    space.write("trace.json", "precious");
    drop(lane);
    let output = pack.wait_with_output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{told}");
    assert!(told.contains("error: trace.json: the file is there already, and holds no timings"), "{told}");
    assert_eq!(space.read("trace.json"), b"precious");
    assert!(space.path().join("build/assets.pa").exists());
    assert_eq!(begun(&space), 0, "nothing is left beside it");
}
