//! Operations: as commands and as requests, with progress, cancelled, and beside what is typed.

use std::fs::File;

use serde_json::{Value, json};

use crate::client::{Editor, pulling};
use crate::space::{TestSpace, entry, files_below, manifest};
use crate::wav::Wav;

const MANIFEST: &str = "assets/a/asset.json";

fn space() -> TestSpace {
    TestSpace::with_assets(&[("a", &[("f", "f")])])
}

fn command(name: &str, arguments: Value) -> Value {
    json!({ "command": name, "arguments": arguments })
}

#[test]
fn commands_and_requests_give_what_the_services_give() {
    let space = space();
    let mut editor = Editor::open(&space);
    let plan = editor.request("workspace/executeCommand", command("papack.plan", json!([{ "rehash": true }])));
    assert_eq!((&plan["type"], &plan["derived_asset_count"]), (&json!("result"), &json!(1)));
    let pack = editor.request("workspace/executeCommand", json!({ "command": "papack.pack" }));
    assert_eq!((&pack["status"], &pack["packed_asset_count"]), (&json!("SUCCESS"), &json!(1)));
    let status = editor.request("papack/status", Value::Null);
    assert_eq!(status["workspace"]["next_pack"]["action"], "NOTHING");
    // What is wrong with the workspace is a result; what is wrong with the call is none.
    let unknown = editor.request("papack/exclude", json!({ "assets": ["nobody"] }));
    assert_eq!(unknown["status"], "GATE_FAILED");
    for (method, params, code) in [
        ("workspace/executeCommand", command("papack.init", json!([])), -32602),
        ("workspace/executeCommand", command("other.pack", json!([])), -32602),
        ("workspace/executeCommand", command("papack.pack", json!([{}, {}])), -32602),
        ("workspace/executeCommand", command("papack.pack", json!([{ "x": 1 }])), -32602),
        ("workspace/executeCommand", command("papack.pack", json!([[]])), -32602),
        ("papack/rename", json!({ "asset": "a" }), -32602),
        ("papack/init", json!({}), -32601),
    ] {
        assert_eq!(editor.refusal(method, params.clone()), code, "{method} {params}");
    }
}

#[test]
fn what_a_command_changes_is_looked_at() {
    let space = space();
    space.write("assets/b/asset.json", manifest(2, "b", r#"{"file": "f"}"#));
    space.write("assets/b/f", "f");
    let watching = json!({ "dynamicRegistration": true });
    let mut editor = Editor::with(&space, json!({ "workspace": { "didChangeWatchedFiles": watching } }));
    editor.published("assets/b/asset.json", &["ASSET_UNREGISTERED"]);
    assert_eq!(editor.request("papack/add", json!({ "all": true }))["status"], "SUCCESS");
    editor.published("assets/b/asset.json", &[]);
}

#[test]
fn progress_is_shown_where_the_client_wants_it() {
    let space = TestSpace::with_many(40, |id| vec![u8::try_from(id).unwrap(); 100_000]);
    let mut editor = Editor::with(&space, json!({ "window": { "workDoneProgress": true } }));
    // Under a token of the client.
    let mut params = command("papack.pack", json!([]));
    params["workDoneToken"] = json!(17);
    let pack = editor.ask("workspace/executeCommand", params);
    let begun = editor.until("$/progress", |params| params["token"] == 17);
    assert_eq!(
        begun["value"],
        json!({ "kind": "begin", "title": "papack pack", "cancellable": true, "percentage": 0 })
    );
    assert_eq!(editor.answer(&pack)["result"]["status"], "SUCCESS");
    let ended = editor.until("$/progress", |params| params["value"]["kind"] == "end");
    assert_eq!(ended, json!({ "token": 17, "value": { "kind": "end" } }));
    // Under one for which the client made a place.
    let lane = File::open(space.path().join("assets/.prometeu")).unwrap();
    lane.lock().unwrap();
    let pack = editor.ask("papack/pack", json!({}));
    let id = editor.request_of_server("window/workDoneProgress/create");
    let token = id["params"]["token"].clone();
    editor.send(&json!({ "jsonrpc": "2.0", "id": id["id"], "result": null }));
    editor.until("$/progress", |params| params["token"] == token && params["value"]["kind"] == "begin");
    lane.unlock().unwrap();
    editor.answer(&pack);
    editor.until("$/progress", |params| params["token"] == token && params["value"]["kind"] == "end");
    // A client that refuses gets none.
    editor.others.clear();
    let status = editor.ask("papack/plan", json!({}));
    let id = editor.request_of_server("window/workDoneProgress/create");
    let error = json!({ "code": -32603, "message": "no" });
    editor.send(&json!({ "jsonrpc": "2.0", "id": id["id"], "error": error }));
    editor.answer(&status);
    assert!(editor.others.iter().all(|message| message["method"] != "$/progress"), "{:?}", editor.others);
}

#[test]
fn an_operation_is_cancelled_in_either_way() {
    let space = space();
    let mut editor = Editor::open(&space);
    let lane = File::open(space.path().join("assets/.prometeu")).unwrap();
    lane.lock().unwrap();
    let ask = |editor: &mut Editor, token: &str| {
        let mut params = command("papack.pack", json!([]));
        params["workDoneToken"] = json!(token);
        editor.ask("workspace/executeCommand", params)
    };
    let (first, second) = (ask(&mut editor, "first"), ask(&mut editor, "second"));
    editor.until("$/progress", |params| params["value"]["kind"] == "report");
    editor.notify("$/cancelRequest", json!({ "id": second }));
    editor.notify("window/workDoneProgress/cancel", json!({ "token": "first" }));
    assert_eq!(editor.error(&first), -32800);
    assert_eq!(editor.error(&second), -32800);
    assert!(!space.path().join("build").exists());
    // Typing is not held up by an operation that waits.
    let third = ask(&mut editor, "third");
    editor.open_document(MANIFEST, 1, "{");
    editor.published(MANIFEST, &["JSON_SYNTAX"]);
    lane.unlock().unwrap();
    assert_eq!(editor.answer(&third)["result"]["status"], "SUCCESS");
}

/// What a look derived an operation takes, and what is typed is not derived again when it is saved.
#[test]
fn what_a_look_derived_no_operation_derives_again() {
    let space = TestSpace::empty();
    let text = manifest(1, "a", r#"{"file": "s.wav"}"#).replace("DATA/raw_v1", "SOUNDS/pcm_v1");
    space.write(MANIFEST, &text);
    space.write("assets/a/s.wav", Wav::default().bytes());
    space.write("assets/a/t.wav", Wav { data: vec![7; 4000], ..Wav::default() }.bytes());
    space.write_registry(&[entry(1, "a")]);
    let mut editor = Editor::with(&space, pulling());
    let shown = |editor: &mut Editor| assert_eq!(editor.report(MANIFEST, None)["items"], json!([]));
    editor.open_document(MANIFEST, 1, &text);
    shown(&mut editor);
    let edited = text.replace("s.wav", "t.wav");
    editor.set_text(MANIFEST, 2, &edited);
    shown(&mut editor);
    let before = files_below(space.path());
    assert!(!before.keys().any(|path| path.contains("cache")), "a look writes nothing: {before:?}");
    let decided = |result: &Value| {
        let decisions = result["assets"].as_array().or(result["explained"].as_array()).unwrap();
        (decisions[0]["outcome"].as_str().unwrap().to_owned(), decisions[0]["reasons"].clone())
    };
    let recalled = ("REUSED".to_owned(), json!([{ "reason": "NOT_KNOWN_BEFORE" }, { "reason": "RECALLED" }]));
    assert_eq!(decided(&editor.request("papack/plan", json!({}))), recalled, "the file has what it had first");
    space.write(MANIFEST, &edited);
    assert_eq!(decided(&editor.request("papack/plan", json!({}))), recalled, "and now what was typed");
    let pack = editor.request("papack/pack", json!({ "explain": true }));
    assert_eq!((&pack["status"], &pack["derived_asset_count"]), (&json!("SUCCESS"), &json!(0)));
    assert_eq!(decided(&pack), recalled);
    let rehashed = editor.request("papack/pack", json!({ "rehash": true }));
    assert_eq!((&rehashed["derived_asset_count"], &rehashed["up_to_date"]), (&json!(1), &json!(true)));
    // For the next process the pack has written it to the cache.
    std::fs::remove_dir_all(space.path().join("build")).unwrap();
    let (code, lines) = space.pack_json();
    assert_eq!((code, &lines.last().unwrap()["derived_asset_count"]), (0, &json!(0)));
}
