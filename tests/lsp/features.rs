//! What is told of places in documents, in the form of the protocol.

use serde_json::{Value, json};

use crate::client::Editor;
use crate::space::{TestSpace, manifest};

const MANIFEST: &str = "assets/a/asset.json";
const REGISTRY: &str = "assets/.prometeu/index.json";

fn space() -> TestSpace {
    TestSpace::with_assets(&[("a", &[("f", "f")]), ("b", &[("f", "f")])])
}

/// The position behind `what` in `text`, in UTF-16.
fn behind(text: &str, what: &str) -> Value {
    let end = text.find(what).unwrap_or_else(|| panic!("{what}")) + what.len();
    let start = text[..end].rfind('\n').map_or(0, |at| at + 1);
    let line = text[..end].matches('\n').count();
    json!({ "line": line, "character": text[start..end].encode_utf16().count() })
}

struct Open {
    editor: Editor,
    space: TestSpace,
    text: String,
}

impl Open {
    fn new(capabilities: Value) -> Self {
        let space = space();
        let mut editor = Editor::with(&space, capabilities);
        // What comes before it on its line is counted in units of the client.
        let text =
            String::from_utf8(space.read(MANIFEST)).unwrap().replace("\"name\": \"a\"", "\"😀\": 1, \"name\": \"a\"");
        editor.open_document(MANIFEST, 1, &text);
        Self { editor, space, text }
    }

    fn ask(&mut self, method: &str, what: &str, more: Value) -> Value {
        let mut params = json!({
            "textDocument": { "uri": self.editor.uri(MANIFEST) }, "position": behind(&self.text, what)
        });
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.editor.request(method, params)
    }

    fn range(&self, what: &str) -> Value {
        let end = behind(&self.text, what);
        let start = json!({
            "line": end["line"],
            "character": end["character"].as_u64().unwrap() - what.encode_utf16().count() as u64
        });
        json!({ "start": start, "end": end })
    }
}

#[test]
fn places_are_answered_in_units_of_the_client() {
    let mut open = Open::new(json!({}));
    let hover = open.ask("textDocument/hover", "\"name\"", json!({}));
    assert_eq!(hover["contents"]["kind"], "markdown");
    assert_eq!(hover["range"]["start"]["line"], open.range("\"name\"")["start"]["line"], "{hover}");
    let renamed = open.ask("textDocument/rename", "\"name\": \"a", json!({ "newName": "other" }));
    let edits = renamed["changes"][open.editor.uri(MANIFEST)].clone();
    let name = open.ask("textDocument/prepareRename", "\"name\": \"a", json!({}));
    let column = |position: &Value| position["character"].as_u64().unwrap();
    let quoted = open.range("\"name\": \"a\"")["end"].clone();
    assert_eq!((column(&name["start"]), column(&name["end"])), (column(&quoted) - 2, column(&quoted) - 1));
    let start = json!({ "line": quoted["line"], "character": column(&quoted) - 3 });
    assert_eq!(edits, json!([{ "range": { "start": start, "end": quoted }, "newText": "\"other\"" }]), "{renamed}");
    let params = json!({
        "textDocument": { "uri": open.editor.uri(MANIFEST) }, "position": name["start"], "newName": "b"
    });
    assert_eq!(open.editor.refusal("textDocument/rename", params), -32803);
    assert_eq!(open.ask("textDocument/prepareRename", "\"artifacts\"", json!({})), Value::Null);
}

#[test]
fn mentions_lead_to_what_they_mean() {
    let mut open = Open::new(json!({}));
    let definition = open.ask("textDocument/definition", "\"file\": \"f", json!({}));
    assert_eq!(definition[0]["uri"], open.editor.uri("assets/a/f"), "{definition}");
    let definition = open.ask("textDocument/definition", "\"asset_uuid\": \"0000", json!({}));
    assert_eq!(definition[0]["uri"], open.editor.uri(REGISTRY), "{definition}");
    let registry = String::from_utf8(open.space.read(REGISTRY)).unwrap();
    let line = definition[0]["range"]["start"]["line"].as_u64().unwrap() as usize;
    assert!(line < registry.lines().count());
    let references = open.ask(
        "textDocument/references",
        "\"asset_uuid\": \"0000",
        json!({ "context": { "includeDeclaration": true } }),
    );
    assert!(
        references.as_array().unwrap().iter().any(|place| place["uri"] == open.editor.uri(REGISTRY)),
        "{references}"
    );
}

#[test]
fn completions_are_edits() {
    let mut open = Open::new(json!({}));
    let list = open.ask("textDocument/completion", "\"format\": \"", json!({}));
    assert_eq!(list["isIncomplete"], false);
    let items = list["items"].as_array().unwrap();
    let tiles = items.iter().find(|item| item["label"] == "TILES/indexed_v1").unwrap();
    assert!(tiles["textEdit"]["newText"].as_str().unwrap().contains("TILES/indexed_v1"), "{tiles}");
    assert!(tiles["textEdit"]["range"]["start"].is_object());
    // While it is typed, a text need not be sound.
    open.text = "{ \"schema_version\": 2, ".into();
    let text = open.text.clone();
    open.editor.set_text(MANIFEST, 2, &text);
    let list = open.ask("textDocument/completion", "2, ", json!({}));
    assert!(list["items"].as_array().unwrap().iter().any(|item| item["label"] == "artifacts"), "{list}");
}

#[test]
fn documents_have_an_outline_and_a_form() {
    for nests in [true, false] {
        let symbols = json!({ "hierarchicalDocumentSymbolSupport": nests });
        let mut open = Open::new(json!({ "textDocument": { "documentSymbol": symbols } }));
        let document = json!({ "textDocument": { "uri": open.editor.uri(MANIFEST) } });
        let outline = open.editor.request("textDocument/documentSymbol", document.clone());
        let outline = outline.as_array().unwrap();
        let name = outline.iter().find(|symbol| symbol["name"] == "name").unwrap_or_else(|| panic!("{outline:?}"));
        let range = if nests { &name["range"] } else { &name["location"]["range"] };
        assert_eq!(range["end"], open.range("\"name\": \"a\"")["end"]);
        let folding = open.editor.request("textDocument/foldingRange", document.clone());
        assert!(
            folding.as_array().unwrap().contains(&json!({ "startLine": 0, "endLine": open.text.lines().count() - 2 }))
        );
        let edits = open.editor.request("textDocument/formatting", {
            let mut params = document;
            params["options"] = json!({ "tabSize": 8, "insertSpaces": false });
            params
        });
        assert!(!edits.as_array().unwrap().is_empty(), "{edits}");
    }
}

#[test]
fn assets_are_symbols_of_the_workspace() {
    let mut open = Open::new(json!({}));
    let symbols = open.editor.request("workspace/symbol", json!({ "query": "b" }));
    let symbols = symbols.as_array().unwrap();
    let found = symbols.iter().find(|symbol| symbol["name"] == "b").unwrap_or_else(|| panic!("{symbols:?}"));
    assert_eq!(found["location"]["uri"], open.editor.uri("assets/b/asset.json"));
    assert_ne!(found["location"]["range"]["end"]["line"], 0);
}

#[test]
fn elsewhere_nothing_is_told() {
    let mut open = Open::new(json!({}));
    let document = json!({ "uri": open.editor.uri("README.md") });
    let at = json!({ "line": 0, "character": 0 });
    for (method, nothing) in [
        ("textDocument/completion", Value::Null),
        ("textDocument/hover", Value::Null),
        ("textDocument/definition", json!([])),
        ("textDocument/references", json!([])),
        ("textDocument/prepareRename", Value::Null),
        ("textDocument/rename", Value::Null),
        ("textDocument/documentSymbol", json!([])),
        ("textDocument/foldingRange", json!([])),
        ("textDocument/formatting", Value::Null),
        ("textDocument/codeAction", json!([])),
    ] {
        let params = json!({
            "textDocument": document, "position": at, "newName": "x", "range": { "start": at, "end": at },
            "context": { "includeDeclaration": true, "diagnostics": [], "triggerKind": 1 },
            "options": { "tabSize": 2, "insertSpaces": true },
        });
        assert_eq!(open.editor.request(method, params), nothing, "{method}");
    }
}

/// What the artifact entry and the output of a manifest begin with, and fields of the latter, or else of the former, with
/// values that they must not have.
type Faulty<'c> = (&'c str, &'c str, bool, &'c [(&'c str, &'c str)]);

#[test]
fn conversions_and_parts_of_files_are_completed_told_and_checked() {
    let mut open = Open::new(json!({}));
    let tiles = r#""TILES/indexed_v1", "metadata": { "tile_size": 8"#;
    let sounds = r#""SOUNDS/pcm_v1", "metadata": { "loops": "OFF""#;
    let cases: [Faulty<'_>; 3] = [
        (
            r#"{"file": "f""#,
            tiles,
            true,
            &[
                ("alpha", "0"),
                ("pad", "\"LEFT\""),
                ("colors", "16"),
                ("palette", "\"LAST\""),
                ("transparent", "\"red\""),
            ],
        ),
        (
            r#"{"file": "f""#,
            sounds,
            true,
            &[("sample_rate", "0"), ("channels", "2"), ("trim", "-1"), ("gain", "true"), ("normalize", "0")],
        ),
        (r#"{"file": "f""#, tiles, false, &[("tag", "1"), ("layer", "1"), ("slice", "1"), ("frame", "-1")]),
    ];
    let mut version = 1;
    for (entry, output, is_of_output, fields) in cases {
        let mut show = |open: &mut Open, more: &str| {
            let (of_entry, of_output) = if is_of_output { ("", more) } else { (more, "") };
            let text = manifest(1, "a", &format!("{entry}{of_entry}}}"));
            open.text = text.replace("\"DATA/raw_v1\"", &format!("{output}{of_output} }}"));
            version += 1;
            open.editor.set_text(MANIFEST, version, &open.text);
        };
        show(&mut open, ", ");
        let start = if is_of_output { output } else { entry };
        let list = open.ask("textDocument/completion", &format!("{start}, "), json!({}));
        let labels: Vec<_> = list["items"].as_array().unwrap().iter().map(|item| &item["label"]).collect();
        assert!(fields.iter().all(|(name, _)| labels.contains(&&json!(name))), "{output}: {labels:?}");
        let written = fields.iter().map(|(name, value)| format!(",\n\"{name}\": {value}")).collect::<Vec<_>>().concat();
        show(&mut open, &written);
        let text = open.text.clone();
        let uri = open.editor.uri(MANIFEST);
        // Each stands in a line of its own.
        let line_of = |name: &str| behind(&text, &format!("\n\"{name}\""))["line"].clone();
        open.editor.until("textDocument/publishDiagnostics", |told| {
            let told_in = |line: &Value| {
                let faults = told["diagnostics"].as_array().into_iter().flatten();
                faults.filter(|fault| fault["severity"] == 1).any(|fault| fault["range"]["start"]["line"] == *line)
            };
            told["uri"] == uri && fields.iter().all(|(name, _)| told_in(&line_of(name)))
        });
        for (name, _) in fields {
            let hover = open.ask("textDocument/hover", &format!("\n\"{name}"), json!({}));
            let told = hover["contents"]["value"].as_str().unwrap_or_default();
            assert!(told.starts_with(&format!("**`{name}`** — ")), "{name}: {hover}");
        }
    }
}
