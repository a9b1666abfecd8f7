//! Mounts that nobody else sees.

use std::process::Command;

use crate::space::{Run, TestSpace};

/// Runs a shell script in the workspace, with mounts of its own and the binary as `papack`; none, with the reason printed,
/// where that cannot be, or where it says by exit code 77 that it cannot mount.
pub fn run_with_mounts(space: &TestSpace, script: &str) -> Option<Run> {
    let can_unshare = Command::new("unshare").args(["-m", "true"]).output();
    if !can_unshare.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: this user cannot have mounts of its own");
        return None;
    }
    let mut command = Command::new("unshare");
    let binary = env!("CARGO_BIN_EXE_papack");
    command.args(["-m", "sh", "-c", &format!("papack() {{ \"{binary}\" \"$@\"; }}\n{script}")]);
    command.current_dir(space.path()).env("NO_COLOR", "1");
    let run = Run::of(command);
    if run.code == 77 {
        eprintln!("skipped: {}", run.stderr);
        return None;
    }
    Some(run)
}
