//! The life of a server: what it takes when.

use serde_json::{Value, json};

use crate::client::Editor;
use crate::connection::framed;
use crate::space::{TestSpace, files_below};

fn space() -> TestSpace {
    TestSpace::with_assets(&[("a", &[("f", "f")])])
}

#[test]
fn requests_have_their_time() {
    let space = space();
    let mut editor = Editor::bare(&space);
    assert_eq!(editor.refusal("textDocument/hover", json!({})), -32002);
    assert_eq!(editor.refusal("shutdown", json!(null)), -32002);
    // A notification before is dropped.
    editor.open_document("assets/a/asset.json", 1, "{");
    assert_eq!(editor.refusal("initialize", json!({ "processId": "x", "capabilities": {} })), -32602);
    editor.initialize(json!({}));
    let params = editor.initialization(json!({}));
    assert_eq!(editor.refusal("initialize", params), -32600);
    assert_eq!(editor.refusal("textDocument/semanticTokens/full", json!({})), -32601);
    assert_eq!(editor.refusal("$/unknown", json!({})), -32601);
    assert_eq!(editor.refusal("textDocument/diagnostic", json!({ "textDocument": 1 })), -32602);
    for (method, params) in [
        ("$/setTrace", json!({ "value": "verbose" })),
        ("$/unknown", json!({})),
        ("unknown", json!([1])),
        ("textDocument/didChange", json!({})),
        ("textDocument/didOpen", json!(null)),
        ("$/cancelRequest", json!({ "id": 4711 })),
        ("window/workDoneProgress/cancel", json!({ "token": "none" })),
    ] {
        editor.notify(method, params);
    }
    // An answer to nothing, and what is no message.
    editor.send(&json!({ "jsonrpc": "2.0", "id": 99, "result": null }));
    for (text, code) in [("{", -32700), ("[]", -32600), ("{}", -32600), (r#"{"jsonrpc":"2.0","id":1}"#, -32600)] {
        editor.connection.send_bytes(&framed(text));
        let answer = editor.until_error();
        assert_eq!(answer["error"]["code"], code, "{text}");
    }
    assert_eq!(editor.report("assets/a/asset.json", None)["items"], json!([]));
    assert_eq!(editor.request("shutdown", Value::Null), Value::Null);
    assert_eq!(editor.refusal("textDocument/diagnostic", json!({})), -32600);
    assert_eq!(editor.refusal("shutdown", json!({})), -32600);
    editor.notify("exit", Value::Null);
    editor.expect_prompt_end(0);
}

#[test]
fn the_server_says_what_it_can() {
    let space = space();
    let mut editor = Editor::bare(&space);
    let result = editor.initialize(json!({ "general": { "positionEncodings": ["x", "utf-32", "utf-8"] } }));
    assert_eq!(result["serverInfo"], json!({ "name": "papack", "version": env!("CARGO_PKG_VERSION") }));
    let can = &result["capabilities"];
    assert_eq!(can["positionEncoding"], "utf-32");
    assert_eq!(can["textDocumentSync"], json!({ "openClose": true, "change": 2, "save": { "includeText": false } }));
    let diagnostics = &can["diagnosticProvider"];
    assert_eq!(
        (&diagnostics["interFileDependencies"], &diagnostics["workspaceDiagnostics"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(can["codeActionProvider"]["codeActionKinds"], json!(["quickfix"]));
    let commands = can["executeCommandProvider"]["commands"].as_array().unwrap();
    assert!(["papack.pack", "papack.status", "papack.migrate"].iter().all(|name| commands.contains(&json!(name))));
    let mut editor = Editor::bare(&space);
    assert_eq!(editor.initialize(json!({}))["capabilities"]["positionEncoding"], "utf-16");
}

#[test]
fn looking_writes_nothing() {
    let space = space();
    space.write("assets/a/asset.json", "{");
    let before = files_below(space.path());
    let cache = tempfile::tempdir().unwrap();
    let mut command = space.command(&["lsp"]);
    command.env_remove("PAPACK_CACHE_KEY").env("HOME", cache.path()).env("XDG_CONFIG_HOME", cache.path());
    command.env("XDG_STATE_HOME", cache.path()).env("XDG_DATA_HOME", cache.path());
    let mut editor = Editor::spawn(command, space.path());
    editor.initialize(json!({}));
    editor.published("assets/a/asset.json", &["JSON_SYNTAX"]);
    editor.request("shutdown", Value::Null);
    editor.notify("exit", Value::Null);
    editor.expect_prompt_end(0);
    assert_eq!(files_below(space.path()), before);
    assert_eq!(std::fs::read_dir(cache.path()).unwrap().count(), 0);
}
