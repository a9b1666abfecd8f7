//! Readers that take nothing: they hold up neither an operation nor who waits for its end, and one signal ends any command.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, ErrorKind, PipeReader, PipeWriter, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use serde_json::Value;

use crate::discovery::run_unprivileged;
use crate::space::{TestSpace, manifest};

/// After this long what is waited for will not come any more.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// A pipe that is full, and how much is in it.
fn full_pipe() -> (PipeReader, PipeWriter, usize) {
    let (reader, mut writer) = std::io::pipe().unwrap();
    let flags = fcntl_getfl(&writer).unwrap();
    fcntl_setfl(&writer, flags | OFlags::NONBLOCK).unwrap();
    let mut size = 0;
    loop {
        match writer.write(b"\n") {
            Ok(count) => size += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) => panic!("{error}"),
        }
    }
    fcntl_setfl(&writer, flags).unwrap();
    (reader, writer, size)
}

/// A command whose outputs nobody reads, or some of them.
pub struct Blocked {
    process: Child,
    stdout: Option<(PipeReader, usize)>,
    _stderr: Option<PipeReader>,
}

impl Blocked {
    /// Starts `command` with a full pipe for the outputs that are named.
    fn start(mut command: Command, outputs: &str) -> Self {
        let (mut stdout, mut stderr) = (None, None);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        if outputs.contains("stdout") {
            let (reader, writer, size) = full_pipe();
            command.stdout(writer);
            stdout = Some((reader, size));
        }
        if outputs.contains("stderr") {
            let (reader, writer, _) = full_pipe();
            command.stderr(writer);
            stderr = Some(reader);
        }
        Self { process: command.spawn().unwrap(), stdout, _stderr: stderr }
    }

    /// Starts `command`, whose outputs are somewhere else.
    pub fn spawn(mut command: Command) -> Self {
        Self::from(command.spawn().unwrap())
    }

    fn is_running(&mut self) -> bool {
        self.process.try_wait().unwrap().is_none()
    }

    #[track_caller]
    pub fn ended(&mut self, within: Duration) -> ExitStatus {
        let deadline = Instant::now() + within;
        loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "it did not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until the process has set its handlers for SIGINT and SIGTERM.
    #[track_caller]
    fn until_signals_are_handled(&self) {
        let status = format!("/proc/{}/status", self.process.id());
        until("signals are handled", || {
            let status = fs::read_to_string(&status).unwrap();
            let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
            let caught = u64::from_str_radix(caught.trim(), 16).unwrap();
            [2, 15].iter().all(|signal| caught & (1 << (signal - 1)) != 0)
        });
    }

    /// Sends one signal, and expects that it is enough.
    #[track_caller]
    pub fn end(&mut self, signal: &str) -> Option<i32> {
        assert!(self.is_running(), "it does not wait");
        send(signal, self.process.id());
        self.ended(DEADLINE).code()
    }

    /// Reads all of standard output from now on, to its end.
    fn read(&mut self) -> Vec<Value> {
        let (mut reader, filling) = self.stdout.take().unwrap();
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        text[filling..].lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Kibibytes of memory that the process has now.
    fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }
}

impl From<Child> for Blocked {
    fn from(process: Child) -> Self {
        Self { process, stdout: None, _stderr: None }
    }
}

impl Drop for Blocked {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn send(signal: &str, process: u32) {
    assert!(Command::new("kill").args([signal, &process.to_string()]).status().unwrap().success());
}

#[track_caller]
pub fn until(what: &str, mut is_reached: impl FnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !is_reached() {
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Waits until the lane is free.
#[track_caller]
pub fn until_free(space: &TestSpace) {
    until("the lane is free", || space.run(&["pack", "--no-wait", "-q"]).code != 5);
}

/// A workspace of which there is more to tell than a pipe holds, on both outputs: a warning of each asset.
pub fn talkative() -> TestSpace {
    let space = TestSpace::with_many(300, |id| id.to_string().into_bytes());
    for id in 1..=300 {
        let root = format!("g{}/a{id}", id % 100);
        space.write(&format!("assets/{root}/asset.json"), manifest(id, &root, r#"{"glob": "*.bin"}"#));
        space.write(&format!("assets/{root}/2.bin"), "2");
        space.write(&format!("assets/{root}/10.bin"), "10");
    }
    space
}

/// Whether SIGHUP is ignored here, as below `nohup`, which every process that is started inherits.
fn ignores_hangups() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap();
    u64::from_str_radix(ignored.trim(), 16).unwrap() & 1 != 0
}

pub fn published(space: &TestSpace) -> bool {
    space.path().join("build/asset_table_metadata.json").exists()
}

#[test]
fn a_pack_that_nobody_reads_holds_nothing_and_ends_at_one_signal() {
    for (outputs, format, signal) in [
        ("stdout", "json", "-INT"),
        ("stdout", "json", "-TERM"),
        ("stdout", "human", "-HUP"),
        ("stderr", "human", "-INT"),
        ("stdout, stderr", "human", "-TERM"),
        ("stdout", "short", "-INT"),
    ] {
        if signal == "-HUP" && ignores_hangups() {
            eprintln!(
                "skipped: this process was started to live on when its terminal is gone, and so is what it starts"
            );
            continue;
        }
        let space = talkative();
        let mut blocked = Blocked::start(space.command(&["pack", "--message-format", format]), outputs);
        until("it is packed", || published(&space));
        until_free(&space);
        assert_eq!(space.run(&["pack", "--no-wait"]).code, 0);
        assert_eq!(blocked.end(signal), Some(130), "{outputs} {format} {signal}");
    }
}

#[test]
fn an_operation_is_cancelled_whatever_its_reader_does() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    let lane = File::open(space.path().join("assets/.prometeu")).unwrap();
    lane.lock().unwrap();
    for (outputs, arguments) in
        [("stderr", &["pack"][..]), ("stdout", &["pack", "--message-format", "json"]), ("stderr", &["exclude", "1"])]
    {
        let mut waiting = Blocked::start(space.command(arguments), outputs);
        waiting.until_signals_are_handled();
        assert_eq!(waiting.end("-INT"), Some(130), "{arguments:?}");
    }
    drop(lane);
    // A file of zeros that takes no room, and long to read.
    OpenOptions::new().write(true).open(space.path().join("assets/a/f")).unwrap().set_len(64 << 30).unwrap();
    for arguments in [["check"], ["pack"], ["plan"], ["status"]] {
        let command = space.command(&[&arguments[..], &["--message-format", "json"]].concat());
        let mut reading = Blocked::start(command, "stdout");
        reading.until_signals_are_handled();
        assert_eq!(reading.end("-TERM"), Some(130), "{arguments:?}");
    }
}

#[test]
fn every_command_that_waits_for_its_reader_ends_at_one_signal() {
    let space = talkative();
    space.pack();
    let pack = "build/assets.pa";
    for arguments in [
        &["inspect", pack][..],
        &["inspect", pack, "--message-format", "json"],
        &["verify", pack],
        &["verify", "--reproduce", "--message-format", "json"],
        &["diff", pack, pack],
        &["extract", pack, "--to", "out"],
        &["plan"],
        &["check"],
        &["status"],
        &["cache", "show"],
        &["doctor"],
        &["exclude", "g1/a1"],
        &["init", "new"],
        &["explain"],
        &["schema", "pack"],
        &["completions", "bash"],
        &["man"],
        &["--help"],
        &["--version"],
    ] {
        let mut blocked = Blocked::start(space.command(arguments), "stdout, stderr");
        // Until it has done what it does, and waits.
        std::thread::sleep(Duration::from_millis(500));
        assert_eq!(blocked.end("-INT"), Some(130), "{arguments:?}");
    }
    let mut usage = Blocked::start(space.command(&["pakc"]), "stderr");
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(usage.end("-TERM"), Some(130));
}

#[test]
fn who_reads_late_gets_all_in_order() {
    let space = talkative();
    let mut blocked = Blocked::start(space.command(&["pack", "--message-format", "json"]), "stdout");
    until("it is packed", || published(&space));
    until_free(&space);
    let lines = blocked.read();
    assert_eq!(blocked.ended(DEADLINE).code(), Some(0));
    let (result, stream) = lines.split_last().unwrap();
    assert_eq!((&result["type"], &result["status"]), (&"result".into(), &"SUCCESS".into()));
    assert!(stream.len() > 600, "{}", stream.len());
    assert!(stream.iter().zip(0_u64..).all(|(line, number)| line["sequence"] == number));
}

#[test]
fn a_signal_lets_a_reader_that_reads_have_all() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    OpenOptions::new().write(true).open(space.path().join("assets/a/f")).unwrap().set_len(64 << 30).unwrap();
    let mut command = space.command(&["pack", "--message-format", "json"]);
    let process = command.stdout(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(300));
    send("-INT", process.id());
    let output = process.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let last = String::from_utf8(output.stdout).unwrap().lines().last().unwrap().to_owned();
    assert!(last.contains(r#""type":"result""#) && last.contains("CANCELLED"), "{last}");
}

#[test]
fn a_signal_after_the_end_of_an_operation_lets_a_reader_that_reads_have_its_result() {
    for signal in ["-INT", "-TERM"] {
        let space = talkative();
        let mut blocked = Blocked::start(space.command(&["pack", "--message-format", "json"]), "stdout");
        until("it is packed", || published(&space));
        until_free(&space);
        // Until it has said all, and waits.
        std::thread::sleep(Duration::from_millis(500));
        send(signal, blocked.process.id());
        let lines = blocked.read();
        assert_eq!(blocked.ended(DEADLINE).code(), Some(0), "{signal}");
        assert_eq!(lines.last().unwrap()["status"], "SUCCESS", "{signal}");
    }
}

#[test]
fn where_no_thread_can_be_started_all_is_printed() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    let script = r#"exec bash -c 'ulimit -u 0; exec "$0" pack --message-format json' "$0""#;
    let Some(run) = run_unprivileged(&space, script) else { return };
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    assert_eq!(run.lines().last().unwrap()["status"], "SUCCESS");
}

/// As when a terminal or another process shares the pipe, and does not want to wait for it.
#[test]
fn a_pipe_that_does_not_wait_loses_nothing() {
    let space = talkative();
    let (mut reader, writer) = std::io::pipe().unwrap();
    fcntl_setfl(&writer, fcntl_getfl(&writer).unwrap() | OFlags::NONBLOCK).unwrap();
    let mut process = space.command(&["pack", "--message-format", "json"]).stdout(writer).spawn().unwrap();
    until("it is packed", || published(&space));
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    assert_eq!(process.wait().unwrap().code(), Some(0));
    assert!(text.len() > 64 * 1024 && text.lines().last().unwrap().contains(r#""status":"SUCCESS""#));
}

/// What is published is what a clean pack of the workspace gives.
fn is_current(space: &TestSpace) -> bool {
    let copy = TestSpace::empty();
    for (path, content) in crate::space::files_below(&space.path().join("assets")) {
        if !path.contains("/cache/") {
            copy.write(&format!("assets/{path}"), content);
        }
    }
    copy.pack();
    let read = |space: &TestSpace| fs::read(space.path().join("build/assets.pa")).ok();
    read(space) == read(&copy)
}

#[test]
fn a_watch_that_nobody_reads_keeps_build_current_and_holds_nothing() {
    for (outputs, format) in [("stdout", "json"), ("stdout, stderr", "human")] {
        let space = TestSpace::with_assets(&[("a", &[("f", "f")]), ("b", &[("f", "f")])]);
        let mut watch = Blocked::start(space.command(&["watch", "--message-format", format]), outputs);
        until("the first build", || published(&space));
        for edit in 0..10 {
            space.write("assets/a/f", format!("content {edit}"));
            until("build/ is current", || is_current(&space));
        }
        until_free(&space);
        assert!(watch.is_running());
        assert_eq!(watch.end("-INT"), Some(130), "{format}");
    }
}

#[test]
fn a_watch_that_nobody_reads_does_not_grow_and_goes_on_when_it_is_read() {
    // A notice for each of these is told of every build, three times: more than 1 MiB.
    let space = talkative();
    for number in 0..1500 {
        space.write(&format!("assets/new{number}/asset.json"), manifest(1000 + number, "new", r#"{"file": "f"}"#));
    }
    let mut watch = Blocked::start(space.command(&["watch", "--message-format", "json"]), "stdout");
    until("the first build", || published(&space));
    let edit = |number: usize| space.write("assets/g1/a1/2.bin", number.to_string());
    let mut sizes = Vec::new();
    for number in 0..8 {
        edit(number);
        std::thread::sleep(Duration::from_millis(700));
        sizes.push(watch.memory());
    }
    assert!(sizes[7] < sizes[1] + 4 * 1024, "{sizes:?} KiB");
    assert!(watch.is_running());
    assert!(!is_current(&space), "it waits for its reader");
    let lane = File::open(space.path().join("assets/.prometeu")).unwrap();
    assert!(lane.try_lock().is_ok(), "and holds nothing meanwhile");
    drop(lane);
    // It has not given up: what is read makes room for the next build.
    let (mut reader, _) = watch.stdout.take().unwrap();
    let draining = std::thread::spawn(move || std::io::copy(&mut reader, &mut std::io::sink()));
    until("build/ is current", || is_current(&space));
    send("-INT", watch.process.id());
    assert_eq!(watch.ended(DEADLINE).code(), Some(0));
    assert!(draining.join().unwrap().unwrap() > 1024 * 1024);
}

#[test]
fn a_watch_whose_reader_goes_away_ends() {
    for format in ["json", "human"] {
        let space = talkative();
        let mut watch = Blocked::start(space.command(&["watch", "--message-format", format]), "stdout");
        until("the first build", || published(&space));
        until_free(&space);
        assert!(watch.is_running());
        watch.stdout = None;
        assert_eq!(watch.ended(DEADLINE).code(), Some(0), "{format}");
    }
}

#[test]
fn an_idle_watch_whose_reader_goes_away_ends() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    let (reader, writer) = std::io::pipe().unwrap();
    let mut command = space.command(&["watch", "--message-format", "json"]);
    command.stdout(writer);
    let mut watch = Blocked::spawn(command);
    let mut lines = BufReader::new(reader).lines();
    assert!(lines.any(|line| line.unwrap().contains("WAITING")));
    drop(lines);
    assert_eq!(watch.ended(DEADLINE).code(), Some(0));
}
