//! What may happen between a client, its server, and other programs.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use super::typed::{Change, Position};
use crate::pictures;
use crate::space::{entry, manifest};

pub const REGISTRY: &str = "assets/.prometeu/index.json";
pub const ROOTS: [&str; 6] = ["a", "b", "c/inner", "d", "new", "moved"];

/// Documents that may be open.
pub const DOCUMENTS: [&str; 8] = [
    "assets/a/asset.json",
    "assets/b/asset.json",
    "assets/c/inner/asset.json",
    "assets/d/asset.json",
    "assets/new/asset.json",
    REGISTRY,
    "papack.toml",
    "assets/.papackignore",
];

/// One thing that happens. All but the last few are a message.
#[derive(Debug, Clone)]
pub enum Deed {
    Open(&'static str, String),
    Change(&'static str, Vec<Change>),
    Close(&'static str),
    /// Another program saves a document.
    Write(&'static str, String),
    /// The client saves a document, or only says so.
    Save(&'static str, bool),
    WriteFile(String, Vec<u8>),
    Remove(Index),
    /// A folder is renamed, or back.
    Move(&'static str),
    /// The client tells of a file that did not change.
    Tell(&'static str),
    Report(&'static str),
    ReportAll,
    /// A question about a place in a document.
    Ask(&'static str, &'static str, Position),
    Operate(&'static str, Value, bool),
    /// A request is cancelled, sent or not.
    Cancel(Index),
    Notify(&'static str, Value),
    /// A request that is refused.
    Refused(&'static str, Value, i64),
    /// `papack pack` is run beside the server.
    Pack,
    Pause(u64),
}

/// The questions about a place.
const QUESTIONS: &[&str] = &[
    "completion",
    "hover",
    "definition",
    "references",
    "prepareRename",
    "rename",
    "documentSymbol",
    "foldingRange",
    "formatting",
    "codeAction",
];

pub fn deed() -> impl Strategy<Value = Deed> {
    let typing = prop_oneof![
        4 => text_for_document().prop_map(|(document, text)| Deed::Open(document, text)),
        10 => (document(), prop::collection::vec(change(), 0..4)).prop_map(|(document, changes)| Deed::Change(document, changes)),
        4 => text_for_document().prop_map(|(document, text)| Deed::Change(document, vec![Change::Whole(text)])),
        3 => document().prop_map(Deed::Close),
        3 => (document(), any::<bool>()).prop_map(|(document, is_written)| Deed::Save(document, is_written)),
    ];
    let others = prop_oneof![
        3 => text_for_document().prop_map(|(document, text)| Deed::Write(document, text)),
        3 => file().prop_map(|(path, content)| Deed::WriteFile(path, content)),
        1 => any::<Index>().prop_map(Deed::Remove),
        1 => select(&ROOTS[..]).prop_map(Deed::Move),
        2 => document().prop_map(Deed::Tell),
    ];
    let questions = prop_oneof![
        3 => document().prop_map(Deed::Report),
        2 => Just(Deed::ReportAll),
        8 => (select(QUESTIONS), document(), place()).prop_map(|(name, document, place)| Deed::Ask(name, document, place)),
        4 => any::<Index>().prop_map(Deed::Cancel),
    ];
    let rest = prop_oneof![
        8 => odd(),
        4 => (operation(), any::<bool>()).prop_map(|((name, params), is_command)| Deed::Operate(name, params, is_command)),
        2 => (0..30_u64).prop_map(Deed::Pause),
        1 => Just(Deed::Pack),
    ];
    prop_oneof![10 => typing, 4 => others, 8 => questions, 2 => rest]
}

fn document() -> impl Strategy<Value = &'static str> {
    select(&DOCUMENTS[..])
}

/// A document, and a text that it may have, or the beginning of one.
fn text_for_document() -> impl Strategy<Value = (&'static str, String)> {
    (document(), any::<Index>(), prop::option::weighted(0.3, any::<Index>())).prop_map(|(document, text, cut)| {
        let mut text = text.get(&texts(document)).clone();
        if let Some(cut) = cut {
            let end = cut.index(text.len() + 1);
            text.truncate((0..=end).rev().find(|end| text.is_char_boundary(*end)).unwrap());
        }
        (document, text)
    })
}

/// Places in a text, and some beyond it.
fn place() -> impl Strategy<Value = Position> {
    let line = prop_oneof![20 => 0..12_u32, 1 => Just(9999), 1 => Just(u32::MAX)];
    let character = prop_oneof![20 => 0..70_u32, 1 => Just(9999), 1 => Just(u32::MAX)];
    (line, character)
}

/// What one types, at any place. Ends come before their starts, too.
fn change() -> impl Strategy<Value = Change> {
    const PIECES: &[&str] = &[
        "",
        "",
        "x",
        "\"",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\n",
        "\r\n",
        "\r",
        "\u{2028}",
        "ä",
        "😀",
        "\u{0}",
        "\"name\": \"a\",",
        "{\"file\": \"f.bin\"}",
        "\"nmae\"",
        "1",
        "\\",
        "DATA/raw_v1",
    ];
    let ends = prop_oneof![
        3 => place().prop_map(|at| (at, at)),
        2 => (place(), 0..4_u32).prop_map(|((line, character), more)| ((line, character), (line, character.saturating_add(more)))),
        1 => (place(), place()),
    ];
    (ends, select(PIECES)).prop_map(|((from, to), text)| Change::Part { from, to, text: text.to_owned() })
}

/// A file of an asset, and its content.
fn file() -> impl Strategy<Value = (String, Vec<u8>)> {
    (select(&ROOTS[..]), select(&["f.bin", "more.bin", "f.png"][..]), any::<u8>()).prop_map(|(root, name, kind)| {
        let content = match kind % 4 {
            _ if name != "f.png" => vec![kind],
            0 => b"no picture".to_vec(),
            1 => pictures::rgba(7, 8, [0; 4]),
            2 => pictures::indexed(300, 1),
            _ => picture(),
        };
        (format!("assets/{root}/{name}"), content)
    })
}

/// A picture that can be packed.
pub fn picture() -> Vec<u8> {
    pictures::indexed(16, 1)
}

pub fn picture_manifest(id: usize, name: &str) -> String {
    manifest(id, name, r#"{"file": "f.png"}"#)
        .replace("\"DATA/raw_v1\"", "\"TILES/indexed_v1\", \"metadata\": { \"tile_size\": 8 }")
}

fn texts(document: &str) -> Vec<String> {
    match document {
        REGISTRY => registries(),
        "papack.toml" => [
            "schema_version = 1\n",
            "schema_version = 1\n[diagnostics]\ndeny = [\"GLOB_EMPTY\"]\n",
            "schema_version = 1\n[diagnostics]\nallow = [\"ASSET_UNREGISTERED\"]\n",
            "schema_version = ",
        ]
        .map(String::from)
        .to_vec(),
        "assets/.papackignore" => ["", "*.bin\n", "[", "more*\n"].map(String::from).to_vec(),
        _ => manifests(),
    }
}

fn manifests() -> Vec<String> {
    let mut texts = vec![String::new(), picture_manifest(4, "picture"), picture_manifest(1, "tiles")];
    for id in [1, 2, 3, 9] {
        texts.push(manifest(id, "hero", r#"{"file": "f.bin"}"#));
        texts.push(manifest(id, &format!("n{id}"), r#"{"glob": "*.bin"}"#));
        texts.push(manifest(id, "😀", r#"{"file": "more.bin"}, {"file": "f.bin"}"#).replace('\n', "\r\n"));
        let slot = "\"preload\": {\"enabled\": true, \"slot\": 3}, \"output\"";
        texts.push(manifest(id, &format!("s{id}"), r#"{"file": "f.bin"}"#).replace("\"output\"", slot));
        texts.push(manifest(id, "old", "\"f.bin\"").replace("\"schema_version\": 2", "\"schema_version\": 1"));
    }
    texts
}

fn registries() -> Vec<String> {
    let of = |entries: &[String]| {
        format!(r#"{{"schema_version": 2, "next_asset_id": 1000, "assets": [{}]}}"#, entries.join(",\n"))
    };
    let all = [entry(1, "a"), entry(2, "b"), entry(3, "c/inner"), entry(4, "d")];
    vec![
        of(&all),
        of(&all[1..]),
        of(&[entry(1, "a"), entry(2, "moved"), entry(3, "c/inner")]),
        of(&[entry(1, "a"), entry(2, "a")]),
        of(&[all[0].clone(), all[1].replace("true", "false"), all[2].clone()]),
        of(&[]),
        "{".to_owned(),
    ]
}

/// An operation with parameters that it takes.
fn operation() -> impl Strategy<Value = (&'static str, Value)> {
    prop_oneof![
        Just(("check", json!({}))),
        Just(("status", json!({}))),
        Just(("plan", json!({ "rehash": true }))),
        Just(("pack", json!({}))),
        Just(("list", json!({}))),
        Just(("migrate", json!({}))),
        Just(("fix", json!({}))),
        Just(("add", json!({ "all": true }))),
        Just(("rename", json!({ "asset": "2", "name": "renamed" }))),
        Just(("mv", json!({ "asset": "3", "root": "new" }))),
        Just(("preload", json!({ "asset": "1", "next": true }))),
        Just(("exclude", json!({ "assets": ["a"] }))),
        Just(("include", json!({ "assets": ["*"] }))),
        Just(("new", json!({ "root": "new", "format": "DATA/raw_v1" }))),
        Just(("doctor", json!({ "fix": true }))),
    ]
}

/// What a server is not to be confused by.
fn odd() -> impl Strategy<Value = Deed> {
    let notified = select(
        &["$/unknown", "unknown", "textDocument/didChange", "textDocument/didOpen", "initialized", "$/setTrace"][..],
    );
    prop_oneof![
        notified.prop_map(|method| Deed::Notify(method, json!({ "x": 1 }))),
        Just(Deed::Notify("window/workDoneProgress/cancel", json!({ "token": "none" }))),
        Just(Deed::Refused("unknown", json!([1]), -32601)),
        Just(Deed::Refused("$/unknown", json!({}), -32601)),
        Just(Deed::Refused("papack/init", json!({}), -32601)),
        Just(Deed::Refused("initialize", json!({ "capabilities": {} }), -32600)),
        Just(Deed::Refused("textDocument/hover", json!({ "textDocument": 1 }), -32602)),
        Just(Deed::Refused("papack/rename", json!({ "asset": 1 }), -32602)),
        Just(Deed::Refused("workspace/executeCommand", json!({ "command": "x" }), -32602)),
    ]
}
