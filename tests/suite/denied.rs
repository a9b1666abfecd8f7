//! `--deny-warnings`, `--deny`, `--warn` and `--allow`, and what they do to each command.

use std::fs;
use std::os::unix::fs::symlink;

use papack_engine::{CheckRequest, Code, Level, Levels, PackRequest, PlanRequest, Severity, Status, StatusRequest};
use serde_json::Value;

use crate::space::{TestSpace, manifest};

/// A workspace with a warning (`GLOB_ORDER`) and a notice (`ASSET_UNREGISTERED`).
pub fn space() -> TestSpace {
    let space = TestSpace::with_assets(&[("a", &[("2", "2"), ("10", "10")])]);
    space.write("assets/a/asset.json", manifest(1, "a", r#"{"glob": "*"}"#));
    space.write("assets/new/asset.json", manifest(7, "new", r#"{"file": "f"}"#));
    space
}

/// The severities with which the last line of `lines`, the result, tells the diagnostics of `code`.
pub fn told<'l>(lines: &'l [Value], code: &str) -> Vec<&'l str> {
    let diagnostics = lines.last().unwrap()["diagnostics"].as_array().unwrap().iter();
    diagnostics.filter(|found| found["code"] == code).map(|found| found["severity"].as_str().unwrap()).collect()
}

#[test]
fn levels_decide_what_is_told_and_whether_a_gate_is_passed() {
    type Told<'t> = (&'t [&'t str], &'t [&'t str]);
    const PLAIN: Told<'_> = (&["WARNING"], &["INFO"]);
    let cases: [(&[&str], i32, Told<'_>, u64); 9] = [
        (&[], 0, PLAIN, 0),
        (&["--deny-warnings"], 1, (&["ERROR"], &["INFO"]), 0),
        (&["--deny", "GLOB_ORDER"], 1, (&["ERROR"], &["INFO"]), 0),
        (&["--deny", "glob-order", "--deny", "Asset_Unregistered"], 1, (&["ERROR"], &["ERROR"]), 0),
        (&["--warn", "asset_unregistered"], 0, (&["WARNING"], &["WARNING"]), 0),
        (&["--warn", "asset_unregistered", "--deny-warnings"], 1, (&["ERROR"], &["ERROR"]), 0),
        (&["--allow", "GLOB_ORDER"], 0, (&[], &["INFO"]), 1),
        (&["--allow", "GLOB_ORDER", "--deny-warnings"], 0, (&[], &["INFO"]), 1),
        (&["--allow", "GLOB_ORDER", "--allow", "ASSET_UNREGISTERED"], 0, (&[], &[]), 2),
    ];
    let fresh = space();
    let packed = space();
    packed.pack();
    for (levels, code, (glob_order, unregistered), allowed) in cases {
        // Where nothing changed since a pack that succeeded, its diagnostics are told anew, with these levels.
        for space in [&fresh, &packed] {
            for command in [&["pack", "--check"][..], &["check"], &["pack"]] {
                let run = space.run(&[command, levels, &["--message-format", "json"]].concat());
                let lines = run.lines();
                let code = if command.len() > 1 && space.build().is_empty() { 1 } else { code };
                assert_eq!(run.code, code, "{command:?} {levels:?}: {}", run.stdout);
                assert_eq!(told(&lines, "GLOB_ORDER"), glob_order, "{command:?} {levels:?}");
                assert_eq!(told(&lines, "ASSET_UNREGISTERED"), unregistered, "{command:?} {levels:?}");
                // Events, counts and result agree.
                let result = lines.last().unwrap();
                assert_eq!(result["allowed_diagnostic_count"], allowed, "{command:?} {levels:?}");
                let events: Vec<_> = lines.iter().filter(|line| line["type"] == "diagnostic").collect();
                assert_eq!(events.len(), result["diagnostics"].as_array().unwrap().len());
                let errors = events.iter().filter(|event| event["severity"] == "ERROR").count();
                let gate = lines.iter().find(|line| line["kind"] == "GATE_FINISHED").unwrap();
                assert_eq!(gate["error_count"], errors, "{command:?} {levels:?}");
            }
            if code == 1 {
                assert_eq!(space.build().is_empty(), space.path() == fresh.path(), "{levels:?}");
            }
        }
        fs::remove_dir_all(fresh.path().join("build")).unwrap_or_default();
    }
}

#[test]
fn a_denied_warning_says_so_and_leaves_the_outputs_alone() {
    let space = space();
    space.pack();
    let before = space.build();
    space.write("assets/a/2", "changed");
    let run = space.run(&["pack", "--deny-warnings"]);
    assert_eq!(run.code, 1);
    insta::assert_snapshot!(run.stderr, @r#"
    info[ASSET_UNREGISTERED]: this asset is not registered, so it is not packed
    --> assets/new/asset.json
     = help: register it with: papack add new

    error[GLOB_ORDER]: files are taken in byte order: "10" comes before "2"
     --> assets/a/asset.json:5:26
      |
    5 |   "artifacts": [{"glob": "*"}],
      |                          ^^^
      |
      = note: in asset 1 "a"
      = note: by itself this is a warning; --deny or --deny-warnings makes it an error
      = help: number them with leading zeros, or list the files one by one

    For more about a code: papack explain GLOB_ORDER
    "#);
    assert_eq!(space.build(), before);
    assert!(!space.path().join("build/.staging").exists());
    let run = space.run(&["pack", "--allow", "GLOB_ORDER", "--allow", "ASSET_UNREGISTERED"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.ends_with("     Allowed 2 diagnostics, not told\n"), "{}", run.stdout);
    let run = space.run(&["check", "--allow", "GLOB_ORDER", "--message-format", "github"]);
    assert!(run.stdout.ends_with("1 asset: nothing is wrong (1 allowed)\n"), "{}", run.stdout);
}

#[test]
fn an_error_stays_one() {
    let space = space();
    fs::remove_file(space.path().join("assets/a/2")).unwrap();
    fs::remove_file(space.path().join("assets/a/10")).unwrap();
    for levels in [["--allow", "GLOB_EMPTY"], ["--warn", "GLOB_EMPTY"]] {
        for command in ["check", "pack"] {
            let run = space.run(&[&[command, "--message-format", "json"], &levels[..]].concat());
            assert_eq!((run.code, told(&run.lines(), "GLOB_EMPTY")), (1, vec!["ERROR"]), "{command} {levels:?}");
        }
    }
}

/// What a report says of the next pack is what a pack with the same levels does; it is shown all the same.
#[test]
fn reports_tell_of_a_pack_with_the_same_levels() {
    let space = space();
    space.pack();
    let report = |arguments: &[&str]| {
        let run = space.run(&[arguments, &["--message-format", "json"]].concat());
        (run.code, run.lines().pop().unwrap())
    };
    let (code, status) = report(&["status", "--deny-warnings"]);
    let next = &status["workspace"]["next_pack"];
    assert_eq!((code, &next["action"], &next["error_count"]), (0, &"FAIL".into(), &1.into()));
    assert_eq!(status["workspace"]["counts"]["faulty"], 1);
    let (code, status) = report(&["status", "--allow", "GLOB_ORDER"]);
    let next = &status["workspace"]["next_pack"];
    assert_eq!((code, &next["action"], &next["warning_count"]), (0, &"NOTHING".into(), &0.into()));
    assert_eq!(report(&["list", "--deny-warnings"]).1["assets"][0]["state"], "FAULTY");
    assert_eq!(report(&["plan", "--deny-warnings"]).0, 0);
    assert_eq!(report(&["plan", "--exit-code"]).0, 0);
    assert_eq!(report(&["plan", "--exit-code", "--deny-warnings"]).0, 1);
    let (code, reproduced) = report(&["verify", "--reproduce", "--deny-warnings"]);
    assert_eq!(
        (code, &reproduced["status"], &reproduced["packings"]),
        (1, &"GATE_FAILED".into(), &Value::Array(vec![]))
    );
    assert_eq!(report(&["verify", "--reproduce", "--allow", "GLOB_ORDER"]).1["allowed_diagnostic_count"], 1);
}

/// A document that is out of date is told of whatever the level, or it would never be migrated.
#[test]
fn what_is_not_told_is_known_all_the_same() {
    let space = space();
    let old = manifest(1, "a", "\"2\"").replace("\"schema_version\": 2", "\"schema_version\": 1");
    space.write("assets/a/asset.json", old);
    let run = space.run(&["status", "--allow", "SCHEMA_OLDER", "--message-format", "json"]);
    let status = run.lines().pop().unwrap();
    assert_eq!(told(std::slice::from_ref(&status), "SCHEMA_OLDER"), Vec::<&str>::new());
    assert_eq!(status["workspace"]["needs_migration"], serde_json::json!(["assets/a/asset.json"]));
}

#[test]
fn commands_that_change_documents_are_refused_before_they_write() {
    let space = space();
    symlink("/tmp", space.path().join("build")).unwrap();
    let registry = || space.read("assets/.prometeu/index.json");
    let before = registry();
    // `build` is no matter of theirs, so they only warn of it.
    for levels in [&["--deny-warnings"][..], &["--deny", "output-blocked"]] {
        let run = space.run(&[&["exclude", "a"], levels].concat());
        assert_eq!(run.code, 1, "{}", run.stderr);
        assert!(run.stderr.contains("error[OUTPUT_BLOCKED]"), "{}", run.stderr);
        assert!(run.stdout.contains("nothing was changed: 1 error"), "{}", run.stdout);
        assert_eq!(registry(), before);
    }
    assert_eq!(space.run(&["exclude", "a", "--allow", "OUTPUT_BLOCKED", "-q"]).code, 0);
    assert_ne!(registry(), before);
}

#[test]
fn the_doctor_mends_whatever_is_denied() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    let formed = space.read("assets/.prometeu/index.json");
    let unformed = String::from_utf8(formed.clone()).unwrap().replace('\n', "");
    space.write("assets/.prometeu/index.json", unformed);
    assert_eq!(space.run(&["doctor"]).code, 0);
    assert_eq!(space.run(&["doctor", "--deny", "REGISTRY_FORM"]).code, 1);
    assert_eq!(space.run(&["doctor", "--deny", "REGISTRY_FORM", "--fix"]).code, 0);
    assert_eq!(space.read("assets/.prometeu/index.json"), formed);
}

#[test]
fn levels_that_mean_nothing_are_refused() {
    let space = space();
    let refused = |arguments: &[&str]| {
        let run = space.run(arguments);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments:?}");
        run.stderr
    };
    insta::assert_snapshot!(refused(&["pack", "--deny", "GLOB_ODER"]), @r#"
    error: invalid value 'GLOB_ODER' for '--deny <CODE>': there is no such code; did you mean "GLOB_ORDER"? (papack explain lists all codes)

    For more information, try '--help'.
    "#);
    insta::assert_snapshot!(refused(&["check", "--allow", "io", "--deny", "IO"]), @r"
    error: IO is given both to --deny and to --allow
      help: give each code to one of them
    ");
    assert_eq!(space.run(&["check", "--allow", "io", "--allow", "IO"]).code, 0);
}

/// What one operation is told to make of diagnostics is nothing to the next one of the same session.
#[test]
fn a_session_remembers_what_was_found_and_not_how_it_was_told() {
    let space = space();
    let mut session = space.session();
    let levels = |level| {
        let mut levels = Levels::default();
        levels.set(Code::GlobOrder, level).unwrap();
        levels
    };
    let severity = |diagnostics: &[papack_engine::Diagnostic]| {
        diagnostics.iter().find(|found| found.code == Code::GlobOrder).map(|found| found.severity)
    };
    for round in 0..2 {
        for (level, status, told) in [
            (Level::Deny, Status::GateFailed, Some(Severity::Error)),
            (Level::Allow, Status::Success, None),
            (Level::Warn, Status::Success, Some(Severity::Warning)),
            (Level::Deny, Status::GateFailed, Some(Severity::Error)),
        ] {
            let request = PackRequest { levels: levels(level), ..PackRequest::default() };
            let packed = session.pack(&request, &|_| {});
            assert_eq!((packed.status, severity(&packed.diagnostics)), (status, told), "{round} {level:?}");
            assert_eq!(packed.execution_started, status == Status::Success);
            let request = CheckRequest { levels: levels(level), ..CheckRequest::default() };
            let checked = session.check(&request, &|_| {});
            assert_eq!((checked.status, severity(&checked.diagnostics)), (status, told), "{round} {level:?}");
            let request = PlanRequest { levels: levels(level), ..PlanRequest::default() };
            assert_eq!(severity(&session.plan(&request, &|_| {}).diagnostics), told, "{round} {level:?}");
            let request = StatusRequest { levels: levels(level), ..StatusRequest::default() };
            assert_eq!(severity(&session.status(&request, &|_| {}).diagnostics), told, "{round} {level:?}");
        }
    }
}

#[test]
fn more_codes_than_one_need_the_option_again() {
    let run = TestSpace::empty().run(&["check", "--allow", "GLOB_ORDER,IO"]);
    let said = "the option takes one code, and is repeated for more: --allow IO --allow LEFTOVER";
    assert!(run.code == 2 && run.stderr.contains(said), "{}", run.stderr);
}
