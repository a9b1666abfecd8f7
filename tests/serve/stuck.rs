//! Clients that take nothing: they hold up nothing, lose nothing while they may still come back, and are given up.

use std::io::{BufReader, PipeReader, Write};
use std::os::unix::net::UnixStream;
use std::process::{Child, ChildStdin, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{Client, DEADLINE, ended, framed, read_message};
use crate::space::TestSpace;

/// A workspace of which there is much to tell.
fn space() -> TestSpace {
    TestSpace::with_many(1000, |id| id.to_string().into_bytes())
}

/// A server whose client reads nothing yet.
fn unread(space: &TestSpace) -> (Child, ChildStdin, PipeReader) {
    let (reader, writer) = std::io::pipe().unwrap();
    let mut command = space.command(&["serve"]);
    let mut process = command.stdin(Stdio::piped()).stdout(writer).stderr(Stdio::null()).spawn().unwrap();
    drop(command);
    let stdin = process.stdin.take().unwrap();
    (process, stdin, reader)
}

fn send(output: &mut impl Write, id: u32, method: &str, params: Value) {
    let message = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
    output.write_all(&framed(&message.to_string())).unwrap();
}

#[test]
fn who_reads_late_gets_everything_and_held_nothing() {
    let space = space();
    let (mut process, mut stdin, reader) = unread(&space);
    send(&mut stdin, 1, "initialize", json!({ "protocol_version": 1 }));
    send(&mut stdin, 2, "pack", json!({}));
    let deadline = Instant::now() + DEADLINE;
    while !space.path().join("build/asset_table_metadata.json").exists() {
        assert!(Instant::now() < deadline, "the pack waits for its reader");
        std::thread::sleep(Duration::from_millis(5));
    }
    // The lane is free, as soon as the pack has ended.
    assert_eq!(space.run(&["pack", "-q"]).code, 0);
    let mut reader = BufReader::new(reader);
    let (mut next, mut is_answered) = (0, false);
    while !is_answered {
        let message = read_message(&mut reader).unwrap();
        if message["method"] == "event" {
            assert_eq!(message["params"]["sequence"], next);
            next += 1;
        }
        is_answered = message["id"] == 2;
    }
    assert!(next > 2000, "{next}");
    send(&mut stdin, 3, "exit", json!({}));
    assert_eq!(read_message(&mut reader).unwrap()["id"], 3);
    assert_eq!(ended(&mut process, DEADLINE), 0);
}

#[test]
fn who_takes_nothing_for_long_is_given_up() {
    let space = space();
    let (mut process, mut stdin, reader) = unread(&space);
    send(&mut stdin, 1, "initialize", json!({ "protocol_version": 1 }));
    send(&mut stdin, 2, "pack", json!({}));
    let began = Instant::now();
    assert_eq!(ended(&mut process, DEADLINE), 3);
    assert!(began.elapsed() > Duration::from_secs(19), "{:?}", began.elapsed());
    drop((stdin, reader));
}

#[test]
fn a_client_that_takes_nothing_holds_up_no_other() {
    let space = space();
    let socket = space.path().join("socket");
    let mut process = space.command(&["serve", "--socket", "socket"]).stdin(Stdio::null()).spawn().unwrap();
    crate::sockets::until_there(&socket);
    let mut silent = UnixStream::connect(&socket).unwrap();
    send(&mut silent, 1, "initialize", json!({ "protocol_version": 1 }));
    send(&mut silent, 2, "watch", json!({ "on": true }));
    send(&mut silent, 3, "pack", json!({}));
    let mut other = Client::connect(&socket);
    for _ in 0..3 {
        assert_eq!(other.request("check", json!({}))["status"], "SUCCESS");
    }
    space.write("assets/g1/a1/f", "changed");
    assert_eq!(other.request("pack", json!({}))["status"], "SUCCESS");
    crate::client::signal(&process, "-TERM");
    let began = Instant::now();
    let code = ended(&mut process, DEADLINE);
    assert!([0, 130].contains(&code), "{code}");
    assert!(began.elapsed() < crate::client::PROMPT, "it waited for a client that takes nothing");
}
