//! `cancel` overtakes operations, and operations take turns.

use std::fs::{self, File};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::client::{Client, PROMPT, Server};
use crate::space::TestSpace;

/// A workspace in which a pack waits for the lane, which is given back when the file is dropped.
fn busy() -> (TestSpace, File) {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    let lane = File::open(space.path().join("assets/.prometeu")).unwrap();
    lane.lock().unwrap();
    (space, lane)
}

fn until_it_waits(client: &mut Client) {
    client.until("the notice of the lane", |method, params| method == "diagnostic" && params["code"] == "LANE_BUSY");
}

#[test]
fn a_running_operation_is_cancelled_by_its_id_or_that_of_its_request() {
    let (space, _lane) = busy();
    let mut server = Server::start(&space);
    let client = &mut server.client;
    for by_request in [true, false] {
        let id = client.ask("pack", json!({}));
        until_it_waits(client);
        let operation_id = client.told("started").last().unwrap()["operation_id"].clone();
        let params = if by_request { json!({ "id": id }) } else { json!({ "operation_id": operation_id }) };
        let began = Instant::now();
        let cancel = client.ask("cancel", params.clone());
        assert_eq!(client.result(&cancel), json!({ "cancelled": true }));
        let result = client.result(&id);
        assert_eq!((&result["status"], &result["operation_id"]), (&json!("CANCELLED"), &operation_id));
        assert!(began.elapsed() < PROMPT);
        // It is over.
        assert_eq!(client.request("cancel", params), json!({ "cancelled": false }));
    }
    for params in [json!({ "id": "never" }), json!({ "id": null }), json!({ "operation_id": "0".repeat(20) })] {
        assert_eq!(client.request("cancel", params), json!({ "cancelled": false }));
    }
    assert!(!space.path().join("build").exists());
}

#[test]
fn an_operation_that_reads_is_cancelled() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    // A file of zeros that takes no room, and long to read.
    fs::OpenOptions::new().write(true).open(space.path().join("assets/a/f")).unwrap().set_len(64 << 30).unwrap();
    let mut server = Server::start(&space);
    for method in ["check", "status", "plan", "pack"] {
        let id = server.client.ask(method, json!({}));
        server.client.until("the beginning", |method, _| method == "started");
        std::thread::sleep(Duration::from_millis(50));
        let began = Instant::now();
        assert_eq!(server.client.request("cancel", json!({ "id": id })), json!({ "cancelled": true }));
        // The answer may have come before that of `cancel`.
        let answered = server.client.notifications.iter().find(|message| message["id"] == id).cloned();
        let answer = answered.unwrap_or_else(|| server.client.answer(&id));
        assert_eq!(answer["result"]["status"], "CANCELLED", "{method}");
        assert!(began.elapsed() < PROMPT);
    }
}

#[test]
fn what_waits_can_be_cancelled_and_keeps_its_turn() {
    let (space, lane) = busy();
    let mut server = Server::start(&space);
    let client = &mut server.client;
    let first = client.ask("pack", json!({}));
    let second = client.ask("rename", json!({ "asset": "a", "name": "b" }));
    let third = client.ask("plan", json!({}));
    until_it_waits(client);
    assert_eq!(client.request("cancel", json!({ "id": second })), json!({ "cancelled": true }));
    drop(lane);
    assert_eq!(client.result(&first)["status"], "SUCCESS");
    assert_eq!(client.result(&second)["status"], "CANCELLED");
    assert_eq!(client.result(&third)["status"], "SUCCESS");
    assert!(String::from_utf8(space.read("assets/a/asset.json")).unwrap().contains("\"name\": \"a\""));
    let begun: Vec<_> = client.told("started").iter().map(|started| started["id"].clone()).collect();
    assert_eq!(begun, [first, second, third]);
}

#[test]
fn a_flood_of_requests_is_answered_in_order() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    let mut server = Server::start(&space);
    let ids: Vec<_> = (0..300).map(|_| server.client.ask("plan", json!({}))).collect();
    for id in &ids {
        assert_eq!(server.client.result(id)["status"], "SUCCESS");
    }
    let answered = server.client.notifications.iter().filter(|message| message.get("method").is_none()).count();
    assert_eq!(answered, 0, "an answer overtook another one");
}
