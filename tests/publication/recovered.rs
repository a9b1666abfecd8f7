//! Who completes a promotion that was cut short says which outputs became final, and who only looks, which ones would.

use std::fs;

use serde_json::{Value, json};

use crate::crash::{between_generations, kill_while_promoting, published};
use crate::space::TestSpace;

const JOURNAL: &str = "build/.staging/journal.json";

/// Runs the binary, and gives its exit code and its result.
fn run(space: &TestSpace, arguments: &[&str]) -> (i32, Value) {
    let run = space.run(&[arguments, &["--message-format", "json"]].concat());
    let result = run.lines().pop().unwrap_or_else(|| panic!("{arguments:?}: {}", run.stderr));
    (run.code, result)
}

/// A workspace whose four outputs a pack was about to replace when it was killed.
fn cut_short() -> TestSpace {
    let (space, ..) = between_generations();
    kill_while_promoting(&space);
    space
}

fn all() -> Value {
    json!(["assets.pa", "asset_table.json", "preload.json", "asset_table_metadata.json"])
}

/// What the commands that look say: code and severity, and the outputs that would become final.
fn looked(space: &TestSpace) -> Vec<(String, Value)> {
    let of = |command: &str, recovers: &str| {
        let (_, result) = run(space, &[command]);
        let found = result["diagnostics"].as_array().unwrap().iter();
        let told = found.map(|found| format!("{} {}", found["severity"], found["code"]).replace('"', ""));
        (told.collect::<Vec<_>>().join(", "), result.pointer(recovers).unwrap().clone())
    };
    vec![of("check", "/recovers"), of("plan", "/recovers"), of("status", "/workspace/next_pack/recovers")]
}

#[test]
fn those_who_look_name_what_would_become_final_and_those_who_write_what_did() {
    let none = json!([]);
    for (arguments, exit) in [
        (&["pack"][..], 0),
        (&["doctor", "--fix"], 0),
        (&["rename", "b", "other"], 0),
        // It recovers, and then fails.
        (&["rename", "nobody", "other"], 1),
    ] {
        let space = cut_short();
        assert_eq!(looked(&space), vec![("WARNING LEFTOVER".to_owned(), all()); 3], "{arguments:?}");
        let (_, doctor) = run(&space, &["doctor"]);
        assert_eq!(doctor["recovered"], none, "a doctor that does not mend completes nothing");
        let (code, dry) = run(&space, &["doctor", "--fix", "--dry-run"]);
        assert_eq!((code, &dry["recovered"]), (0, &all()));
        assert!(space.path().join(JOURNAL).exists());

        let (code, result) = run(&space, arguments);
        assert_eq!((code, &result["recovered"]), (exit, &all()), "{result}");
        assert_eq!(looked(&space).iter().map(|(_, recovers)| recovers).collect::<Vec<_>>(), [&none; 3]);
        let (code, result) = run(&space, arguments);
        assert_eq!((code, &result["recovered"]), (exit, &none), "there is nothing more to recover: {result}");
    }
}

#[test]
fn a_check_of_the_outputs_recovers_nothing() {
    let space = cut_short();
    let before = space.build();
    for arguments in [&["pack", "--check"][..], &["pack", "--check", "--deny-warnings"]] {
        let (code, result) = run(&space, arguments);
        assert_eq!((code, &result["recovered"], &result["recovers"]), (1, &json!([]), &all()), "{result}");
        assert!(space.build() == before, "something was completed");
    }
    space.pack();
    let (code, result) = run(&space, &["pack", "--check"]);
    assert_eq!((code, &result["recovered"], &result["recovers"]), (0, &json!([]), &json!([])));
    assert_eq!(run(&space, &["pack"]).1.get("recovers"), None, "a pack completes it, and only says that it did");
}

#[test]
fn a_pack_that_the_gate_refuses_says_what_it_recovered_before() {
    let space = cut_short();
    space.write("assets/a/asset.json", "broken");
    let (code, result) = run(&space, &["pack"]);
    assert_eq!((code, &result["status"], &result["recovered"]), (1, &json!("GATE_FAILED"), &all()));
}

#[test]
fn only_what_the_journal_names_is_named() {
    let (space, _, new) = between_generations();
    let operation = "k3J9sZuyXw4ndm06D9nc";
    let files = ["preload.json", "asset_table.json"].map(|name| {
        space.write(&format!("build/.staging/{operation}/{name}"), &new[name]);
        let identity = blake3::hash(&new[name]).to_string();
        json!({ "name": name, "size": new[name].len(), "identity": identity })
    });
    let journal = json!({ "schema_version": 1, "operation_id": operation, "files": files });
    space.write(JOURNAL, journal.to_string());
    let names = json!(["asset_table.json", "preload.json"]);
    assert_eq!(looked(&space), vec![("WARNING LEFTOVER".to_owned(), names.clone()); 3]);
    assert_eq!(run(&space, &["pack"]).1["recovered"], names);
}

#[test]
fn what_would_be_dropped_is_not_said_to_become_final() {
    let space = cut_short();
    let folders = fs::read_dir(space.path().join("build/.staging")).unwrap().map(|entry| entry.unwrap().path());
    let folder = folders.into_iter().find(|path| path.is_dir()).unwrap();
    // At its size: only the bytes tell.
    let mut bytes = fs::read(folder.join("asset_table.json")).unwrap();
    bytes[10] ^= 1;
    fs::write(folder.join("asset_table.json"), bytes).unwrap();
    let before = space.build();
    assert_eq!(looked(&space), vec![("WARNING LEFTOVER".to_owned(), json!([])); 3]);
    let (_, status) = run(&space, &["status"]);
    assert_eq!(status.pointer("/workspace/next_pack/warning_count"), Some(&json!(1)), "the pack will warn");
    let (code, dry) = run(&space, &["doctor", "--fix", "--dry-run"]);
    assert_eq!((code, &dry["recovered"]), (1, &json!([])), "a promotion that is dropped is a warning: {dry}");
    assert!(space.build() == before, "those who look change nothing");
    assert!(space.run(&["check"]).stderr.contains("the next pack drops it"));

    let (code, packed) = run(&space, &["pack"]);
    assert_eq!((code, &packed["recovered"]), (0, &json!([])));
    assert_eq!(packed["diagnostics"][0]["code"], "PROMOTION_DROPPED");
}

#[test]
fn people_read_what_was_recovered_and_what_would_be() {
    let names = "assets.pa, asset_table.json, preload.json, asset_table_metadata.json";
    let space = cut_short();
    let next = format!("   Next pack first completes the promotion that was cut short: {names}\n");
    for command in [&["check"][..], &["plan"], &["pack", "--check"]] {
        let run = space.run(command);
        assert!(run.stdout.ends_with(&next), "{}", run.stdout);
    }
    let run = space.run(&["status"]);
    let then =
        format!("Next pack: complete the promotion that was cut short ({names}), then publish whatever is left\n");
    assert!(run.stdout.contains(&then), "{}", run.stdout);
    let recovered = format!("   Recovered {names}, by completing a promotion that was cut short\n");
    let dry = space.run(&["doctor", "--fix", "--dry-run"]);
    assert!(dry.stdout.starts_with(&recovered), "{}", dry.stdout);
    let packed = space.run(&["pack"]);
    assert!(packed.stdout.starts_with(&format!("{recovered}  Up to date")), "{}", packed.stdout);

    let mended = cut_short().run(&["doctor", "--fix"]);
    assert!(mended.stdout.starts_with(&recovered), "{}", mended.stdout);
    let renamed = cut_short().run(&["rename", "b", "other"]);
    assert!(renamed.stdout.starts_with(&format!("{recovered}     Renamed")), "{}", renamed.stdout);
    let unchanged = cut_short().run(&["include", "b"]);
    assert!(unchanged.stdout.starts_with(&format!("{recovered}  Up to date")), "{}", unchanged.stdout);
}

/// What stands in the place of the journal.
type Spoil = fn(&TestSpace);

/// Journals at which every pack stops, with the data that are told of them.
const UNKNOWN: [(&str, Spoil, Option<i64>); 9] = [
    ("of the next version", |space| space.write(JOURNAL, r#"{"schema_version":2,"moves":[]}"#), Some(2)),
    ("of a version before all", |space| space.write(JOURNAL, r#"{"schema_version":-1}"#), Some(-1)),
    ("of a large version", |space| space.write(JOURNAL, r#"{"schema_version":4294967297}"#), Some(4_294_967_297)),
    ("of no version", |space| space.write(JOURNAL, "{}"), None),
    ("garbage", |space| space.write(JOURNAL, [0xff; 100]), None),
    ("empty", |space| space.write(JOURNAL, ""), None),
    ("too large", |space| space.write(JOURNAL, " ".repeat(1 << 17)), None),
    ("a folder", |space| fs::create_dir_all(space.path().join(JOURNAL)).unwrap(), None),
    (
        "a link",
        |space| {
            fs::create_dir_all(space.path().join("build/.staging")).unwrap();
            std::os::unix::fs::symlink("../preload.json", space.path().join(JOURNAL)).unwrap();
        },
        None,
    ),
];

#[test]
fn a_journal_that_nobody_understands_is_told_alike_by_all() {
    for (name, spoil, version) in UNKNOWN {
        let (space, old, _) = between_generations();
        spoil(&space);
        // Severity aside, which is the command's own matter.
        let told = |arguments: &[&str]| {
            let (code, result) = run(&space, arguments);
            let found = result["diagnostics"].as_array().unwrap().iter();
            let mut found = found.filter(|found| found["code"] == "JOURNAL_UNKNOWN").cloned().collect::<Vec<_>>();
            assert_eq!(found.len(), 1, "{name}: {arguments:?}: {result}");
            let severity = found[0].as_object_mut().unwrap().remove("severity").unwrap();
            let outputs = result.get("recovered").or(result.get("recovers"));
            assert!(outputs.is_none_or(|outputs| *outputs == json!([])), "{name}: {arguments:?}: {result}");
            (code, severity, found.remove(0))
        };
        let (code, severity, as_packed) = told(&["pack"]);
        assert_eq!((code, &severity), (4, &json!("ERROR")), "{name}");
        let help = "if another version of papack wrote it, pack with that one; or else, while no papack runs, delete \
                    build/.staging and pack again";
        assert_eq!(as_packed["help"], help, "{name}");
        let message = as_packed["message"].as_str().unwrap();
        assert!(!["expected", "column", "EOF"].iter().any(|word| message.contains(word)), "{name}: {message}");
        let data = version.map(|found| json!({ "kind": "VERSION", "found": found, "oldest": 1, "newest": 1 }));
        assert_eq!(as_packed.get("data"), data.as_ref(), "{name}: {as_packed}");
        for (arguments, exit, severity) in [
            (&["check"][..], 1, "ERROR"),
            (&["status"], 0, "ERROR"),
            (&["plan"], 0, "ERROR"),
            (&["doctor"], 1, "ERROR"),
            (&["doctor", "--fix"], 1, "WARNING"),
            (&["exclude", "b"], 0, "WARNING"),
        ] {
            assert_eq!(told(arguments), (exit, json!(severity), as_packed.clone()), "{name}: {arguments:?}");
        }
        assert!(published(&space) == old, "{name}: something was published");
    }
}
