//! The watch, for one client or several.

use serde_json::{Value, json};

use crate::client::{Client, Server};
use crate::space::TestSpace;

fn space() -> TestSpace {
    TestSpace::with_assets(&[("a", &[("f", "f")]), ("b", &[("f", "f")])])
}

fn kinds(client: &Client) -> Vec<String> {
    client.told("watch").iter().map(|it| it["kind"].as_str().unwrap().to_owned()).collect()
}

fn until_it_waits(client: &mut Client) {
    client.until("WAITING", |method, params| method == "watch" && params["kind"] == "WAITING");
}

fn until_built(client: &mut Client) -> Value {
    client.until("a result", |method, _| method == "result")
}

/// The events of each operation are whole and in order.
fn assert_whole(client: &Client) {
    let mut next = std::collections::HashMap::new();
    for message in &client.notifications {
        if ["event", "diagnostic"].contains(&message["method"].as_str().unwrap_or_default()) {
            let params = &message["params"];
            let expected = next.entry(params["operation_id"].to_string()).or_insert(0);
            assert_eq!(params["sequence"], json!(*expected), "{message}");
            *expected += 1;
        }
    }
    assert!(!next.is_empty());
}

#[test]
fn what_changes_is_built_and_told() {
    let space = space();
    let mut server = Server::start(&space);
    let client = &mut server.client;
    assert_eq!(client.request("watch", json!({ "on": true })), json!({ "watching": true }));
    assert_eq!(client.request("watch", json!({ "on": true })), json!({ "watching": true }));
    assert_eq!(until_built(client)["status"], "SUCCESS");
    until_it_waits(client);
    space.write("assets/a/f", "changed");
    let result = until_built(client);
    assert_eq!((&result["status"], &result["derived_asset_count"]), (&json!("SUCCESS"), &json!(1)));
    until_it_waits(client);
    // Between two builds other operations are done, on the same session.
    assert_eq!(client.request("pack", json!({}))["up_to_date"], true);
    space.write("assets/a/asset.json", "{");
    assert_eq!(until_built(client)["status"], "GATE_FAILED");
    assert_eq!(client.request("watch", json!({ "on": false })), json!({ "watching": false }));
    assert_eq!(client.request("watch", json!({ "on": false })), json!({ "watching": false }));
    let told = kinds(client);
    assert_eq!(told.iter().filter(|kind| *kind == "WATCHING").count(), 1);
    assert_eq!((told[0].as_str(), told.last().unwrap().as_str()), ("WATCHING", "FINISHED"));
    assert_whole(client);
    // What was not asked for with an id was not announced.
    assert_eq!(client.told("started").len(), 1);
    let so_far = client.notifications.len();
    space.write("assets/b/f", "changed");
    client.request("plan", json!({}));
    assert!(client.notifications[so_far..].iter().all(|it| it["method"] != "watch" && it["method"] != "result"));
    // It can be switched on again at once.
    client.request("watch", json!({ "on": true }));
    client.request("watch", json!({ "on": false }));
    client.request("watch", json!({ "on": true }));
    client.until("WATCHING", |method, params| method == "watch" && params["kind"] == "WATCHING");
    assert_eq!(until_built(client)["status"], "GATE_FAILED");
}

#[test]
fn clients_share_a_watch() {
    let space = space();
    let socket = space.path().join("socket");
    let mut process = space.command(&["serve", "--socket", "socket"]).spawn().unwrap();
    crate::sockets::until_there(&socket);
    let (mut one, mut other, mut third) =
        (Client::connect(&socket), Client::connect(&socket), Client::connect(&socket));
    one.request("watch", json!({ "on": true }));
    until_it_waits(&mut one);
    other.request("watch", json!({ "on": true }));
    other.until("WATCHING", |method, params| method == "watch" && params["kind"] == "WATCHING");
    space.write("assets/a/f", "changed");
    let (told_one, told_other) = (until_built(&mut one), until_built(&mut other));
    let was_first = |told: &Value| if told["up_to_date"] == true { None } else { Some(told.clone()) };
    assert_eq!(was_first(&told_one), was_first(&told_other));
    one.request("watch", json!({ "on": false }));
    assert_eq!(kinds(&one).last().unwrap(), "FINISHED");
    until_it_waits(&mut other);
    let so_far = one.notifications.len();
    space.write("assets/a/f", "changed again");
    until_built(&mut other);
    // What one asks for, it alone is told of.
    one.request("plan", json!({}));
    assert!(one.notifications[so_far..].iter().all(|message| message["method"] != "result"));
    third.request("plan", json!({}));
    assert_eq!(third.told("watch"), Vec::<Value>::new());
    assert_eq!(third.told("started").len(), 1);
    assert_whole(&one);
    assert_whole(&other);
    assert_whole(&third);
    process.kill().unwrap();
    process.wait().unwrap();
}

#[test]
fn an_operation_that_waits_for_a_build_can_be_cancelled() {
    let space = space();
    let lane = std::fs::File::open(space.path().join("assets/.prometeu")).unwrap();
    lane.lock().unwrap();
    let mut server = Server::start(&space);
    let client = &mut server.client;
    client.request("watch", json!({ "on": true }));
    client.until("the notice", |_, params| params["code"] == "LANE_BUSY");
    let check = client.ask("check", json!({}));
    assert!(client.is_quiet(std::time::Duration::from_millis(300)), "the build has the session");
    assert_eq!(client.request("cancel", json!({ "id": check })), json!({ "cancelled": true }));
    assert_eq!(client.result(&check)["status"], "CANCELLED");
    // Off, in a build.
    assert_eq!(client.request("watch", json!({ "on": false })), json!({ "watching": false }));
    assert_eq!(client.told("watch").last().unwrap()["end"], "CANCELLED");
    drop(lane);
    assert_eq!(client.request("check", json!({}))["status"], "SUCCESS");
}

#[test]
fn the_workspace_is_deleted() {
    let outer = TestSpace::empty();
    let space = space();
    let inner = outer.path().join("inner");
    std::fs::create_dir(&inner).unwrap();
    std::fs::rename(space.path().join("assets"), inner.join("assets")).unwrap();
    let mut server = Server::spawn(outer.command(&["serve", "--workspace", "inner"]));
    server.client.initialize();
    server.client.request("watch", json!({ "on": true }));
    until_it_waits(&mut server.client);
    std::fs::remove_dir_all(&inner).unwrap();
    let end = server.client.until("the end", |method, params| method == "watch" && params["kind"] == "FINISHED");
    assert_eq!(end["end"], "WORKSPACE_GONE");
    assert_eq!(server.client.request("watch", json!({ "on": false })), json!({ "watching": false }));
    server.client.close();
    server.expect_prompt_end();
}
