//! Processes that run from start to end, with their time and memory.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use wait4::Wait4;

use crate::measure::{Run, settle};

/// `papack` in the workspace, with `words`.
pub fn papack(workspace: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_papack"));
    command.args(words).arg("--workspace").arg(workspace);
    with_key(&mut command);
    command
}

/// Gives `command` a key of its own for the cache, so that the user's key is never read.
pub fn with_key(command: &mut Command) -> &mut Command {
    command.env("PAPACK_CACHE_KEY", "5a".repeat(32))
}

/// Runs `command`, which must succeed, and times it from before its start to its end.
///
/// The peak memory of a child includes what this process had when it started the child. So this process is kept small,
/// and there is no figure where the child's may be no more than that.
pub fn run(command: &mut Command) -> Run {
    run_after(command, || {})
}

/// As [`run`], just after `before`.
pub fn run_after(command: &mut Command, before: impl FnOnce()) -> Run {
    settle();
    before();
    run_at_once(command)
}

/// As [`run`], without waiting until what was written before is on the disk.
pub fn run_at_once(command: &mut Command) -> Run {
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let started = Instant::now();
    let used = command.spawn().unwrap().wait4().unwrap();
    let elapsed = started.elapsed();
    assert!(used.status.success(), "{command:?}: {}", used.status);
    Run { elapsed, peak: Some(used.rusage.maxrss).filter(|peak| Some(*peak) > peak_of("self")) }
}

/// The peak memory of a running process in bytes, where the system reports it.
pub fn peak_of(process: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let kib = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"))?;
    Some(kib.parse::<u64>().ok()? * 1024)
}

/// The present memory of the process `id` in bytes; 0 where the system does not report it.
pub fn memory_of(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let kib = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"));
    kib.and_then(|kib| kib.parse::<u64>().ok()).unwrap_or_default() * 1024
}
