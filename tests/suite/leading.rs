//! Options before the command.

use std::fs;

use crate::space::{TestSpace, entry, manifest};

/// A workspace in the folder `game` of another one without one, with the asset 1 `a`.
fn game() -> TestSpace {
    let space = TestSpace::empty();
    let registry = format!(r#"{{ "schema_version": 2, "next_asset_id": 2, "assets": [{}] }}"#, entry(1, "a"));
    space.write("game/assets/.prometeu/index.json", registry);
    space.write("game/assets/a/asset.json", manifest(1, "a", r#"{"file": "f"}"#));
    space.write("game/assets/a/f", "content");
    space
}

#[test]
fn options_of_a_command_may_stand_before_it() {
    let space = game();
    for arguments in [
        &["--workspace", "game", "--message-format", "short", "-j", "1", "pack"][..],
        &["--workspace=game", "-qj1", "pack", "--message-format=short"],
        &["--no-wait", "--color", "never", "--workspace", "game", "mv", "a", "b", "--dry-run"],
        &["-v", "--workspace", "game", "status"],
    ] {
        let run = space.run(arguments);
        assert_eq!(run.code, 0, "{arguments:?}: {}", run.stderr);
    }
    let before = space.run(&["--message-format", "json", "--workspace", "game", "check"]);
    let lines = before.lines();
    assert_eq!((before.code, lines.last().unwrap()["type"].as_str()), (0, Some("result")), "{}", before.stdout);
}

#[test]
fn an_option_that_the_command_does_not_have_is_wrong_usage() {
    let space = game();
    for (arguments, said) in [
        (&["--jobs", "2", "explain"][..], "unexpected argument '--jobs' found"),
        (&["--workspace", "game", "man"], "unexpected argument '--workspace' found"),
        (&["--no-wait", "inspect", "x"], "unexpected argument '--no-wait' found"),
        (&["--workspace", "game", "pack", "--workspace", "game"], "cannot be used multiple times"),
        (&["--jobs", "0", "pack"], "invalid value '0' for '--jobs <N>'"),
        (&["--jbos", "2", "pack"], "a similar argument exists: '--jobs'"),
        (&["--message-format", "jsn", "pack"], "a similar value exists: 'json'"),
        (&["--workspace", "game", "pakc"], "a similar subcommand exists: 'pack'"),
        (&["pack", "-C", "game"], "unexpected argument '-C' found"),
        (&["pack", "-Cgame"], "tip: '-C' stands before the command: papack -C DIR COMMAND"),
        (&["--dry-run", "mv", "a", "b"], "unexpected argument '--dry-run' found"),
        (&["-C", "", "pack"], "a value is required for '-C <DIR>'"),
        (&["--workspace"], "a value is required for '--workspace <DIR>'"),
    ] {
        let run = space.run(arguments);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(run.stderr.contains(said), "{arguments:?}: {}", run.stderr);
    }
    assert!(!space.path().join("game/build").exists());
}

#[test]
fn all_paths_count_from_the_folder_that_is_changed_to() {
    let space = game();
    fs::create_dir(space.path().join("game/out")).unwrap();
    let run = space.run(&["-C", "game", "pack", "--timings", "trace.json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(space.path().join("game/trace.json").exists());
    for arguments in [
        &["-C", "game", "verify", "build/assets.pa"][..],
        &["-C", "game", "-C", "build", "verify", "assets.pa"],
        &["-Cgame/out", "-C..", "verify", "build/assets.pa"],
        &["-C", "game/assets", "check"],
        &["-C", "game/assets", "--workspace", "..", "check"],
        &["-C", "game/assets", "exclude", "./a"],
    ] {
        let run = space.run(arguments);
        assert_eq!(run.code, 0, "{arguments:?}: {}", run.stderr);
    }
    for folder in ["nowhere", "game/trace.json"] {
        let run = space.run(&["-C", folder, "pack"]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{folder}");
        assert!(run.stderr.starts_with(&format!("error: -C {folder}: ")), "{}", run.stderr);
        assert!(run.stderr.contains("help: name a folder that is there"), "{}", run.stderr);
    }
}

#[test]
fn where_there_is_no_workspace_it_is_told_what_was_searched_and_what_makes_one() {
    let space = TestSpace::empty();
    fs::create_dir(space.path().join("my game")).unwrap();
    let run = space.run(&["-C", "my game", "pack"]);
    let searched = space.path().canonicalize().unwrap().join("my game");
    assert!(run.stderr.contains(&format!("neither {} nor a folder above it", searched.display())), "{}", run.stderr);
    assert!(run.stderr.contains("papack init makes a workspace of this folder"), "{}", run.stderr);
    let run = space.run(&["--workspace", "my game", "pack"]);
    let (_, command) = run.stderr.split_once("papack init ").unwrap();
    assert!(command.starts_with("'my game' makes one"), "{}", run.stderr);
    assert_eq!(space.run(&["init", "my game"]).code, 0);
    assert_eq!(space.run(&["--workspace", "my game", "pack"]).code, 0);
}
