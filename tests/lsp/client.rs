//! An editor, and the language server that it talks to.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::connection::{Connection, DEADLINE, PROMPT, ended, framed};
use crate::schemas::{assert_is_described, assert_result_described};
use crate::space::TestSpace;

/// An editor with its server.
pub struct Editor {
    pub process: Child,
    pub connection: Connection,
    root: String,
    next_id: u64,
    /// What came that nobody has asked for yet.
    pub others: Vec<Value>,
}

impl Editor {
    /// An editor with `space` open, that is told diagnostics.
    pub fn open(space: &TestSpace) -> Self {
        Self::with(space, json!({}))
    }

    /// An editor with `space` open and these capabilities.
    pub fn with(space: &TestSpace, capabilities: Value) -> Self {
        let mut editor = Self::bare(space);
        editor.initialize(capabilities);
        editor
    }

    /// An editor that has sent nothing. `space` is its folder.
    pub fn bare(space: &TestSpace) -> Self {
        Self::spawn(space.command(&["lsp"]), space.path())
    }

    pub fn spawn(mut command: Command, root: &Path) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let connection = Connection::new(process.stdout.take().unwrap(), process.stdin.take().unwrap());
        let root = format!("file://{}", root.canonicalize().unwrap().to_str().unwrap());
        Self { process, connection, root, next_id: 1, others: Vec::new() }
    }

    pub fn initialize(&mut self, capabilities: Value) -> Value {
        let result = self.request("initialize", self.initialization(capabilities));
        self.notify("initialized", json!({}));
        result
    }

    /// The parameters of `initialize`.
    pub fn initialization(&self, capabilities: Value) -> Value {
        let folders = json!([{ "uri": self.root, "name": "game" }]);
        json!({
            "processId": std::process::id(), "rootUri": null, "workspaceFolders": folders, "capabilities": capabilities
        })
    }

    /// The URI of a file of the workspace.
    pub fn uri(&self, path: &str) -> String {
        format!("{}/{path}", self.root)
    }

    pub fn send(&mut self, message: &Value) {
        self.connection.send_bytes(&framed(&message.to_string()));
    }

    pub fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Sends a request, and returns its id.
    pub fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = json!(self.next_id);
        self.next_id += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    /// Sends a request, and waits for its result.
    #[track_caller]
    pub fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params);
        let answer = self.answer(&id);
        answer.get("result").unwrap_or_else(|| panic!("{answer}")).clone()
    }

    /// Sends a request, and waits for the code of its error.
    #[track_caller]
    pub fn refusal(&mut self, method: &str, params: Value) -> i64 {
        let id = self.ask(method, params);
        self.error(&id)
    }

    /// Waits for the code of the error that answers the request `id`.
    #[track_caller]
    pub fn error(&mut self, id: &Value) -> i64 {
        let answer = self.answer(id);
        assert!(answer["error"]["message"].is_string(), "{answer}");
        answer["error"]["code"].as_i64().unwrap()
    }

    /// Waits for the answer to the request `id`.
    #[track_caller]
    pub fn answer(&mut self, id: &Value) -> Value {
        self.find(|message| message.get("method").is_none() && message["id"] == *id)
    }

    /// Waits for a message, which may have come before.
    #[track_caller]
    fn find(&mut self, is_it: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.others.iter().position(&is_it) {
            return self.others.remove(at);
        }
        loop {
            let message = self.next();
            if is_it(&message) {
                return message;
            }
            self.others.push(message);
        }
    }

    /// Waits for a message `method` of which `is_it`. Returns its parameters.
    #[track_caller]
    pub fn until(&mut self, method: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        self.find(|message| message["method"] == method && is_it(&message["params"]))["params"].clone()
    }

    /// Waits for a request of the server.
    #[track_caller]
    pub fn request_of_server(&mut self, method: &str) -> Value {
        self.find(|message| message["method"] == method)
    }

    /// Waits for an error that is the answer to no request that this client knows.
    #[track_caller]
    pub fn until_error(&mut self) -> Value {
        self.find(|message| message.get("error").is_some())
    }

    #[track_caller]
    fn next(&mut self) -> Value {
        let next = self.connection.next();
        let message = next.unwrap_or_else(|| panic!("the connection ended; before: {:?}", self.others.last()));
        assert_contents_described(&message);
        message
    }

    /// A message that comes within a while.
    #[track_caller]
    pub fn next_within(&mut self, time: Duration) -> Option<Value> {
        match self.connection.next_within(time) {
            Ok(message) => {
                assert_contents_described(&message);
                Some(message)
            }
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => panic!("the connection ended"),
        }
    }

    /// Whether nothing more comes for a while.
    pub fn is_quiet(&mut self, time: Duration) -> bool {
        self.others.is_empty() && self.next_within(time).map(|message| self.others.push(message)).is_none()
    }

    /// Whether nothing comes for a while, after what is told of documents.
    pub fn is_quiet_but_for_publications(&mut self, time: Duration) -> bool {
        self.others.retain(|message| message["method"] != "textDocument/publishDiagnostics");
        self.is_quiet(time)
    }

    pub fn open_document(&mut self, path: &str, version: i32, text: &str) {
        let document = json!({ "uri": self.uri(path), "languageId": "json", "version": version, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
    }

    /// Replaces the whole text of a document.
    pub fn set_text(&mut self, path: &str, version: i32, text: &str) {
        self.change(path, version, json!([{ "text": text }]));
    }

    pub fn change(&mut self, path: &str, version: i32, changes: Value) {
        let document = json!({ "uri": self.uri(path), "version": version });
        self.notify("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
    }

    pub fn close_document(&mut self, path: &str) {
        self.notify("textDocument/didClose", json!({ "textDocument": { "uri": self.uri(path) } }));
    }

    /// Waits until the codes that are published for a document are these. Returns the last notification.
    #[track_caller]
    pub fn published(&mut self, path: &str, codes: &[&str]) -> Value {
        let uri = self.uri(path);
        self.until("textDocument/publishDiagnostics", |params| {
            params["uri"] == uri && self::codes(&params["diagnostics"]) == codes
        })
    }

    /// The report on a document, after a look.
    #[track_caller]
    pub fn report(&mut self, path: &str, previous: Option<&str>) -> Value {
        let document = json!({ "uri": self.uri(path) });
        self.request("textDocument/diagnostic", json!({ "textDocument": document, "previousResultId": previous }))
    }

    /// Waits until the server has ended: its exit code, and what it printed on standard error.
    #[track_caller]
    pub fn ended(&mut self) -> (i32, String) {
        let code = ended(&mut self.process, DEADLINE);
        let mut text = String::new();
        std::io::Read::read_to_string(&mut self.process.stderr.take().unwrap(), &mut text).unwrap();
        (code, text)
    }

    /// Expects that the server ends soon, with this exit code and without a word.
    #[track_caller]
    pub fn expect_prompt_end(&mut self, code: i32) {
        let began = Instant::now();
        assert_eq!(self.ended(), (code, String::new()));
        assert!(began.elapsed() < PROMPT, "it took {:?}", began.elapsed());
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Expects that what a message has beside the protocol is as its schema says: diagnostics, and results of operations.
#[track_caller]
fn assert_contents_described(message: &Value) {
    let result = &message["result"];
    if result["type"] == "result" {
        assert_result_described(result);
    }
    let reports = result["items"].as_array().into_iter().flatten();
    let lists = reports.map(|report| &report["items"]).chain([&message["params"]["diagnostics"], &result["items"]]);
    for shown in lists.filter_map(Value::as_array).flatten().filter(|item| item["source"] == "papack") {
        assert_is_described("diagnostic", &shown["data"]);
    }
}

/// The codes of diagnostics.
pub fn codes(diagnostics: &Value) -> Vec<&str> {
    diagnostics.as_array().unwrap().iter().map(|found| found["code"].as_str().unwrap()).collect()
}

/// What a client says that asks for diagnostics.
pub fn pulling() -> Value {
    json!({ "textDocument": { "diagnostic": {} }, "workspace": { "diagnostics": { "refreshSupport": true } } })
}
