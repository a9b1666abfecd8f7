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
use crate::space::KEY;

/// How many times the processor time that is granted may go by before a run is taken to hang.
const PATIENCE: u32 = 10;
/// Memory that a run may take without any input. 8 MiB of it are what the allocator has at rest, in large pages.
const BASE: u64 = 72 << 20;

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
///
/// It is ended where it hangs, after a time that is long for `cpu` even on a machine with much else to do.
pub fn papack(ground: &Ground, arguments: &[&str], cpu: Duration) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_papack"));
    command.current_dir(ground.path()).args(arguments).env("NO_COLOR", "1").env("PAPACK_CACHE_KEY", KEY);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (mut stdout, mut stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let pid = Pid::from_child(&child);
    let (done, ended) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            if ended.recv_timeout(cpu * PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
                // Not reaped yet, so the id is still its own.
                let _ = kill_process(pid, Signal::KILL);
            }
        });
        let errors = scope.spawn(move || text(&mut stderr));
        let stdout = text(&mut stdout);
        let stderr = errors.join().unwrap();
        let used = child.wait4().unwrap();
        drop(done);
        let cpu = used.rusage.utime + used.rusage.stime;
        Run { code: used.status.code(), stdout, stderr, cpu, memory: used.rusage.maxrss }
    })
}

/// The most memory that this process has taken so far, in bytes.
fn own_peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
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
    let input = case.memory * ground.size();
    let commands: &[&[&str]] = match case.target {
        Target::Workspace => &[&["pack", "--jobs", "1"], &["pack", "--jobs", "4"], &["check"]],
        Target::PackOnce => &[&["pack"]],
        Target::Pack => &[&["verify", PACK], &["inspect", PACK]],
        Target::Companions => &[&["verify", PACK]],
    };
    let mut faults = Vec::new();
    let run = |command: &[&str]| {
        let run = papack(&ground, &[command, &["--message-format", "json"]].concat(), case.cpu);
        // Linux counts with a process what its parent had taken when it was started.
        (run, own_peak().max(BASE) + input)
    };
    let planned = (case.target == Target::Workspace).then(|| run(&["plan"]));
    let mut first = None;
    for command in commands {
        let (run, limit) = run(command);
        let mut wrong = |what: String| faults.push(format!("{}: {}: {what}", case.name, command.join(" ")));
        judge_run(case, &run, limit, &mut wrong);
        let said = run.diagnostics();
        if first.get_or_insert_with(|| said.clone()) != &said {
            wrong(format!("says something else: {said:#?}, at first: {first:#?}"));
        }
    }
    if let Some((run, limit)) = planned {
        let mut wrong = |what: String| faults.push(format!("{}: plan: {what}", case.name));
        judge_effort(case, &run, limit, &mut wrong);
        if !run.code.is_some_and(|code| code == 0 || code == case.exit) {
            wrong(format!("ended with {:?}: {}", run.code, run.stderr));
        }
        // What only derivation finds is not said by a plan.
        let found = first.unwrap_or_default();
        if let Some(other) = run.diagnostics().iter().find(|said| !found.contains(said)) {
            wrong(format!("says what a pack does not: {other:#?}"));
        }
    }
    let after = ground.snapshot();
    let is_output = |path: &std::path::Path| {
        path.starts_with("ws/assets/.prometeu/cache") || path.starts_with("ws/build") && case.exit == 0
    };
    let changed: Vec<_> =
        before.keys().chain(after.keys()).filter(|path| before.get(*path) != after.get(*path)).collect();
    if let Some(path) = changed.into_iter().find(|path| !is_output(path)) {
        faults.push(format!("{}: {} was changed", case.name, path.display()));
    }
    faults
}

fn judge_run(case: &Case, run: &Run, limit: u64, wrong: &mut impl FnMut(String)) {
    if run.code != Some(case.exit) {
        wrong(format!("ended with {:?}, not {}: {}", run.code, case.exit, run.stderr));
    }
    judge_effort(case, run, limit, wrong);
    let said = run.diagnostics();
    // Whoever has a broken picture or sound is told what to do about it.
    let is_of_source = |line: &&Value| {
        ["PNG_INVALID", "PNG_UNSUPPORTED", "WAV_INVALID", "WAV_UNSUPPORTED"].iter().any(|code| line["code"] == *code)
    };
    if let Some(line) = said.iter().filter(is_of_source).find(|line| line["help"].is_null()) {
        wrong(format!("has no help: {line}"));
    }
    let mut lines = said.iter();
    for fault in &case.faults {
        let found = if case.and_more {
            lines.any(|line| fault.is(line))
        } else {
            lines.next().is_some_and(|line| fault.is(line))
        };
        if !found {
            return wrong(format!("does not say in this order\n    {fault:?}\n  but{}", shown(&said)));
        }
    }
    if !case.and_more && lines.next().is_some() {
        wrong(format!("says more than expected:{}", shown(&said)));
    }
}

/// Whether it ended well, and took no more than it may.
fn judge_effort(case: &Case, run: &Run, limit: u64, wrong: &mut impl FnMut(String)) {
    if run.stderr.contains("panicked") || run.stdout.contains(r#""code":"INTERNAL""#) {
        wrong(format!("is a defect: {}{}", run.stderr, run.stdout));
    }
    if run.cpu > case.cpu {
        wrong(format!("took {:?} of processor time", run.cpu));
    }
    if run.memory > limit {
        wrong(format!("took {} KiB of memory, not at most {}", run.memory >> 10, limit >> 10));
    }
}

/// The first of what was said, for the eye.
fn shown(said: &[Value]) -> String {
    let line = |line: &Value| {
        let (span, text) = (&line["span"], |key: &str| line[key].as_str().unwrap_or("-").to_owned());
        format!(
            "\n    {} {} {} {} {}:{} @{} {}",
            text("severity"),
            text("code"),
            text("path"),
            text("pointer"),
            span["line"],
            span["column"],
            span["start"],
            text("message")
        )
    };
    said.iter().take(10).map(line).collect()
}
