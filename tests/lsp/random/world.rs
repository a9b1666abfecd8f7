//! A workspace, a client with its server, and what the client was told.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::deeds::{DOCUMENTS, Deed, REGISTRY, picture, picture_manifest};
use super::typed::{Position, position};
use crate::client::Editor;
use crate::connection::DEADLINE;
use crate::space::{TestSpace, entry, files_below};

/// What a client can.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client {
    /// Nothing: it is told diagnostics, and the server watches the disk.
    Plain,
    /// It tells of files that change.
    Watches,
    /// And it asks for diagnostics.
    Pulls,
}

/// A request whose answer has not come.
struct Asked {
    /// The codes of errors that it may be answered by.
    codes: Vec<i64>,
    /// Of a report on one document: its URI.
    document: Option<String>,
}

pub struct World {
    client: Client,
    space: TestSpace,
    editor: Editor,
    open: BTreeMap<&'static str, String>,
    version: i32,
    asked: BTreeMap<u64, Asked>,
    last_id: u64,
    /// What was published last, by URI.
    published: BTreeMap<String, Value>,
    /// The id of the last report, by URI.
    known: BTreeMap<String, String>,
    /// All reports, by URI and id.
    reports: HashMap<(String, String), Value>,
    packs: Vec<Child>,
}

impl World {
    pub fn new(client: Client) -> Self {
        let space = TestSpace::with_assets(&["a", "b", "c/inner"].map(|root| (root, &[("f.bin", "content")][..])));
        space.write_registry(&[entry(1, "a"), entry(2, "b"), entry(3, "c/inner"), entry(4, "d")]);
        space.write("assets/d/asset.json", picture_manifest(4, "picture"));
        space.write("assets/d/f.png", picture());
        let watching = json!({ "didChangeWatchedFiles": { "dynamicRegistration": true } });
        let capabilities = match client {
            Client::Plain => json!({}),
            Client::Watches => json!({ "workspace": watching }),
            Client::Pulls => json!({
                "textDocument": { "diagnostic": {} }, "window": { "workDoneProgress": true },
                "workspace": {
                    "diagnostics": { "refreshSupport": true }, "workspaceEdit": { "documentChanges": true },
                    "didChangeWatchedFiles": { "dynamicRegistration": true },
                },
            }),
        };
        let editor = Editor::with(&space, capabilities);
        Self {
            client,
            space,
            editor,
            open: BTreeMap::new(),
            version: 0,
            asked: BTreeMap::new(),
            last_id: 0,
            published: BTreeMap::new(),
            known: BTreeMap::new(),
            reports: HashMap::new(),
            packs: Vec::new(),
        }
    }

    pub fn play(&mut self, deed: &Deed) {
        match deed {
            Deed::Open(document, text) => {
                self.version += 1;
                self.editor.open_document(document, self.version, text);
                self.open.insert(document, text.clone());
            }
            Deed::Change(document, changes) => {
                self.version += 1;
                if let Some(text) = self.open.get_mut(document) {
                    changes.iter().for_each(|change| change.apply(text));
                }
                let changes = changes.iter().map(super::typed::Change::json).collect();
                self.editor.change(document, self.version, changes);
            }
            Deed::Close(document) => {
                self.editor.close_document(document);
                self.open.remove(document);
            }
            Deed::Write(document, text) => self.write(document, text),
            Deed::Save(document, is_written) => {
                if let (Some(text), true) = (self.open.get(document).cloned(), is_written) {
                    self.write(document, text);
                }
                let document = json!({ "uri": self.editor.uri(document) });
                self.editor.notify("textDocument/didSave", json!({ "textDocument": document }));
            }
            Deed::WriteFile(path, content) => self.write(path, content),
            Deed::Remove(file) => {
                let files: Vec<String> = files_below(&self.space.path().join("assets")).into_keys().collect();
                let path = format!("assets/{}", file.get(&files));
                if path != REGISTRY && !path.contains("/cache/") {
                    fs::remove_file(self.space.path().join(&path)).unwrap();
                    self.tell(&[&path]);
                }
            }
            Deed::Move(root) => self.rename_folder(&format!("assets/{root}")),
            Deed::Tell(document) => self.tell(&[document]),
            Deed::Report(document) => self.ask_for_report(document),
            Deed::ReportAll => self.ask_for_all_reports(),
            Deed::Ask(name, document, at) => self.ask_about(name, document, *at),
            Deed::Operate(name, params, is_command) => {
                if *is_command {
                    let params = json!({ "command": format!("papack.{name}"), "arguments": [params] });
                    self.ask("workspace/executeCommand", params, &[], None);
                } else {
                    self.ask(&format!("papack/{name}"), params.clone(), &[], None);
                }
            }
            Deed::Cancel(which) => {
                // One of the last, or one that was never sent.
                let id = (self.last_id + 1).saturating_sub(which.index(6) as u64);
                if let Some(asked) = self.asked.get_mut(&id) {
                    asked.codes.push(-32800);
                }
                self.editor.notify("$/cancelRequest", json!({ "id": id }));
            }
            Deed::Notify(method, params) => self.editor.notify(method, params.clone()),
            Deed::Refused(method, params, code) => self.ask(method, params.clone(), &[*code], None),
            Deed::Pack => {
                let mut command = self.space.command(&["pack"]);
                self.packs.push(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
            }
            Deed::Pause(time) => std::thread::sleep(Duration::from_millis(*time)),
        }
    }

    /// Writes a file, and tells the server if the client watches it.
    fn write(&mut self, path: &str, content: impl AsRef<[u8]>) {
        self.space.write(path, content);
        self.tell(&[path]);
    }

    fn rename_folder(&mut self, folder: &str) {
        let place = |path: &str| self.space.path().join(path);
        let (from, to) = (folder, "assets/moved");
        let (from, to) = if place(to).exists() { (to, from) } else { (from, to) };
        if fs::rename(place(from), place(to)).is_ok() {
            self.tell(&[from, to]);
        }
    }

    fn tell(&mut self, paths: &[&str]) {
        if self.client != Client::Plain {
            let changes: Vec<_> = paths.iter().map(|path| json!({ "uri": self.editor.uri(path), "type": 2 })).collect();
            self.editor.notify("workspace/didChangeWatchedFiles", json!({ "changes": changes }));
        }
    }

    fn ask(&mut self, method: &str, params: Value, codes: &[i64], document: Option<String>) {
        self.last_id = self.editor.ask(method, params).as_u64().unwrap();
        self.asked.insert(self.last_id, Asked { codes: codes.to_vec(), document });
    }

    fn ask_for_report(&mut self, document: &str) {
        let uri = self.editor.uri(document);
        let params = json!({ "textDocument": { "uri": uri }, "previousResultId": self.known.get(&uri) });
        self.ask("textDocument/diagnostic", params, &[], Some(uri));
    }

    fn ask_for_all_reports(&mut self) {
        let known: Vec<_> = self.known.iter().map(|(uri, id)| json!({ "uri": uri, "value": id })).collect();
        self.ask("workspace/diagnostic", json!({ "previousResultIds": known }), &[], None);
    }

    fn ask_about(&mut self, name: &str, document: &str, at: Position) {
        let at = position(at);
        let params = json!({
            "textDocument": { "uri": self.editor.uri(document) }, "position": at, "newName": "x",
            "range": { "start": at, "end": at }, "context": { "includeDeclaration": true, "diagnostics": [], "triggerKind": 1 },
            "options": { "tabSize": 2, "insertSpaces": true },
        });
        let codes: &[i64] = if name == "rename" { &[-32803] } else { &[] };
        self.ask(&format!("textDocument/{name}"), params, codes, None);
    }

    /// Takes what has come.
    pub fn take(&mut self) {
        while let Some(message) = self.editor.next_within(Duration::ZERO) {
            self.receive(message);
        }
    }

    /// Waits until every request is answered, and every pack has ended.
    pub fn settle(&mut self) {
        while !self.asked.is_empty() {
            let message = self.editor.next_within(DEADLINE);
            let message = message.unwrap_or_else(|| panic!("not answered: {:?}", self.asked.keys()));
            self.receive(message);
        }
        self.packs.drain(..).for_each(|mut pack| drop(pack.wait().unwrap()));
    }

    fn receive(&mut self, message: Value) {
        let params = &message["params"];
        match (message["method"].as_str(), message.get("id")) {
            (Some("textDocument/publishDiagnostics"), _) => {
                assert_ne!(self.client, Client::Pulls, "told unasked: {message}");
                assert!(params["version"].as_i64().is_none_or(|version| version <= self.version.into()), "{message}");
                self.published.insert(params["uri"].as_str().unwrap().to_owned(), params["diagnostics"].clone());
            }
            // A request of the server. Some are not granted.
            (Some(_), Some(id)) if id.as_u64().is_some_and(|id| id % 3 == 0) => {
                let error = json!({ "code": -32603, "message": "no" });
                self.editor.send(&json!({ "jsonrpc": "2.0", "id": id, "error": error }));
            }
            (Some(_), Some(id)) => self.editor.send(&json!({ "jsonrpc": "2.0", "id": id, "result": null })),
            (Some(_), None) => {}
            (None, id) => {
                let asked = id.and_then(Value::as_u64).and_then(|id| self.asked.remove(&id));
                let asked = asked.unwrap_or_else(|| panic!("nobody waits for it: {message}"));
                self.answered(&asked, &message);
            }
        }
    }

    fn answered(&mut self, asked: &Asked, answer: &Value) {
        if let Some(error) = answer.get("error") {
            let code = error["code"].as_i64().unwrap();
            assert!(asked.codes.contains(&code), "{answer}; it may be {:?}", asked.codes);
            return;
        }
        let result = &answer["result"];
        if let Some(uri) = &asked.document {
            self.keep_report(uri, result);
        } else if let Some(items) = result.get("items").and_then(Value::as_array) {
            let reports = items.iter().filter(|item| item.get("kind").is_some_and(Value::is_string));
            reports.for_each(|report| self.keep_report(report["uri"].as_str().unwrap(), report));
        }
    }

    /// An id is that of one state: what is told under it is always the same.
    fn keep_report(&mut self, uri: &str, report: &Value) {
        let id = report["resultId"].as_str().unwrap().to_owned();
        let key = (uri.to_owned(), id.clone());
        if report["kind"] == "full" {
            let items = self.reports.entry(key).or_insert_with(|| report["items"].clone());
            assert_eq!(*items, report["items"], "{uri} {id}");
        } else {
            assert!(self.reports.contains_key(&key), "never reported: {report}");
        }
        self.known.insert(uri.to_owned(), id);
    }

    /// Expects that the client shows what a clean check says.
    pub fn compare(&mut self) {
        self.settle();
        let expected = self.clean_check();
        let began = Instant::now();
        // Nobody knows when the system tells the server of the last changes.
        let patience = if self.client == Client::Plain { Duration::from_secs(20) } else { Duration::ZERO };
        loop {
            self.ask_for_all_reports();
            self.settle();
            let known = self.known.iter().map(|(uri, id)| &self.reports[&(uri.clone(), id.clone())]);
            let pulled = sorted(known.flat_map(data));
            if pulled == expected || began.elapsed() > patience {
                let missing: Vec<_> = expected.iter().filter(|it| !pulled.contains(it)).collect();
                let stale: Vec<_> = pulled.iter().filter(|it| !expected.contains(it)).collect();
                assert!(pulled == expected, "missing: {missing:#?}\nstale: {stale:#?}\nopen: {:#?}", self.open);
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        for document in DOCUMENTS {
            self.ask_for_report(document);
        }
        self.settle();
        for (uri, id) in &self.known {
            let (told, pulled) = (self.published.get(uri), &self.reports[&(uri.clone(), id.clone())]);
            let is_same = told.map_or(*pulled == json!([]), |told| told == pulled);
            assert!(is_same || self.client == Client::Pulls, "{uri}: told {told:?}, pulled {pulled}");
        }
        for (uri, told) in &self.published {
            assert!(self.known.contains_key(uri) || *told == json!([]), "{uri}: told {told}, and not pulled");
        }
    }

    /// What a check says of a copy in which all open texts are saved.
    fn clean_check(&self) -> Vec<String> {
        let copy = TestSpace::empty();
        let copied = Command::new("cp").arg("-r").arg(self.space.path().join("assets")).arg(copy.path()).status();
        assert!(copied.unwrap().success());
        drop(fs::remove_dir_all(copy.path().join(crate::space::CACHE)));
        drop(fs::copy(self.space.path().join("papack.toml"), copy.path().join("papack.toml")));
        for (document, text) in &self.open {
            // A text is in a folder that exists.
            if copy.path().join(document).parent().unwrap().is_dir() {
                copy.write(document, text);
            }
        }
        let run = copy.run(&["check", "--message-format", "json"]);
        let lines = run.lines();
        let result = lines.last().unwrap();
        assert_eq!(result["type"], "result", "{}", run.stderr);
        sorted(result["diagnostics"].as_array().unwrap().iter().cloned())
    }

    /// Expects that the server ends as its client wants it.
    pub fn end(mut self) {
        self.ask("shutdown", Value::Null, &[], None);
        self.settle();
        self.editor.notify("exit", Value::Null);
        self.editor.expect_prompt_end(0);
    }
}

/// What diagnostics carry, which is what they say.
fn data(diagnostics: &Value) -> impl Iterator<Item = Value> {
    diagnostics.as_array().unwrap().iter().map(|shown| {
        let data = &shown["data"];
        assert_eq!(shown["code"], data["code"]);
        assert!(shown["message"].as_str().unwrap().contains(data["message"].as_str().unwrap()), "{shown}");
        data.clone()
    })
}

fn sorted(diagnostics: impl Iterator<Item = Value>) -> Vec<String> {
    let mut lines: Vec<String> = diagnostics.map(|found| found.to_string()).collect();
    lines.sort();
    lines
}
