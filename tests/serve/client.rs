//! A client, and the server that it talks to.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

pub use crate::connection::{DEADLINE, PROMPT, ended, framed, read_message, signal};

pub use crate::schemas::is_described;

use crate::connection::Connection;
use crate::schemas::{assert_is_described, assert_result_described};
use crate::space::TestSpace;

/// A client's side of a connection.
pub struct Client {
    connection: Connection,
    next_id: u64,
    /// What came that nobody has asked for yet.
    pub notifications: Vec<Value>,
}

/// A server with one client at its standard streams.
pub struct Server {
    pub process: Child,
    pub client: Client,
}

impl Client {
    /// A client that reads `input`, and writes to `output`.
    pub fn new(input: impl Read + Send + 'static, output: impl Write + Send + 'static) -> Self {
        Self { connection: Connection::new(input, output), next_id: 1, notifications: Vec::new() }
    }

    /// A client at the socket at `path`, initialized.
    pub fn connect(path: &Path) -> Self {
        let mut client = Self::connect_bare(path);
        client.initialize();
        client
    }

    /// A client at the socket at `path`, that has sent nothing.
    pub fn connect_bare(path: &Path) -> Self {
        let stream = UnixStream::connect(path).unwrap();
        Self::new(stream.try_clone().unwrap(), stream)
    }

    pub fn initialize(&mut self) -> Value {
        self.request("initialize", json!({ "protocol_version": 1, "process_id": std::process::id() }))
    }

    /// Sends bytes as they are. The server may have gone.
    pub fn send_bytes(&mut self, bytes: &[u8]) {
        self.connection.send_bytes(bytes);
    }

    /// Sends a message.
    pub fn send(&mut self, message: &Value) {
        self.send_bytes(&framed(&message.to_string()));
    }

    /// Sends a request of a client that keeps to the protocol. Returns its id.
    #[track_caller]
    pub fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = json!(self.next_id);
        self.next_id += 1;
        let message = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        assert_described(&message);
        self.send(&message);
        id
    }

    /// Sends a request, and waits for its result.
    #[track_caller]
    pub fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params);
        self.result(&id)
    }

    /// Waits for the result of the request `id`.
    #[track_caller]
    pub fn result(&mut self, id: &Value) -> Value {
        let answer = self.answer(id);
        answer.get("result").unwrap_or_else(|| panic!("{answer}")).clone()
    }

    /// Waits for the answer to the request `id`.
    #[track_caller]
    pub fn answer(&mut self, id: &Value) -> Value {
        loop {
            let message = self.next().unwrap_or_else(|| panic!("the connection ended before the answer to {id}"));
            match message.get("id") {
                Some(answered) if answered == id && message.get("method").is_none() => return message,
                _ => self.notifications.push(message),
            }
        }
    }

    /// Waits for a notification, and returns its parameters.
    #[track_caller]
    pub fn until(&mut self, what: &str, is_it: impl Fn(&str, &Value) -> bool) -> Value {
        loop {
            let message = self.next().unwrap_or_else(|| panic!("the connection ended before {what}"));
            let params = message["params"].clone();
            let is_it = is_it(message["method"].as_str().unwrap_or_default(), &params);
            self.notifications.push(message);
            if is_it {
                return params;
            }
        }
    }

    /// The next message. None when the connection has ended.
    #[track_caller]
    pub fn next(&mut self) -> Option<Value> {
        self.connection.next().inspect(assert_described)
    }

    /// Whether nothing comes for a while.
    pub fn is_quiet(&mut self, time: Duration) -> bool {
        match self.connection.next_within(time) {
            Ok(message) => {
                self.notifications.push(message);
                false
            }
            Err(error) => error == RecvTimeoutError::Timeout,
        }
    }

    /// The parameters of the notifications `method` that came so far.
    pub fn told(&self, method: &str) -> Vec<Value> {
        let told = self.notifications.iter().filter(|message| message["method"] == method);
        told.map(|message| message["params"].clone()).collect()
    }

    /// Closes the client's writing end.
    pub fn close(&mut self) {
        self.connection.close();
    }
}

impl Server {
    /// A server of `space`, whose client is initialized.
    pub fn start(space: &TestSpace) -> Self {
        let mut server = Self::start_bare(space);
        server.client.initialize();
        server
    }

    /// A server of `space`, whose client has sent nothing.
    pub fn start_bare(space: &TestSpace) -> Self {
        Self::spawn(space.command(&["serve"]))
    }

    pub fn spawn(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let client = Client::new(process.stdout.take().unwrap(), process.stdin.take().unwrap());
        Self { process, client }
    }

    /// Waits until the server has ended: its exit code, and what it printed on standard error.
    #[track_caller]
    pub fn ended(&mut self) -> (i32, String) {
        let code = ended(&mut self.process, DEADLINE);
        let mut text = String::new();
        self.process.stderr.take().unwrap().read_to_string(&mut text).unwrap();
        (code, text)
    }

    /// Expects that the server ends soon, with success and without a word.
    #[track_caller]
    pub fn expect_prompt_end(&mut self) {
        let began = Instant::now();
        assert_eq!(self.ended(), (0, String::new()));
        assert!(began.elapsed() < PROMPT, "it took {:?}", began.elapsed());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Expects that a message is as its schema says, and what it carries as its own.
#[track_caller]
pub fn assert_described(message: &Value) {
    assert_is_described("serve", message);
    match message["method"].as_str() {
        Some(name @ ("event" | "diagnostic")) => assert_is_described(name, &message["params"]),
        Some("watch") if message.get("id").is_none() && message["params"].get("type").is_some() => {
            assert_is_described("watch", &message["params"]);
        }
        Some("result") => assert_is_described("pack", &message["params"]),
        _ => {}
    }
    if let Some(result) = message.get("result").filter(|result| result["type"] == "result") {
        assert_result_described(result);
    }
}
