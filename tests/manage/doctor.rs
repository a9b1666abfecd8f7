//! The doctor finds what is wrong, mends what has one right answer, and leaves everything else to its owner.

use std::fs;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use papack_engine::fs::{FileSystem, RealFs};
use papack_engine::{DoctorRequest, ManageResult, Status};
use serde_json::Value;

use crate::hooked::{self, Call, HookedFs};
use crate::space::{TestSpace, entry, manifest, uuid};
use crate::{files, json, registry, roots};

const INDEX: &str = "assets/.prometeu/index.json";

/// The assets 1 `a` and 2 `b`, and a manifest 3 at `new` that is not registered.
fn workspace() -> TestSpace {
    let space = TestSpace::with_assets(&[("a", &[("f", "1")]), ("b", &[("f", "2")])]);
    space.write("assets/new/asset.json", manifest(3, "new", r#"{"file": "f"}"#));
    space.write("assets/new/f", "3");
    space
}

/// A registry with this counter and these lines.
fn write_registry(space: &TestSpace, next_asset_id: u32, entries: &[String]) {
    space.write_registry(entries);
    let text = String::from_utf8(space.read(INDEX)).unwrap();
    space.write(INDEX, text.replace("1000", &next_asset_id.to_string()));
}

/// What the doctor says that is wrong: codes and places.
fn found(result: &Value) -> Vec<String> {
    let place = |found: &Value| format!("{} {} {}", found["severity"], found["code"], found["path"]).replace('"', "");
    result["diagnostics"].as_array().unwrap().iter().map(place).collect()
}

/// The kinds of the changes.
fn kinds(result: &Value) -> Vec<&str> {
    result["changes"].as_array().unwrap().iter().map(|change| change["kind"].as_str().unwrap()).collect()
}

#[test]
fn a_sound_workspace_is_healthy_and_left_alone() {
    let space = workspace();
    let before = files(&space);
    for arguments in [&["doctor"][..], &["doctor", "--fix"], &["doctor", "--fix", "--dry-run"]] {
        let (code, result) = json(&space, arguments);
        assert_eq!((code, &result["status"]), (0, &Value::from("SUCCESS")), "{result}");
        assert_eq!(found(&result), ["INFO ASSET_UNREGISTERED assets/new/asset.json"]);
        assert_eq!(kinds(&result), Vec::<&str>::new());
    }
    let run = space.run(&["doctor"]);
    assert_eq!(run.stdout, "     Healthy nothing is wrong\n");
    assert!(files(&space) == before);
}

#[test]
fn conflicts_of_version_control_are_told_as_such() {
    let space = workspace();
    let three = entry(3, "new");
    let lines = format!(
        "    {},\n<<<<<<< HEAD\n    {}\n||||||| base\n=======\n    {},\n    {three}\n>>>>>>> topic",
        entry(1, "a"),
        entry(2, "b"),
        entry(2, "b")
    );
    space.write(
        INDEX,
        format!("{{\n  \"schema_version\": 2,\n  \"next_asset_id\": 9,\n  \"assets\": [\n{lines}\n  ]\n}}\n"),
    );
    let before = files(&space);
    let run = space.run(&["doctor", "--fix"]);
    assert_eq!(run.code, 1);
    insta::assert_snapshot!(run.stderr + &run.stdout, @r"
    error[CONFLICT_MARKERS]: version control left a conflict here: ours (HEAD) is line 7, theirs (topic) are lines 10 to 11
     --> assets/.prometeu/index.json:6:1
      |
    6 | <<<<<<< HEAD
      | ^^^^^^^^^^^^
      |
      = help: let papack merge it: set git up as papack merge-registry --help says, then: git checkout -m assets/.prometeu/index.json

    For more about a code: papack explain CONFLICT_MARKERS

            Left 1 error, 0 warnings
    ");
    assert!(files(&space) == before);
    // In manifests too, whoever looks.
    let space = workspace();
    let text = String::from_utf8(space.read("assets/b/asset.json")).unwrap();
    let name = "  \"name\": \"b\",\n";
    let conflict = format!("<<<<<<< ours\n{name}=======\n  \"name\": \"bb\",\n>>>>>>> theirs\n");
    space.write("assets/b/asset.json", text.replace(name, &conflict));
    for command in ["doctor", "check", "pack"] {
        let (code, result) = json(&space, &[command]);
        assert_eq!(code, 1);
        let fault =
            result["diagnostics"].as_array().unwrap().iter().find(|it| it["code"] == "CONFLICT_MARKERS").unwrap();
        let message = "version control left a conflict here: ours (ours) is line 5, theirs (theirs) is line 7";
        assert_eq!((fault["message"].as_str(), fault["span"]["line"].as_u64()), (Some(message), Some(4)), "{command}");
    }
}

#[test]
fn what_has_one_right_answer_is_mended_once() {
    let space = workspace();
    // The counter is too low, one line stands twice, and the order is another.
    write_registry(&space, 2, &[entry(2, "b"), entry(1, "a"), entry(2, "b")]);
    fs::rename(space.path().join("assets/a"), space.path().join("assets/new/../moved")).unwrap();
    space.write("build/.staging/abcdefghijklmnopqrst/spool", "litter");
    space.write("assets/.prometeu/staged/0.json", "litter");
    let before = files(&space);
    let (code, result) = json(&space, &["doctor"]);
    assert_eq!(code, 1);
    assert_eq!(
        found(&result),
        [
            "INFO LEFTOVER build/.staging/abcdefghijklmnopqrst",
            "INFO LEFTOVER assets/.prometeu/staged/0.json",
            "ERROR FIELD_INVALID assets/.prometeu/index.json",
            "ERROR FIELD_INVALID assets/.prometeu/index.json",
            "ERROR ASSET_MOVED assets/moved/asset.json",
            "INFO ASSET_UNREGISTERED assets/new/asset.json",
        ]
    );
    let expected = ["LEFTOVER_REMOVED", "LEFTOVER_REMOVED", "REPETITION_DROPPED", "COUNTER_RAISED", "ASSET_RELOCATED"];
    let (code, result) = json(&space, &["doctor", "--fix", "--dry-run"]);
    assert_eq!((code, kinds(&result)), (0, expected.to_vec()), "{result}");
    assert!(files(&space) == before, "a dry run changes nothing");
    let (code, result) = json(&space, &["doctor", "--fix"]);
    assert_eq!((code, kinds(&result)), (0, expected.to_vec()), "{result}");
    assert_eq!(roots(&space), [(1, "moved".to_owned()), (2, "b".to_owned())]);
    assert_eq!(registry(&space).next_asset_id, Some(3));
    assert!(!space.path().join("build").exists() || !space.path().join("build/.staging").exists());
    let mended = files(&space);
    let (code, result) = json(&space, &["doctor", "--fix"]);
    assert_eq!((code, kinds(&result)), (0, vec![]));
    assert!(files(&space) == mended);
}

#[test]
fn the_form_of_the_registry_is_mended() {
    let space = workspace();
    let text = String::from_utf8(space.read(INDEX)).unwrap();
    space.write(INDEX, text.replace("    {", "{"));
    let (code, result) = json(&space, &["doctor"]);
    assert_eq!((code, found(&result)[0].as_str()), (0, "INFO REGISTRY_FORM assets/.prometeu/index.json"));
    let (code, result) = json(&space, &["doctor", "--fix"]);
    assert_eq!((code, kinds(&result)), (0, vec!["REGISTRY_FORMED"]));
    assert_eq!(String::from_utf8(space.read(INDEX)).unwrap(), text);
    // An older document is for `migrate`.
    let old =
        text.replace("\"schema_version\": 2", "\"schema_version\": 1").replace(", \"included_in_build\": true", "");
    space.write(INDEX, &old);
    let (code, result) = json(&space, &["doctor", "--fix"]);
    assert_eq!((code, kinds(&result)), (0, vec![]), "{result}");
}

#[test]
fn one_of_two_assets_with_one_id_gets_a_new_one() {
    for (asked, expected) in [("a", [(2, "b"), (1000, "a")]), (&uuid(2), [(2, "a"), (1000, "b")])] {
        let space = workspace();
        write_registry(&space, 1000, &[entry(1, "a").replace("\"asset_id\": 1", "\"asset_id\": 2"), entry(2, "b")]);
        let run = space.run(&["doctor", "--fix"]);
        assert_eq!(run.code, 1, "which one is not for papack to say");
        let help = "give one a new id: papack doctor --renumber b, or --renumber a";
        assert!(run.stderr.contains(help), "{}", run.stderr);
        let (code, result) = json(&space, &["doctor", "--renumber", asked]);
        assert_eq!((code, kinds(&result)), (0, vec!["ASSET_RENUMBERED"]), "{result}");
        assert_eq!(roots(&space), expected.map(|(id, root)| (id, root.to_owned())));
        assert_eq!(registry(&space).next_asset_id, Some(1001));
        assert_eq!(space.run(&["pack"]).code, 0);
    }
}

/// Games know `b` by the id that `a` has.
#[test]
fn an_id_can_be_given_to_another_asset() {
    let space = workspace();
    let before = files(&space);
    let (code, result) = json(&space, &["doctor", "--renumber", "a", "--give-to", &uuid(2), "--dry-run"]);
    assert!(code == 0 && files(&space) == before, "{result}");
    let (code, result) = json(&space, &["doctor", "--renumber", "assets/a", "--give-to", "b"]);
    assert_eq!((code, kinds(&result)), (0, vec!["ASSET_RENUMBERED", "ASSET_RENUMBERED"]), "{result}");
    assert_eq!(roots(&space), [(1, "b".to_owned()), (1000, "a".to_owned())]);
    assert_eq!(registry(&space).next_asset_id, Some(1001));
    let (code, result) = json(&space, &["doctor", "--renumber", "a", "--give-to", "none"]);
    assert_eq!((code, found(&result)), (1, vec!["ERROR ASSET_UNKNOWN null".to_owned()]), "{result}");
    assert_eq!(space.run(&["doctor", "--give-to", "a"]).code, 2, "goes with --renumber only");
    // To itself it cannot be given.
    assert_eq!(json(&space, &["doctor", "--renumber", "b", "--give-to", "b"]).0, 0);
    assert_eq!(roots(&space), [(1000, "a".to_owned()), (1001, "b".to_owned())]);
}

#[test]
fn an_id_that_a_third_asset_has_too_is_not_given() {
    let space = TestSpace::with_assets(&[("a", &[("f", "1")]), ("b", &[("f", "2")]), ("c", &[("f", "3")])]);
    write_registry(&space, 4, &[entry(1, "a"), entry(1, "b").replace("00001", "00002"), entry(3, "c")]);
    let before = files(&space);
    let (code, result) = json(&space, &["doctor", "--renumber", "a", "--give-to", "c"]);
    assert_eq!((code, found(&result)), (1, vec![format!("ERROR REGISTRY_CONFLICT {INDEX}")]), "{result}");
    assert!(files(&space) == before);
}

#[test]
fn a_new_id_is_above_every_other_even_if_the_counter_is_not() {
    let space = workspace();
    write_registry(&space, 3, &[entry(7, "a").replace("00007", "00001"), entry(2, "b")]);
    let (code, result) = json(&space, &["doctor", "--renumber", "b/"]);
    assert_eq!((code, kinds(&result)), (0, vec!["ASSET_RENUMBERED"]), "{result}");
    assert_eq!(roots(&space), [(7, "a".to_owned()), (8, "b".to_owned())]);
    assert_eq!(registry(&space).next_asset_id, Some(9));
}

#[test]
fn what_cannot_be_renumbered_is_refused() {
    let space = workspace();
    let refuses = |asked: &str, code: &str| {
        let before = files(&space);
        let (exit, result) = json(&space, &["doctor", "--renumber", asked]);
        assert_eq!((exit, result["diagnostics"][0]["code"].as_str()), (1, Some(code)), "{asked}: {result}");
        assert!(files(&space) == before, "{asked}");
    };
    refuses("none", "ASSET_UNKNOWN");
    refuses("1", "ASSET_UNKNOWN");
    write_registry(&space, 9, &[entry(1, "a"), entry(2, "a")]);
    refuses("a", "ASSET_UNKNOWN");
    write_registry(&space, 2_147_483_647, &[entry(1, "a"), entry(2, "b")]);
    refuses("a", "FIELD_INVALID");
    space.write(INDEX, "{");
    refuses("a", "JSON_SYNTAX");
}

#[test]
fn what_only_its_owner_can_decide_is_told_with_what_to_do() {
    let (one, two) = (entry(1, "a"), entry(2, "b"));
    let of_uuid_1 = |line: &str| line.replace("000000000002", "000000000001");
    for (lines, expected, help) in [
        (vec![one.clone(), of_uuid_1(&two)], "ERROR REGISTRY_CONFLICT assets/.prometeu/index.json", "papack add"),
        (vec![one.clone(), entry(2, "a")], "ERROR REGISTRY_CONFLICT assets/.prometeu/index.json", "delete the line"),
        (vec![one.clone(), two.clone(), entry(4, "gone")], "ERROR ASSET_MISSING assets/gone", "papack rm"),
        (vec![one.clone(), entry(4, "b")], "ERROR ASSET_UUID_MISMATCH assets/b/asset.json", "asset_uuid"),
    ] {
        let space = workspace();
        write_registry(&space, 9, &lines);
        let before = files(&space);
        let (code, result) = json(&space, &["doctor", "--fix"]);
        assert_eq!(code, 1);
        let position = found(&result).iter().position(|it| it == expected);
        let fault = &result["diagnostics"][position.unwrap_or_else(|| panic!("{expected}: {:?}", found(&result)))];
        assert!(fault["help"].as_str().unwrap().contains(help), "{fault}");
        assert!(files(&space) == before);
    }
    // Copies, and a move to two places at once.
    let space = workspace();
    space.write("assets/copy/asset.json", space.read("assets/a/asset.json"));
    let (code, result) = json(&space, &["doctor", "--fix"]);
    assert_eq!((code, found(&result)[0].as_str()), (1, "WARNING ASSET_COPIED assets/copy/asset.json"));
    fs::rename(space.path().join("assets/a"), space.path().join("assets/c")).unwrap();
    let (code, result) = json(&space, &["doctor", "--fix"]);
    assert_eq!((code, found(&result)[0].as_str()), (1, "ERROR ASSET_MOVED assets/c/asset.json"));
    assert_eq!(result["changes"], Value::from(Vec::<Value>::new()));
}

#[test]
fn a_promotion_that_was_cut_short_is_told_and_completed() {
    let space = workspace();
    space.pack();
    let published = space.read("build/preload.json");
    fs::remove_file(space.path().join("build/preload.json")).unwrap();
    let folder = "build/.staging/abcdefghijklmnopqrst";
    space.write(&format!("{folder}/preload.json"), &published);
    let (size, identity) = (published.len(), blake3::hash(&published));
    let file = format!(r#"{{"name":"preload.json","size":{size},"identity":"{identity}"}}"#);
    let journal = format!(r#"{{"schema_version":1,"operation_id":"abcdefghijklmnopqrst","files":[{file}]}}"#);
    space.write("build/.staging/journal.json", journal);
    let (code, result) = json(&space, &["doctor"]);
    let expected = "WARNING LEFTOVER build/.staging/journal.json".to_owned();
    assert_eq!((code, found(&result).contains(&expected)), (1, true), "{result}");
    assert_eq!(json(&space, &["doctor", "--fix", "--dry-run"]).0, 0);
    let (code, result) = json(&space, &["doctor", "--fix"]);
    assert_eq!((code, result["diagnostics"][0]["code"].as_str()), (0, Some("PROMOTION_COMPLETED")), "{result}");
    assert!(space.read("build/preload.json") == published);
    space.write("build/.staging/journal.json", "{}");
    let (code, result) = json(&space, &["doctor", "--fix"]);
    let expected = "WARNING JOURNAL_UNKNOWN build/.staging/journal.json".to_owned();
    assert_eq!((code, found(&result).contains(&expected)), (1, true), "{result}");
}

#[test]
fn the_doctor_comes_when_nobody_is_at_work() {
    let space = workspace();
    let fs = RealFs::new(space.path()).unwrap();
    let lane = fs.try_lock("assets/.prometeu".into()).unwrap();
    assert!(lane.is_some());
    for arguments in [&["doctor", "--no-wait"][..], &["doctor", "--no-wait", "--dry-run", "--fix"]] {
        assert_eq!(json(&space, arguments).0, 5);
    }
}

fn doctor(
    space: &TestSpace,
    request: &DoctorRequest,
    hook: impl Fn(Call<'_>) -> io::Result<()> + Send + Sync + 'static,
) -> ManageResult {
    let fs = HookedFs::new(Arc::new(RealFs::new(space.path()).unwrap()), hook);
    hooked::session(fs).doctor(request, &|_| {})
}

#[test]
fn a_cure_survives_every_failure_and_death() {
    let sick = || {
        let space = workspace();
        write_registry(&space, 2, &[entry(2, "b"), entry(1, "a"), entry(2, "b")]);
        fs::rename(space.path().join("assets/a"), space.path().join("assets/moved")).unwrap();
        space
    };
    let request = DoctorRequest { fix: true, ..DoctorRequest::default() };
    let expected = {
        let space = sick();
        assert_eq!(doctor(&space, &request, |_| Ok(())).status, Status::Success);
        files(&space)
    };
    for dies in [false, true] {
        let mut reached = 0;
        for at in 0.. {
            let space = sick();
            let before = files(&space);
            let next = Arc::new(AtomicUsize::new(0));
            let result = doctor(&space, &request, {
                let next = Arc::clone(&next);
                move |_| {
                    let now = next.fetch_add(1, Ordering::Relaxed);
                    if now == at || (dies && now > at) { Err(io::Error::other("injected")) } else { Ok(()) }
                }
            });
            if next.load(Ordering::Relaxed) <= at {
                break;
            }
            reached += 1;
            let context = format!("call {at}, dies: {dies}: {:?}", result.diagnostics);
            let now = space.read(INDEX);
            assert!(now == before[INDEX] || now == expected[INDEX], "{context}: neither old nor new");
            assert_eq!(result.changes.is_empty(), now == before[INDEX], "{context}: it says what it did");
            assert_eq!(doctor(&space, &request, |_| Ok(())).status, Status::Success, "{context}");
            assert!(files(&space) == expected, "{context}: another end");
        }
        assert!(reached > 20, "only {reached} calls were met");
    }
}
