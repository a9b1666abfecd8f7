//! What is printed where, and what happens where it cannot be.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::process::Stdio;

use crate::space::{Run, TestSpace, commands, manifest};

fn space() -> TestSpace {
    TestSpace::with_assets(&[("a", &[("f", "f")])])
}

/// A workspace with a fault.
fn faulty() -> TestSpace {
    let space = space();
    fs::remove_file(space.path().join("assets/a/f")).unwrap();
    space
}

#[test]
fn standard_output_that_cannot_be_written_is_told() {
    for (space, arguments, code) in [
        (space(), &["pack"][..], 3),
        (space(), &["check", "--message-format", "json"], 3),
        (space(), &["explain"], 3),
        (space(), &["--help"], 3),
        (space(), &["--version"], 3),
        // What went wrong before keeps its code.
        (faulty(), &["check"], 1),
        (space(), &["explain", "NOTHING"], 2),
    ] {
        let mut command = space.command(arguments);
        command.stdout(File::create("/dev/full").unwrap());
        let run = Run::of(command);
        assert_eq!(run.code, code, "{arguments:?}: {}", run.stderr);
        let is_told = run.stderr.contains("error: standard output cannot be written: No space left on device");
        assert_eq!(is_told, code != 2, "{arguments:?}: {}", run.stderr);
    }
}

/// How each command is called in a workspace with the asset `a`, packed.
const CALLS: [&[&str]; 31] = [
    &["init", "new-one"],
    &["new", "fresh", "--format", "DATA/raw_v1"],
    &["add", "--all"],
    &["mv", "a", "b"],
    &["rename", "a", "b"],
    &["preload", "a", "--next"],
    &["include", "a"],
    &["exclude", "a"],
    &["rm", "a"],
    &["status"],
    &["list"],
    &["check"],
    &["budget"],
    &["plan"],
    &["pack"],
    &["watch"],
    &["lsp"],
    &["serve"],
    &["verify", "build/assets.pa"],
    &["inspect", "build/assets.pa"],
    &["extract", "build/assets.pa", "--to", "out"],
    &["convert", "beep.flac", "--to", "converted"],
    &["diff", "build/assets.pa", "build/assets.pa"],
    &["doctor"],
    &["migrate"],
    &["cache", "clear"],
    &["merge-registry", "base", "ours", "theirs"],
    &["explain"],
    &["schema", "asset"],
    &["completions", "bash"],
    &["man"],
];

/// A workspace in which all of `CALLS` succeed.
fn packed() -> TestSpace {
    let space = space();
    space.pack();
    fs::create_dir(space.path().join("new-one")).unwrap();
    space.write("assets/fresh/f", "f");
    space.write("beep.flac", include_bytes!("../../demo/assets/sfx/keeper/whistle.flac"));
    for side in ["base", "ours", "theirs"] {
        space.write(side, space.read("assets/.prometeu/index.json"));
    }
    space
}

/// Runs the binary with a standard output that nobody reads.
fn unread(space: &TestSpace, arguments: &[&str]) -> Run {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = space.command(arguments);
    command.stdout(writer);
    Run::of(command)
}

#[test]
fn a_reader_that_went_away_is_no_failure_of_any_command() {
    let called: Vec<_> = CALLS.iter().map(|call| call[0]).collect();
    assert_eq!(called, commands(), "CALLS has every command");
    for call in CALLS {
        let in_json = ["--message-format", "json"].into_iter();
        let takes_json =
            !["explain", "schema", "completions", "man", "merge-registry", "lsp", "serve"].contains(&call[0]);
        for arguments in [call.to_vec(), call.iter().copied().chain(in_json).collect(), vec![call[0], "--help"]] {
            if arguments.contains(&"json") && !takes_json {
                continue;
            }
            let run = unread(&packed(), &arguments);
            assert_eq!(run.code, 0, "{arguments:?}: {}", run.stderr);
            // Only `init` has advice to give.
            assert!(run.stderr.is_empty() || arguments == ["init", "new-one"], "{arguments:?}: {}", run.stderr);
        }
    }
    for (space, arguments, code) in [
        (space(), &["--help"][..], 0),
        (space(), &["-h"], 0),
        (space(), &["--version"], 0),
        (space(), &["explain", "PATH_SPELLING"], 0),
        (space(), &["check", "--verbose"], 0),
        (faulty(), &["check", "--message-format", "short"], 1),
    ] {
        let run = unread(&space, arguments);
        assert_eq!(run.code, code, "{arguments:?}");
        assert!(!run.stderr.contains("standard output"), "{arguments:?}: {}", run.stderr);
    }
}

/// What was asked for is printed; that something went well is not.
#[test]
fn quiet_is_quiet_in_every_command() {
    // A watch that somebody reads does not end; what it says is in `tests/watch`.
    for call in CALLS.iter().filter(|call| call[0] != "watch") {
        let is_text = ["explain", "schema", "completions", "man"].contains(&call[0]);
        for quiet in [vec!["--quiet"], vec!["-q", "--message-format", "short"]] {
            if quiet.len() > 1 && (is_text || ["merge-registry", "lsp", "serve"].contains(&call[0])) {
                continue;
            }
            let run = packed().run(&call.iter().chain(&quiet).copied().collect::<Vec<_>>());
            assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{call:?}");
            assert_eq!(run.stdout.is_empty(), !is_text, "{call:?}: {}", run.stdout);
        }
    }
}

#[test]
fn standard_error_that_cannot_be_written_changes_nothing() {
    let space = faulty();
    let mut command = space.command(&["check"]);
    command.stderr(File::create("/dev/full").unwrap()).stdout(Stdio::piped());
    assert_eq!(command.spawn().unwrap().wait_with_output().unwrap().status.code(), Some(1));
}

#[test]
fn people_are_told_once_where_there_is_more() {
    let space = faulty();
    space.write("assets/a/asset.json", manifest(1, "a", r#"{"file": "f"}, {"file": "g"}, {"glob": "*.png"}"#));
    let hint = "For more about a code: papack explain FILE_MISSING";
    for (format, expected) in [("human", 1), ("short", 1), ("json", 0), ("github", 0)] {
        let run = space.run(&["check", "--message-format", format]);
        assert_eq!(run.stderr.matches(hint).count(), expected, "{format}: {}", run.stderr);
        assert!(!run.stdout.contains(hint), "{format}: {}", run.stdout);
    }
    // Notices alone are not in need of it.
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    space.write("assets/new/asset.json", manifest(7, "new", r#"{"file": "f"}"#));
    let run = space.run(&["check"]);
    assert!(run.stderr.contains("ASSET_UNREGISTERED") && !run.stderr.contains("For more"), "{}", run.stderr);
}

#[test]
fn tabs_windows_lines_and_wide_characters_keep_the_caret_in_its_place() {
    let space = space();
    let text = manifest(1, "日本", "\t{\"file\": \"f\"},\t{\"flie\": \"ｇ\"}").replace('\n', "\r\n");
    space.write("assets/a/asset.json", text);
    let run = space.run(&["check"]);
    insta::assert_snapshot!(run.stderr, @r#"
    error[FIELD_UNKNOWN]: unknown field "flie"
     --> assets/a/asset.json:5:34
      |
    5 |   "artifacts": [    {"file": "f"},    {"flie": "ｇ"}],
      |                                        ^^^^^^
      |
      = note: in asset 1 "日本"
      = help: did you mean "file"? (the fields here are "file", "glob", "except", "tag", "layer", "slice", "frame", "level")

    error[FIELD_INVALID]: an entry has either "file" or "glob"
     --> assets/a/asset.json:5:33
      |
    5 |   "artifacts": [    {"file": "f"},    {"flie": "ｇ"}],
      |                                       ^^^^^^^^^^^^^^
      |
      = note: in asset 1 "日本"

    For more about a code: papack explain FIELD_UNKNOWN
    "#);
}

#[test]
fn an_annotation_names_lines_only_where_there_are_lines() {
    let space = space();
    space.pack();
    let mut pack = space.read("build/assets.pa");
    pack.pop();
    space.write("build/assets.pa", pack);
    let run = space.run(&["verify", "build/assets.pa", "--message-format", "github"]);
    insta::assert_snapshot!(run.stdout, @r"
    ::error file=build/assets.pa,title=PACK_LAYOUT::the file ends at byte 223, but its last payload at byte 224 (byte 223)
    build/assets.pa is refused: 1 fault
    ");
}

#[test]
fn github_gets_ten_annotations_of_each_kind_and_the_rest_as_lines() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    let missing: Vec<_> = (10..23).map(|at| format!("{{\"file\": \"gone{at}\"}}")).collect();
    space.write("assets/a/asset.json", manifest(1, "a", &missing.join(", ")));
    for at in 10..22 {
        symlink("f", space.path().join(format!("assets/a/link{at}"))).unwrap();
        space.write(&format!("assets/new{at}/asset.json"), manifest(at, "new", r#"{"file": "f"}"#));
    }
    let run = space.run(&["check", "--message-format", "github"]);
    let lines: Vec<_> = run.stdout.lines().collect();
    let kinds: Vec<_> = lines.iter().map(|line| line.split_once(' ').unwrap().0).take(30).collect();
    assert_eq!(kinds, [vec!["::error"; 10], vec!["::warning"; 10], vec!["::notice"; 10]].concat());
    insta::assert_snapshot!(lines[30..].join("\n"), @r#"
    3 errors, 2 warnings, 2 notices more than GitHub annotates for a step, 10 of each kind; in full with --message-format human:
    assets/a/asset.json:5:226: error[FILE_MISSING]: "gone20": the file is not there
    assets/a/asset.json:5:246: error[FILE_MISSING]: "gone21": the file is not there
    assets/a/asset.json:5:266: error[FILE_MISSING]: "gone22": the file is not there
    assets/a/link20: warning[FILE_LINK]: a symbolic link below assets/ is skipped
    assets/a/link21: warning[FILE_LINK]: a symbolic link below assets/ is skipped
    assets/new20/asset.json: info[ASSET_UNREGISTERED]: this asset is not registered, so it is not packed
    assets/new21/asset.json: info[ASSET_UNREGISTERED]: this asset is not registered, so it is not packed
    1 asset: 13 errors, 12 warnings
    "#);

    // In a subfolder of the repository, files are named as in annotations; and where ten are enough, that is all.
    let mut command = space.command(&["check", "--message-format", "github"]);
    command.env("GITHUB_WORKSPACE", space.path().parent().unwrap());
    let run = Run::of(command);
    let folder = space.path().file_name().unwrap().to_str().unwrap().to_owned();
    let rest = run.stdout.lines().skip(31).take(6).collect::<Vec<_>>();
    assert!(rest.iter().all(|line| line.starts_with(&format!("{folder}/assets/"))), "{rest:?}");
    space.write("assets/a/asset.json", manifest(1, "a", &missing[..10].join(", ")));
    (20..22).for_each(|at| fs::remove_file(space.path().join(format!("assets/a/link{at}"))).unwrap());
    (20..22).for_each(|at| fs::remove_dir_all(space.path().join(format!("assets/new{at}"))).unwrap());
    let run = space.run(&["check", "--message-format", "github"]);
    assert_eq!((run.stdout.lines().count(), run.stdout.matches("\n::").count()), (31, 29), "{}", run.stdout);
}
