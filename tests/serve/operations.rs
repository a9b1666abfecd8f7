//! The operations: they give what the commands give, with the events of the commands.

use serde_json::{Value, json};

use crate::client::Server;
use crate::space::{TestSpace, manifest};

/// What differs from run to run.
fn settled(value: &Value, operation_id: &Value) -> Value {
    let text = value.to_string().replace(operation_id.as_str().unwrap(), "ID");
    let mut value: Value = serde_json::from_str(&text).unwrap();
    for pointer in ["/elapsed_ms", "/result/elapsed_ms"] {
        if let Some(time) = value.pointer_mut(pointer) {
            *time = json!(0);
        }
    }
    value
}

/// Every operation, as a method and as a command, in the order in which they are done.
fn calls() -> Vec<(&'static str, Value, Vec<&'static str>)> {
    vec![
        ("summary", json!({}), vec!["status"]),
        ("status", json!({}), vec!["status"]),
        ("validate", json!({}), vec!["check"]),
        ("check", json!({ "deny_warnings": true, "rehash": true }), vec!["check", "--deny-warnings", "--rehash"]),
        ("check", json!({ "deny": ["glob_order"], "allow": [] }), vec!["check", "--deny", "glob_order"]),
        ("status", json!({ "allow": ["GLOB_ORDER"] }), vec!["status", "--allow", "GLOB_ORDER"]),
        ("list", json!({}), vec!["list"]),
        (
            "list",
            json!({ "assets": ["a"], "bank": "DATA", "state": "READY" }),
            vec!["list", "a", "--bank", "DATA", "--state", "ready"],
        ),
        ("list", json!({ "assets": ["nobody"] }), vec!["list", "nobody"]),
        ("check_outputs", json!({}), vec!["pack", "--check"]),
        ("plan", json!({}), vec!["plan"]),
        ("pack", json!({ "explain": true }), vec!["pack", "--explain"]),
        ("pack", json!({ "no_wait": true }), vec!["pack", "--no-wait"]),
        ("plan", json!({ "rehash": true }), vec!["plan", "--rehash"]),
        ("plan", json!({ "compares_outputs": true }), vec!["plan", "--exit-code"]),
        ("check_outputs", json!({ "explain": true }), vec!["pack", "--check", "--explain"]),
        (
            "new",
            json!({ "root": "n", "format": "TILES/indexed_v1", "tile_size": 8 }),
            vec!["new", "n", "--format", "TILES/indexed_v1", "--tile-size", "8"],
        ),
        (
            "new",
            json!({ "root": "m", "format": "DATA/raw_v1", "files": ["no"], "dry_run": true }),
            vec!["new", "m", "no", "--format", "DATA/raw_v1", "--dry-run"],
        ),
        ("new", json!({ "root": "k", "dry_run": true }), vec!["new", "k", "--dry-run"]),
        ("new", json!({ "all": true, "dry_run": true }), vec!["new", "--all"]),
        ("add", json!({ "roots": ["old"] }), vec!["add", "old"]),
        ("add", json!({ "all": true }), vec!["add", "--all"]),
        ("mv", json!({ "asset": "old", "root": "older" }), vec!["mv", "old", "older"]),
        ("rename", json!({ "asset": "1", "name": "one" }), vec!["rename", "1", "one"]),
        ("preload", json!({ "asset": "one", "slot": 3 }), vec!["preload", "one", "--slot", "3"]),
        ("preload", json!({ "asset": "b", "next": true }), vec!["preload", "b", "--next"]),
        ("preload", json!({ "asset": "b", "off": true }), vec!["preload", "b", "--off"]),
        ("exclude", json!({ "assets": ["older", "b"] }), vec!["exclude", "older", "b"]),
        ("include", json!({ "assets": ["*"], "no_wait": true }), vec!["include", "*", "--no-wait"]),
        ("rm", json!({ "assets": ["b"], "delete_files": true }), vec!["rm", "b", "--delete-files"]),
        ("rm", json!({ "assets": ["none"] }), vec!["rm", "none"]),
        ("migrate", json!({}), vec!["migrate"]),
        ("doctor", json!({ "fix": true, "dry_run": true }), vec!["doctor", "--fix", "--dry-run"]),
        ("doctor", json!({ "renumber": "a" }), vec!["doctor", "--renumber", "a"]),
        (
            "doctor",
            json!({ "renumber": "a", "give_to": "nobody" }),
            vec!["doctor", "--renumber", "a", "--give-to", "nobody"],
        ),
        ("check", json!({}), vec!["check"]),
    ]
}

/// A workspace with a warning, a notice, and a manifest that is not registered.
fn space() -> TestSpace {
    let space = TestSpace::with_assets(&[("a", &[("10", "10"), ("2", "2")]), ("b", &[("f", "f")])]);
    space.write("assets/a/asset.json", manifest(1, "a", r#"{"glob": "*"}"#));
    let old = manifest(7, "old", "\"f\"").replace("\"schema_version\": 2", "\"schema_version\": 1");
    space.write("assets/old/asset.json", old);
    space.write("assets/old/f", "f");
    space.write("assets/n/1.png", "no picture");
    space
}

/// Uuids are random, and a session knows more than a new process: what was derived here may be reused there.
fn is_alike(method: &str, ours: &Value, theirs: &Value) -> bool {
    if ["new", "add"].contains(&method) {
        return ours["status"] == theirs["status"]
            && ours["changes"].as_array().map(Vec::len) == theirs["changes"].as_array().map(Vec::len);
    }
    ours == theirs
}

#[test]
fn every_operation_gives_what_its_command_gives() {
    let (served, called) = (space(), space());
    let mut server = Server::start(&served);
    let mut methods = Vec::new();
    for (method, params, command) in calls() {
        methods.push(method);
        let id = server.client.ask(method, params);
        let result = server.client.result(&id);
        let lines = called.run(&[&command[..], &["--message-format", "json"]].concat()).lines();
        let theirs = lines.last().unwrap();
        let (ours, theirs) = (settled(&result, &result["operation_id"]), settled(theirs, &theirs["operation_id"]));
        assert!(is_alike(method, &ours, &theirs), "{method}: {ours:#}\n{theirs:#}");
        // The request is named, then come the events in order, and the last has the result.
        let told = std::mem::take(&mut server.client.notifications);
        assert_eq!(told[0]["method"], "started");
        assert_eq!(told[0]["params"], json!({ "id": id, "operation_id": result["operation_id"] }));
        for (sequence, message) in told[1..].iter().enumerate() {
            assert_eq!(message["params"]["operation_id"], result["operation_id"]);
            assert_eq!(message["params"]["sequence"], json!(sequence), "{method}");
            let is_diagnostic = message["params"]["type"] == "diagnostic";
            assert_eq!(message["method"], if is_diagnostic { "diagnostic" } else { "event" });
        }
        let mut last = told.last().unwrap()["params"]["result"].clone();
        last["type"] = json!("result");
        assert_eq!(last, result);
        let diagnostics = told.iter().filter(|message| message["method"] == "diagnostic").count();
        assert_eq!(diagnostics, result["diagnostics"].as_array().unwrap().len(), "{method}");
        // A session takes from memory what a process takes from the cache: the count of events may differ.
        if ["status", "plan", "rename", "migrate"].contains(&method) {
            assert_eq!(told.len() - 1, lines.len() - 1, "{method}");
        }
    }
    let about = {
        let mut fresh = Server::start_bare(&served);
        fresh.client.initialize()
    };
    let all = about["methods"].as_array().unwrap().iter().map(|name| name.as_str().unwrap());
    let own = ["initialize", "watch", "cancel", "shutdown", "exit"];
    let missing: Vec<_> = all.filter(|name| !own.contains(name) && !methods.contains(name)).collect();
    assert!(missing.is_empty(), "no call of {missing:?}");
    let registry = |space: &TestSpace| {
        let text = String::from_utf8(space.read("assets/.prometeu/index.json")).unwrap();
        let registry: Value = serde_json::from_str(&text).unwrap();
        let assets = registry["assets"].as_array().unwrap().clone();
        assets.into_iter().map(|asset| (asset["asset_id"].clone(), asset["root"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(registry(&served), registry(&called));
}

#[test]
fn a_session_lives_on() {
    let space = TestSpace::with_many(50, |id| id.to_string().into_bytes());
    let mut server = Server::start(&space);
    assert_eq!(server.client.request("pack", json!({}))["derived_asset_count"], 50);
    space.write("assets/g7/a7/f", "changed");
    let result = server.client.request("pack", json!({}));
    assert_eq!((&result["derived_asset_count"], &result["reused_asset_count"]), (&json!(1), &json!(49)));
    space.write("assets/g7/a7/asset.json", "{");
    let result = server.client.request("pack", json!({}));
    assert_eq!(result["status"], "GATE_FAILED");
    // A workspace that is gone is a result, too.
    std::fs::remove_dir_all(space.path().join("assets")).unwrap();
    let result = server.client.request("check", json!({}));
    assert!(["GATE_FAILED", "EXECUTION_FAILED"].contains(&result["status"].as_str().unwrap()), "{result}");
}

#[test]
fn names_of_strangers_come_unharmed_and_alone() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    let name = "\u{1b}[2J\u{202e}\r\nContent-Length: 2\r\n\r\n{}##[error]";
    let mut server = Server::start(&space);
    let result = server.client.request("rename", json!({ "asset": name, "name": name }));
    assert_eq!(result["status"], "GATE_FAILED");
    assert_eq!(server.client.request("plan", json!({}))["status"], "SUCCESS");
}
