//! A running `papack watch`, and what it printed so far.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::space::TestSpace;

/// After this long what is waited for will not come any more.
const DEADLINE: Duration = Duration::from_secs(60);

/// A running watch.
pub struct Watch {
    process: Child,
    lines: Arc<Mutex<Vec<Value>>>,
    reader: Option<JoinHandle<()>>,
}

impl Watch {
    /// Watches `space`. The first build has ended.
    pub fn start(space: &TestSpace) -> Self {
        let watch = Self::spawn(space.command(&["watch"]));
        watch.until("the first build", |lines| lines.iter().any(|line| is(line, "WAITING")));
        watch
    }

    /// Watches `space`, and keeps no events: there will be many.
    pub fn start_long(space: &TestSpace) -> Self {
        let watch = Self::keeping(space.command(&["watch"]), |line| line["type"] != "event");
        watch.until("the first build", |lines| lines.iter().any(|line| is(line, "WAITING")));
        watch
    }

    /// Runs `command`, which is a watch.
    pub fn spawn(command: Command) -> Self {
        Self::keeping(command, |_| true)
    }

    fn keeping(mut command: Command, is_kept: fn(&Value) -> bool) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = Arc::new(Mutex::new(Vec::new()));
        let stdout = BufReader::new(process.stdout.take().unwrap());
        let reader = std::thread::spawn({
            let lines = Arc::clone(&lines);
            move || {
                for line in stdout.lines() {
                    let line = line.unwrap();
                    let value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
                    if is_kept(&value) {
                        lines.lock().unwrap().push(value);
                    }
                }
            }
        });
        Self { process, lines, reader: Some(reader) }
    }

    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// All that was printed so far.
    pub fn lines(&self) -> Vec<Value> {
        self.lines.lock().unwrap().clone()
    }

    /// The results of all builds so far.
    pub fn results(&self) -> Vec<Value> {
        self.lines().into_iter().filter(|line| line["type"] == "result").collect()
    }

    /// Waits until `reached` holds of the lines.
    #[track_caller]
    pub fn until(&self, what: &str, reached: impl Fn(&[Value]) -> bool) {
        let deadline = Instant::now() + DEADLINE;
        while !reached(&self.lines.lock().unwrap()) {
            assert!(Instant::now() < deadline, "{what} never came: {}", tail(&self.lines()));
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until what is published is what a clean pack of the workspace as it is gives; or, where that fails, until the
    /// watch says the same about it.
    #[track_caller]
    pub fn settle(&self, space: &TestSpace) {
        let clean = Clean::of(space);
        let deadline = Instant::now() + DEADLINE;
        while !clean.is_reached(self, space) {
            assert!(
                Instant::now() < deadline,
                "the watch did not come to what a clean pack gives ({}): {}",
                clean.result,
                tail(&self.lines())
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Sends a signal, such as `-INT`.
    pub fn signal(&self, signal: &str) {
        assert!(Command::new("kill").args([signal, &self.id().to_string()]).status().unwrap().success());
    }

    /// Ends the watch by SIGINT: its exit code, and all that it printed.
    pub fn end(self) -> (i32, Vec<Value>) {
        self.signal("-INT");
        self.ended()
    }

    /// Waits until the watch has ended: its exit code, and all that it printed.
    #[track_caller]
    pub fn ended(mut self) -> (i32, Vec<Value>) {
        let deadline = Instant::now() + DEADLINE;
        let status = loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < deadline, "the watch did not end: {}", tail(&self.lines()));
            std::thread::sleep(Duration::from_millis(5));
        };
        self.reader.take().unwrap().join().unwrap();
        let lines = self.lines();
        assert_well_formed(&lines);
        assert_described(&lines);
        (status.code().expect("ended by a signal"), lines)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// What a clean pack of a copy of a workspace gives.
struct Clean {
    result: Value,
    build: BTreeMap<String, Vec<u8>>,
}

impl Clean {
    fn of(space: &TestSpace) -> Self {
        let copy = TestSpace::empty();
        copy_folder(&space.path().join("assets"), &copy.path().join("assets"));
        let (_, mut lines) = copy.pack_json();
        Self { result: lines.pop().unwrap(), build: copy.build() }
    }

    fn is_reached(&self, watch: &Watch, space: &TestSpace) -> bool {
        let Some(last) = watch.results().pop() else { return false };
        let says_so = ["status", "packed_asset_count"].iter().all(|key| last[key] == self.result[key])
            && found(&last) == found(&self.result);
        let is_published = self.result["status"] != "SUCCESS" || published(space) == self.build;
        says_so && is_published
    }
}

/// What a result says of the workspace. That an earlier promotion was cut short, as by somebody who deletes `build/` in that
/// moment, is told as well, and says nothing of what is there now.
fn found(result: &Value) -> Vec<&Value> {
    let is_of_promotion = |found: &Value| found["code"].as_str().is_some_and(|code| code.starts_with("PROMOTION_"));
    result["diagnostics"].as_array().into_iter().flatten().filter(|found| !is_of_promotion(found)).collect()
}

/// The outputs, while somebody may be replacing them.
fn published(space: &TestSpace) -> BTreeMap<String, Vec<u8>> {
    let names = ["assets.pa", "asset_table.json", "preload.json", "asset_table_metadata.json"];
    let read = |name: &str| Some((name.to_owned(), fs::read(space.path().join("build").join(name)).ok()?));
    names.into_iter().filter_map(read).collect()
}

/// Copies a folder, with links as links and empty folders, without what papack leaves while it works.
fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        let kind = entry.file_type().unwrap();
        if kind.is_symlink() {
            symlink(fs::read_link(entry.path()).unwrap(), to).unwrap();
        } else if !kind.is_dir() {
            fs::copy(entry.path(), to).unwrap();
        } else if !entry.path().ends_with(".prometeu/cache") {
            copy_folder(&entry.path(), &to);
        }
    }
}

/// Whether a line is one of the watch, of this kind.
pub fn is(line: &Value, kind: &str) -> bool {
    line["type"] == "watch" && line["kind"] == kind
}

/// How many lines of the watch are of this kind.
pub fn count(lines: &[Value], kind: &str) -> usize {
    lines.iter().filter(|line| is(line, kind)).count()
}

/// The stream of each build is whole and followed by its result, and the watch's own lines frame them.
fn assert_well_formed(lines: &[Value]) {
    assert!(is(&lines[0], "WATCHING"), "{}", lines[0]);
    assert!(is(lines.last().unwrap(), "FINISHED"), "{}", lines.last().unwrap());
    let mut next = 0;
    let mut operation = Value::Null;
    for line in lines {
        match line["type"].as_str().unwrap() {
            "watch" => assert_eq!(next, 0, "within a build: {line}"),
            "result" => {
                assert_eq!(line["operation_id"], operation);
                next = 0;
            }
            _ => {
                if next == 0 {
                    assert_eq!(line["kind"], "OPERATION_STARTED");
                    operation = line["operation_id"].clone();
                }
                assert_eq!((&line["operation_id"], line["sequence"].as_u64()), (&operation, Some(next)), "{line}");
                next += 1;
            }
        }
    }
    assert_eq!(next, 0, "the last build has its result");
}

/// The lines of the watch are as their schema says.
fn assert_described(lines: &[Value]) {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schemas/watch.schema.json");
    let schema = serde_json::from_slice(&fs::read(schema).unwrap()).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    for line in lines.iter().filter(|line| line["type"] == "watch") {
        assert!(validator.is_valid(line), "{line}");
    }
}

/// The last lines, without what happened to each asset.
fn tail(lines: &[Value]) -> String {
    let told = lines.iter().filter(|line| line["type"] != "event").map(ToString::to_string).collect::<Vec<_>>();
    told[told.len().saturating_sub(12)..].join("\n")
}
