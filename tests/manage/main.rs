//! The services that change documents of `assets/`: what they write, what they refuse, and what is left of them when
//! something fails half way.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

mod add;
mod delete;
mod doctor;
mod edits;
mod fixes;
mod forever;
#[allow(dead_code, reason = "shared with the tests of publication")]
#[path = "../publication/hooked.rs"]
mod hooked;
mod init;
mod interrupted;
mod interrupted_fixes;
mod members;
mod merges;
mod migrate;
mod mounts;
mod moves;
mod names;
#[path = "../publication/namespace.rs"]
mod namespace;
mod new;
#[allow(dead_code, reason = "shared with the suite")]
#[path = "../suite/pictures.rs"]
mod pictures;
mod random_fixes;
#[allow(dead_code, reason = "shared with the suite")]
#[path = "../suite/space.rs"]
mod space;
#[allow(dead_code, reason = "shared with the suite")]
#[path = "../suite/wav.rs"]
mod wav;
mod ways_out;

use std::collections::BTreeMap;

use papack_queries::diagnostic::Diagnostic;
use papack_queries::schema::registry::{self, Registry};
use serde_json::Value;
use space::{TestSpace, files_below};

/// Every file of the workspace.
fn files(space: &TestSpace) -> BTreeMap<String, Vec<u8>> {
    files_below(space.path())
}

/// Runs the binary, which must succeed, and returns what it says that it changed.
#[track_caller]
fn changes(space: &TestSpace, arguments: &[&str]) -> Vec<Value> {
    let (code, result) = json(space, arguments);
    assert_eq!(code, 0, "{result}");
    result["changes"].as_array().unwrap().clone()
}

/// Runs the binary with JSON output, and returns its exit code and the result.
fn json(space: &TestSpace, arguments: &[&str]) -> (i32, Value) {
    let run = space.run(&[arguments, &["--message-format", "json"]].concat());
    let result = run.lines().pop().unwrap_or_else(|| panic!("{}", run.stderr));
    (run.code, result)
}

/// Runs the binary, which must fail with the one error `code`, a message or help with `fragment`, and no change to any
/// file.
#[track_caller]
fn refuses(space: &TestSpace, arguments: &[&str], code: &str, fragment: &str) {
    let before = files(space);
    let (exit, result) = json(space, arguments);
    assert_eq!((exit, &result["status"]), (1, &Value::from("GATE_FAILED")), "{arguments:?}: {result}");
    let found = result["diagnostics"].as_array().unwrap();
    assert_eq!(found.iter().map(|found| found["code"].as_str().unwrap()).collect::<Vec<_>>(), [code], "{result}");
    let said = format!("{} {}", found[0]["message"], found[0]["help"]);
    assert!(said.contains(fragment), "{said}");
    assert_eq!(result["changes"], Value::from(Vec::<Value>::new()));
    assert!(files(space) == before, "{arguments:?} changed files");
}

/// The registry, which must be without faults.
#[track_caller]
fn registry(space: &TestSpace) -> Registry {
    let bytes = space.read("assets/.prometeu/index.json");
    let registry = registry::parse(&bytes);
    let errors: Vec<_> = registry.diagnostics.iter().filter(|found| found.is_error()).collect();
    assert_eq!(errors, Vec::<&Diagnostic>::new(), "{}", String::from_utf8_lossy(&bytes));
    registry
}

/// The ids and roots in the registry.
fn roots(space: &TestSpace) -> Vec<(u32, String)> {
    registry(space).entries.into_iter().map(|entry| (entry.asset_id, entry.root.into())).collect()
}
