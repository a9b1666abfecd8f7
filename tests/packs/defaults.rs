//! Which pack is read where none is named, and what an argument is taken for that may be a pack or an asset.

use std::fs;
use std::path::Path;

use crate::space::{Run, TestSpace};

fn space() -> TestSpace {
    let space = TestSpace::with_assets(&[("a", &[("f", "one")]), ("b", &[("f", "two")])]);
    space.pack();
    space
}

/// Runs the binary with `arguments` in the folder `folder` of `space`.
fn run_in(space: &TestSpace, folder: &str, arguments: &[&str]) -> Run {
    let mut command = space.command(arguments);
    command.current_dir(space.path().join(folder));
    Run::of(command)
}

#[test]
fn the_pack_of_the_workspace_is_read_where_none_is_named() {
    let space = space();
    let elsewhere = TestSpace::empty();
    let workspace = space.path().to_str().unwrap();
    fs::copy(space.path().join("build/assets.pa"), elsewhere.path().join("old.pa")).unwrap();
    let old = elsewhere.path().join("old.pa");
    let old = old.to_str().unwrap();
    for (command, verb) in [
        (&["verify"][..], "Valid"),
        (&["inspect"], "2 assets with 6 B"),
        (&["inspect", "a"], "metadata"),
        (&["extract", "b", "--to", "out"], "Extracted 1 asset"),
        (&["extract", "--to", "all"], "Extracted 2 assets"),
        (&["diff", old], "Equal"),
    ] {
        for (folder, shown) in [("", "build/assets.pa"), ("assets/a", "../../build/assets.pa")] {
            let run = run_in(&space, folder, command);
            assert_eq!(run.code, 0, "{command:?} in {folder:?}: {}", run.stderr);
            assert!(run.stdout.contains(verb), "{command:?}: {}", run.stdout);
            let is_shown = run.stdout.contains(&format!(" {shown}")) || run.stdout.starts_with(shown);
            assert!(
                is_shown || command == ["inspect", "a"] && run.stdout.contains(shown),
                "{command:?}: {}",
                run.stdout
            );
        }
        let run = elsewhere.run(&[command, &["--workspace", workspace]].concat());
        assert_eq!(run.code, 0, "{command:?}: {}", run.stderr);
        let run = elsewhere.run(command);
        assert_eq!(run.code, 2, "{command:?}");
        assert!(run.stderr.starts_with("error: no workspace here"), "{}", run.stderr);
    }
}

#[test]
fn without_a_pack_the_error_names_the_command_that_makes_it() {
    let space = space();
    fs::remove_dir_all(space.path().join("build")).unwrap();
    let odd = TestSpace::empty();
    let folder = odd.path().join("my game");
    fs::rename(space.path(), &folder).unwrap();
    for command in [&["verify"][..], &["inspect"], &["extract", "--to", "out"], &["diff", "old.pa"]] {
        let run = run_in(&odd, "my game", command);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{command:?}");
        let said = "error: build/assets.pa is not there: the workspace has no pack yet\n  help: papack pack makes it\n";
        assert_eq!(run.stderr, said, "{command:?}");
        let run = odd.run(&[command, &["--workspace", "my game"]].concat());
        assert!(run.stderr.ends_with("\n  help: papack pack --workspace 'my game' makes it\n"), "{}", run.stderr);
    }
    // It works as it is pasted.
    assert_eq!(odd.run(&["pack", "--workspace", "my game"]).code, 0);
    assert_eq!(odd.run(&["verify", "--workspace", "my game"]).code, 0);
}

#[test]
fn the_first_argument_is_a_pack_by_its_ending_or_where_a_file_is_there() {
    let space = space();
    fs::copy(space.path().join("build/assets.pa"), space.path().join("b")).unwrap();
    fs::create_dir(space.path().join("folder")).unwrap();
    space.write("empty", "");
    let said = |arguments: &[&str]| {
        let run = space.run(arguments);
        (run.code, format!("{}{}", run.stdout, run.stderr))
    };
    for (arguments, code, text) in [
        // Files of that name are there.
        (&["inspect", "b"][..], 0, "b: 390 B, header"),
        (&["inspect", "./b", "b"], 0, "metadata"),
        (&["extract", "b", "b", "--to", "one"], 0, "Extracted 1 asset of b to one"),
        (&["inspect", "empty"], 1, "\"empty\" is read as a pack: a file of that name is there"),
        // Its ending says that it is one.
        (&["inspect", "gone.pa"], 2, "gone.pa: No such file"),
        (&["extract", "gone.pa", "a", "--to", "two"], 2, "papack pack makes build/assets.pa"),
        // Everything else is an asset.
        (&["inspect", "a"], 0, "1 a"),
        (&["inspect", "2", "a"], 0, "2 b"),
        (&["inspect", "folder"], 1, "\"folder\" is read as an asset: it does not end in .pa, and no file of that name"),
        (&["extract", "folder", "a", "--to", "three"], 1, "\"folder\" is read as an asset"),
        // Both cannot be.
        (&["inspect", "b", "--workspace", "."], 2, "b is a pack, and --workspace means the pack of a workspace"),
        (&["diff", "b", "b", "--workspace", "."], 2, "cannot be used with"),
        (&["verify", "b", "--workspace", "."], 2, "cannot be used with"),
    ] {
        let (found, said) = said(arguments);
        assert_eq!(found, code, "{arguments:?}: {said}");
        assert!(said.contains(text), "{arguments:?}: {said}");
    }
    assert!(!Path::new(&space.path().join("three")).exists());
    // Named after a good one, an unknown asset is said to be unknown, and nothing else.
    let (_, said) = said(&["inspect", "a", "none"]);
    assert!(said.contains("has no asset \"none\"") && !said.contains("is read as"), "{said}");
    let elsewhere = TestSpace::empty();
    let run = elsewhere.run(&["inspect", "hero"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("no workspace here") && run.stderr.contains("\"hero\" is read as an asset"));
}

/// The only warnings of commands on packs are those of `diff`.
#[test]
fn a_warning_of_diff_can_be_denied_and_allowed() {
    let space = space();
    space.write("build/asset_table_metadata.json", "{}");
    let diff = |levels: &[&str]| {
        let run = space.run(&[&["diff", "build/assets.pa"], levels].concat());
        (run.code, run.stdout, run.stderr)
    };
    let (code, _, stderr) = diff(&[]);
    assert!(code == 0 && stderr.contains("warning[PACK_COMPANION]"), "{stderr}");
    for level in [&["--deny-warnings"][..], &["--deny", "PACK_COMPANION"]] {
        let (code, _, stderr) = diff(level);
        assert!(code == 1 && stderr.contains("error[PACK_COMPANION]"), "{stderr}");
    }
    let (code, stdout, stderr) = diff(&["--allow", "pack-companion"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(stdout.ends_with("Allowed 2 diagnostics, not told\n"), "{stdout}");
}
