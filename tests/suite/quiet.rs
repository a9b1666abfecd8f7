//! How much is said, and in which colours.

use std::fs;

use crate::space::{Run, TestSpace, manifest};

/// A workspace with a warning (files in a strange order), more notices than are shown, and two assets that pack.
fn space() -> TestSpace {
    let space =
        TestSpace::with_assets(&[("a", &[("1.bin", "1"), ("2.bin", "2"), ("10.bin", "3")]), ("b", &[("f", "f")])]);
    space.write("assets/a/asset.json", manifest(1, "a", r#"{"glob": "*.bin"}"#));
    for id in 10..15 {
        space.write(&format!("assets/new{id}/asset.json"), manifest(id, "new", r#"{"file": "f"}"#));
    }
    space
}

#[test]
fn quiet_tells_errors_only() {
    let space = space();
    for options in [&["pack", "-q"][..], &["-q", "pack"], &["check", "--quiet", "--message-format", "short"]] {
        let run = space.run(options);
        assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, "", ""), "{options:?}");
    }
    let run = space.run(&["check", "-q", "--deny-warnings"]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""));
    assert!(run.stderr.starts_with("error[GLOB_ORDER]"), "{}", run.stderr);
    assert!(run.stderr.ends_with("\n2 assets: 1 error\n"), "{}", run.stderr);

    fs::remove_file(space.path().join("assets/b/f")).unwrap();
    let run = space.run(&["pack", "--quiet"]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""));
    insta::assert_snapshot!(run.stderr, @r#"
    error[FILE_MISSING]: "f": the file is not there
     --> assets/b/asset.json:5:26
      |
    5 |   "artifacts": [{"file": "f"}],
      |                          ^^^
      |
      = note: in asset 2 "b"
      = help: papack looks for it at assets/b/f

    not packed: 1 error
    "#);
    let run = space.run(&["pack", "-q", "--message-format", "short"]);
    insta::assert_snapshot!(run.stdout, @r#"assets/b/asset.json:5:26: error[FILE_MISSING]: "f": the file is not there"#);
    assert_eq!(run.stderr, "not packed: 1 error\n");
}

#[test]
fn quiet_comparison_is_an_exit_code() {
    let space = space();
    space.pack();
    fs::copy(space.path().join("build/assets.pa"), space.path().join("old.pa")).unwrap();
    space.write("assets/b/f", "changed");
    space.pack();
    let run = space.run(&["diff", "-q", "old.pa", "build/assets.pa"]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (1, "", ""));
    space.write("old.pa", "no pack");
    let run = space.run(&["diff", "-q", "old.pa", "build/assets.pa"]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""));
    assert!(run.stderr.contains("error["), "{}", run.stderr);
}

#[test]
fn verbose_tells_every_notice_asset_and_output() {
    let space = space();
    let usual = space.run(&["check"]).stderr;
    assert_eq!(usual.matches("info[ASSET_UNREGISTERED]").count(), 4, "{usual}");
    assert!(usual.contains("info[ASSET_UNREGISTERED]: 2 more of these"), "{usual}");
    let all = space.run(&["check", "-v"]).stderr;
    assert_eq!(all.matches("info[ASSET_UNREGISTERED]").count(), 5, "{all}");
    assert!(!all.contains("more of these"), "{all}");

    // One that nobody has looked into yet.
    let space = self::space();
    let lines = |run: Run| run.stdout.lines().filter(|line| !line.contains(" s")).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(lines(space.run(&["pack", "--verbose"])), @r#"
         Derived asset 1
         Derived asset 2
        Replaced assets.pa
        Replaced asset_table.json
        Replaced preload.json
        Replaced asset_table_metadata.json
         Derived 2, 0 reused
       Published build/assets.pa and 3 companions
    "#);
    insta::assert_snapshot!(lines(space.run(&["pack", "-v", "--message-format", "short"])), @r#"
    assets/a/asset.json:5:26: warning[GLOB_ORDER]: files are taken in byte order: "10.bin" comes before "2.bin"
    reused asset 1
    reused asset 2
    up to date: 2 assets
    "#);
}

#[test]
fn programs_get_the_same_with_both() {
    let space = space();
    space.pack();
    for format in ["json", "github"] {
        let says = |option: &[&str]| {
            let run = space.run(&[&["check", "--jobs", "1", "--message-format", format], option].concat());
            let text = run.stdout;
            let known = ["operation_id", "elapsed_ms"];
            let parts = text.split([',', '{', '}']).filter(|part| !known.iter().any(|key| part.contains(key)));
            (run.code, parts.collect::<Vec<_>>().join(","))
        };
        assert_eq!(says(&["-q"]), says(&[]), "{format}");
        assert_eq!(says(&["-v"]), says(&[]), "{format}");
    }
}

#[test]
fn quiet_and_verbose_exclude_each_other() {
    let run = TestSpace::empty().run(&["check", "-q", "-v"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("cannot be used with"), "{}", run.stderr);
}

/// Variables and their values.
type Environment<'e> = &'e [(&'e str, &'e str)];

#[test]
fn colour_is_as_the_user_says() {
    let space = space();
    space.pack();
    let coloured = |arguments: &[&str], environment: Environment| {
        let mut command = space.command(arguments);
        for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "CI", "TERM"] {
            command.env_remove(name);
        }
        command.env("TERM", "xterm").envs(environment.iter().copied());
        let Run { stdout, stderr, .. } = Run::of(command);
        format!("{stdout}{stderr}").contains('\u{1b}')
    };
    for arguments in
        [&["check"][..], &["inspect", "build/assets.pa"], &["explain"], &["--help"], &["pakc"], &["pack", "-h"]]
    {
        let with = |option: &'static str| arguments.iter().copied().chain([option]).collect::<Vec<_>>();
        let cases: [(&[&str], Environment, bool); 8] = [
            (arguments, &[], false),
            (arguments, &[("CLICOLOR_FORCE", "1")], true),
            (arguments, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false),
            (arguments, &[("CLICOLOR", "0")], false),
            (arguments, &[("CLICOLOR", "1")], false),
            (&with("--color=always"), &[], true),
            (&with("--color=always"), &[("NO_COLOR", "1")], true),
            (&with("--color=never"), &[("CLICOLOR_FORCE", "1")], false),
        ];
        for (arguments, environment, expected) in cases {
            assert_eq!(coloured(arguments, environment), expected, "{arguments:?} {environment:?}");
        }
    }
    assert!(coloured(&["--color", "always", "check"], &[]));
}
