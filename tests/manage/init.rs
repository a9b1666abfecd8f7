//! `papack init`.

use std::fs;
use std::os::unix::fs::symlink;

use crate::space::{TestSpace, manifest};
use crate::{changes, files, json, refuses, roots};

const IGNORED: &str = "/build/\n/assets/.prometeu/cache/\n/assets/.prometeu/staged/\n";

#[test]
fn a_workspace_is_made_and_the_first_asset_packed() {
    let space = TestSpace::empty();
    let told = space.run(&["init", "--dry-run"]);
    insta::assert_snapshot!(told.stdout, @r"
         Created assets
         Created assets/.prometeu
         Created .gitignore
         Created assets/.prometeu/index.json
         Dry run nothing was written
    ");
    assert!(fs::read_dir(space.path()).unwrap().next().is_none());
    let run = space.run(&["init"]);
    assert_eq!((run.code, told.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(run.stderr, @r"

    In a git repository, let papack merge the registry of branches:

    echo 'assets/.prometeu/index.json merge=papack-registry' >> .gitattributes
    git config merge.papack-registry.name 'papack registry'
    git config merge.papack-registry.driver 'papack merge-registry %O %A %B'
    ");
    insta::assert_snapshot!(run.stdout, @r"
         Created assets
         Created assets/.prometeu
         Created .gitignore
         Created assets/.prometeu/index.json
    ");
    assert_eq!(space.read(".gitignore"), IGNORED.as_bytes());
    assert_eq!(
        space.read("assets/.prometeu/index.json"),
        b"{\n  \"schema_version\": 2,\n  \"next_asset_id\": 1,\n  \"assets\": []\n}\n"
    );
    assert!(!space.path().join("assets/.prometeu/cache").exists());
    assert!(space.pack().stdout.contains("0 assets"));
    space.write("assets/texts/asset.json", manifest(1, "texts", r#"{"file": "hello.txt"}"#));
    space.write("assets/texts/hello.txt", "Hello.");
    changes(&space, &["add", "texts"]);
    assert_eq!(roots(&space), [(1, "texts".to_owned())]);
    assert!(space.pack().stdout.contains("1 asset,"));
}

#[test]
fn what_is_there_stays() {
    let space = TestSpace::empty();
    space.write(".gitignore", "mine");
    space.write("assets/texts/asset.json", manifest(1, "texts", r#"{"file": "f"}"#));
    let outer = TestSpace::empty();
    fs::rename(space.path(), outer.path().join("game")).unwrap();
    let run = outer.run(&["init", "game"]);
    let made = "     Created assets/.prometeu\n     Created assets/.prometeu/index.json\n";
    assert_eq!((run.code, run.stdout.as_str()), (0, made), "{}", run.stderr);
    assert_eq!(outer.read("game/.gitignore"), b"mine");
    assert_eq!(files(&outer).len(), 3);
    refuses(&outer, &["init", "game"], "PLACE_TAKEN", "a workspace already");
    refuses(&outer, &["init", "game", "--dry-run"], "PLACE_TAKEN", "a workspace already");
}

#[test]
fn the_folder_is_made_where_the_one_around_it_is_there() {
    let outer = TestSpace::empty();
    for (arguments, path) in [(&["init", "made/er"][..], "made"), (&["init", "made", "--dry-run"], "made")] {
        assert_eq!(outer.run(arguments).code, 2, "{arguments:?}");
        assert!(!outer.path().join(path).exists());
    }
    assert_eq!(outer.run(&["init", "made"]).code, 0);
    assert_eq!(outer.run(&["init", "made/er/"]).code, 0);
    outer.write("file", "");
    assert_eq!(outer.run(&["init", "file"]).code, 2);
    assert_eq!(outer.read("file"), b"");
    assert_eq!(outer.run(&["pack", "--workspace", "made/er"]).code, 0);
}

#[test]
fn the_demo_packs_without_a_word() {
    let space = TestSpace::empty();
    let told = json(&space, &["init", "game", "--demo"]);
    assert_eq!(told.0, 0, "{}", told.1);
    let game = |arguments: &[&str]| json(&space, &[arguments, &["--workspace", "game"]].concat());
    let (code, checked) = game(&["check", "--deny-warnings"]);
    assert_eq!((code, &checked["diagnostics"]), (0, &serde_json::json!([])), "{checked}");
    let (code, packed) = game(&["pack"]);
    assert_eq!((code, &packed["packed_asset_count"]), (0, &serde_json::json!(4)), "{packed}");
    let table = String::from_utf8(space.read("game/build/asset_table.json")).unwrap();
    for bank in ["TILES", "SOUNDS", "DATA"] {
        assert!(table.contains(&format!("\"bank_type\":\"{bank}\"")), "{bank}: {table}");
    }
    let (_, status) = game(&["status"]);
    assert_eq!(status["workspace"]["unmanaged"], serde_json::json!([]), "{status}");
    // Identities are made, not copied from one demo to the next.
    space.run(&["init", "other", "--demo"]);
    assert_ne!(space.read("game/assets/ui/font/asset.json"), space.read("other/assets/ui/font/asset.json"));
}

#[test]
fn the_demo_overwrites_nothing() {
    let space = TestSpace::empty();
    space.write("assets/ui", "mine");
    refuses(&space, &["init", "--demo"], "PLACE_TAKEN", "an empty folder");
    assert!(!space.path().join("assets/.prometeu").exists());
    space.run(&["init"]);
    refuses(&space, &["init", "--demo"], "PLACE_TAKEN", "");
}

#[test]
fn what_is_in_the_way_is_told() {
    for place in ["assets/.prometeu/index.json", "assets/.prometeu", "assets"] {
        let space = TestSpace::empty();
        let path = space.path().join(place);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink("/nowhere", &path).unwrap();
        for arguments in [&["init"][..], &["init", "--dry-run"]] {
            let run = space.run(arguments);
            assert_eq!(run.code, 1, "{place} {arguments:?}: {}", run.stderr);
            assert!(run.stderr.contains("PLACE_TAKEN"), "{place}: {}", run.stderr);
        }
        assert!(!space.path().join(".gitignore").exists());
        assert!(fs::symlink_metadata(&path).unwrap().is_symlink());
    }
}

#[test]
fn nothing_is_made_where_there_is_no_place_for_the_outputs() {
    let (space, other) = (TestSpace::empty(), TestSpace::empty());
    symlink(other.path(), space.path().join("build")).unwrap();
    for arguments in [&["init"][..], &["init", "--dry-run"]] {
        refuses(&space, arguments, "OUTPUT_BLOCKED", "a symbolic link");
        assert!(!space.path().join("assets").exists());
    }
}
