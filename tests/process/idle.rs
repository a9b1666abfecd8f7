//! What runs for long takes no processor time while nothing happens: it is not even woken.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::space::TestSpace;

/// How long a process is looked at.
const WINDOW: Duration = Duration::from_secs(2);

/// How often any thread of the process has waited for something and was woken since it began.
fn wakeups(process: &Child) -> u64 {
    let tasks = fs::read_dir(format!("/proc/{}/task", process.id())).unwrap();
    let of_task = |task: fs::DirEntry| {
        let status = fs::read_to_string(task.path().join("status")).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:").map(str::to_owned));
        line.map_or(0, |count| count.trim().parse::<u64>().unwrap())
    };
    tasks.map(|task| of_task(task.unwrap())).sum()
}

/// A message with its header.
fn frame(message: &str) -> String {
    format!("Content-Length: {}\r\n\r\n{message}", message.len())
}

#[test]
fn who_waits_is_not_woken() {
    let hello = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocol_version":1}}"#;
    let watch_on = r#"{"jsonrpc":"2.0","id":2,"method":"watch","params":{"on":true}}"#;
    let process_id = std::process::id();
    let editor = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"initialize","params":{{"processId":{process_id},"capabilities":{{}}}}}}"#
    );
    let initialized = r#"{"jsonrpc":"2.0","method":"initialized","params":{}}"#;
    let cases: [(&[&str], String); 3] = [
        (&["watch", "--message-format", "json"], String::new()),
        (&["serve"], frame(hello) + &frame(watch_on)),
        (&["lsp"], frame(&editor) + &frame(initialized)),
    ];
    let space = TestSpace::with_assets(&[("a", &[("f", "f")]), ("b", &[("g", "g")])]);
    let start = |(words, input): (&[&str], String)| {
        let mut child = space.command(words).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.as_ref().unwrap().write_all(input.as_bytes()).unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        assert!(output.read_line(&mut line).unwrap() > 0, "{words:?} says something");
        // What it says is taken, without end.
        std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
        (words[0].to_owned(), child)
    };
    let mut running: Vec<(String, Child)> = cases.map(start).into();
    // It may have something to do at first, such as to read again what was written just before.
    let until = Instant::now() + Duration::from_secs(60);
    let mut restless: Vec<(String, u64)> = Vec::new();
    while Instant::now() < until {
        let before: Vec<u64> = running.iter().map(|(_, child)| wakeups(child)).collect();
        std::thread::sleep(WINDOW);
        let woken = running.iter().zip(before).map(|((name, child), before)| (name.clone(), wakeups(child) - before));
        restless = woken.filter(|(_, count)| *count > 1).collect();
        if restless.is_empty() {
            break;
        }
    }
    for (name, child) in &mut running {
        assert!(child.try_wait().unwrap().is_none(), "{name} still runs");
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert!(restless.is_empty(), "woken while nothing happens: {restless:?}");
}
