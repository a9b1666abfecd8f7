//! Random messages: whatever comes, each request is answered once, and the server lives.

use std::collections::HashMap;

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::client::{Server, framed};
use crate::space::TestSpace;

/// How many messages are sent in all.
const MESSAGES: usize = 10_000;

/// How many of them one server gets.
const BATCH: usize = 500;

fn method() -> impl Strategy<Value = Value> {
    const KNOWN: &[&str] = &[
        "initialize",
        "summary",
        "status",
        "list",
        "validate",
        "check",
        "fix",
        "plan",
        "pack",
        "check_outputs",
        "new",
        "add",
        "mv",
        "rename",
        "preload",
        "include",
        "exclude",
        "rm",
        "migrate",
        "doctor",
        "watch",
        "cancel",
        "event",
        "init",
        "",
    ];
    prop_oneof![8 => select(KNOWN).prop_map(Value::from), 1 => value()]
}

/// Any JSON value, often of the kind that some method takes.
fn value() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0..20_i64).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        select(&["a", "b", "1", "*", "../x", "DATA/raw_v1", "", "\u{202e}\u{0}"][..]).prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let members = (name(), inner.clone()).prop_map(|(name, value)| (name, value));
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            prop::collection::vec(members, 0..4).prop_map(|members| members.into_iter().collect()),
        ]
    })
    .boxed()
}

fn name() -> impl Strategy<Value = String> {
    const KNOWN: &[&str] = &[
        "protocol_version",
        "process_id",
        "deny_warnings",
        "rehash",
        "no_wait",
        "explain",
        "root",
        "roots",
        "format",
        "files",
        "asset",
        "assets",
        "name",
        "slot",
        "next",
        "off",
        "all",
        "fix",
        "renumber",
        "dry_run",
        "on",
        "id",
        "operation_id",
        "delete_files",
        "x",
    ];
    select(KNOWN).prop_map(ToOwned::to_owned)
}

/// A message that is more or less a request. It has no process of a client: that might be any.
fn message() -> impl Strategy<Value = String> {
    let version = prop_oneof![9 => Just(json!("2.0")), 1 => value()];
    let id = prop_oneof![3 => (1..9_i64).prop_map(|id| Some(json!(id))), 1 => Just(None), 1 => value().prop_map(Some)];
    let params = prop::collection::vec((name(), value()), 0..4);
    let params = params.prop_map(|members| members.into_iter().filter(|(name, _)| name != "process_id").collect());
    let params = prop_oneof![6 => params.prop_map(Some), 1 => value().prop_map(Some), 2 => Just(None)];
    let call = (version, id, method(), params).prop_map(|(version, id, method, params): (_, _, _, Option<Value>)| {
        let mut call = json!({ "jsonrpc": version, "method": method });
        let added = [id.map(|id| ("id", id)), params.map(|params| ("params", params))];
        added.into_iter().flatten().for_each(|(name, value)| call[name] = value);
        call.to_string()
    });
    let broken = (call, 0..200_usize, any::<u8>()).prop_map(|(text, at, byte)| {
        let mut bytes = text.into_bytes();
        let at = at % bytes.len();
        bytes[at] = byte & 0x7f;
        String::from_utf8_lossy(&bytes).into_owned()
    });
    let call = (select(&["2.0"][..]), method(), value(), 1..9_i64).prop_map(|(version, method, params, id)| {
        json!({ "jsonrpc": version, "id": id, "method": method, "params": params }).to_string()
    });
    prop_oneof![4 => broken, 2 => call, 1 => value().prop_map(|value| value.to_string()), 1 => ".{0,30}"]
}

/// How many answers a message gets.
fn answers(message: &str) -> usize {
    // Not read as values: a number may be larger than one holds.
    let Ok(members) = serde_json::from_str::<HashMap<String, Box<RawValue>>>(message) else { return 1 };
    let string = |name: &str| serde_json::from_str::<String>(members.get(name)?.get()).ok();
    let is_call = string("jsonrpc").as_deref() == Some("2.0") && string("method").is_some();
    // A notification, if it is a call at all.
    usize::from(!is_call || members.contains_key("id"))
}

/// Expects an answer to each of `messages` that is a request, and none to others.
fn play(messages: &[String]) {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")]), ("b", &[("f", "f")])]);
    let mut server = Server::start(&space);
    for message in messages {
        server.client.send_bytes(&framed(message));
    }
    server.client.send(&json!({ "jsonrpc": "2.0", "id": "last", "method": "plan" }));
    let last = server.client.answer(&json!("last"));
    assert!(last.get("result").is_some(), "{last}");
    let is_answer = |message: &&Value| message.get("result").is_some() || message.get("error").is_some();
    let answered = server.client.notifications.iter().filter(is_answer).count();
    let expected: usize = messages.iter().map(|message| answers(message)).sum();
    assert_eq!(answered, expected);
    server.client.close();
    assert_eq!(server.ended(), (0, String::new()));
}

#[test]
fn each_request_is_answered_once_whatever_it_is() {
    let cases = u32::try_from(MESSAGES / BATCH).unwrap();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases,
        failure_persistence: None,
        max_shrink_iters: 50,
        ..ProptestConfig::default()
    });
    let strategy = prop::collection::vec(message(), BATCH..=BATCH);
    runner
        .run(&strategy, |messages| {
            play(&messages);
            Ok(())
        })
        .unwrap();
}
