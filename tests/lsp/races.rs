//! What may happen at the same time: edits, looks, cancellations, other programs.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{Editor, codes, pulling};
use crate::connection::{framed, signal};
use crate::space::{TestSpace, manifest};

const MANIFEST: &str = "assets/g1/a1/asset.json";

fn large() -> TestSpace {
    TestSpace::with_many(400, |id| id.to_string().into_bytes())
}

fn text(space: &TestSpace) -> String {
    String::from_utf8(space.read(MANIFEST)).unwrap()
}

/// Whatever the client typed while the server looked, what it is told last is true of what it typed last.
#[test]
fn edits_during_a_look() {
    let space = large();
    let sound = text(&space);
    let mut editor = Editor::open(&space);
    editor.open_document(MANIFEST, 0, &sound);
    for version in 1..=300 {
        let text = if version % 2 == 1 { "{".to_owned() } else { sound.replace("\"name\"", "\"nmae\"") };
        editor.set_text(MANIFEST, version, &text);
        if version % 50 == 0 {
            editor.change(MANIFEST, version, json!([]));
        }
    }
    editor.set_text(MANIFEST, 301, "]");
    let uri = editor.uri(MANIFEST);
    let last = editor.until("textDocument/publishDiagnostics", |params| params["version"] == 301);
    assert_eq!((&last["uri"], codes(&last["diagnostics"])), (&json!(uri), vec!["JSON_SYNTAX"]));
    let mut versions: Vec<_> =
        editor.others.iter().filter_map(|message| message["params"]["version"].as_i64()).collect();
    versions.push(301);
    assert!(versions.is_sorted(), "{versions:?}");
    assert!(editor.is_quiet_but_for_publications(Duration::from_millis(200)));
}

/// Who types without a pause is told what is wrong meanwhile.
#[test]
fn a_look_comes_to_its_end_while_one_types() {
    let space = large();
    let mut editor = Editor::open(&space);
    editor.open_document(MANIFEST, 0, "{");
    let began = Instant::now();
    let mut version = 0;
    while began.elapsed() < Duration::from_millis(2500) {
        version += 1;
        editor.set_text(MANIFEST, version, if version % 2 == 0 { "{" } else { "[" });
        std::thread::sleep(Duration::from_millis(1));
    }
    let told = editor.until("textDocument/publishDiagnostics", |params| params["version"].is_i64());
    assert!(told["version"].as_i64().unwrap() < i64::from(version), "it was told only at the end");
}

/// Each request is answered once, cancelled or not, and none twice.
#[test]
fn requests_are_cancelled_at_any_moment() {
    let space = large();
    let mut editor = Editor::with(&space, pulling());
    let mut asked = Vec::new();
    for round in 0..200_u64 {
        if round % 4 == 0 {
            editor.open_document(MANIFEST, i32::try_from(round).unwrap(), "{");
        }
        let document = json!({ "uri": editor.uri(MANIFEST) });
        let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 9, "character": 0 } });
        let (method, params) = match round % 4 {
            0 => ("textDocument/diagnostic", json!({ "textDocument": document })),
            1 => ("workspace/diagnostic", json!({ "previousResultIds": [] })),
            2 => ("papack/pack", json!({})),
            _ => (
                "textDocument/codeAction",
                json!({ "textDocument": document, "range": range, "context": { "diagnostics": [] } }),
            ),
        };
        let id = editor.ask(method, params);
        std::thread::sleep(Duration::from_micros(round * 37 % 3000));
        editor.notify("$/cancelRequest", json!({ "id": id }));
        asked.push(id);
    }
    let shutdown = editor.ask("shutdown", Value::Null);
    editor.answer(&shutdown);
    let answers: Vec<_> = asked.iter().map(|id| editor.answer(id)).collect();
    let is_answer = |message: &Value| message.get("method").is_none();
    assert!(!editor.others.iter().any(is_answer), "{:?}", editor.others);
    let mut cancelled = 0;
    for answer in &answers {
        match answer.get("error") {
            Some(error) => {
                assert_eq!(error["code"], -32800, "{answer}");
                cancelled += 1;
            }
            None => assert!(!answer["result"].is_null(), "{answer}"),
        }
    }
    assert!(cancelled > 0, "no cancellation was in time");
}

/// A check reads the disk alone, whatever is typed meanwhile; and that is shown meanwhile.
#[test]
fn edits_during_a_check() {
    let space = TestSpace::with_many(100, |id| id.to_string().into_bytes());
    let sound = text(&space);
    let mut editor = Editor::open(&space);
    editor.open_document(MANIFEST, 0, &sound);
    let mut checks = Vec::new();
    for version in 1..=60 {
        editor.set_text(MANIFEST, version, if version % 2 == 1 { &sound } else { "{" });
        if version % 12 == 1 {
            checks.push(editor.ask("papack/check", json!({ "rehash": true })));
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    // Nothing like the texts before, so that it is told in any case.
    editor.set_text(MANIFEST, 61, "]");
    let last = editor.until("textDocument/publishDiagnostics", |params| params["version"] == 61);
    assert_eq!(codes(&last["diagnostics"]), ["JSON_SYNTAX"]);
    for check in &checks {
        let result = editor.answer(check)["result"].clone();
        assert_eq!((&result["status"], &result["diagnostics"]), (&json!("SUCCESS"), &json!([])));
    }
    editor.close_document(MANIFEST);
    editor.published(MANIFEST, &[]);
}

/// More happens than the system's queue holds, while the server sleeps and its client tells it nothing.
#[test]
fn the_queue_of_the_watch_overflows() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")]), ("b", &[("f", "f")])]);
    let (known, other, added) = ("assets/a/asset.json", "assets/b/asset.json", "assets/new/asset.json");
    let mut editor = Editor::open(&space);
    space.write(known, "{");
    editor.published(known, &["JSON_SYNTAX"]);
    signal(&editor.process, "-STOP");
    let limit = std::fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").unwrap();
    for number in 0..limit.trim().parse::<usize>().unwrap() / 3 + 10 {
        // Three events that are not alike: made, renamed from, renamed to.
        space.write("assets/a/one", "");
        let to = space.path().join(format!("assets/a/{}", number % 7));
        std::fs::rename(space.path().join("assets/a/one"), to).unwrap();
    }
    // What the lost events would have told.
    space.write(other, "{");
    space.write(added, manifest(3, "new", r#"{"file": "f"}"#));
    signal(&editor.process, "-CONT");
    editor.published(other, &["JSON_SYNTAX"]);
    editor.until("textDocument/publishDiagnostics", |params| params["uri"].as_str().unwrap().ends_with(added));
    // And all is watched as before, the new folder too.
    space.write(added, "{");
    editor.published(added, &["ASSET_UNREGISTERED", "JSON_SYNTAX"]);
}

/// A look that a question waits for answers the reports that wait as well.
#[test]
fn a_report_is_not_forgotten_for_a_question() {
    let space = large();
    let mut editor = Editor::with(&space, pulling());
    for version in 0..20 {
        editor.open_document(MANIFEST, version, "{");
        let document = json!({ "textDocument": { "uri": editor.uri(MANIFEST) } });
        let report = editor.ask("textDocument/diagnostic", document.clone());
        let question = editor.ask("textDocument/foldingRange", document);
        assert_eq!(codes(&editor.answer(&report)["result"]["items"]), ["JSON_SYNTAX"]);
        assert_eq!(editor.answer(&question)["result"], json!([]));
    }
}

#[test]
fn two_servers_and_a_pack_on_one_workspace() {
    let space = large();
    let (mut one, mut other) = (Editor::open(&space), Editor::open(&space));
    let packs = [one.ask("papack/pack", json!({})), other.ask("papack/pack", json!({}))];
    one.open_document(MANIFEST, 1, "{");
    let run = space.run(&["pack"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    one.published(MANIFEST, &["JSON_SYNTAX"]);
    for (editor, id) in [&mut one, &mut other].into_iter().zip(&packs) {
        assert_eq!(editor.answer(id)["result"]["status"], "SUCCESS");
    }
    // What one of them writes, the other one sees.
    assert_eq!(other.request("papack/rename", json!({ "asset": "1", "name": "other" }))["status"], "SUCCESS");
    one.close_document(MANIFEST);
    space.write("assets/g2/a2/asset.json", manifest(2, "other", r#"{"file": "f"}"#));
    for editor in [&mut one, &mut other] {
        editor.until("textDocument/publishDiagnostics", |params| {
            params["diagnostics"].as_array().unwrap().iter().any(|found| found["code"] == "ASSET_NAME_TAKEN")
        });
    }
}

/// A message of many small changes takes no time out of proportion.
#[test]
fn many_changes_at_once() {
    let space = large();
    let mut editor = Editor::with(&space, pulling());
    editor.open_document(MANIFEST, 0, &"x\n".repeat(400_000));
    let change = json!({ "range": { "start": { "line": 399_999, "character": 0 }, "end": { "line": 9, "character": 0 } }, "text": "" });
    let insert = json!({ "range": { "start": { "line": 0, "character": 0 }, "end": { "line": 0, "character": 0 } }, "text": "y\n" });
    let mut changes = vec![insert; 20_000];
    changes.push(change);
    let began = Instant::now();
    editor.change(MANIFEST, 1, json!(changes));
    assert_eq!(codes(&editor.report(MANIFEST, None)["items"]), ["JSON_SYNTAX"]);
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

/// While nothing happens, nothing is done.
#[test]
fn an_idle_server_takes_no_processor_time() {
    let space = large();
    let mut editor = Editor::open(&space);
    editor.open_document(MANIFEST, 1, "{");
    editor.published(MANIFEST, &["JSON_SYNTAX"]);
    std::thread::sleep(Duration::from_millis(1200));
    let ticks = |editor: &Editor| {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", editor.process.id())).unwrap();
        let fields: Vec<_> = stat.rsplit(") ").next().unwrap().split(' ').map(ToOwned::to_owned).collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    };
    let before = ticks(&editor);
    std::thread::sleep(Duration::from_secs(2));
    // A tick is 10 ms.
    assert!(ticks(&editor) - before <= 1, "{} ticks", ticks(&editor) - before);
    editor.connection.send_bytes(&framed(r#"{"jsonrpc":"2.0","method":"exit"}"#));
    editor.expect_prompt_end(1);
}
