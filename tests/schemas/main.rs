//! The JSON Schemas of `docs/schemas`, held by an independent validator against what papack reads and prints.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

mod agreement;
mod examples;
mod manifests;
mod mutations;
mod printed;
mod registries;
mod sarif;
mod settings;
#[path = "../suite/space.rs"]
#[allow(dead_code, reason = "other tests use more of it")]
mod space;
#[path = "../suite/wav.rs"]
#[allow(dead_code, reason = "other tests use more of it")]
mod wav;

use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde_json::Value;

/// Every schema: of what authors write, of lines with events, and of the result of each command.
#[rustfmt::skip]
const NAMES: [&str; 22] = [
    "asset", "index", "settings", "diagnostic", "event", "plan", "pack", "watch", "serve", "check", "status", "list",
    "budget", "manage", "cache", "verify", "reproduce", "inspect", "extract", "convert", "diff", "refusal",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schemas")
}

/// The schema `name`, as it lies in the docs.
fn schema(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(folder().join(format!("{name}.schema.json"))).unwrap()).unwrap()
}

fn validator(schema: &Value) -> Validator {
    jsonschema::draft202012::new(schema).unwrap()
}

#[test]
fn every_schema_is_one_of_its_draft_and_stands_alone() {
    for name in NAMES {
        let schema = schema(name);
        jsonschema::draft202012::meta::validate(&schema).unwrap_or_else(|error| panic!("{name}: {error}"));
        let id = schema["$id"].as_str().unwrap();
        assert!(id.starts_with(&format!("urn:papack:schema:{name}:")), "{id}");
        for reference in references(&schema) {
            assert!(reference.starts_with("#/$defs/"), "{name}: {reference} leads out of the file");
        }
    }
}

/// Every `$ref` in `value`.
fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Object(map) => map
            .iter()
            .flat_map(|(key, value)| match value {
                Value::String(target) if key == "$ref" => vec![target.clone()],
                _ => references(value),
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn the_command_prints_what_the_docs_hold() {
    let space = space::TestSpace::empty();
    let list = space.run(&["schema"]);
    assert_eq!(list.code, 0);
    insta::assert_snapshot!(list.stdout, @r"
    asset       The manifest of an asset, asset.json
    index       The registry, assets/.prometeu/index.json
    settings    The settings of a workspace, papack.toml
    diagnostic  A line with a fault or a notice, of --message-format json
    event       A line with a step of an operation
    plan        The last line of papack plan
    pack        The last line of papack pack
    watch       A line with what papack watch does between its builds
    serve       A message of papack serve
    check       The last line of papack check
    status      The last line of papack status
    list        The last line of papack list
    budget      The last line of papack budget
    manage      The last line of papack init, add, mv and the others that change documents
    cache       The last line of papack cache
    verify      The last line of papack verify
    reproduce   The last line of papack verify --reproduce
    inspect     The last line of papack inspect
    extract     The last line of papack extract
    convert     The last line of papack convert
    diff        The last line of papack diff
    refusal     The only line of a command that could not start
    ");
    let listed: Vec<_> = list.stdout.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(listed, NAMES);
    // Beside the schemas there is only their README.
    assert_eq!(std::fs::read_dir(folder()).unwrap().count(), NAMES.len() + 1);
    for name in NAMES {
        let run = space.run(&["schema", name]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
        assert_eq!(serde_json::from_str::<Value>(&run.stdout).unwrap(), schema(name));
    }
    let unknown = space.run(&["schema", "aset"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("a similar value exists: 'asset'"), "{}", unknown.stderr);
}
