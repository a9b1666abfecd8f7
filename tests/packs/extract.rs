//! Where files go, and what people and programs are told.

use std::fs;

use papack_engine::{ExtractRequest, Status, extract};
use papack_queries::diagnostic::Code;
use serde_json::json;

use crate::made::{self, data, sounds, tiles};
use crate::space::{TestSpace, files_below};
use crate::{extract_all, golden};

/// A folder with a small pack of every bank.
fn small() -> TestSpace {
    let space = TestSpace::empty();
    let assets = [
        data(2, "texts/en", &[("a/one.txt", "one"), ("two.txt", "two"), ("empty", "")]),
        sounds(5, "sfx", &[("jump", &[1, -1]), ("Jump", &[2]), ("land", &[])]),
        tiles(9, "atlas", 2, &[1, 2, 3, 4]),
    ];
    made::write(&space.path().join("p.pa"), &assets, &[(9, 3)]);
    space
}

#[test]
fn every_asset_has_a_place_of_its_own() {
    let space = small();
    let run = space.run(&["extract", "p.pa", "--to", "out"]);
    assert_eq!((run.code, &*run.stderr), (0, ""));
    insta::assert_snapshot!(run.stdout, @"   Extracted 3 assets of p.pa to out: 5 files, 2.1 KiB");
    let names: Vec<_> = files_below(&space.path().join("out")).into_keys().collect();
    assert_eq!(names, ["2-texts_en/a/one.txt", "2-texts_en/empty", "2-texts_en/two.txt", "5-sfx.bin", "9-atlas.bin"]);

    assert_eq!(space.run(&["extract", "p.pa", "--to", "decoded", "--decode"]).code, 0);
    let names: Vec<_> = files_below(&space.path().join("decoded")).into_keys().collect();
    let expected = [
        "2-texts_en/a/one.txt",
        "2-texts_en/empty",
        "2-texts_en/two.txt",
        // Not every file system tells `Jump` from `jump`.
        "5-sfx/1/Jump.wav",
        "5-sfx/jump.wav",
        "5-sfx/land.wav",
        "9-atlas/sheet-0.png",
    ];
    assert_eq!(names, expected);
}

#[test]
fn assets_are_chosen_by_id_or_name_once() {
    let space = small();
    let run = space.run(&["extract", "p.pa", "9", "atlas", "sfx", "--to", "out", "--message-format", "json"]);
    let [result] = &run.lines()[..] else { panic!("{}", run.stdout) };
    let mut result = result.clone();
    result["elapsed_ms"] = 0.into();
    assert_eq!(
        result,
        json!({
            "type": "result", "schema_version": 1, "file": "p.pa", "to": "out", "status": "SUCCESS", "decoded": false,
            "assets": [
                {"asset_id": 5, "asset_name": "sfx", "bank_type": "SOUNDS", "files": ["5-sfx.bin"]},
                {"asset_id": 9, "asset_name": "atlas", "bank_type": "TILES", "files": ["9-atlas.bin"]},
            ],
            "file_count": 2, "byte_count": 6 + 128 + 2048, "elapsed_ms": 0, "diagnostics": [],
        })
    );
}

#[test]
fn an_unknown_asset_stops_everything() {
    let space = small();
    let run = space.run(&["extract", "p.pa", "9", "atlass", "--to", "out"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("error[ASSET_UNKNOWN]: the pack has no asset \"atlass\""), "{}", run.stderr);
    insta::assert_snapshot!(run.stdout, @"      Failed p.pa: nothing was written to out");
    assert!(!space.path().join("out").exists());
}

#[test]
fn nothing_is_overwritten() {
    let space = small();
    space.write("out/5-sfx.bin", "mine");
    space.write("out/other", "mine too");
    let run = space.run(&["extract", "p.pa", "--to", "out"]);
    assert_eq!(run.code, 1);
    insta::assert_snapshot!(run.stderr, @r"
    error[OUTPUT_BLOCKED]: a file is in the way; nothing is overwritten
    --> out/5-sfx.bin
     = help: move it away, or name another folder

    For more about a code: papack explain OUTPUT_BLOCKED
    ");
    let kept = files_below(&space.path().join("out"));
    assert_eq!(kept.into_keys().collect::<Vec<_>>(), ["5-sfx.bin", "other"]);
    assert_eq!(space.read("out/5-sfx.bin"), b"mine");
    // What is not in the way is left alone.
    assert_eq!(space.run(&["extract", "p.pa", "2", "9", "--to", "out"]).code, 0);
    assert_eq!(space.read("out/other"), b"mine too");
    assert_eq!(space.read("out/2-texts_en/a/one.txt"), b"one");
}

#[test]
fn what_is_in_the_way_is_counted() {
    let space = TestSpace::empty();
    let assets: Vec<_> = (1..30).map(|id| data(id, &format!("asset {id}"), &[("x", "")])).collect();
    made::write(&space.path().join("p.pa"), &assets, &[]);
    let extract = || extract_all(&space.path().join("p.pa"), &space.path().join("out"), false);
    assert_eq!(extract().status, Status::Success);
    let again = extract();
    assert_eq!((again.status, again.diagnostics.len()), (Status::GateFailed, 5));
    assert!(again.diagnostics.iter().all(|found| found.code == Code::OutputBlocked));
    assert!(again.diagnostics[4].help.as_deref().unwrap().starts_with("24 more"), "{:?}", again.diagnostics[4]);
}

#[test]
fn usage_and_unreadable_files_exit_with_2() {
    let space = small();
    for arguments in [
        &["extract", "p.pa"][..],
        &["extract", "--to", "out"],
        &["extract", "missing.pa", "--to", "out"],
        &["extract", ".", "--to", "out"],
    ] {
        let run = space.run(arguments);
        assert_eq!((run.code, &*run.stdout), (2, ""), "{arguments:?}");
    }
    assert!(!space.path().join("out").exists());
}

#[test]
fn a_folder_that_cannot_be_used_is_named() {
    let space = small();
    space.write("file", "");
    for (to, message) in [("file", "file"), ("not/there", "not/there"), ("p.pa/x", "p.pa/x")] {
        let run = space.run(&["extract", "p.pa", "--to", to, "--message-format", "short"]);
        assert_eq!(run.code, 3, "{to}");
        assert!(run.stdout.starts_with(&format!("{message}: error[IO]: ")), "{}", run.stdout);
    }
}

#[test]
fn an_extraction_that_wrote_nothing_does_not_say_that_it_did() {
    let space = small();
    let run = space.run(&["extract", "p.pa", "--to", "none/x", "--message-format", "short"]);
    assert_eq!(run.code, 3, "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.ends_with("p.pa: nothing was written to none/x\n"), "{}", run.stdout);
}

#[test]
fn a_cancelled_extraction_leaves_nothing_behind() {
    let space = small();
    let request =
        ExtractRequest { file: space.path().join("p.pa"), to: space.path().join("out"), ..Default::default() };
    request.cancel.cancel();
    let result = extract(&request).unwrap();
    assert_eq!((result.status, result.assets.len(), result.byte_count), (Status::Cancelled, 0, 0));
    assert!(!space.path().join("out").exists());
}

/// A file may not grow beyond a few blocks: the last asset does not fit, and all that was written before it goes.
#[test]
fn an_extraction_that_fails_midway_leaves_nothing_behind() {
    for (is_there, decode) in [(false, false), (true, false), (true, true)] {
        let space = TestSpace::empty();
        let many = vec![1; 4096];
        // As deep as a path may be.
        let deep = ["d"; 64].join("/");
        let assets = [
            data(1, "texts", &[("a/b/c.txt", "c"), (&deep, "d")]),
            tiles(2, "tiles", 2, &[1, 2]),
            sounds(3, "long", &[("long", &many)]),
        ];
        made::write(&space.path().join("p.pa"), &assets, &[]);
        if is_there {
            space.write("out/mine", "mine");
        }
        let mut command = std::process::Command::new("sh");
        let decode = if decode { "--decode" } else { "" };
        let papack = env!("CARGO_BIN_EXE_papack");
        let script =
            format!("trap '' XFSZ; ulimit -f 8; exec {papack} extract p.pa --to out --message-format short {decode}");
        command.current_dir(space.path()).args(["-c", &script]);
        let run = crate::space::Run::of(command);
        assert_eq!(run.code, 3, "{}{}", run.stdout, run.stderr);
        assert!(run.stdout.contains("error[IO]: File too large"), "{}", run.stdout);
        assert!(run.stdout.ends_with("p.pa: nothing was written to out\n"), "{}", run.stdout);
        let left: Vec<_> = files_below(&space.path().join("out")).into_keys().collect();
        assert_eq!(left, if is_there { vec!["mine"] } else { vec![] });
        assert_eq!(space.path().join("out").exists(), is_there);
        if is_there {
            assert_eq!(fs::read_dir(space.path().join("out")).unwrap().count(), 1);
        }
    }
}

#[test]
fn a_refused_pack_is_not_extracted() {
    let space = TestSpace::empty();
    let mut bytes = fs::read(golden("w104")).unwrap();
    bytes.push(0);
    space.write("p.pa", bytes);
    let run = space.run(&["extract", "p.pa", "--to", "out", "--message-format", "json"]);
    let lines = run.lines();
    assert_eq!(
        (run.code, lines[0]["code"].as_str(), lines[1]["status"].as_str()),
        (1, Some("PACK_LAYOUT"), Some("GATE_FAILED"))
    );
    assert!(!space.path().join("out").exists());
}
