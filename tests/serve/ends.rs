//! How a server ends: soon after its client is gone, whatever is under way.

use std::fs::File;
use std::io::{BufReader, Read};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{PROMPT, Server, ended, framed, read_message, signal};
use crate::space::{Run, TestSpace};

fn space() -> TestSpace {
    TestSpace::with_assets(&[("a", &[("f", "f")])])
}

/// Has a pack wait for the lane, and the watch on.
fn keep_busy(server: &mut Server) {
    server.client.request("watch", json!({ "on": true }));
    server.client.until("the first build", |method, params| method == "watch" && params["kind"] == "WAITING");
}

#[test]
fn the_client_closes_its_end() {
    for busy in [false, true] {
        let space = space();
        let mut server = Server::start(&space);
        let lane = File::open(space.path().join("assets/.prometeu")).unwrap();
        if busy {
            keep_busy(&mut server);
            lane.lock().unwrap();
            server.client.ask("pack", json!({}));
            server.client.ask("pack", json!({}));
            server.client.until("the notice", |_, params| params["code"] == "LANE_BUSY");
        }
        server.client.close();
        server.expect_prompt_end();
    }
}

#[test]
fn the_client_says_exit() {
    for shuts_down in [true, false] {
        let space = space();
        let lane = File::open(space.path().join("assets/.prometeu")).unwrap();
        lane.lock().unwrap();
        let mut server = Server::start(&space);
        let pack = server.client.ask("pack", json!({}));
        if shuts_down {
            let shutdown = server.client.ask("shutdown", json!({}));
            // All that was asked for before is answered first.
            assert_eq!(server.client.result(&pack)["status"], "CANCELLED");
            assert_eq!(server.client.result(&shutdown), Value::Null);
        }
        server.client.send(&json!({ "jsonrpc": "2.0", "method": "exit" }));
        server.expect_prompt_end();
        assert!(!space.path().join("build").exists());
    }
    let space = space();
    let mut server = Server::start(&space);
    assert_eq!(server.client.request("exit", json!({})), Value::Null);
    server.expect_prompt_end();
}

#[test]
fn the_client_never_says_exit() {
    let space = space();
    let mut server = Server::start(&space);
    server.client.request("watch", json!({ "on": true }));
    server.client.request("shutdown", json!({}));
    let began = Instant::now();
    assert_eq!(server.ended(), (0, String::new()));
    assert!((Duration::from_secs(4)..Duration::from_secs(9)).contains(&began.elapsed()), "{:?}", began.elapsed());
}

#[test]
fn the_client_closes_its_reading_end() {
    for busy in [false, true] {
        let space = space();
        let (reader, writer) = std::io::pipe().unwrap();
        let mut command = space.command(&["serve"]);
        command.stdin(Stdio::piped()).stdout(writer);
        let mut process = command.spawn().unwrap();
        drop(command);
        let stdin = process.stdin.take().unwrap();
        if busy {
            let lane = File::open(space.path().join("assets/.prometeu")).unwrap();
            lane.lock().unwrap();
        }
        drop(reader);
        assert_eq!(ended(&mut process, PROMPT), 0);
        drop(stdin);
    }
}

#[test]
fn the_process_of_the_client_ends() {
    // Somebody else holds the pipes of a client that is gone.
    let mut client = Command::new("sleep").arg("1000").spawn().unwrap();
    let space = space();
    let mut server = Server::start_bare(&space);
    server.client.request("initialize", json!({ "protocol_version": 1, "process_id": client.id() }));
    keep_busy(&mut server);
    client.kill().unwrap();
    // Even where nobody has asked how it ended.
    server.expect_prompt_end();
    client.wait().unwrap();
    // It may have ended before.
    let mut server = Server::start_bare(&space);
    server.client.request("initialize", json!({ "protocol_version": 1, "process_id": client.id() }));
    server.expect_prompt_end();
}

#[test]
fn a_signal() {
    for (name, busy, code) in [("-INT", false, 0), ("-TERM", false, 0), ("-TERM", true, 130)] {
        let space = space();
        let lane = File::open(space.path().join("assets/.prometeu")).unwrap();
        lane.lock().unwrap();
        let mut server = Server::start(&space);
        let id = busy.then(|| server.client.ask("pack", json!({})));
        if busy {
            server.client.until("the notice", |_, params| params["code"] == "LANE_BUSY");
        }
        let began = Instant::now();
        signal(&server.process, name);
        // The client still learns what became of what it asked for.
        if let Some(id) = id {
            assert_eq!(server.client.result(&id)["status"], "CANCELLED");
        }
        assert_eq!(server.ended(), (code, String::new()));
        assert!(began.elapsed() < PROMPT);
    }
}

#[test]
fn what_was_asked_for_by_a_script_is_answered_before_the_end() {
    let space = space();
    let script = [
        json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": { "protocol_version": 1 } }),
        json!({ "jsonrpc": "2.0", "id": 2, "method": "cancel", "params": { "id": 7 } }),
        json!({ "jsonrpc": "2.0", "id": 3, "method": "exit" }),
    ];
    space.write("script", script.iter().flat_map(|message| framed(&message.to_string())).collect::<Vec<_>>());
    let mut command = space.command(&["serve"]);
    command.stdin(File::open(space.path().join("script")).unwrap());
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let mut answers = BufReader::new(&output.stdout[..]);
    for id in 1..=3 {
        assert_eq!(read_message(&mut answers).unwrap()["id"], id);
    }
    assert_eq!(answers.read(&mut [0]).unwrap(), 0);
}

/// Whenever it is killed, the workspace is as good as before, and the next one serves it.
#[test]
fn killed_at_any_time() {
    let space = TestSpace::with_many(30, |id| id.to_string().into_bytes());
    for round in 0..12 {
        let mut server = Server::start(&space);
        for _ in 0..3 {
            server.client.ask("pack", json!({ "rehash": true }));
            server.client.ask("preload", json!({ "asset": "1", "slot": round }));
        }
        std::thread::sleep(Duration::from_millis(9 * round));
        server.process.kill().unwrap();
        server.process.wait().unwrap();
    }
    let mut server = Server::start(&space);
    assert_eq!(server.client.request("doctor", json!({ "fix": true }))["status"], "SUCCESS");
    assert_eq!(server.client.request("pack", json!({}))["status"], "SUCCESS");
    assert_eq!(space.run(&["verify", "build/assets.pa"]).code, 0);
}

#[test]
fn there_is_no_workspace() {
    let run = TestSpace::empty().run(&["serve"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("no workspace here"), "{}", run.stderr);
}

/// Standard streams that are closed from the start, or are the same file.
#[test]
fn odd_standard_streams() {
    let space = space();
    for script in ["exec \"$0\" serve <&-", "exec \"$0\" serve < /dev/null > /dev/full", "exec \"$0\" serve < . "] {
        let mut command = Command::new("sh");
        command.args(["-c", script, env!("CARGO_BIN_EXE_papack")]).current_dir(space.path());
        let run = Run::of(command);
        assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{script}: {}", run.stderr);
    }
}
