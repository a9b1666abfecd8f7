//! `papack list`.

use std::fs;

use crate::space::{TestSpace, entry, manifest};

/// A workspace with assets in each state, one of which is excluded.
fn space() -> TestSpace {
    let space = TestSpace::with_assets(&[
        ("ui/font", &[("f", "four")]),
        ("ui/hud", &[("f", "f")]),
        ("sfx", &[("f", "f")]),
        ("gone", &[("f", "f")]),
        ("there", &[("f", "f")]),
        ("wip", &[("f", "f")]),
    ]);
    let preload = "\"output\": { \"format\": \"DATA/raw_v1\" },\n  \"preload\": { \"enabled\": true, \"slot\": 3 }\n";
    let font =
        manifest(1, "letters", r#"{"file": "f"}"#).replace("\"output\": { \"format\": \"DATA/raw_v1\" }\n", preload);
    space.write("assets/ui/font/asset.json", font);
    fs::remove_file(space.path().join("assets/sfx/f")).unwrap();
    fs::remove_dir_all(space.path().join("assets/gone")).unwrap();
    fs::rename(space.path().join("assets/there"), space.path().join("assets/elsewhere")).unwrap();
    let roots = ["ui/font", "ui/hud", "sfx", "gone", "there", "wip"];
    let mut entries: Vec<_> = roots.iter().zip(1..).map(|(root, id)| entry(id, root)).collect();
    entries[5] = entries[5].replace("true", "false");
    space.write_registry(&entries);
    space
}

/// The ids that are listed.
fn ids(space: &TestSpace, arguments: &[&str]) -> Vec<u64> {
    let run = space.run(&[&["list", "--message-format", "json"], arguments].concat());
    assert_eq!(run.code, 0, "{arguments:?}: {}", run.stdout);
    let result = run.lines().pop().unwrap();
    result["assets"].as_array().unwrap().iter().map(|asset| asset["asset_id"].as_u64().unwrap()).collect()
}

#[test]
fn people_see_columns() {
    let space = space();
    let run = space.run(&["list"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(run.stdout, @r"
    id  name     bank  size  slot  state            root
     1  letters  DATA   4 B     3  ready            ui/font
     2  ui/hud   DATA   1 B        ready            ui/hud
     3  sfx      DATA     ?        faulty           sfx
     4  ?        ?        ?        missing          gone
     5  ?        ?        ?        moved            there
     6  wip      DATA   1 B        ready, excluded  wip
    ");
    let run = space.run(&["ls", "ui/*", "--message-format", "short"]);
    insta::assert_snapshot!(run.stdout, @r"
    1 DATA 4 ready ui/font letters
    2 DATA 1 ready ui/hud ui/hud
    2 assets
    ");
    assert_eq!(TestSpace::with_assets(&[]).run(&["list"]).stdout, "no assets\n");
}

#[test]
fn assets_are_selected_as_by_other_commands() {
    let space = space();
    for (arguments, expected) in [
        (&[][..], &[1, 2, 3, 4, 5, 6][..]),
        (&["3"], &[3]),
        (&["letters", "ui/hud/"], &[1, 2]),
        (&["ui/**", "1"], &[1, 2]),
        (&["assets/sfx", "gone"], &[3, 4]),
        (&["--bank", "data"], &[1, 2, 3, 6]),
        (&["--bank", "TILES"], &[]),
        (&["--state", "Missing"], &[4]),
        (&["--state", "moved"], &[5]),
        (&["--state", "faulty", "--bank", "DATA", "*"], &[3]),
        (&["*", "--state", "ready"], &[6]),
    ] {
        assert_eq!(ids(&space, arguments), expected, "{arguments:?}");
    }
    let mut command = space.command(&["list", "./hud", "--message-format", "short"]);
    command.current_dir(space.path().join("assets/ui"));
    assert!(crate::space::Run::of(command).stdout.starts_with("2 DATA"));
}

/// It says of each asset what `status` says.
#[test]
fn it_agrees_with_status() {
    let space = TestSpace::copy_of("demo");
    let result = |command| space.run(&[command, "--message-format", "json"]).lines().pop().unwrap();
    let (status, list) = (result("status"), result("list"));
    assert_eq!(status["workspace"]["assets"], list["assets"]);
    assert_eq!(status["diagnostics"], list["diagnostics"]);
}

#[test]
fn what_means_nothing_is_refused_with_what_was_meant() {
    let space = space();
    let run = space.run(&["list", "leters", "zz/*", "a//*", "2"]);
    assert_eq!(run.code, 1);
    insta::assert_snapshot!(run.stderr, @r#"
    error[ASSET_UNKNOWN]: no registered asset has the id, root or name "leters"
     |
     = help: did you mean "letters"? papack list shows all assets

    error[ASSET_UNKNOWN]: no root matches "zz/*"
     |
     = help: papack list shows all assets

    error[PATH_INVALID]: "a//*" is no valid pattern: the path has an empty component

    For more about a code: papack explain ASSET_UNKNOWN
    "#);
    assert_eq!(run.stdout, "      Failed no list: not all that was asked for is there\n");
    let result = space.run(&["list", "7", "--message-format", "json"]).lines().pop().unwrap();
    assert_eq!((&result["status"], &result["assets"]), (&"GATE_FAILED".into(), &serde_json::Value::Null));
    assert_eq!(space.run(&["list", "--state", "raedy"]).code, 2);
}

#[test]
fn it_writes_nothing_but_the_cache() {
    let space = space();
    let files = || {
        let mut files = crate::space::files_below(space.path());
        files.retain(|path, _| !path.starts_with(crate::space::CACHE));
        files
    };
    let before = files();
    space.run(&["list"]);
    assert_eq!(files(), before);
}

/// An empty list would say that there is no asset.
#[test]
fn of_a_registry_that_cannot_be_read_nothing_is_listed_and_its_errors_are_told() {
    let texts = ["", "{\n<<<<<<< ours\n", r#"{"schema_version": 99}"#, r#"{"schema_version": 2, "assets": 7}"#];
    for text in texts {
        let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
        space.write("assets/.prometeu/index.json", text);
        for arguments in [&["list"][..], &["list", "a"]] {
            let run = space.run(arguments);
            assert_eq!(run.code, 1, "{text}: {}{}", run.stdout, run.stderr);
            assert!(run.stderr.contains("--> assets/.prometeu/index.json"), "{text}: {}", run.stderr);
            assert_eq!(run.stdout, "      Failed no list: what is registered is not known\n", "{text}");
        }
        let run = space.run(&["list", "--message-format", "json"]);
        let result = run.lines().pop().unwrap();
        assert_eq!((&result["status"], &result["assets"]), (&"GATE_FAILED".into(), &serde_json::Value::Null));

        let run = space.run(&["status"]);
        assert_eq!(run.code, 0, "{text}: {}", run.stderr);
        assert!(run.stderr.contains("--> assets/.prometeu/index.json"), "{text}: {}", run.stderr);
        assert!(
            run.stdout.starts_with("what is registered is not known: the registry cannot be read\n"),
            "{}",
            run.stdout
        );
        assert!(!run.stdout.contains("0 assets"), "{}", run.stdout);
        let run = space.run(&["status", "--message-format", "short"]);
        assert!(run.stdout.contains("\nwhat is registered is not known: blocked by "), "{}", run.stdout);
    }
}
