//! `papack rename` and `preload`.

use serde_json::json;

use crate::space::{TestSpace, entry, manifest};
use crate::{changes, refuses};

/// The DATA assets 1 to 3 at `a`, `b` and `c`; `c` is not packed; `b` is preloaded into slot 0.
fn workspace() -> TestSpace {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")]), ("b", &[("f", "f")]), ("c", &[("f", "f")])]);
    space.write_registry(&[entry(1, "a"), entry(2, "b"), entry(3, "c").replace("true", "false")]);
    preloaded(&space, 2, "b", 0);
    space
}

fn preloaded(space: &TestSpace, id: usize, root: &str, slot: u8) {
    let preload = format!("\"preload\" : {{\"slot\":{slot}, \"enabled\":true}},\n  \"output\"");
    let text = manifest(id, root, r#"{"file": "f"}"#).replace("\"output\"", &preload);
    space.write(&format!("assets/{root}/asset.json"), text);
}

fn text(space: &TestSpace, root: &str) -> String {
    String::from_utf8(space.read(&format!("assets/{root}/asset.json"))).unwrap()
}

#[test]
fn an_asset_gets_another_name() {
    let space = workspace();
    let before = text(&space, "a");
    let run = space.run(&["rename", "a", "the \"große\" \\ name"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "     Renamed a (asset 1) to the \"große\" \\ name\n"));
    assert_eq!(text(&space, "a"), before.replace("\"a\"", r#""the \"große\" \\ name""#));
    space.pack();
    assert_eq!(changes(&space, &["rename", "1", "the \"große\" \\ name"]), Vec::<serde_json::Value>::new());
    // An asset that is not packed is in nobody's way.
    assert_eq!(
        changes(&space, &["rename", "c", "b"]),
        [json!({"kind": "ASSET_RENAMED", "asset_id": 3, "from": "c", "to": "b"})]
    );
    changes(&space, &["rename", "1", "c"]);
    space.pack();
}

#[test]
fn a_name_that_is_none_or_is_taken_is_refused() {
    let space = workspace();
    refuses(&space, &["rename", "a", "b"], "ASSET_NAME_TAKEN", r#"the name \"b\" is taken"#);
    refuses(&space, &["rename", "a", ""], "FIELD_INVALID", "this one has 0");
    refuses(&space, &["rename", "a", " x"], "FIELD_INVALID", "white space");
    refuses(&space, &["rename", "a", "a\nb"], "FIELD_INVALID", "control character");
    refuses(&space, &["rename", "none", "x"], "ASSET_UNKNOWN", "none");
    space.write("assets/a/asset.json", "{");
    refuses(&space, &["rename", "1", "x"], "JSON_SYNTAX", "ends too early");
    std::fs::remove_dir_all(space.path().join("assets/a")).unwrap();
    refuses(&space, &["rename", "1", "x"], "FILE_MISSING", "not there");
}

#[test]
fn an_asset_is_preloaded_into_a_slot_the_next_one_or_none() {
    let space = workspace();
    let before = text(&space, "a");
    let with = |slot: &str| {
        before.replace("_v1\" }", &format!("_v1\" }},\n  \"preload\": {{ \"enabled\": true, \"slot\": {slot} }}"))
    };
    assert_eq!(
        changes(&space, &["preload", "a", "--slot", "3"]),
        [json!({"kind": "PRELOAD_SET", "asset_id": 1, "name": "a", "slot": 3})]
    );
    assert_eq!(text(&space, "a"), with("3"));
    let run = space.run(&["preload", "a", "--next"]);
    assert_eq!(run.stdout, "   Preloaded a (asset 1) into slot 1\n");
    assert_eq!(text(&space, "a"), with("1"));
    space.pack();
    assert_eq!(changes(&space, &["preload", "a", "--next"]), Vec::<serde_json::Value>::new());
    assert_eq!(space.run(&["preload", "b", "--off"]).stdout, "   Preloaded b (asset 2) no longer\n");
    assert!(text(&space, "b").contains("\"preload\" : { \"enabled\": false },\n"), "{}", text(&space, "b"));
    assert_eq!(changes(&space, &["preload", "b", "--off"]), Vec::<serde_json::Value>::new());
    assert_eq!(changes(&space, &["preload", "a", "--next"])[0]["slot"], 0);
    // An asset that is not packed may wait for any slot.
    changes(&space, &["preload", "c", "--slot", "0"]);
    space.pack();
}

#[test]
fn a_slot_that_is_taken_or_none_is_refused() {
    let space = workspace();
    refuses(&space, &["preload", "a", "--slot", "0"], "PRELOAD_SLOT_TAKEN", "papack preload 1 --next");
    for arguments in [&["--slot", "16"][..], &["--slot", "-1"], &[], &["--next", "--off"], &["--slot", "1", "--next"]] {
        assert_eq!(space.run(&[&["preload", "a"], arguments].concat()).code, 2, "{arguments:?}");
    }
    // All slots of the bank are taken, and one bank is not another.
    let roots: Vec<_> = (0..16).map(|slot| format!("slot-{slot}")).collect();
    let mut entries = vec![entry(1, "a")];
    for (slot, root) in roots.iter().enumerate() {
        preloaded(&space, 10 + slot, root, u8::try_from(slot).unwrap());
        entries.push(entry(10 + slot, root));
    }
    space.write_registry(&entries);
    refuses(&space, &["preload", "a", "--next"], "PRELOAD_SLOT_TAKEN", "all 16 slots");
    let sound = manifest(1, "a", r#"{"file": "f"}"#).replace("DATA/raw_v1", "SOUNDS/pcm_v1");
    space.write("assets/a/asset.json", sound);
    assert_eq!(changes(&space, &["preload", "a", "--next"])[0]["slot"], 0);
}
