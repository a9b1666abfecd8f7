//! Files that globs leave out, and the ignore file: from one pack to the next, and through each command.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use serde_json::{Value, json};

use crate::space::{KEY, TestSpace, manifest};

const IGNORE: &str = "assets/.papackignore";

/// Two DATA assets whose globs take all that is there.
fn space() -> TestSpace {
    let space = TestSpace::with_assets(&[("a", &[("x.bin", "1"), ("y.bin", "2")]), ("b", &[("x.bin", "3")])]);
    for (id, root) in [(1, "a"), (2, "b")] {
        space.write(&format!("assets/{root}/asset.json"), manifest(id, root, r#"{"glob": "*"}"#));
    }
    space
}

/// Packs, and returns the result. It must be what a pack without a cache gives.
#[track_caller]
fn pack(space: &TestSpace) -> Value {
    let (code, mut lines) = space.pack_json();
    let result = lines.pop().unwrap();
    let clean = TestSpace::empty();
    for (path, bytes) in crate::space::files_below(&space.path().join("assets")) {
        if !path.starts_with(".prometeu/cache") {
            clean.write(&format!("assets/{path}"), bytes);
        }
    }
    let (expected, mut lines) = clean.pack_json();
    assert_eq!((code, &result["diagnostics"]), (expected, &lines.pop().unwrap()["diagnostics"]), "{result}");
    if code == 0 {
        assert!(space.build() == clean.build(), "another pack than a clean one");
    }
    result
}

/// How many assets a pack derived, and how many it reused.
fn work(result: &Value) -> (u64, u64) {
    let count = |key: &str| result[key].as_u64().unwrap();
    (count("derived_asset_count"), count("reused_asset_count"))
}

fn codes(result: &Value) -> Vec<&str> {
    result["diagnostics"].as_array().unwrap().iter().map(|found| found["code"].as_str().unwrap()).collect()
}

#[test]
fn the_ignore_file_comes_changes_and_goes() {
    let space = space();
    assert_eq!(work(&pack(&space)), (2, 0));
    let before = space.build();

    space.write(IGNORE, "/a/y.bin\n");
    let result = pack(&space);
    assert_eq!((work(&result), codes(&result)), ((1, 1), vec!["FILES_LEFT_OUT"]));
    let result = pack(&space);
    assert_eq!((&result["up_to_date"], codes(&result)), (&json!(true), vec!["FILES_LEFT_OUT"]));

    // Other bytes, the same rules.
    space.write(IGNORE, "# drafts\n/a/y.bin\n");
    assert_eq!(work(&pack(&space)), (0, 2));
    // The same size, other rules.
    space.write(IGNORE, "# drafts\n/a/x.bin\n");
    assert_eq!(work(&pack(&space)), (1, 1));
    space.write(IGNORE, "*.bin\n");
    let result = pack(&space);
    assert_eq!(codes(&result), ["GLOB_EMPTY", "FILES_LEFT_OUT", "GLOB_EMPTY", "FILES_LEFT_OUT"], "{result}");
    fs::remove_file(space.path().join(IGNORE)).unwrap();
    let result = pack(&space);
    assert_eq!((codes(&result), space.build() == before), (vec![], true));
    assert_eq!(pack(&space)["up_to_date"], json!(true));
}

#[test]
fn a_check_takes_the_ignore_file_too_and_keeps_what_it_found() {
    let space = space();
    space.pack();
    let check = || {
        let run = space.run(&["check", "--message-format", "short"]);
        (run.code, run.stdout)
    };
    let sound = (0, "2 assets: nothing is wrong\n".to_owned());
    assert_eq!(check(), sound);
    space.write(IGNORE, "y.*\n");
    let told = check();
    assert!(told.1.contains("info[FILES_LEFT_OUT]: \"y.bin\" is left out of the patterns"), "{}", told.1);
    assert_eq!(check(), told, "from the cache");
    let plan = space.run(&["plan", "--message-format", "json"]).lines().pop().unwrap();
    // The check derived it, and kept the outcome: the payload is the file that is left.
    assert_eq!((&plan["derived_asset_count"], &plan["reused_asset_count"]), (&json!(0), &json!(2)), "{plan}");
    let change = &plan["assets"][0]["reasons"][0];
    assert_eq!(
        (&change["reason"], &change["changes"][0]["path"]),
        (&json!("INPUTS_CHANGED"), &json!("y.bin")),
        "{plan}"
    );
    assert_eq!(work(&pack(&space)), (0, 2));
    fs::remove_file(space.path().join(IGNORE)).unwrap();
    assert_eq!(check(), sound);
}

/// Does something to a workspace.
type Spoil = fn(&TestSpace);

#[test]
fn an_ignore_file_that_cannot_be_used_stops_packs_until_it_can() {
    let cases: [(&str, Spoil); 6] = [
        ("IGNORE_INVALID", |space| space.write(IGNORE, "a\n[\n")),
        ("IGNORE_INVALID", |space| space.write(IGNORE, vec![b'a'; 65_537])),
        ("FILE_LINK", |space| symlink("a/x.bin", space.path().join(IGNORE)).unwrap()),
        ("FILE_NOT_REGULAR", |space| fs::create_dir(space.path().join(IGNORE)).unwrap()),
        ("FILE_NOT_REGULAR", |space| {
            assert!(Command::new("mkfifo").arg(space.path().join(IGNORE)).status().unwrap().success());
        }),
        ("FILE_FORBIDDEN", |space| {
            space.write(IGNORE, "y.*\n");
            fs::set_permissions(space.path().join(IGNORE), fs::Permissions::from_mode(0o000)).unwrap();
        }),
    ];
    for (code, spoil) in cases {
        let space = space();
        space.pack();
        let before = space.build();
        spoil(&space);
        if code == "FILE_FORBIDDEN" && fs::read(space.path().join(IGNORE)).is_ok() {
            eprintln!("skipped: this user may read everything");
            continue;
        }
        for _ in 0..2 {
            let (exit, mut lines) = space.pack_json();
            let result = lines.pop().unwrap();
            let found = result["diagnostics"].as_array().unwrap();
            let error = found.iter().find(|found| found["severity"] == "ERROR").unwrap();
            assert_eq!((exit, &error["code"], &error["path"]), (1, &json!(code), &json!(IGNORE)), "{result}");
            for command in ["check", "plan", "status"] {
                let told = space.run(&[command, "--message-format", "json"]).stdout;
                assert!(told.contains(&format!("\"code\":\"{code}\"")), "{command}: {told}");
            }
        }
        assert!(space.build() == before);
        let path = space.path().join(IGNORE);
        if path.is_dir() { fs::remove_dir(path) } else { fs::remove_file(path) }.unwrap();
        assert_eq!(pack(&space)["up_to_date"], json!(true), "{code}");
    }
    // People see the line.
    let space = space();
    space.write(IGNORE, "# art\n*.ps[d\n");
    let run = space.run(&["pack"]);
    let (shown, _) = run.stderr.split_once("\n\n").unwrap();
    insta::assert_snapshot!(shown, @r#"
    error[IGNORE_INVALID]: "*.ps[d" is no pattern: unclosed character class; missing ']'
     --> assets/.papackignore:2:1
      |
    2 | *.ps[d
      | ^^^^^^
      |
      = help: write it as in a .gitignore; \ before a character makes it stand for itself
    "#);
}

#[test]
fn a_status_counts_no_rubbish_and_shows_what_no_asset_takes_in() {
    let space = space();
    space.write("assets/a/asset.json", manifest(1, "a", r#"{"glob": "*.bin"}"#));
    for path in ["a/Thumbs.db", "a/x (1).bin", "a/x.psd", "a/unused.txt", "ui/icons/.a.png", "ui/icons/a.png~"] {
        space.write(&format!("assets/{path}"), "");
    }
    space.write(IGNORE, "*.psd\n/ignored/\n");
    space.write("assets/ignored/a.png", "");
    let summary = || space.run(&["status", "--message-format", "json"]).lines().pop().unwrap()["workspace"].clone();
    let found = summary();
    assert_eq!(found["assets"][0]["unused_files"], json!(["unused.txt"]));
    assert_eq!(found["unmanaged_folders"], json!([]));

    let picture = crate::pictures::rgba(8, 8, [1, 2, 3, 255]);
    let sound = crate::wav::Wav::default().bytes();
    for (path, bytes) in [
        ("ui/icons/a.PNG", &picture),
        ("ui/icons/big/b.png", &picture),
        ("my sounds/it's/a.wav", &sound),
        ("my sounds/it's/notes.txt", &sound),
        ("mixed/a.png", &picture),
        ("mixed/b.wav", &sound),
        // Around an asset, at the top, in an asset, and where `add` is meant.
        ("around/a.png", &picture),
        ("top.png", &picture),
        ("b/c.png", &picture),
        ("later/a.png", &picture),
    ] {
        space.write(&format!("assets/{path}"), bytes);
    }
    space.write("assets/later/asset.json", manifest(9, "later", r#"{"glob": "*.png"}"#));
    space.write("assets/around/inner/asset.json", manifest(8, "inner", r#"{"glob": "*.png"}"#));
    let folder = |root: &str, pictures: u32, sounds: u32, command: Option<&str>| json!({"root": root, "pictures": pictures, "sounds": sounds, "command": command});
    let mut found = summary();
    let folders = found["unmanaged_folders"].as_array_mut().unwrap();
    let reasons: Vec<_> =
        folders.iter_mut().map(|folder| folder.as_object_mut().unwrap().remove("reason").unwrap()).collect();
    assert_eq!(
        found["unmanaged_folders"],
        json!([
            folder("around", 1, 0, None),
            folder("mixed", 1, 1, None),
            folder("my sounds/it's", 0, 1, Some(r"papack new --format sounds 'my sounds/it'\''s'")),
            folder("ui/icons", 2, 0, Some("papack new ui/icons")),
        ])
    );
    let codes: Vec<_> = reasons.iter().map(|reason| reason["code"].as_str()).collect();
    assert_eq!(codes, [Some("REGISTRY_CONFLICT"), Some("FORMAT_UNCLEAR"), None, None]);
    assert!(reasons[1]["message"].as_str().unwrap().starts_with("the files are of different kinds"), "{reasons:?}");
    assert_eq!(found["loose_files"], json!(["top.png"]));
    let shown = space.run(&["status"]).stdout;
    let told = |line: &str| line.contains("directly in assets/") && line.ends_with("put them into a folder  top.png");
    assert!(shown.lines().any(told), "{shown}");
    let (_, shown) = shown.split_once("In no asset").unwrap();
    insta::assert_snapshot!(shown, @r#"
     (papack new --all shows what they would become):
    around (1 picture)          the folder holds pictures or sounds, but can be no asset: another asset is in it
    mixed (1 picture, 1 sound)  the files are of different kinds: 1 picture ("a.png"), 1 sound ("b.wav")
    my sounds/it's (1 sound)    papack new --format sounds 'my sounds/it'\''s'
    ui/icons (2 pictures)       papack new ui/icons

    Next pack: publish assets.pa, asset_table.json, preload.json, asset_table_metadata.json
    "#);
    // The commands work as they are.
    let bin = std::path::Path::new(env!("CARGO_BIN_EXE_papack")).parent().unwrap();
    for folder in found["unmanaged_folders"].as_array().unwrap() {
        let Some(command) = folder["command"].as_str() else { continue };
        let mut shell = Command::new("sh");
        shell.current_dir(space.path()).args(["-c", &format!("PATH={}:$PATH; {command}", bin.display())]);
        let output = shell.env("PAPACK_CACHE_KEY", KEY).output().unwrap();
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let left = summary();
    let roots: Vec<_> = left["unmanaged_folders"].as_array().unwrap().iter().map(|folder| &folder["root"]).collect();
    assert_eq!(roots, ["around", "mixed"]);
}

#[test]
fn many_folders_are_bounded_for_people() {
    let space = space();
    (10..30).for_each(|number| space.write(&format!("assets/n{number}/a.png"), ""));
    let shown = space.run(&["status"]).stdout;
    assert!(shown.contains("papack new n17\nand 12 folders more (papack status -v lists all)\n"), "{shown}");
    let all = space.run(&["status", "--verbose"]).stdout;
    assert!(all.contains("papack new n29") && !all.contains("folders more"), "{all}");
}
