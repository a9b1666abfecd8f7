//! Processes that run from start to end, with their time and memory.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use wait4::Wait4;

use crate::measure::{Run, settle};

/// `papack` in the workspace, with `words`.
pub fn papack(workspace: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_papack"));
    command.args(words).arg("--workspace").arg(workspace);
    command
}

/// Runs `command`, which must succeed, from before it is started until it is gone.
///
/// To its peak memory the system adds nothing but what this process had when it made it. So this process stays small.
pub fn run(command: &mut Command) -> Run {
    command.stdin(Stdio::null()).stdout(Stdio::null());
    settle();
    let started = Instant::now();
    let used = command.spawn().unwrap().wait4().unwrap();
    let elapsed = started.elapsed();
    assert!(used.status.success(), "{command:?}: {}", used.status);
    Run { elapsed, peak: Some(used.rusage.maxrss) }
}
