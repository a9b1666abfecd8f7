//! The protocol: what is answered, with what, and what is refused.

use serde_json::{Value, json};

use crate::client::{Server, framed, is_described};
use crate::space::TestSpace;

fn space() -> TestSpace {
    TestSpace::with_assets(&[("a", &[("f", "f")])])
}

/// A faulty call, and the id and the code of its answer.
const REFUSED: &[(&str, &str, i64)] = &[
    ("", "null", -32700),
    ("{", "null", -32700),
    ("nonsense", "null", -32700),
    (r#"{"jsonrpc":"2.0","id":1,"method":"plan"} x"#, "null", -32700),
    ("[]", "null", -32600),
    (r#"[{"jsonrpc":"2.0","id":1,"method":"plan"}]"#, "null", -32600),
    ("null", "null", -32600),
    ("7", "null", -32600),
    ("{}", "null", -32600),
    (r#"{"jsonrpc":"1.0","id":1,"method":"plan"}"#, "1", -32600),
    (r#"{"id":1,"method":"plan"}"#, "1", -32600),
    (r#"{"jsonrpc":"2.0","id":1}"#, "1", -32600),
    (r#"{"jsonrpc":"2.0","id":1,"method":["plan"]}"#, "1", -32600),
    (r#"{"jsonrpc":"2.0","id":1,"result":{}}"#, "1", -32600),
    (r#"{"jsonrpc":"2.0","id":{},"method":"plan"}"#, "null", -32600),
    (r#"{"jsonrpc":"2.0","id":false,"method":"plan"}"#, "null", -32600),
    (r#"{"jsonrpc":"2.0","id":1,"id":1,"method":"plan"}"#, "null", -32600),
    (r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocol_version":1}}"#, "1", -32600),
    (r#"{"jsonrpc":"2.0","id":1,"method":"nothing"}"#, "1", -32601),
    (r#"{"jsonrpc":"2.0","id":1,"method":"init"}"#, "1", -32601),
    (r#"{"jsonrpc":"2.0","id":1,"method":"Plan"}"#, "1", -32601),
    (r#"{"jsonrpc":"2.0","id":1,"method":""}"#, "1", -32601),
    (r#"{"jsonrpc":"2.0","id":"x","method":"event","params":{}}"#, "\"x\"", -32601),
    (r#"{"jsonrpc":"2.0","id":1,"method":"plan","params":[]}"#, "1", -32602),
    (r#"{"jsonrpc":"2.0","id":1,"method":"plan","params":[true]}"#, "1", -32602),
    (r#"{"jsonrpc":"2.0","id":1,"method":"plan","params":1}"#, "1", -32602),
    (r#"{"jsonrpc":"2.0","id":1,"method":"plan","params":{"rehash":1}}"#, "1", -32602),
    (r#"{"jsonrpc":"2.0","id":1,"method":"plan","params":{"no_wait":true}}"#, "1", -32602),
    (r#"{"jsonrpc":"2.0","id":1,"method":"status","params":{"rehash":true}}"#, "1", -32602),
    (r#"{"jsonrpc":"2.0","id":1,"method":"check","params":{"rehash":null}}"#, "1", -32602),
    (r#"{"jsonrpc":"2.0","id":1,"method":"pack","params":{"explain":true,"explain":true}}"#, "1", -32602),
    (r#"{"jsonrpc":"2.0","id":1,"method":"check","params":{"deny":"IO"}}"#, "1", -32602),
    (r#"{"jsonrpc":"2.0","id":1,"method":"check","params":{"deny":["IOO"]}}"#, "1", -32602),
    (r#"{"jsonrpc":"2.0","id":1,"method":"rm","params":{"assets":["a"],"deny":["IO"],"allow":["io"]}}"#, "1", -32602),
    (r#"{"jsonrpc":"2.0","id":1,"method":"list","params":{"bank":"tiles"}}"#, "1", -32602),
    (r#"{"jsonrpc":"2.0","id":1,"method":"list","params":{"state":"GONE"}}"#, "1", -32602),
    (r#"{"jsonrpc":"2.0","id":1,"method":"check_outputs","params":{"dry_run":true}}"#, "1", -32602),
    (r#"{"jsonrpc":"2.0","id":1,"method":"new"}"#, "1", -32602),
    (r#"{"jsonrpc":"2.0","id":1,"method":"new","params":{"root":"b","all":true}}"#, "1", -32602),
    (r#"{"jsonrpc":"2.0","id":1,"method":"new","params":{"all":true,"format":"DATA/raw_v1"}}"#, "1", -32602),
    (r#"{"jsonrpc":"2.0","id":1,"method":"new","params":{"root":"b","format":"x"}}"#, "1", -32602),
    (
        r#"{"jsonrpc":"2.0","id":1,"method":"new","params":{"root":"b","format":"DATA/raw_v1","tile_size":8}}"#,
        "1",
        -32602,
    ),
    (
        r#"{"jsonrpc":"2.0","id":1,"method":"new","params":{"root":"b","format":"TILES/indexed_v1","tile_size":9}}"#,
        "1",
        -32602,
    ),
    (
        r#"{"jsonrpc":"2.0","id":1,"method":"new","params":{"root":"b","format":"DATA/raw_v1","files":"f"}}"#,
        "1",
        -32602,
    ),
    (r#"{"jsonrpc":"2.0","id":1,"method":"add"}"#, "1", -32602),
    (r#"{"jsonrpc":"2.0","id":1,"method":"add","params":{"roots":[]}}"#, "1", -32602),
    (r#"{"jsonrpc":"2.0","id":1,"method":"add","params":{"roots":["a"],"all":true}}"#, "1", -32602),
    (r#"{"jsonrpc":"2.0","id":1,"method":"mv","params":{"asset":"a"}}"#, "1", -32602),
    (r#"{"jsonrpc":"2.0","id":1,"method":"mv","params":{"asset":1,"root":"b"}}"#, "1", -32602),
    (r#"{"jsonrpc":"2.0","id":1,"method":"rename","params":{"asset":"a","name":"\ud800"}}"#, "1", -32602),
    (r#"{"jsonrpc":"2.0","id":1,"method":"preload","params":{"asset":"a"}}"#, "1", -32602),
    (r#"{"jsonrpc":"2.0","id":1,"method":"preload","params":{"asset":"a","slot":16}}"#, "1", -32602),
    (r#"{"jsonrpc":"2.0","id":1,"method":"preload","params":{"asset":"a","slot":1,"off":true}}"#, "1", -32602),
    (r#"{"jsonrpc":"2.0","id":1,"method":"include","params":{"assets":[]}}"#, "1", -32602),
    (r#"{"jsonrpc":"2.0","id":1,"method":"exclude","params":{"assets":"a"}}"#, "1", -32602),
    (r#"{"jsonrpc":"2.0","id":1,"method":"rm","params":{"assets":[]}}"#, "1", -32602),
    (r#"{"jsonrpc":"2.0","id":1,"method":"migrate","params":{"all":true}}"#, "1", -32602),
    (r#"{"jsonrpc":"2.0","id":1,"method":"doctor","params":{"renumber":1}}"#, "1", -32602),
    (r#"{"jsonrpc":"2.0","id":1,"method":"doctor","params":{"give_to":"a"}}"#, "1", -32602),
    (r#"{"jsonrpc":"2.0","id":1,"method":"watch"}"#, "1", -32602),
    (r#"{"jsonrpc":"2.0","id":1,"method":"watch","params":{"on":"yes"}}"#, "1", -32602),
    (r#"{"jsonrpc":"2.0","id":1,"method":"cancel"}"#, "1", -32602),
    (r#"{"jsonrpc":"2.0","id":1,"method":"cancel","params":{"id":{}}}"#, "1", -32602),
    (r#"{"jsonrpc":"2.0","id":1,"method":"cancel","params":{"id":1,"operation_id":"x"}}"#, "1", -32602),
    (r#"{"jsonrpc":"2.0","id":1,"method":"shutdown","params":{"now":true}}"#, "1", -32602),
];

#[test]
fn what_breaks_the_protocol_is_refused_and_nothing_is_done() {
    let space = space();
    let before = space.read("assets/.prometeu/index.json");
    let mut server = Server::start(&space);
    for (message, id, code) in REFUSED {
        server.client.send_bytes(&framed(message));
        let answer = server.client.next().unwrap();
        let id: Value = serde_json::from_str(id).unwrap();
        assert_eq!((&answer["id"], answer["error"]["code"].as_i64()), (&id, Some(*code)), "{message}: {answer}");
    }
    for message in [&b"\xff"[..], b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xc3\"}"] {
        let mut bytes = format!("Content-Length: {}\r\n\r\n", message.len()).into_bytes();
        bytes.extend(message);
        server.client.send_bytes(&bytes);
        assert_eq!(server.client.next().unwrap()["error"]["code"], -32700);
    }
    for nested in ["[".repeat(500_000), format!("{}{}", "[".repeat(100_000), "]".repeat(100_000))] {
        server.client.send_bytes(&framed(&nested));
        assert_eq!(server.client.next().unwrap()["id"], Value::Null);
        let message = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"add","params":{{"roots":{nested}}}}}"#);
        server.client.send_bytes(&framed(&message));
        assert!(server.client.next().unwrap()["error"]["code"].is_i64());
    }
    // The connection is as good as before.
    assert_eq!(server.client.request("status", json!({}))["status"], "SUCCESS");
    assert_eq!(space.read("assets/.prometeu/index.json"), before);
    assert!(!space.path().join("build").exists());
}

/// What the schema says of parameters, and what the server says, is the same.
#[test]
fn the_schema_refuses_what_the_server_refuses() {
    let mut looked_at = 0;
    for (message, _, code) in REFUSED.iter().filter(|(_, _, code)| [-32601, -32602].contains(code)) {
        // No schema sees that a key is there twice, half a character, or which codes there are.
        if [r#""explain":true,"#, "ud800", r#""IO"#].iter().any(|unseen| message.contains(unseen)) {
            continue;
        }
        looked_at += 1;
        let value: Value = serde_json::from_str(message).unwrap();
        assert!(!is_described("serve", &value), "{code}: {message}");
    }
    assert!(looked_at > 30, "{looked_at}");
}

#[test]
fn initialize_comes_first() {
    let space = space();
    let mut server = Server::start_bare(&space);
    let client = &mut server.client;
    for method in ["status", "watch", "cancel", "shutdown", "nothing"] {
        let message = json!({ "jsonrpc": "2.0", "id": method, "method": method, "params": {} });
        client.send(&message);
        assert_eq!(client.answer(&json!(method))["error"]["code"], -32002, "{method}");
    }
    // Notifications are not answered.
    client.send(&json!({ "jsonrpc": "2.0", "method": "status" }));
    for params in [
        json!({}),
        json!({ "protocol_version": 0 }),
        json!({ "protocol_version": 2 }),
        json!({ "protocol_version": "1" }),
        json!({ "protocol_version": 1, "process_id": 0 }),
        json!({ "protocol_version": 1, "process_id": -1 }),
        json!({ "protocol_version": 1, "process_id": 4_294_967_295_u32 }),
        json!({ "protocol_version": 1, "more": 1 }),
    ] {
        client.send(&json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params }));
        assert_eq!(client.next().unwrap()["error"]["code"], -32602, "{params}");
    }
    let about = client.initialize();
    let text = about.to_string();
    assert_eq!(about["protocol_version"], 1);
    assert_eq!(about["papack_version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(about["process_id"], server.process.id());
    assert_eq!(about["schemas"]["asset"], json!({ "oldest": 1, "current": 2 }));
    assert_eq!(about["banks"][1], json!({ "bank": "SOUNDS", "slots": 16 }));
    assert_eq!(about["formats"][2], json!({ "format": "DATA/raw_v1", "bank": "DATA" }));
    assert_eq!(about["codecs"], json!(["NONE"]));
    assert!(text.contains("TILES/indexed_v1"), "{text}");
}

/// Every method that is listed is there, in the table of the page and in the schema too, and no other.
#[test]
fn the_methods_are_those_of_the_page_and_the_schema() {
    let space = space();
    let mut server = Server::start_bare(&space);
    let about = server.client.initialize();
    let mut listed: Vec<_> = about["methods"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    listed.sort_unstable();
    let page = include_str!("../../docs/spec/serve.md");
    let (_, table) = page.split_once("## Methods").unwrap();
    let (table, _) = table.split_once("The methods from").unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")).filter_map(|row| row.split(" | ").next());
    let mut told: Vec<_> = rows.flat_map(|cell| cell.split('`').step_by(2)).filter(|name| !name.is_empty()).collect();
    told.sort_unstable();
    assert_eq!(listed, told);
    let schema: Value = serde_json::from_str(include_str!("../../docs/schemas/serve.schema.json")).unwrap();
    let calls = schema["$defs"]["call"]["oneOf"].as_array().unwrap().iter().map(|call| &call["properties"]["method"]);
    let named = calls.flat_map(|it| it["enum"].as_array().cloned().unwrap_or_else(|| vec![it["const"].clone()]));
    let mut named: Vec<_> = named.map(|name| name.as_str().unwrap().to_owned()).collect();
    named.sort_unstable();
    assert_eq!(listed, named);
}

#[test]
fn ids_of_all_kinds_come_back() {
    let space = space();
    let mut server = Server::start(&space);
    let long = format!("\"{}\"", "x".repeat(100_000));
    for id in ["0", "-7", "1.5", "123456789012345678", "\"\"", "\"a\\nb\"", "\"\\u202e\"", "null", &long] {
        server.client.send_bytes(&framed(&format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"plan"}}"#)));
        let id: Value = serde_json::from_str(id).unwrap();
        let answer = server.client.answer(&id);
        assert_eq!(answer["result"]["status"], "SUCCESS");
    }
    // Digits that no number of the machine holds.
    server.client.send_bytes(&framed(r#"{"jsonrpc":"2.0","id":1e400,"method":"nothing"}"#));
    server.client.close();
    assert_eq!(server.ended().0, 0);
}

#[test]
fn equal_ids_are_answered_each() {
    let space = space();
    let mut server = Server::start(&space);
    for _ in 0..3 {
        server.client.send(&json!({ "jsonrpc": "2.0", "id": "same", "method": "plan" }));
    }
    for _ in 0..3 {
        assert_eq!(server.client.answer(&json!("same"))["result"]["status"], "SUCCESS");
    }
}

#[test]
fn notifications_are_done_and_not_answered() {
    let space = space();
    let mut server = Server::start(&space);
    server.client.send(&json!({ "jsonrpc": "2.0", "method": "pack" }));
    server.client.send(&json!({ "jsonrpc": "2.0", "method": "nothing" }));
    server.client.send(&json!({ "jsonrpc": "2.0", "method": "pack", "params": [] }));
    assert_eq!(server.client.request("pack", json!({}))["up_to_date"], true);
    let told = &server.client.notifications;
    assert!(told.iter().all(|message| message.get("method").is_some()), "{told:#?}");
    // Only the second pack was asked for with an id.
    assert_eq!(server.client.told("started").len(), 1);
    let finished = server.client.told("event");
    assert_eq!(finished.iter().filter(|event| event["kind"] == "OPERATION_FINISHED").count(), 2);
}

#[test]
fn after_shutdown_there_is_only_exit() {
    let space = space();
    let mut server = Server::start(&space);
    assert_eq!(server.client.request("shutdown", json!({})), Value::Null);
    for method in ["plan", "shutdown", "watch", "initialize"] {
        server.client.send(&json!({ "jsonrpc": "2.0", "id": method, "method": method, "params": {} }));
        assert_eq!(server.client.answer(&json!(method))["error"]["code"], -32600, "{method}");
    }
    server.client.send(&json!({ "jsonrpc": "2.0", "method": "exit" }));
    server.expect_prompt_end();
}

#[test]
fn what_is_no_frame_ends_the_connection_with_a_word() {
    for (bytes, why) in [
        (&b"Content-Length: -1\r\n\r\n"[..], "a Content-Length is no number of bytes"),
        (b"Content-Length: 18446744073709551616\r\n\r\n", "a message may have at most 1048576 bytes"),
        (b"Content-Length: 1048577\r\n\r\n", "a message may have at most 1048576 bytes"),
        (b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", "a header has Content-Length more than once"),
        (b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"plan\"}\r\n\r\n", "a header has no Content-Length"),
        (&[b'x'; 5000], "a header has more than 4096 bytes"),
    ] {
        let space = space();
        let mut server = Server::start(&space);
        server.client.send_bytes(bytes);
        let answer = server.client.next().unwrap();
        assert_eq!((&answer["id"], &answer["error"]["code"]), (&Value::Null, &json!(-32700)));
        assert_eq!(answer["error"]["message"], why);
        assert_eq!(server.client.next(), None);
        let (code, told) = server.ended();
        assert_eq!(code, 1);
        assert!(told.contains(why), "{told}");
    }
}

#[test]
fn requests_that_wait_are_bounded() {
    let space = space();
    let lane = std::fs::File::open(space.path().join("assets/.prometeu")).unwrap();
    lane.lock().unwrap();
    let mut server = Server::start(&space);
    server.client.ask("pack", json!({}));
    // The bytes of these are more than may wait.
    let name = "x".repeat(1_000_000);
    let ids: Vec<_> = (0..20).map(|_| server.client.ask("include", json!({ "assets": [name] }))).collect();
    let refused = server.client.answer(&ids[19]);
    assert_eq!(refused["error"]["code"], -32000, "{refused}");
    let told = server.client.notifications.iter().filter(|message| message["error"]["code"] == -32000).count();
    assert!((3..5).contains(&told), "{told}");
    drop(lane);
    // Those that were taken are done.
    assert_eq!(server.client.result(&ids[0])["diagnostics"][0]["code"], "ASSET_UNKNOWN");
}

/// The most memory that the server has had so far, in kibibytes.
fn peak(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.process.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
fn large_messages_take_memory_in_proportion() {
    if !cfg!(target_os = "linux") {
        eprintln!("skipped: the system does not tell how much memory a process had");
        return;
    }
    let space = space();
    let mut server = Server::start(&space);
    server.client.request("check", json!({}));
    let before = peak(&server);
    let call = |params: &str| format!(r#"{{"jsonrpc":"2.0","id":1,"method":"add","params":{params}}}"#);
    let many = |item: &str| vec![item; 1_000_000 / (item.len() + 1)].join(",");
    for message in [
        call(&format!(r#"{{"roots":[{}]}}"#, many("0"))),
        call(&format!(r#"{{"unknown":[{}]}}"#, many("[]"))),
        call(&format!(r#"{{"roots":[{}],"unknown":1}}"#, many(r#""""#))),
        call(&format!("[{}]", many("0"))),
        format!(r#"{{"jsonrpc":"2.0","id":[{}],"method":"add"}}"#, many("0")),
        format!(r#"{{"jsonrpc":"2.0","id":1,"method":"plan","rest":[{}],"params":[]}}"#, many("{}")),
        format!("[{}]", many("0")),
        format!("{{{}}}", many(r#""a":0"#)),
        "[".repeat(1_000_000),
        format!("\"{}", "\\u0000".repeat(170_000)),
    ] {
        for _ in 0..3 {
            server.client.send_bytes(&framed(&message));
            assert!(server.client.next().unwrap()["error"]["code"].is_i64());
        }
    }
    let after = peak(&server);
    assert!(after - before < 48 * 1024, "{before} KiB before, {after} KiB after");
}
