//! What commands print with `--message-format json`, against the schema of a line.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::space::{Run, TestSpace, entry, manifest};
use crate::{schema, validator};

/// The lines of every run, each with the name of the command's result among the schema's definitions.
fn lines() -> &'static [(&'static str, Value)] {
    static LINES: OnceLock<Vec<(&str, Value)>> = OnceLock::new();
    LINES.get_or_init(|| [packed(), refused(), stopped(), verified(), inspected()].concat())
}

fn of_result(name: &'static str, run: &Run) -> Vec<(&'static str, Value)> {
    let lines = run.lines();
    assert_eq!(lines.last().unwrap()["type"], "result", "{}", run.stderr);
    lines.into_iter().map(|line| (name, line)).collect()
}

fn pack(space: &TestSpace, arguments: &[&str]) -> Vec<(&'static str, Value)> {
    let run = space.run(&[&["pack", "--message-format", "json"], arguments].concat());
    of_result("pack_result", &run)
}

/// The demo, new, and once more.
fn packed() -> Vec<(&'static str, Value)> {
    let space = TestSpace::copy_of("demo");
    [pack(&space, &[]), pack(&space, &[])].concat()
}

/// A workspace with faults of many kinds: with and without path, place, help, asset and other places.
fn refused() -> Vec<(&'static str, Value)> {
    let space = TestSpace::with_assets(&[("a", &[("1", "1"), ("10", "10"), ("2", "2")]), ("b", &[("f", "f")])]);
    space.write("assets/new/asset.json", manifest(7, "new", r#"{"glob": "*"}"#));
    space.write("assets/a/asset.json", manifest(1, "same", r#"{"glob": "*"}, {"file": "gone"}"#));
    space.write("assets/b/asset.json", manifest(2, "same", r#"{"file": "f"}"#).replace("{\n", "{\n\"~/\": 1, "));
    space.write_registry(&[entry(1, "a"), entry(2, "b"), entry(3, "missing")]);
    pack(&space, &[])
}

/// Packs that ended otherwise: the workspace is busy, or an unknown promotion is in the way.
fn stopped() -> Vec<(&'static str, Value)> {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    space.write("build/.staging/journal.json", r#"{"schema_version": 99}"#);
    let unknown = pack(&space, &[]);
    let lane = File::open(space.path().join("assets/.prometeu")).unwrap();
    lane.lock().unwrap();
    [unknown, pack(&space, &["--no-wait"])].concat()
}

fn verified() -> Vec<(&'static str, Value)> {
    let space = TestSpace::copy_of("demo");
    space.pack();
    let verify = |file: &str| of_result("verify_result", &space.run(&["verify", file, "--message-format", "json"]));
    let sound = verify("build/assets.pa");
    let mut bytes = space.read("build/assets.pa");
    *bytes.last_mut().unwrap() ^= 1;
    space.write("build/assets.pa", &bytes);
    let altered = verify("build/assets.pa");
    bytes.pop();
    space.write("build/assets.pa", bytes);
    [sound, altered, verify("build/assets.pa"), verify("assets/.prometeu/index.json")].concat()
}

fn inspected() -> Vec<(&'static str, Value)> {
    let space = TestSpace::copy_of("demo");
    space.pack();
    let inspect = |arguments: &[&str]| {
        of_result("inspect_result", &space.run(&[&["inspect", "--message-format", "json"], arguments].concat()))
    };
    let sound = [inspect(&["build/assets.pa"]), inspect(&["build/assets.pa", "1", "keeper", "keepre"])].concat();
    let mut bytes = space.read("build/assets.pa");
    let codec = bytes.windows(6).position(|window| window == b"\"NONE\"").unwrap();
    bytes[codec + 1] = b'X';
    space.write("build/assets.pa", &bytes);
    let damaged = inspect(&["build/assets.pa"]);
    fs::write(space.path().join("build/assets.pa"), "short").unwrap();
    [sound, damaged, inspect(&["build/assets.pa", "1"])].concat()
}

/// The schema of one definition of the schema of a line.
fn definition(name: &str) -> Validator {
    let message = schema("message");
    assert!(message["$defs"][name].is_object(), "{name}");
    validator(&json!({ "$ref": format!("#/$defs/{name}"), "$defs": message["$defs"] }))
}

#[track_caller]
fn assert_valid(validator: &Validator, line: &Value) {
    let faults: Vec<_> =
        validator.iter_errors(line).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert!(faults.is_empty(), "{faults:#?}\n{line:#}");
}

#[test]
fn every_line_has_its_schema() {
    let line_schema = validator(&schema("message"));
    for (result, line) in lines() {
        assert_valid(&line_schema, line);
        if line["type"] == "result" {
            assert_valid(&definition(result), line);
        }
    }
}

/// What occurs in the schema occurs in the lines, so that no part of it goes untested.
#[test]
fn every_kind_of_line_is_printed() {
    let message = schema("message");
    let values = |pointer: &str| -> BTreeSet<&str> {
        lines().iter().filter_map(|(_, line)| line.pointer(pointer).and_then(Value::as_str)).collect()
    };
    let kinds = message["$defs"]["event"]["oneOf"].as_array().unwrap();
    let kinds: BTreeSet<_> = kinds.iter().map(|kind| kind["properties"]["kind"]["const"].as_str().unwrap()).collect();
    assert_eq!(values("/kind"), kinds);
    let statuses = ["GATE_FAILED", "LANE_BUSY", "PUBLICATION_FAILED", "REFUSED", "SUCCESS", "VALID"]
        .into_iter()
        .collect::<BTreeSet<_>>();
    assert_eq!(values("/status"), statuses);
    let fields = message["$defs"]["diagnostic_fields"]["properties"].as_object().unwrap();
    let printed: BTreeSet<_> = lines()
        .iter()
        .filter(|(_, line)| line["type"] == "diagnostic")
        .flat_map(|(_, line)| line.as_object().unwrap().keys().map(String::as_str))
        .filter(|field| !["type", "operation_id", "sequence"].contains(field))
        .collect();
    assert_eq!(printed, fields.keys().map(String::as_str).collect());
}

/// An unknown member anywhere is refused; so is the lack of one, but for those that may be absent.
#[test]
fn the_schema_is_strict() {
    let line_schema = validator(&schema("message"));
    let optional = ["help", "path", "pointer", "span", "asset_id", "asset_name", "related", "metadata"];
    let mut objects = 0;
    for (_, line) in lines() {
        for pointer in objects_in(line) {
            objects += 1;
            let mut extended = line.clone();
            extended.pointer_mut(&pointer).unwrap()["unknown"] = Value::from(1);
            assert!(!line_schema.is_valid(&extended), "an unknown member is accepted at {pointer:?} of {line:#}");
            for key in line.pointer(&pointer).unwrap().as_object().unwrap().keys() {
                let mut shortened = line.clone();
                shortened.pointer_mut(&pointer).unwrap().as_object_mut().unwrap().remove(key);
                let accepted = line_schema.is_valid(&shortened);
                assert!(!accepted || optional.contains(&key.as_str()), "{key} may lack at {pointer:?} of {line:#}");
            }
        }
    }
    assert!(objects > 200, "only {objects} objects were looked at");
}

/// The pointers of all objects in `line` that are papack's own: not those in the metadata of an asset.
fn objects_in(line: &Value) -> Vec<String> {
    let below =
        |step: String, value: &Value| objects_in(value).into_iter().map(move |rest| format!("/{step}{rest}")).collect();
    match line {
        Value::Object(map) => {
            let own = map.iter().filter(|(key, _)| *key != "metadata");
            let members = own.flat_map(|(key, value)| -> Vec<_> { below(key.clone(), value) });
            std::iter::once(String::new()).chain(members).collect()
        }
        Value::Array(items) => {
            items.iter().enumerate().flat_map(|(index, item)| -> Vec<_> { below(index.to_string(), item) }).collect()
        }
        _ => Vec::new(),
    }
}
