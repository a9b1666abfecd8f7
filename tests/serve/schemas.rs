//! What servers send, held against `docs/schemas`.

use std::collections::HashMap;
use std::path::Path;
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::Value;

static VALIDATORS: LazyLock<HashMap<&str, Validator>> = LazyLock::new(|| {
    let names = ["serve", "event", "diagnostic", "watch", "status", "list", "check", "plan", "pack", "manage"];
    let validator = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/schemas/{name}.schema.json"));
        jsonschema::draft202012::new(&serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()).unwrap()
    };
    names.into_iter().map(|name| (name, validator(name))).collect()
});

/// Whether `value` is as the schema `name` says.
pub fn is_described(name: &str, value: &Value) -> bool {
    VALIDATORS[name].is_valid(value)
}

/// Expects that `value` is as the schema `name` says.
#[track_caller]
pub fn assert_is_described(name: &str, value: &Value) {
    let faults: Vec<_> = VALIDATORS[name].iter_errors(value).map(|fault| fault.to_string()).collect();
    assert!(faults.is_empty(), "{name}: {faults:#?}\n{value:#}");
}

/// Expects that the result of an operation is as the schema of one kind of results says.
#[track_caller]
pub fn assert_result_described(result: &Value) {
    let kinds = ["status", "list", "check", "plan", "pack", "manage"];
    let fits = kinds.iter().filter(|name| is_described(name, result)).count();
    assert_eq!(fits, 1, "{result:#}");
}
