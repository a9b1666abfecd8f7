//! Diagnostics, told and asked for, and the quick fixes that they carry.

use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{Editor, codes, pulling};
use crate::space::{TestSpace, manifest};

const MANIFEST: &str = "assets/a/asset.json";
const REGISTRY: &str = "assets/.prometeu/index.json";

fn space() -> TestSpace {
    TestSpace::with_assets(&[("a", &[("f", "f")]), ("b", &[("f", "f")])])
}

fn text(space: &TestSpace, path: &str) -> String {
    String::from_utf8(space.read(path)).unwrap()
}

/// `text` after the edits that a client is given.
fn edited(text: &str, edits: &Value) -> String {
    let offset = |position: &Value| {
        let line = position["line"].as_u64().unwrap() as usize;
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        start + position["character"].as_u64().unwrap() as usize
    };
    let mut edits: Vec<_> = edits.as_array().unwrap().iter().collect();
    edits.sort_by_key(|edit| std::cmp::Reverse(offset(&edit["range"]["start"])));
    edits.iter().fold(text.to_owned(), |mut text, edit| {
        let range = offset(&edit["range"]["start"])..offset(&edit["range"]["end"]);
        text.replace_range(range, edit["newText"].as_str().unwrap());
        text
    })
}

#[test]
fn what_is_mended_or_deleted_goes_away() {
    let space = space();
    space.write(MANIFEST, "{");
    let mut editor = Editor::open(&space);
    let published = editor.published(MANIFEST, &["JSON_SYNTAX"]);
    assert_eq!(published.get("version"), None);
    // The server watches the disk where the client does not.
    space.write(MANIFEST, manifest(1, "a", r#"{"file": "f"}"#));
    editor.published(MANIFEST, &[]);
    space.write("assets/c/asset.json", manifest(3, "c", r#"{"file": "f"}"#));
    editor.published("assets/c/asset.json", &["ASSET_UNREGISTERED"]);
    std::fs::remove_dir_all(space.path().join("assets/c")).unwrap();
    editor.published("assets/c/asset.json", &[]);
    assert!(editor.is_quiet(Duration::from_millis(300)), "{:?}", editor.others);
}

#[test]
fn the_client_watches_files_if_it_can() {
    for (is_relative, patterns) in [(true, ["assets/**", "papack.toml"]), (false, ["**/assets/**", "**/papack.toml"])] {
        let space = space();
        space.write(MANIFEST, "{");
        let watching = json!({ "dynamicRegistration": true, "relativePatternSupport": is_relative });
        let mut editor = Editor::with(&space, json!({ "workspace": { "didChangeWatchedFiles": watching } }));
        let registration = editor.until("client/registerCapability", |_| true)["registrations"][0].clone();
        assert_eq!(registration["method"], "workspace/didChangeWatchedFiles");
        let watchers = registration["registerOptions"]["watchers"].as_array().unwrap().clone();
        for (watcher, pattern) in watchers.iter().zip(patterns) {
            let told = &watcher["globPattern"];
            assert_eq!(if is_relative { &told["pattern"] } else { told }, pattern);
            assert!(!is_relative || told["baseUri"] == editor.uri("").trim_end_matches('/'));
        }
        // The first look is over.
        editor.published(MANIFEST, &["JSON_SYNTAX"]);
        space.write("assets/a/f2", "");
        space.write(MANIFEST, manifest(1, "a", r#"{"file": "f"}"#));
        // Nobody has told the server.
        assert!(editor.is_quiet(Duration::from_millis(300)), "{:?}", editor.others);
        let changes = json!([{ "uri": editor.uri(MANIFEST), "type": 2 }]);
        editor.notify("workspace/didChangeWatchedFiles", json!({ "changes": changes }));
        editor.published(MANIFEST, &[]);
        space.write(MANIFEST, "{");
        editor.notify("textDocument/didSave", json!({ "textDocument": { "uri": editor.uri(MANIFEST) } }));
        editor.published(MANIFEST, &["JSON_SYNTAX"]);
    }
}

/// As when a workspace was moved away, or deleted, and cloned again.
#[test]
fn a_workspace_that_takes_the_place_of_another_one_is_served() {
    let (space, other) = (space(), space());
    other.write(MANIFEST, "{");
    let mut editor = Editor::open(&space);
    assert_eq!(editor.request("papack/pack", json!({}))["status"], "SUCCESS");
    let aside = other.path().with_extension("aside");
    for (from, to) in [(space.path(), &*aside), (other.path(), space.path()), (&aside, other.path())] {
        std::fs::rename(from, to).unwrap();
    }
    editor.notify("textDocument/didSave", json!({ "textDocument": { "uri": editor.uri(MANIFEST) } }));
    editor.published(MANIFEST, &["JSON_SYNTAX"]);
    assert_eq!(editor.request("papack/pack", json!({}))["status"], "GATE_FAILED");
    // Its files are watched.
    space.write(MANIFEST, manifest(1, "a", r#"{"file": "f"}"#));
    editor.published(MANIFEST, &[]);
    assert_eq!(editor.request("papack/pack", json!({}))["status"], "SUCCESS");
    std::fs::remove_dir_all(space.path()).unwrap();
    editor.published(REGISTRY, &["IO"]);
    std::fs::rename(other.path(), space.path()).unwrap();
    editor.published(REGISTRY, &[]);
    assert_eq!(editor.request("papack/pack", json!({}))["status"], "SUCCESS");
}

#[test]
fn faults_of_other_files_are_shown_where_they_are_named() {
    let space = space();
    let text = manifest(1, "a", r#"{"file": "f.png"}"#).replace("DATA/raw_v1", "TILES/indexed_v1");
    let text = text.replace("\"TILES/indexed_v1\"", "\"TILES/indexed_v1\", \"metadata\": { \"tile_size\": 8 }");
    space.write(MANIFEST, &text);
    space.write("assets/a/f.png", "no picture");
    let mut editor = Editor::open(&space);
    let published = editor.published(MANIFEST, &["PNG_INVALID"]);
    let found = &published["diagnostics"][0];
    let line = text.lines().position(|line| line.contains("f.png")).unwrap();
    assert_eq!(found["range"]["start"]["line"], line);
    assert_eq!(found["data"]["path"], "assets/a/f.png");
    assert!(found["message"].as_str().unwrap().starts_with("assets/a/f.png: "), "{found}");
}

#[test]
fn reports_have_ids_that_say_whether_they_changed() {
    let space = space();
    space.write(MANIFEST, "{");
    let mut editor = Editor::with(&space, pulling());
    let first = editor.report(MANIFEST, None);
    assert_eq!((first["kind"].as_str(), codes(&first["items"])), (Some("full"), vec!["JSON_SYNTAX"]));
    let id = first["resultId"].as_str().unwrap().to_owned();
    let again = editor.report(MANIFEST, Some(&id));
    assert_eq!(again, json!({ "kind": "unchanged", "resultId": id }));
    // A document without a fault has an id as well.
    let sound = editor.report("assets/b/asset.json", None);
    assert_eq!(sound["items"], json!([]));
    let sound = editor.report("assets/b/asset.json", sound["resultId"].as_str());
    assert_eq!(sound["kind"], "unchanged");
    let mended = manifest(1, "a", r#"{"file": "f"}"#);
    editor.open_document(MANIFEST, 3, &mended);
    let whole = editor.request(
        "workspace/diagnostic",
        json!({ "previousResultIds": [{ "uri": editor.uri(MANIFEST), "value": id }, { "uri": "file:///gone", "value": "4" }] }),
    );
    let items = whole["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    assert_eq!(items[0]["uri"], editor.uri(MANIFEST));
    assert_eq!((&items[0]["kind"], &items[0]["version"]), (&json!("full"), &json!(3)));
    assert_eq!((&items[1]["items"], &items[1]["version"]), (&json!([]), &Value::Null));
    let id = &items[0]["resultId"];
    let whole = editor.request(
        "workspace/diagnostic",
        json!({ "previousResultIds": [{ "uri": editor.uri(MANIFEST), "value": id }] }),
    );
    assert_eq!(whole["items"][0]["kind"], "unchanged");
    // Nothing was told unasked.
    assert!(editor.others.iter().all(|message| message["method"] != "textDocument/publishDiagnostics"));
}

#[test]
fn a_client_that_asks_is_told_when_to_ask_again() {
    let space = space();
    let mut editor = Editor::with(&space, pulling());
    editor.report(MANIFEST, None);
    editor.open_document(MANIFEST, 1, "{");
    assert_eq!(codes(&editor.report(MANIFEST, None)["items"]), ["JSON_SYNTAX"]);
    editor.others.clear();
    // It asks for what it edits by itself.
    assert!(editor.is_quiet(Duration::from_millis(200)), "{:?}", editor.others);
    // An edit of one document is a fault of another.
    let name = manifest(1, "b", r#"{"file": "f"}"#);
    editor.set_text(MANIFEST, 2, &name);
    assert_eq!(editor.request_of_server("workspace/diagnostic/refresh").get("params"), None);
    assert_eq!(codes(&editor.report("assets/b/asset.json", None)["items"]), ["ASSET_NAME_TAKEN"]);
}

#[test]
fn fixes_are_edits_of_the_text_that_is_open() {
    for is_versioned in [true, false] {
        let space = space();
        let capabilities = json!({ "workspace": { "workspaceEdit": { "documentChanges": is_versioned } } });
        let mut editor = Editor::with(&space, capabilities);
        let text = text(&space, MANIFEST).replace("\"name\"", "\"ü\": 1,\n  \"nmae\"");
        editor.open_document(MANIFEST, 5, &text);
        let line = text.lines().position(|line| line.contains("nmae")).unwrap();
        let range = json!({ "start": { "line": line, "character": 3 }, "end": { "line": line, "character": 3 } });
        let mut actions = |only: Value| {
            let mut context = json!({ "diagnostics": [] });
            if !only.is_null() {
                context["only"] = only;
            }
            let document = json!({ "uri": editor.uri(MANIFEST) });
            let params = json!({ "textDocument": document, "range": range, "context": context });
            editor.request("textDocument/codeAction", params)
        };
        assert_eq!(actions(json!(["source.organizeImports"])), json!([]));
        let offered = actions(Value::Null);
        assert_eq!(actions(json!(["quickfix"])), offered);
        let action = &offered[0];
        assert_eq!((&action["kind"], &action["isPreferred"]), (&json!("quickfix"), &json!(true)), "{offered}");
        assert_eq!(action["diagnostics"][0]["code"], "FIELD_UNKNOWN");
        let edits = if is_versioned {
            let change = &action["edit"]["documentChanges"][0];
            assert_eq!(change["textDocument"], json!({ "uri": editor.uri(MANIFEST), "version": 5 }));
            &change["edits"]
        } else {
            &action["edit"]["changes"][editor.uri(MANIFEST)]
        };
        let mended = edited(&text, edits);
        assert!(mended.contains("\"name\": \"a\""), "{mended}");
    }
}

#[test]
fn a_fix_may_edit_another_document() {
    let space = space();
    space.write("assets/c/asset.json", manifest(3, "c", r#"{"file": "f"}"#));
    space.write("assets/c/f", "f");
    let mut editor = Editor::open(&space);
    let document = json!({ "uri": editor.uri("assets/c/asset.json") });
    let everything = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 99, "character": 0 } });
    let params = json!({ "textDocument": document, "range": everything, "context": { "diagnostics": [] } });
    let actions = editor.request("textDocument/codeAction", params);
    let edits = &actions[0]["edit"]["changes"][editor.uri(REGISTRY)];
    space.write(REGISTRY, edited(&text(&space, REGISTRY), edits));
    editor.published("assets/c/asset.json", &[]);
    assert_eq!(editor.request("papack/check", json!({}))["diagnostics"], json!([]));
}
