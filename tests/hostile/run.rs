//! Runs cases through the binary, and judges what became of them.

use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use wait4::Wait4;

use crate::case::{Case, Target};
use crate::ground::{Ground, PACK};

/// Processor time that no case needs, in a build without optimizations.
const CPU: Duration = Duration::from_secs(2);
/// After this time a run hangs, even on a machine with much else to do.
const PATIENCE: Duration = Duration::from_secs(20);
/// Memory that a run may take without any input.
const BASE: u64 = 64 << 20;

/// A run of the binary that came to its end.
pub struct Run {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    /// Processor time, user and system.
    pub cpu: Duration,
    /// Largest resident set, in bytes.
    pub memory: u64,
}

/// Runs all of `cases`, and panics with what is wrong with any of them.
pub fn run(cases: Vec<Case>) {
    let faults: Vec<String> = cases.iter().flat_map(judge).collect();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// Runs the binary in the workspace of `ground`.
pub fn papack(ground: &Ground, arguments: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_papack"));
    command.current_dir(ground.path()).args(arguments).env("NO_COLOR", "1");
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (mut stdout, mut stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let pid = Pid::from_child(&child);
    let (done, ended) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            if ended.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
                // Not reaped yet, so the id is still its own.
                let _ = kill_process(pid, Signal::KILL);
            }
        });
        let errors = scope.spawn(move || text(&mut stderr));
        let stdout = text(&mut stdout);
        let stderr = errors.join().unwrap();
        let used = child.wait4().unwrap();
        drop(done);
        // Linux counts what the parent took until the program was started.
        assert!(own_peak() < BASE, "the tests take so much memory themselves that they measure nothing");
        let cpu = used.rusage.utime + used.rusage.stime;
        Run { code: used.status.code(), stdout, stderr, cpu, memory: used.rusage.maxrss }
    })
}

/// The most memory that this process has taken so far, in bytes.
fn own_peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    peak.unwrap_or(0) << 10
}

fn text(from: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes).unwrap();
    String::from_utf8(bytes).expect("what is printed is UTF-8")
}

impl Run {
    /// The diagnostics printed, without what tells operations apart.
    pub fn diagnostics(&self) -> Vec<Value> {
        let lines = self.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let without_ids = |mut line: Value| {
            let fields = line.as_object_mut().unwrap();
            fields.remove("operation_id");
            fields.remove("sequence");
            line
        };
        lines.filter(|line| line["type"] == "diagnostic").map(without_ids).collect()
    }
}

/// What is wrong with how a case was answered.
fn judge(case: &Case) -> Vec<String> {
    let ground = Ground::new();
    (case.spoil)(&ground);
    let before = ground.snapshot();
    let limit = BASE + case.memory * ground.size();
    let commands: &[&[&str]] = match case.target {
        Target::Workspace => &[&["pack", "--jobs", "1"], &["pack", "--jobs", "4"]],
        Target::Pack => &[&["verify", PACK], &["inspect", PACK]],
        Target::Companions => &[&["verify", PACK]],
    };
    let mut faults = Vec::new();
    let mut first = None;
    for command in commands {
        let run = papack(&ground, &[*command, &["--message-format", "json"]].concat());
        let mut wrong = |what: String| faults.push(format!("{}: {}: {what}", case.name, command.join(" ")));
        judge_run(case, &run, limit, &mut wrong);
        let said = run.diagnostics();
        if first.get_or_insert_with(|| said.clone()) != &said {
            wrong(format!("says something else: {said:#?}, at first: {first:#?}"));
        }
    }
    let after = ground.snapshot();
    let is_output = |path: &std::path::Path| path.starts_with("ws/build") && case.exit == 0;
    let changed: Vec<_> = before.keys().chain(after.keys()).filter(|path| before.get(*path) != after.get(*path)).collect();
    if let Some(path) = changed.into_iter().find(|path| !is_output(path)) {
        faults.push(format!("{}: {} was changed", case.name, path.display()));
    }
    faults
}

fn judge_run(case: &Case, run: &Run, limit: u64, wrong: &mut impl FnMut(String)) {
    if run.code != Some(case.exit) {
        wrong(format!("ended with {:?}, not {}: {}", run.code, case.exit, run.stderr));
    }
    if run.stderr.contains("panicked") || run.stdout.contains(r#""code":"INTERNAL""#) {
        wrong(format!("is a defect: {}{}", run.stderr, run.stdout));
    }
    if run.cpu > CPU {
        wrong(format!("took {:?} of processor time", run.cpu));
    }
    if run.memory > limit {
        wrong(format!("took {} KiB of memory, not at most {}", run.memory >> 10, limit >> 10));
    }
    let said = run.diagnostics();
    if said.len() != case.faults.len() {
        wrong(format!("says {} things, not {}", said.len(), case.faults.len()));
    }
    let mut lines = said.iter();
    let mut faults = case.faults.iter();
    loop {
        let (line, fault) = (lines.next(), faults.next());
        match (line, fault) {
            (None, None) => break,
            (Some(line), Some(fault)) if fault.is(line) => {}
            _ => {
                let line = line.map_or("nothing".into(), shown);
                return wrong(format!("says\n    {line}\n  not\n    {fault:?}"));
            }
        }
    }
}

fn shown(line: &Value) -> String {
    let span = &line["span"];
    format!(
        "{} {} {} {} {}:{} @{} {}",
        line["severity"], line["code"], line["path"], line["pointer"], span["line"], span["column"], span["start"], line["message"]
    )
}
