//! A session that serves, and what tells whether it did.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::space::{CACHE, TestSpace};

/// After this long what is waited for will not come any more.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// A process whose session serves others. It is killed when this is dropped.
pub struct Host {
    pub process: Child,
}

impl Host {
    /// `papack serve` beside `space`, which serves other processes by now.
    pub fn serve(space: &TestSpace) -> Self {
        Self::start(space, space.command(&["serve"]))
    }

    /// Starts `command`, which serves the processes in `space`.
    pub fn start(space: &TestSpace, mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let host = Self { process: command.spawn().unwrap() };
        until("there is a socket", || socket(space).exists());
        until("it serves", || is_served(space));
        host
    }

    pub fn signal(&self, signal: &str) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Where sessions of `space` listen.
pub fn socket(space: &TestSpace) -> PathBuf {
    space.path().join(CACHE).join("serving/socket")
}

/// Whether a session does what a process is asked for. Only that process says that the cache index is damaged, since the
/// session has read it before.
pub fn is_served(space: &TestSpace) -> bool {
    let index = space.path().join(CACHE).join("index");
    let former = std::fs::read(&index).ok();
    space.write(&format!("{CACHE}/index"), "damaged");
    let is_served = !space.run(&["check", "--message-format", "short"]).stdout.contains("CACHE_DROPPED");
    drop(former.map_or_else(|| std::fs::remove_file(&index), |former| std::fs::write(&index, former)));
    is_served
}

/// Waits until something is so.
#[track_caller]
pub fn until(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !is_so() {
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}
