//! How a server ends: soon after its client is gone, whatever is under way.

use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::Editor;
use crate::connection::{PROMPT, ended, framed, read_message, signal};
use crate::space::TestSpace;

fn space() -> TestSpace {
    TestSpace::with_assets(&[("a", &[("f", "f")])])
}

/// Has one pack wait for the lane, and another one for it.
fn keep_busy(editor: &mut Editor, lane: &File) {
    lane.lock().unwrap();
    let params = json!({ "command": "papack.pack", "workDoneToken": 1 });
    editor.ask("workspace/executeCommand", params);
    editor.until("$/progress", |params| params["value"]["kind"] == "report");
    editor.ask("papack/pack", json!({}));
}

#[test]
fn the_client_is_gone() {
    for is_busy in [false, true] {
        for (end, code) in [("exit", 1), ("shutdown", 0), ("close", 1), ("shutdown and close", 0)] {
            let space = space();
            let lane = File::open(space.path().join("assets/.prometeu")).unwrap();
            let mut editor = Editor::open(&space);
            if is_busy {
                keep_busy(&mut editor, &lane);
            }
            if end.contains("shutdown") {
                editor.request("shutdown", Value::Null);
            }
            if end.contains("close") {
                editor.connection.close();
            } else {
                editor.notify("exit", Value::Null);
            }
            editor.expect_prompt_end(code);
            assert!(!space.path().join("build").exists());
        }
    }
    // Before it began.
    let space = space();
    let mut editor = Editor::bare(&space);
    editor.notify("exit", Value::Null);
    editor.expect_prompt_end(1);
    let mut editor = Editor::bare(&space);
    editor.connection.send_bytes(b"Content-Length: 100\r\n\r\n{");
    editor.connection.close();
    editor.expect_prompt_end(0);
}

#[test]
fn a_shutdown_answers_what_waits() {
    let space = space();
    let lane = File::open(space.path().join("assets/.prometeu")).unwrap();
    let mut editor = Editor::open(&space);
    keep_busy(&mut editor, &lane);
    editor.request("shutdown", Value::Null);
    assert_eq!((editor.error(&json!(2)), editor.error(&json!(3))), (-32800, -32800));
}

#[test]
fn the_process_of_the_client_ends() {
    let mut client = Command::new("sleep").arg("1000").spawn().unwrap();
    let space = space();
    let mut editor = Editor::bare(&space);
    let mut params = editor.initialization(json!({}));
    params["processId"] = json!(client.id());
    editor.request("initialize", params.clone());
    client.kill().unwrap();
    // Even where nobody has asked how it ended.
    editor.expect_prompt_end(1);
    client.wait().unwrap();
    // It may have ended before.
    let mut editor = Editor::bare(&space);
    editor.ask("initialize", params);
    editor.expect_prompt_end(1);
}

#[test]
fn a_signal() {
    for (name, is_busy, code) in [("-INT", false, 0), ("-TERM", true, 130)] {
        let space = space();
        let lane = File::open(space.path().join("assets/.prometeu")).unwrap();
        let mut editor = Editor::open(&space);
        if is_busy {
            keep_busy(&mut editor, &lane);
        }
        signal(&editor.process, name);
        editor.expect_prompt_end(code);
    }
}

#[test]
fn what_is_no_message_ends_it_with_a_word() {
    for (bytes, why) in [
        (&b"Content-Length: 67108865\r\n\r\n"[..], "at most 67108864 bytes"),
        (b"Content-Length: 99999999999999999999\r\n\r\n", "at most 67108864 bytes"),
        (b"Content-Length: -1\r\n\r\n", "no number of bytes"),
        (b"{}\r\n\r\n", "no colon"),
        (b"Content-Length: 2\n\n{}", "CR and LF"),
        (&[b'x'; 5000], "more than 4096 bytes"),
    ] {
        let space = space();
        let mut editor = Editor::open(&space);
        editor.connection.send_bytes(bytes);
        assert_eq!(editor.until_error()["error"]["code"], -32700);
        let (code, text) = editor.ended();
        assert_eq!(code, 1);
        assert!(text.contains(why), "{text}");
    }
}

/// A length that is not kept to has the server wait for the rest, or take what follows for a header.
#[test]
fn a_length_may_lie() {
    let space = space();
    let mut editor = Editor::open(&space);
    let message = json!({ "jsonrpc": "2.0", "id": 9, "method": "shutdown" }).to_string();
    editor.connection.send_bytes(format!("Content-Length: {}\r\n\r\n{message}", message.len() - 1).as_bytes());
    assert_eq!(editor.until_error()["error"]["code"], -32700);
    editor.connection.send_bytes(b"\r\n");
    assert_eq!(editor.ended().0, 1);
    let mut editor = Editor::open(&space);
    editor.connection.send_bytes(format!("Content-Length: {}\r\n\r\n{message}", 60_000_000).as_bytes());
    editor.connection.close();
    editor.expect_prompt_end(1);
}

/// Nobody reads what the server says: neither its messages, nor why it ends.
#[test]
fn nobody_reads() {
    for (name, is_stderr_closed) in [("full", false), ("closed", true)] {
        let space = space();
        let (errors, mut filled) = std::io::pipe().unwrap();
        let mut command = space.command(&["lsp"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(filled.try_clone().unwrap());
        let mut process = command.spawn().unwrap();
        drop(command);
        let errors = if is_stderr_closed {
            None
        } else {
            rustix::io::ioctl_fionbio(&filled, true).unwrap();
            while filled.write(&[b'x'; 4096]).is_ok() {}
            Some(errors)
        };
        drop(filled);
        let mut stdin = process.stdin.take().unwrap();
        stdin.write_all(&framed(r#"{"jsonrpc":"2.0","id":1,"method":"nothing"}"#)).unwrap();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        assert_eq!(read_message(&mut stdout).unwrap()["error"]["code"], -32002);
        stdin.write_all(b"no header\r\n").unwrap();
        assert_ne!(ended(&mut process, PROMPT), 0, "{name}");
        drop(errors);
    }
    // Its reading end is closed.
    let space = space();
    let mut command = space.command(&["lsp"]);
    let (reader, writer) = std::io::pipe().unwrap();
    command.stdin(Stdio::piped()).stdout(writer);
    let mut process = command.spawn().unwrap();
    drop(command);
    let stdin = process.stdin.take().unwrap();
    drop(reader);
    assert_eq!(ended(&mut process, PROMPT), 0);
    drop(stdin);
}

/// Both pipes break while the server says something: what it found, and why it ends.
#[test]
fn the_pipes_break_while_it_speaks() {
    let space = space();
    let root = format!("file://{}", space.path().canonicalize().unwrap().display());
    for round in 0..10 {
        let mut command = space.command(&["lsp"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let (mut stdin, errors) = (process.stdin.take().unwrap(), process.stderr.take().unwrap());
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        let mut send = |message: Value| stdin.write_all(&framed(&message.to_string()));
        let params = json!({ "processId": null, "rootUri": root, "capabilities": {} });
        send(json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params })).unwrap();
        read_message(&mut stdout).unwrap();
        drop(errors);
        let mut reader = Some(stdout);
        for version in 0..100 {
            if version == round {
                reader = None;
            }
            let text = if version % 2 == 0 { "{" } else { "" };
            let uri = format!("{root}/assets/a/asset.json");
            let document = json!({ "uri": uri, "languageId": "json", "version": version, "text": text });
            // It may have ended.
            drop(send(
                json!({ "jsonrpc": "2.0", "method": "textDocument/didOpen", "params": { "textDocument": document } }),
            ));
        }
        assert_eq!(ended(&mut process, PROMPT), 1, "{round}");
        drop(reader);
    }
}

/// A client that takes nothing and asks for more and more is given up, in bounded memory.
#[test]
fn a_client_that_stops_reading_is_given_up() {
    let space = space();
    space.write("assets/a/asset.json", "{");
    let mut command = space.command(&["lsp"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().unwrap();
    let mut stdin = process.stdin.take().unwrap();
    let root = format!("file://{}", space.path().canonicalize().unwrap().display());
    let params =
        json!({ "processId": null, "rootUri": root, "capabilities": { "textDocument": { "diagnostic": {} } } });
    let mut send = |message: Value| stdin.write_all(&framed(&message.to_string()));
    send(json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params })).unwrap();
    let document = json!({ "uri": format!("{root}/assets/a/asset.json") });
    let ask = json!({ "jsonrpc": "2.0", "id": "x".repeat(500_000), "method": "textDocument/diagnostic", "params": { "textDocument": document } });
    let began = Instant::now();
    while send(ask.clone()).is_ok() {
        assert!(began.elapsed() < Duration::from_secs(60), "it takes any number");
    }
    assert_eq!(ended(&mut process, PROMPT), 3);
    let mut text = String::new();
    process.stderr.take().unwrap().read_to_string(&mut text).unwrap();
    assert!(text.contains("nobody takes what is sent"), "{text}");
}
