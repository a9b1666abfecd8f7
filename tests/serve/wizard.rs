//! The page about the Pack Wizard shows what is really sent.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::client::{Server, assert_described};
use crate::space::{TestSpace, manifest};

/// What the page has of the messages that differ from run to run.
const OPERATIONS: [&str; 3] = ["wC9yKLedVSIMT8FTIPcP", "73gR3Hw7KEPZp3Thc6uP", "cAYP2PxYU19YkUgPO4w7"];
const CLIENT_PROCESS: u32 = 4711;
const SERVER_PROCESS: u32 = 4712;
const WORKSPACE: &str = "/home/ana/mygame";

/// The messages of the Wizard as the page writes them, one a line.
struct Transcript {
    lines: Vec<String>,
    operations: Vec<String>,
}

impl Transcript {
    fn add(&mut self, arrow: &str, message: &Value) {
        let mut message = message.clone();
        self.settle(&mut message);
        self.lines.push(format!("{arrow} {message}"));
    }

    /// Puts in the place of what differs from run to run what the page has.
    fn settle(&mut self, value: &mut Value) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    match name.as_str() {
                        "operation_id" => {
                            let id = value.as_str().unwrap();
                            let known = self.operations.iter().position(|known| known == id);
                            let at = known.unwrap_or_else(|| {
                                self.operations.push(id.to_owned());
                                self.operations.len() - 1
                            });
                            *value = json!(OPERATIONS[at]);
                        }
                        "process_id" if value == std::process::id() => *value = json!(CLIENT_PROCESS),
                        "process_id" => *value = json!(SERVER_PROCESS),
                        "elapsed_ms" => *value = json!(3),
                        "workspace" if value.is_string() => *value = json!(WORKSPACE),
                        _ => self.settle(value),
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.settle(item)),
            _ => {}
        }
    }
}

/// The lines with messages on the page.
fn shown() -> Vec<String> {
    let page = include_str!("../../docs/spec/wizard.md");
    page.lines().filter(|line| line.starts_with("→ ") || line.starts_with("← ")).map(ToOwned::to_owned).collect()
}

#[test]
fn the_page_shows_what_is_sent() {
    let space = TestSpace::with_assets(&[("levels", &[("2.map", "..#.."), ("10.map", "#...#")])]);
    space.write("assets/levels/asset.json", manifest(1, "levels", r#"{"glob": "*.map"}"#));
    let mut server = Server::start_bare(&space);
    let mut transcript = Transcript { lines: Vec::new(), operations: Vec::new() };
    let calls = [
        ("initialize", json!({ "protocol_version": 1, "process_id": std::process::id() })),
        ("summary", json!({})),
        ("validate", json!({})),
        ("pack", json!({})),
        ("shutdown", json!({})),
    ];
    for (id, (method, params)) in calls.into_iter().enumerate() {
        let id = json!(id + 1);
        let mut request = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        if request["params"] == json!({}) {
            request.as_object_mut().unwrap().remove("params");
        }
        assert_described(&request);
        transcript.add("→", &request);
        server.client.send(&request);
        let answer = server.client.answer(&id);
        std::mem::take(&mut server.client.notifications).iter().for_each(|message| transcript.add("←", message));
        transcript.add("←", &answer);
    }
    let exit = json!({ "jsonrpc": "2.0", "method": "exit" });
    transcript.add("→", &exit);
    server.client.send(&exit);
    server.expect_prompt_end();
    let lines = transcript.lines.join("\n");
    assert_eq!(shown().join("\n"), lines, "docs/spec/wizard.md must show:\n{lines}\n");
}

/// Every member that the page tells the Wizard to show is there.
#[test]
fn the_page_names_members_that_are_sent() {
    let page = include_str!("../../docs/spec/wizard.md");
    let messages = shown().join("\n");
    let spans = page.lines().filter(|line| !line.starts_with("→ ") && !line.starts_with("← "));
    let text = spans.collect::<Vec<_>>().join("\n");
    let is_member = |span: &&str| span.contains('_') && span.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    let named: BTreeSet<&str> = text.split('`').skip(1).step_by(2).filter(is_member).collect();
    assert!(named.len() > 10, "{named:?}");
    for name in named {
        assert!(messages.contains(&format!("\"{name}\":")), "{name}");
    }
}
