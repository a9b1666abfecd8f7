//! Documents: unsaved texts, their changes, and which of them count.

use serde_json::{Value, json};

use crate::client::{Editor, codes, pulling};
use crate::space::{TestSpace, manifest};

const MANIFEST: &str = "assets/a/asset.json";

fn space() -> TestSpace {
    TestSpace::with_assets(&[("a", &[("f", "f")])])
}

fn position(line: u64, character: u64) -> Value {
    json!({ "line": line, "character": character })
}

fn part(start: Value, end: Value, text: &str) -> Value {
    json!({ "range": { "start": start, "end": end }, "text": text })
}

#[test]
fn unsaved_texts_count_until_they_are_closed() {
    let space = space();
    let text = manifest(1, "a", r#"{"file": "f"}"#);
    let mut editor = Editor::open(&space);
    editor.open_document(MANIFEST, 7, &text.replace("\"f\"", "\"g\""));
    let published = editor.published(MANIFEST, &["FILE_MISSING"]);
    assert_eq!(published["version"], 7);
    editor.set_text(MANIFEST, 8, &text);
    assert_eq!(editor.published(MANIFEST, &[])["version"], 8);
    editor.set_text(MANIFEST, 9, "{");
    editor.published(MANIFEST, &["JSON_SYNTAX"]);
    // Packing reads the disk alone.
    let result = editor.request("papack/pack", json!({}));
    assert_eq!(result["status"], "SUCCESS");
    editor.close_document(MANIFEST);
    assert_eq!(editor.published(MANIFEST, &[]).get("version"), None);
}

/// Each change is applied to the text as the one before left it, at places as the protocol counts them.
#[test]
fn changes_are_applied_at_their_places() {
    for (encoding, width) in [("utf-8", 4), ("utf-16", 2), ("utf-32", 1)] {
        let space = space();
        let capabilities = json!({ "general": { "positionEncodings": [encoding] } });
        let mut editor = Editor::with(&space, capabilities);
        let text = manifest(1, "😀a", r#"{"file": "f"}"#);
        editor.open_document(MANIFEST, 1, &text);
        let line = text.lines().position(|line| line.contains("😀a")).unwrap() as u64;
        let column = text.lines().nth(line as usize).unwrap().find('😀').unwrap() as u64;
        // The name becomes `😀b`, then the rest of the line goes, its end stays.
        let end = position(line, column + width + 1);
        let changes = json!([
            part(position(line, column + width), end.clone(), "b"),
            part(position(line, 1000), end, ""),
            part(position(1000, 0), position(u64::from(u32::MAX), 7), "]"),
        ]);
        editor.change(MANIFEST, 2, changes);
        let published = editor.published(MANIFEST, &["JSON_SYNTAX"]);
        let start = &published["diagnostics"][0]["range"]["start"];
        assert!(start["line"].as_u64().unwrap() <= line + 1, "{published}");
        editor.change(MANIFEST, 3, json!([part(position(line, column + width + 1), position(line, 999), "\",")]));
        let last = text.lines().count() as u64;
        editor.change(MANIFEST, 4, json!([part(position(last, 1), position(last, 0), "")]));
        editor.published(MANIFEST, &[]);
    }
}

#[test]
fn places_are_told_as_agreed_on() {
    let space = space();
    space
        .write(MANIFEST, manifest(1, "a", r#"{"file": "f"}"#).replace("\"name\"", "\"ä😀\": 1, \"naem\": 2, \"name\""));
    for (encoding, column) in [("utf-8", 13), ("utf-16", 10), ("utf-32", 9)] {
        let mut editor = Editor::with(&space, json!({ "general": { "positionEncodings": [encoding] } }));
        let published = editor.published(MANIFEST, &["FIELD_UNKNOWN", "FIELD_UNKNOWN"]);
        let found = &published["diagnostics"][1];
        assert_eq!(found["range"]["start"], position(3, column + 2), "{encoding}");
        assert_eq!((found["source"].as_str(), found["severity"].as_i64()), (Some("papack"), Some(1)));
        assert_eq!(found["data"]["code"], "FIELD_UNKNOWN");
        assert_eq!(found["data"]["path"], MANIFEST);
        let message = found["message"].as_str().unwrap();
        assert_eq!(message.split("\n\n").count(), 2, "{message}");
    }
}

#[test]
fn other_documents_are_passed_over() {
    let space = space();
    let mut editor = Editor::with(&space, pulling());
    for path in ["README.md", "asset.json", "assets/a/other.json", "build/asset.json", "../asset.json"] {
        editor.open_document(path, 1, "{");
        editor.set_text(path, 2, "{{");
        assert_eq!(editor.report(path, None)["items"], json!([]), "{path}");
    }
    for uri in ["untitled:Untitled-1", "git:/assets/a/asset.json", "file://elsewhere/assets/a/asset.json", "", "%"] {
        let document = json!({ "uri": uri, "languageId": "json", "version": 1, "text": "{" });
        editor.notify("textDocument/didOpen", json!({ "textDocument": document }));
        editor.notify(
            "textDocument/didChange",
            json!({ "textDocument": { "uri": uri, "version": 2 }, "contentChanges": [] }),
        );
        editor.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
    }
    let report = editor.request("workspace/diagnostic", json!({ "previousResultIds": [] }));
    assert_eq!(report["items"], json!([]));
}

/// A folder with a name that URIs have to escape, opened above or below the workspace, or through a link.
#[test]
fn the_workspace_is_found_from_what_is_open() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("with späce/inner%20");
    std::fs::create_dir_all(&folder).unwrap();
    let made = std::process::Command::new("cp").arg("-r").arg(space().path().join("assets")).arg(&folder).status();
    assert!(made.unwrap().success());
    std::os::unix::fs::symlink(&folder, outer.path().join("link")).unwrap();
    let escaped = "with%20sp%C3%A4ce/inner%2520";
    let base = outer.path().canonicalize().unwrap();
    for (root, below) in
        [("", escaped), (escaped, escaped), (&format!("{escaped}/assets/a")[..], escaped), ("link", "link")]
    {
        let mut editor = Editor::spawn(TestSpace::empty().command(&["lsp"]), &base);
        let root = format!("file://{}/{root}", base.to_str().unwrap());
        let root = root.trim_end_matches('/');
        editor.request("initialize", json!({ "processId": null, "rootUri": root, "capabilities": {} }));
        let path = format!("{below}/{MANIFEST}");
        editor.open_document(&path, 1, "{");
        editor.published(&path, &["JSON_SYNTAX"]);
    }
}

#[test]
fn without_a_workspace_the_server_lives_and_looks_again() {
    let outer = tempfile::tempdir().unwrap();
    let mut editor = Editor::spawn(TestSpace::empty().command(&["lsp"]), outer.path());
    editor.initialize(json!({}));
    let shown = editor.until("window/showMessage", |_| true);
    assert!(shown["message"].as_str().unwrap().contains("papack init"), "{shown}");
    editor.open_document("assets/a/asset.json", 1, "{");
    assert_eq!(editor.report("assets/a/asset.json", None)["items"], json!([]));
    assert_eq!(editor.refusal("papack/status", json!({})), -32803);
    let made = space();
    let copied = std::process::Command::new("cp").arg("-r").arg(made.path().join("assets")).arg(outer.path()).status();
    assert!(copied.unwrap().success());
    editor.open_document(
        "assets/.prometeu/index.json",
        1,
        &String::from_utf8(made.read("assets/.prometeu/index.json")).unwrap(),
    );
    // The text that was opened before counts now.
    editor.published("assets/a/asset.json", &["JSON_SYNTAX"]);
    assert_eq!(editor.request("papack/status", json!({}))["status"], "SUCCESS");
    assert!(editor.others.iter().all(|message| message["method"] != "window/showMessage"));
}

#[test]
fn settings_and_the_registry_are_documents_too() {
    let space = space();
    space.write("assets/b/asset.json", manifest(2, "b", r#"{"file": "f"}"#));
    space.write("assets/b/f", "f");
    let mut editor = Editor::open(&space);
    editor.published("assets/b/asset.json", &["ASSET_UNREGISTERED"]);
    editor.open_document("papack.toml", 1, "schema_version = 1\ndiagnostics.deny = [\"ASSET_UNREGISTERED\"]\n");
    let published = editor.until("textDocument/publishDiagnostics", |params| params["diagnostics"][0]["severity"] == 1);
    assert_eq!(codes(&published["diagnostics"]), ["ASSET_UNREGISTERED"]);
    editor.set_text("papack.toml", 2, "schema_version = 1\nx = 1\n");
    editor.published("papack.toml", &["SETTINGS_INVALID"]);
    editor.set_text("papack.toml", 3, "schema_version = 1\n[budget.pack]\nerror = 16\n");
    editor.published("papack.toml", &["BUDGET_EXCEEDED"]);
    editor.set_text("papack.toml", 4, "schema_version = 1\n[budget.pack]\nerror = '1 MiB'\n[budget.asset.b]\nwarn = 1");
    editor.published("papack.toml", &["BUDGET_EMPTY"]);
    editor.close_document("papack.toml");
    editor.published("papack.toml", &[]);
    let registry = String::from_utf8(space.read("assets/.prometeu/index.json")).unwrap();
    editor.open_document("assets/.prometeu/index.json", 1, &registry.replace("\"root\": \"a\"", "\"root\": \"z\""));
    let published = editor.until("textDocument/publishDiagnostics", |params| {
        params["diagnostics"].as_array().unwrap().iter().any(|found| found["code"] == "ASSET_MOVED")
    });
    assert_eq!(codes(&published["diagnostics"]), ["ASSET_MOVED"]);
}

/// A client spells URIs in its own way, and what it was told under one is not left there.
#[test]
fn a_document_may_have_several_uris() {
    let space = space();
    space.write(MANIFEST, "{");
    let mut editor = Editor::open(&space);
    let ours = editor.uri(MANIFEST);
    let told = |editor: &mut Editor, uri: &str, codes: &[&str]| {
        editor.until("textDocument/publishDiagnostics", |params| {
            params["uri"] == uri && crate::client::codes(&params["diagnostics"]) == codes
        });
    };
    told(&mut editor, &ours, &["JSON_SYNTAX"]);
    // Nothing else is wrong with it than before.
    let theirs = "assets/%61/asset.json";
    editor.open_document(theirs, 1, "{");
    told(&mut editor, &ours, &[]);
    let their_uri = editor.uri(theirs);
    told(&mut editor, &their_uri, &["JSON_SYNTAX"]);
    // Open twice, and closed once: the other text counts.
    editor.open_document(MANIFEST, 1, &manifest(1, "a", r#"{"file": "g"}"#));
    told(&mut editor, &their_uri, &[]);
    told(&mut editor, &ours, &["FILE_MISSING"]);
    editor.close_document(MANIFEST);
    told(&mut editor, &ours, &[]);
    told(&mut editor, &their_uri, &["JSON_SYNTAX"]);
    editor.close_document(theirs);
    told(&mut editor, &their_uri, &[]);
    told(&mut editor, &ours, &["JSON_SYNTAX"]);
}
