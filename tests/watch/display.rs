//! What people see.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command};

use crate::space::{TestSpace, manifest};

/// A watch for people. What it prints on both outputs comes in its order.
struct Seen {
    process: Child,
    lines: std::io::Lines<BufReader<std::io::PipeReader>>,
    text: String,
}

impl Seen {
    fn start(space: &TestSpace, arguments: &[&str]) -> Self {
        let (reader, writer) = std::io::pipe().unwrap();
        let mut command = space.command(&[&["watch"], arguments].concat());
        let process = command.stdout(writer.try_clone().unwrap()).stderr(writer).spawn().unwrap();
        Self { process, lines: BufReader::new(reader).lines(), text: String::new() }
    }

    /// Reads until a line has `part`.
    fn until(&mut self, part: &str) {
        for line in self.lines.by_ref() {
            let line = line.unwrap();
            self.text += &format!("{line}\n");
            if line.contains(part) {
                return;
            }
        }
        panic!("{part:?} never came:\n{}", self.text);
    }

    /// All that was printed, without times.
    fn end(mut self) -> String {
        assert!(Command::new("kill").args(["-INT", &self.process.id().to_string()]).status().unwrap().success());
        assert_eq!(self.process.wait().unwrap().code(), Some(0));
        self.lines.by_ref().for_each(|line| self.text += &format!("{}\n", line.unwrap()));
        let without_time = |line: &str| match line.split_once(", in ") {
            Some((before, time)) => {
                let rest = time.split_once(" ms").unwrap().1;
                format!("{before}, in _ ms{rest}\n")
            }
            None => format!("{line}\n"),
        };
        self.text.lines().map(without_time).collect()
    }
}

impl Drop for Seen {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Replaces a file in one step: half of a write may be a change of its own on a busy machine.
fn replace(space: &TestSpace, path: &str, content: &str) {
    space.write("new", content);
    fs::rename(space.path().join("new"), space.path().join(path)).unwrap();
}

fn space() -> TestSpace {
    TestSpace::with_assets(&[("a", &[("f", "one")]), ("b", &[("f", "two")])])
}

#[test]
fn a_few_lines_for_each_build() {
    let space = space();
    let mut seen = Seen::start(&space, &["--message-format", "human"]);
    seen.until("Waiting");
    replace(&space, "assets/a/f", "changed");
    seen.until("Packed");
    replace(&space, "assets/a/asset.json", &manifest(1, "a", r#"{"file": "g"}"#));
    seen.until("Waiting");
    replace(&space, "assets/a/asset.json", &manifest(1, "a", r#"{"file": "f"}"#));
    seen.until("Up to date");
    fs::rename(space.path().join("build"), space.path().join("aside")).unwrap();
    seen.until("Packed");
    insta::assert_snapshot!(seen.end(), @r#"
          Packed 2 assets, 2 derived, 6 B, in _ ms
         Waiting for changes; Ctrl-C ends the watch
         Changed assets/a/f
          Packed 2 assets, 1 derived, 10 B, in _ ms
         Changed assets/a/asset.json
    error[FILE_MISSING]: "g": the file is not there
     --> assets/a/asset.json:5:26
      |
    5 |   "artifacts": [{"file": "g"}],
      |                          ^^^
      |
      = note: in asset 1 "a"
      = help: papack looks for it at assets/a/g

    For more about a code: papack explain FILE_MISSING

          Failed not packed: 1 error
         Waiting for changes; Ctrl-C ends the watch
         Changed assets/a/asset.json
      Up to date 2 assets, in _ ms
         Changed build
          Packed 2 assets, 0 derived, 10 B, in _ ms
    "#);
}

#[test]
fn a_line_for_each_build_in_short() {
    let space = space();
    let mut seen = Seen::start(&space, &["--message-format", "short"]);
    seen.until("waiting");
    replace(&space, "assets/a/asset.json", &manifest(1, "a", r#"{"file": "g"}"#));
    seen.until("waiting");
    insta::assert_snapshot!(seen.end(), @r#"
    packed 2 assets
    waiting for changes; Ctrl-C ends the watch
    changed assets/a/asset.json
    assets/a/asset.json:5:26: error[FILE_MISSING]: "g": the file is not there
    For more about a code: papack explain FILE_MISSING

    not packed: 1 error
    waiting for changes; Ctrl-C ends the watch
    "#);
}

#[test]
fn quiet_tells_errors_only() {
    let space = space();
    let mut seen = Seen::start(&space, &["--quiet", "--message-format", "human"]);
    while !space.path().join("build/asset_table_metadata.json").exists() {
        std::thread::yield_now();
    }
    fs::remove_file(space.path().join("assets/a/f")).unwrap();
    seen.until("not packed");
    insta::assert_snapshot!(seen.end(), @r#"
    error[FILE_MISSING]: "f": the file is not there
     --> assets/a/asset.json:5:26
      |
    5 |   "artifacts": [{"file": "f"}],
      |                          ^^^
      |
      = note: in asset 1 "a"
      = help: papack looks for it at assets/a/f

    not packed: 1 error
    "#);
}

/// The next try that fails as the last one did is no news.
#[test]
fn a_failure_is_told_once() {
    let space = space();
    space.write("build/.staging/journal.json", r#"{"schema_version": 99}"#);
    let mut seen = Seen::start(&space, &["--message-format", "human"]);
    seen.until("1 s");
    seen.until("2 s");
    seen.until("4 s");
    insta::assert_snapshot!(seen.end(), @r#"
    error[JOURNAL_UNKNOWN]: journal version 99 is not supported: this papack reads 1
    --> build/.staging/journal.json
     = help: if another version of papack wrote it, pack with that one; or else, while no papack runs, delete build/.staging and pack again

    For more about a code: papack explain JOURNAL_UNKNOWN

          Failed not published: the outputs could not be made final
         Waiting for changes; the next try is in 1 s
         Waiting for changes; the next try is in 2 s
         Waiting for changes; the next try is in 4 s
    "#);
}
