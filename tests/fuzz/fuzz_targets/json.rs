//! Any bytes are a document as another parser reads it, or have a fault; and its canonical form is one.
#![no_main]

use libfuzzer_sys::fuzz_target;
use papack_queries::diagnostic::{Code, Diagnostic};
use papack_queries::json::{Document, canonical};
use serde_json::{Map, Value};

const MAX_SIZE: usize = 1 << 20;

fuzz_target!(|bytes: &[u8]| {
    let other = serde_json::from_slice::<Value>(bytes);
    let document = match Document::parse("x.json", bytes, MAX_SIZE) {
        Ok(document) => document,
        Err(fault) if fault.code == Code::JsonTooDeep => return,
        Err(fault) => return assert!(other.is_err(), "{fault:?}"),
    };
    let object = document.root().any_object();
    let faults: Vec<Diagnostic> = document.into_faults();
    if faults.iter().any(|fault| fault.code == Code::JsonNumber) {
        return;
    }
    // The grammar is the same; what papack refuses beyond it are duplicates, of which the other keeps the last.
    let other = other.unwrap();
    if let (Some(object), true) = (object, faults.is_empty()) {
        assert_eq!(Value::Object(object.clone()), other);
        check_canonical(bytes, &object);
    }
});

/// What is written is canonical, is read as the same, and is the only text that counts as canonical.
fn check_canonical(bytes: &[u8], object: &Map<String, Value>) {
    let written = canonical::to_vec(object).unwrap();
    let again = Document::parse_written("x.json", &written).unwrap();
    assert_eq!(canonical::to_vec(&again.root().any_object().unwrap()).unwrap(), written);
    again.refuse_not_canonical("it");
    assert_eq!(again.into_faults(), []);
    let given = Document::parse_written("x.json", bytes).unwrap();
    given.refuse_not_canonical("it");
    assert_eq!(given.into_faults().is_empty(), written == bytes);
}
