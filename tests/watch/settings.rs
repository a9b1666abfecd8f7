//! A watch and `papack.toml`: a saved one starts a build, with the levels that it gives.

use std::fs;

use serde_json::Value;

use crate::limits::limited;
use crate::space::{TestSpace, manifest};
use crate::watching::{Watch, is};

fn space() -> TestSpace {
    let space = TestSpace::with_assets(&[("a", &[("2", "2"), ("10", "10")])]);
    space.write("assets/a/asset.json", manifest(1, "a", r#"{"glob": "*"}"#));
    space
}

/// Waits for a build that ends as `expected`: its status, and the severities and codes that it told.
#[track_caller]
fn expect(watch: &Watch, expected: (&str, &str)) {
    let codes = |result: &Value| {
        let found = result["diagnostics"].as_array().unwrap().iter();
        found
            .map(|found| format!("{} {}", found["severity"], found["code"]).replace('"', ""))
            .collect::<Vec<_>>()
            .join(", ")
    };
    watch.until(&format!("{expected:?}"), |lines| {
        let last = lines.iter().rfind(|line| line["type"] == "result").unwrap();
        (last["status"].as_str().unwrap(), codes(last).as_str()) == expected && is(lines.last().unwrap(), "WAITING")
    });
}

/// Saves the settings as editors do: beside their place, and renamed.
fn save(space: &TestSpace, text: &str) {
    space.write("papack.toml.new", format!("schema_version = 1\n{text}\n"));
    fs::rename(space.path().join("papack.toml.new"), space.path().join("papack.toml")).unwrap();
}

fn play(space: &TestSpace, watch: &Watch) {
    const DENIED: (&str, &str) = ("GATE_FAILED", "ERROR GLOB_ORDER");
    expect(watch, ("SUCCESS", "WARNING GLOB_ORDER"));
    let before = space.build();
    save(space, "[diagnostics]\ndeny = ['GLOB_ORDER']");
    expect(watch, DENIED);
    // What changes meanwhile waits for settings that let it pass.
    let builds = watch.results().len();
    space.write("assets/a/2", "changed");
    watch.until("another build", |lines| lines.iter().filter(|line| line["type"] == "result").count() > builds);
    expect(watch, DENIED);
    assert_eq!(space.build(), before);
    save(space, "[diagnostics]\nallow = ['GLOB_ORDER']");
    expect(watch, ("SUCCESS", ""));
    assert_ne!(space.build(), before);
    save(space, "[budget.pack]\nerror = 16\n[diagnostics]\nallow = ['GLOB_ORDER']");
    expect(watch, ("GATE_FAILED", "ERROR BUDGET_EXCEEDED"));
    save(space, "[budget.pack]\nerror = '1 KiB'");
    expect(watch, ("SUCCESS", "WARNING GLOB_ORDER"));
    save(space, "[diagnostic]");
    expect(watch, ("GATE_FAILED", "ERROR SETTINGS_INVALID, WARNING GLOB_ORDER"));
    fs::remove_file(space.path().join("papack.toml")).unwrap();
    expect(watch, ("SUCCESS", "WARNING GLOB_ORDER"));
}

#[test]
fn saved_settings_start_a_build() {
    let space = space();
    let watch = Watch::start(&space);
    play(&space, &watch);
    let (_, lines) = watch.end();
    let changed: Vec<_> = lines.iter().filter(|line| is(line, "CHANGED")).map(|line| &line["paths"]).collect();
    assert_eq!(changed[0], &serde_json::json!(["papack.toml"]));
}

/// Where the system tells nothing, they are looked at every second, as everything else is.
#[test]
fn saved_settings_start_a_build_where_the_workspace_is_polled() {
    let space = space();
    let Some(watch) = limited(&space, "max_inotify_instances", 0) else { return };
    watch.until("the first build", |lines| lines.iter().any(|line| is(line, "WAITING")));
    play(&space, &watch);
    let (_, lines) = watch.end();
    assert!(lines.iter().any(|line| is(line, "POLLING")));
}

#[test]
fn the_command_line_of_a_watch_goes_for_each_build() {
    let space = space();
    let watch = Watch::spawn(space.command(&["watch", "--deny-warnings"]));
    watch.until("the first build", |lines| lines.iter().any(|line| is(line, "WAITING")));
    expect(&watch, ("GATE_FAILED", "ERROR GLOB_ORDER"));
    space.write("assets/a/asset.json", manifest(1, "a", r#"{"file": "2"}"#));
    expect(&watch, ("SUCCESS", ""));
    watch.end();
}
