//! Logs in SARIF, held to the schema of OASIS, as the crate `serde-sarif` ships it.

use std::path::Path;

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::space::{Run, TestSpace, manifest};

/// Of what is text, and of what the names are no harm.
const HOSTILE: &str = "a %20\u{202e}\"<é>#?";

fn schema() -> Validator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas/sarif-2.1.0.schema.json");
    let mut schema: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    // Its pattern of languages is no regular expression that every validator takes, and a log of papack's has no language.
    for definition in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][definition]["properties"]["language"];
        language.as_object_mut().unwrap().remove("pattern").unwrap();
    }
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
}

/// The log that a command prints, which is a valid one.
#[track_caller]
fn log(space: &TestSpace, arguments: &[&str], exit_code: i32) -> Value {
    let mut command = space.command(&[arguments, &["--message-format", "sarif"]].concat());
    command.env("GITHUB_WORKSPACE", space.path());
    let run = Run::of(command);
    assert_eq!(run.code, exit_code, "{arguments:?}: {}", run.stderr);
    let log: Value = serde_json::from_str(&run.stdout).unwrap();
    let faults: Vec<_> = schema().iter_errors(&log).map(|fault| fault.to_string()).collect();
    assert!(faults.is_empty(), "{arguments:?}: {faults:?}\n{log:#}");
    assert_eq!(log["runs"][0]["invocations"][0]["executionSuccessful"], json!(exit_code == 0));
    log
}

/// Its results: code, level, path, and where in the file.
fn results(log: &Value) -> Vec<Value> {
    let results = log["runs"][0]["results"].as_array().unwrap().iter();
    let rules = &log["runs"][0]["tool"]["driver"]["rules"];
    let result = |result: &Value| {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(rules[index]["shortDescription"]["text"].as_str().unwrap().len() > 10);
        let place = &result["locations"][0]["physicalLocation"];
        json!([result["ruleId"], result["level"], place["artifactLocation"]["uri"], place["region"]])
    };
    results.map(result).collect()
}

#[test]
fn every_command_that_finds_something_prints_a_valid_log() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")]), ("b", &[("f", "f")])]);
    for command in ["check", "status", "list", "plan", "pack", "budget", "verify", "cache"] {
        assert_eq!(results(&log(&space, &[command], 0)), Vec::<Value>::new(), "{command}");
    }
    space.write(&format!("assets/{HOSTILE}/asset.json"), manifest(9, "new", r#"{"file": "f"}"#));
    space.write("assets/a/asset.json", manifest(1, "a", r#"{"fiel": "f"}"#));
    let found = log(&space, &["check"], 1);
    assert_eq!(
        results(&found),
        [
            json!(["FIELD_UNKNOWN", "error", "assets/a/asset.json",
                {"startLine": 5, "startColumn": 18, "endLine": 5, "endColumn": 24}]),
            json!(["FIELD_INVALID", "error", "assets/a/asset.json",
                {"startLine": 5, "startColumn": 17, "endLine": 5, "endColumn": 30}]),
            json!(["ASSET_UNREGISTERED", "note", "assets/a%20%2520%E2%80%AE%22%3C%C3%A9%3E%23%3F/asset.json", null]),
        ],
        "{found:#}"
    );
    let result = &found["runs"][0]["results"][0];
    assert_eq!(result["properties"], json!({"assetId": 1, "assetName": "a"}));
    assert_eq!(result["locations"][0]["logicalLocations"], json!([{"fullyQualifiedName": "/artifacts/0/fiel"}]));
    assert_eq!(
        result["fixes"][0]["artifactChanges"][0]["replacements"],
        json!([{
            "deletedRegion": {"startLine": 5, "startColumn": 18, "endLine": 5, "endColumn": 24},
            "insertedContent": {"text": "\"file\""},
        }])
    );
    for command in ["status", "list", "plan", "pack", "budget"] {
        let exit_code = i32::from(["pack", "budget"].contains(&command));
        assert!(results(&log(&space, &[command], exit_code)).len() >= 2, "{command}");
    }
}

#[test]
fn what_is_no_text_has_bytes_and_what_lies_elsewhere_an_absolute_name() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    space.pack();
    let mut pack = space.read("build/assets.pa");
    let end = pack.len() - 1;
    pack.pop();
    space.write("build/assets.pa", &pack);
    let damaged = log(&space, &["verify", "build/assets.pa"], 1);
    let region = json!({"byteOffset": end, "byteLength": 0});
    assert_eq!(results(&damaged), [json!(["PACK_LAYOUT", "error", "build/assets.pa", region])]);
    let path = space.path().join("build/assets.pa");
    let elsewhere = log(&space, &["verify", path.to_str().unwrap()], 1);
    let uri = results(&elsewhere)[0][2].as_str().unwrap().to_owned();
    assert_eq!(uri, format!("file://{}", path.to_str().unwrap()));
}

#[test]
fn paths_are_those_of_the_repository() {
    let space = TestSpace::with_assets(&[("a", &[])]);
    let mut command = space.command(&["check", "--message-format", "sarif"]);
    command.env("GITHUB_WORKSPACE", space.path().parent().unwrap());
    let log: Value = serde_json::from_str(&Run::of(command).stdout).unwrap();
    let folder = space.path().file_name().unwrap().to_str().unwrap();
    let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
    assert_eq!(place, &json!({"uri": format!("{folder}/assets/a/asset.json"), "uriBaseId": "%SRCROOT%"}));
}
