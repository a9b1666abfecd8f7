//! A process prints what it would have printed alone.

use std::fs::{self, File};
use std::io::Read;
use std::process::Command;

use super::host::Host;
use crate::space::{Run, TestSpace, manifest};
use crate::terminals::{resize, terminal};

/// What is asked for, one after the other, in every state of the workspace.
const LINES: &[&str] = &[
    "plan",
    "plan --exit-code",
    "plan --verbose",
    "pack --check",
    "pack --check --verbose --color always",
    "status",
    "status --message-format short --verbose",
    "status --message-format json",
    "check",
    "check --quiet",
    "check --color always",
    "check --message-format short",
    "check --message-format github",
    "check --message-format json",
    "check --deny-warnings",
    "check --deny GLOB --allow GLOB_UNMATCHED",
    "pack --explain",
    "pack",
    "pack --verbose",
    "pack --quiet",
    "pack --no-wait --message-format json",
    "pack --message-format github --deny-warnings",
    "pack --check --message-format json",
    "plan --exit-code --quiet",
];

type Edit = fn(&TestSpace);

/// The states of the workspace, one after the other.
const EDITS: &[(&str, Edit)] = &[
    ("as it was", |_| {}),
    ("another content", |space| space.write("assets/a/f", "other")),
    ("an asset that takes a file that is not there", |space| {
        space.write("assets/b/asset.json", manifest(2, "b", r#"{"file": "g"}, {"file": "missing"}"#));
    }),
    ("no JSON", |space| space.write("assets/a/asset.json", "{")),
    ("mended, with a warning", |space| {
        space.write("assets/a/asset.json", manifest(1, "a", r#"{"file": "f"}, {"glob": "*.none"}"#));
        space.write("assets/b/asset.json", manifest(2, "b", r#"{"file": "g"}"#));
    }),
    ("settings", |space| space.write("papack.toml", "[diagnostics]\nwarn = [\"GLOB\"]\n")),
    ("an unmanaged folder and a file", |space| {
        space.write("assets/new/deep/asset.json", manifest(9, "new", ""));
        fs::remove_file(space.path().join("papack.toml")).unwrap();
    }),
    ("no outputs", |space| fs::remove_dir_all(space.path().join("build")).unwrap()),
    ("no registry that is one", |space| space.write("assets/.prometeu/index.json", "[]")),
];

/// A run, as it is compared.
fn shown(run: &Run) -> String {
    comparable(&format!("exit {}\n--- stdout\n{}--- stderr\n{}", run.code, run.stdout, run.stderr))
}

/// A text without what differs between any two runs: ids, times, and in which order threads are done with assets.
fn comparable(text: &str) -> String {
    let mut shown = String::new();
    let mut of_assets = Vec::new();
    for line in text.lines() {
        let mut line = line.to_owned();
        let changing = [("\"operation_id\":\"", "\""), ("\"elapsed_ms\":", ","), (" in 0.", " s"), (" in 1.", " s")];
        let is_of_asset = line.contains("\"kind\":\"ASSET_");
        for (start, end) in changing.into_iter().chain(is_of_asset.then_some(("\"sequence\":", ","))) {
            let mut from = 0;
            while let Some(at) = line[from..].find(start).map(|at| from + at + start.len()) {
                let length = line[at..].find(end).unwrap();
                line.replace_range(at..at + length, "…");
                from = at;
            }
        }
        if is_of_asset {
            of_assets.push(line);
        } else {
            of_assets.sort_unstable();
            shown.extend(of_assets.drain(..).chain([line]).map(|line| line + "\n"));
        }
    }
    shown
}

fn ground() -> TestSpace {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")]), ("b", &[("g", "g")])]);
    space.write("sub/x", "");
    space
}

#[test]
fn a_session_prints_what_a_process_prints() {
    let (served, alone) = (ground(), ground());
    let _host = Host::serve(&served);
    // Both have been looked at.
    alone.run(&["check"]);
    for (state, edit) in EDITS {
        edit(&served);
        edit(&alone);
        // Let all stamps become conclusive in both, so that neither reads a file again.
        std::thread::sleep(std::time::Duration::from_millis(30));
        for line in LINES {
            let arguments: Vec<_> = line.split(' ').collect();
            let of_session = served.run(&arguments);
            let of_process = alone.run(&[&arguments[..], &["--alone"]].concat());
            assert_eq!(shown(&of_session), shown(&of_process), "{state}: papack {line}");
        }
        assert_eq!(served.build(), alone.build(), "{state}");
    }
}

/// What the environment and the place say goes for the process that asks.
#[test]
fn a_session_prints_as_the_environment_of_the_process_says() {
    let space = ground();
    space.write("assets/a/asset.json", "{");
    let _host = Host::serve(&space);
    let run = |arguments: &[&str], prepare: &dyn Fn(&mut Command)| {
        let mut command = space.command(arguments);
        prepare(&mut command);
        shown(&Run::of(command))
    };
    type Prepare<'p> = &'p dyn Fn(&mut Command);
    let cases: [(&str, Prepare<'_>); 4] = [
        ("in a folder", &|command| _ = command.current_dir(space.path().join("sub"))),
        ("in a repository", &|command| _ = command.env("GITHUB_WORKSPACE", space.path().parent().unwrap())),
        ("with colours", &|command| _ = command.env_remove("NO_COLOR").env("CLICOLOR_FORCE", "1")),
        ("without", &|command| _ = command.env_remove("NO_COLOR")),
    ];
    for (case, prepare) in cases {
        for format in ["human", "github", "json"] {
            let arguments = ["check", "--message-format", format];
            let alone = run(&[&arguments[..], &["--alone"]].concat(), prepare);
            assert_eq!(run(&arguments, prepare), alone, "{case}: {format}");
        }
    }
}

#[test]
fn a_session_prints_as_wide_as_the_terminal_of_the_process() {
    let space = ground();
    space.write("assets/a/asset.json", manifest(1, "a", r#"{"file": "a file with a long name that is not there"}"#));
    let _host = Host::serve(&space);
    let on_terminal = |arguments: &[&str]| {
        let (mut keyboard, terminal) = terminal();
        resize(&terminal, 50);
        let mut command = space.command(arguments);
        command.env_remove("NO_COLOR").env("TERM", "xterm");
        let mut process = command.stdout(terminal.try_clone().unwrap()).stderr(terminal).spawn().unwrap();
        drop(command);
        let mut seen = Vec::new();
        // The terminal of which nobody has the other end any more is an error.
        drop(File::read_to_end(&mut keyboard, &mut seen));
        process.wait().unwrap();
        String::from_utf8(seen).unwrap()
    };
    let alone = on_terminal(&["check", "--alone"]);
    assert!(alone.contains("\u{1b}[1m"), "{alone}");
    assert_eq!(comparable(&on_terminal(&["check"])), comparable(&alone));
}
