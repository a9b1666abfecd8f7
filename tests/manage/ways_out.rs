//! What stops a person names the command that goes on, and that command works as it stands there.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::space::{Run, TestSpace, entry, manifest};

/// Assets 1 at `a` and 2 at `b c`, which is preloaded into slot 0, and a manifest at `it's new`.
fn workspace() -> TestSpace {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")]), ("b c", &[("f", "f")])]);
    let preloaded = manifest(2, "b c", r#"{"file": "f"}"#);
    let preload = "},\n  \"preload\": { \"enabled\": true, \"slot\": 0 }\n}\n";
    space.write("assets/b c/asset.json", preloaded.trim_end().trim_end_matches("}\n}").to_owned() + preload);
    space.write("assets/it's new/asset.json", manifest(9, "new", r#"{"file": "f"}"#));
    space.write("assets/it's new/f", "f");
    space
}

/// Runs `script` in a shell that finds papack.
fn pasted(space: &TestSpace, script: &str) -> Run {
    let folder = Path::new(env!("CARGO_BIN_EXE_papack")).parent().unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", script]).current_dir(space.path());
    shell.env("PATH", format!("{}:{}", folder.display(), std::env::var("PATH").unwrap()));
    Run::of(shell)
}

#[test]
fn the_command_that_goes_on_works_when_it_is_pasted() {
    type Spoil = fn(&TestSpace);
    let nothing: Spoil = |_| {};
    let gone: Spoil = |space| fs::remove_dir_all(space.path().join("assets/b c")).unwrap();
    let cases: &[(Spoil, &[&str], &str)] = &[
        (nothing, &["preload", "a", "--slot", "0"], "papack preload 1 --next"),
        (
            |space| space.write("assets/it's new/asset.json", space.read("assets/b c/asset.json")),
            &["add", "it's new"],
            "papack preload 2 --off",
        ),
        (
            |space| space.write("assets/my pic.dat", "x"),
            &["new", "my pic.dat"],
            "mkdir 'assets/my pic' && mv 'assets/my pic.dat' 'assets/my pic' && papack new 'assets/my pic'",
        ),
        (
            |space| space.write("assets/x/my pic.dat", "x"),
            &["new", "assets/x/my pic.dat"],
            "papack new assets/x 'my pic.dat'",
        ),
        (nothing, &["new", "x y/z", "--format", "DATA/raw_v1"], "mkdir -p 'assets/x y/z'"),
        (nothing, &["new", "it's new", "--format", "DATA/raw_v1"], r"papack add 'assets/it'\''s new'"),
        (gone, &["check"], "papack rm 2"),
        (gone, &["mv", "2", "x"], "papack rm 2"),
        (|space| fs::remove_file(space.path().join("assets/b c/asset.json")).unwrap(), &["check"], "papack rm 2"),
        (
            |space| fs::rename(space.path().join("assets/b c"), space.path().join("assets/x")).unwrap(),
            &["check"],
            "papack mv 2 x",
        ),
        (
            |space| fs::rename(space.path().join("assets/b c"), space.path().join("assets/a/b c")).unwrap(),
            &["rm", "a", "--delete-files"],
            "papack rm 2",
        ),
        (
            |space| space.write_registry(&[entry(1, "a"), entry(1, "b c").replace("00001", "00002")]),
            &["check"],
            "papack doctor --renumber 'b c'",
        ),
        (|space| fs::remove_dir_all(space.path().join("assets/.prometeu")).unwrap(), &["pack"], "papack init"),
        (nothing, &["--workspace", "assets/a", "pack"], "papack init assets/a"),
        (nothing, &["rename", "a", "b c"], "papack explain ASSET_NAME_TAKEN"),
        (nothing, &["cache", "--max-size", "1"], "papack cache prune --max-size 200MiB"),
        (nothing, &["verify", "build/assets.pa"], "papack pack"),
        (nothing, &["explain", "nope"], "papack explain"),
    ];
    for (spoil, stopped, command) in cases {
        let space = workspace();
        spoil(&space);
        let run = space.run(stopped);
        assert_ne!(run.code, 0, "{stopped:?}");
        let (_, after) = run.stderr.split_once(command).unwrap_or_else(|| panic!("{stopped:?}: {}", run.stderr));
        assert!(!after.starts_with(char::is_alphanumeric), "{stopped:?}: {}", run.stderr);
        let run = pasted(&space, command);
        assert_eq!(run.code, 0, "{command} after {stopped:?}: {}{}", run.stdout, run.stderr);
    }
}
