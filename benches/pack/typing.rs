//! `papack lsp`, and an editor in which somebody types: from a keystroke to the diagnostics.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::process;
use crate::workspace::{Workspace, root_of};

/// Keystrokes of each kind. Enough that one in a hundred is no single one.
const KEYSTROKES: usize = 1_000;

/// Keystrokes after which the memory is looked at again.
const MANY: usize = 10_000;

/// How long the server is left alone to see whether it uses the processor.
const IDLE: Duration = Duration::from_secs(5);

/// Where somebody types, by the text before it, and what.
const KINDS: [(&str, &str, &str); 3] = [
    ("keystroke in a name", "\"name\": \"asset ", "abcd"),
    ("keystroke in a key, which is unknown then", "\"name", "xyz"),
    ("keystroke that breaks the JSON", "{", "\"{["),
];

/// Types into the manifest of the middle asset, prints a row for each kind of keystroke, and returns remarks.
pub fn run(workspace: &Workspace, count: usize) -> Vec<String> {
    eprintln!("… typing");
    let mut editor = Editor::open(workspace, &root_of(count / 2));
    let started = Instant::now();
    editor.ask_for_diagnostics();
    let first = started.elapsed();
    let at_rest = editor.memory();
    let unknown: Vec<f64> = (0..KEYSTROKES).map(|_| timed(|| editor.request("bench/unknown", json!({})))).collect();
    for (name, before, text) in KINDS {
        let keystrokes: Vec<f64> = (0..KEYSTROKES).map(|number| editor.keystroke(before, text, number)).collect();
        print_row(name, &keystrokes, &unknown);
    }
    let (_, before, text) = KINDS[0];
    for number in 0..MANY {
        editor.keystroke(before, text, number);
    }
    let after = editor.memory();
    let used = editor.processor_time();
    sleep(IDLE);
    let used = editor.processor_time().saturating_sub(used);
    vec![
        format!(
            "the first look of `papack lsp` took {:.0} ms, with a cache that `check` wrote",
            first.as_secs_f64() * 1e3
        ),
        format!("`papack lsp` has {} MiB at rest, and {} MiB after {MANY} keystrokes more", mib(at_rest), mib(after)),
        format!("idle for {} s, it used {} ms of processor time", IDLE.as_secs(), used.as_millis()),
    ]
}

/// Median and 99th percentile, and how many times as long as an answer for which the server does nothing.
fn print_row(name: &str, keystrokes: &[f64], floor: &[f64]) {
    let [middle, most] = percentiles(keystrokes);
    let [floor_middle, floor_most] = percentiles(floor);
    let ratio = middle / floor_middle;
    println!(
        "| {name}, to the diagnostics | {middle:.2} ms (99 %: {most:.2}) | – | an answer that takes no work | {floor_middle:.2} ms (99 %: \
         {floor_most:.2}) | **{ratio:.1}** | – |"
    );
}

fn percentiles(milliseconds: &[f64]) -> [f64; 2] {
    let mut sorted = milliseconds.to_vec();
    sorted.sort_by(f64::total_cmp);
    [sorted[sorted.len() / 2], sorted[sorted.len() * 99 / 100]]
}

/// How long `act` takes, in milliseconds.
fn timed<T>(act: impl FnOnce() -> T) -> f64 {
    let started = Instant::now();
    act();
    started.elapsed().as_secs_f64() * 1e3
}

fn mib(bytes: u64) -> u64 {
    bytes.div_ceil(1 << 20)
}

/// An editor with one manifest open. Its server is killed when this is dropped.
struct Editor {
    server: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    uri: String,
    text: String,
    version: i64,
    next_id: i64,
}

impl Drop for Editor {
    fn drop(&mut self) {
        drop(self.server.kill());
        drop(self.server.wait());
    }
}

impl Editor {
    fn open(workspace: &Workspace, root: &str) -> Self {
        let folder = workspace.path().canonicalize().unwrap();
        process::run(&mut process::papack(&folder, &["check"]));
        let mut command = Command::new(env!("CARGO_BIN_EXE_papack"));
        process::with_key(command.arg("lsp"));
        let mut server = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (input, output) = (server.stdin.take().unwrap(), BufReader::new(server.stdout.take().unwrap()));
        let path = folder.join("assets").join(root).join("asset.json");
        let text = fs::read_to_string(&path).unwrap();
        let uri = format!("file://{}", path.display());
        let mut editor = Self { server, input, output, uri, text, version: 1, next_id: 1 };
        let capabilities = json!({"textDocument": {"diagnostic": {}}, "general": {"positionEncodings": ["utf-8"]}});
        let root_uri = format!("file://{}", folder.display());
        editor.request("initialize", json!({"processId": null, "rootUri": root_uri, "capabilities": capabilities}));
        editor.notify("initialized", json!({}));
        let document = json!({"uri": editor.uri, "languageId": "json", "version": 1, "text": editor.text});
        editor.notify("textDocument/didOpen", json!({"textDocument": document}));
        editor
    }

    /// Types one character of `text` behind `before`, or takes all of them away again, and waits for the diagnostics.
    /// Returns how long that takes, in milliseconds.
    fn keystroke(&mut self, before: &str, text: &str, number: usize) -> f64 {
        let typed = number % (text.len() + 1);
        let at = self.text.find(before).unwrap() + before.len() + typed;
        let place = |offset: usize| json!({"line": 0, "character": offset});
        let (range, new) = match text.get(typed..=typed) {
            Some(new) => (json!({"start": place(at), "end": place(at)}), new),
            None => (json!({"start": place(at - typed), "end": place(at)}), ""),
        };
        if typed == 0 {
            assert!(!self.text.contains('\n'), "the manifest has one line");
        }
        self.version += 1;
        let document = json!({"uri": self.uri, "version": self.version});
        let change = json!({"textDocument": document, "contentChanges": [{"range": range, "text": new}]});
        timed(|| {
            self.notify("textDocument/didChange", change);
            self.ask_for_diagnostics();
        })
    }

    fn ask_for_diagnostics(&mut self) {
        let params = json!({"textDocument": {"uri": self.uri}});
        let answer = self.request("textDocument/diagnostic", params);
        assert!(answer["result"]["kind"].is_string(), "{answer}");
    }

    fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.next_id;
        self.next_id += 1;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        loop {
            let message = self.receive();
            if message["id"] == id && message.get("method").is_none() {
                return message;
            }
        }
    }

    fn send(&mut self, message: &Value) {
        let body = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        self.input.flush().unwrap();
    }

    fn receive(&mut self) -> Value {
        let mut size = 0;
        loop {
            let mut line = String::new();
            assert!(self.output.read_line(&mut line).unwrap() > 0, "the server has ended");
            match line.trim_end().strip_prefix("Content-Length: ") {
                Some(length) => size = length.parse().unwrap(),
                None if line.trim_end().is_empty() => break,
                None => {}
            }
        }
        let mut body = vec![0; size];
        self.output.read_exact(&mut body).unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    /// The server's present memory in bytes.
    fn memory(&self) -> u64 {
        process::memory_of(self.server.id())
    }

    /// The processor time that the server has used, in the system's ticks of 10 ms.
    fn processor_time(&self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.server.id())).unwrap_or_default();
        let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
        let ticks: u64 = fields.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
        Duration::from_millis(10 * ticks)
    }
}
