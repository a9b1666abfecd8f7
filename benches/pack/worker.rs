//! Long-lived processes that answer in lines: `papack watch`, and a session that packs on request.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use papack_engine::{PackRequest, Session, Status};

use crate::measure::{Run, settle};
use crate::process;
use crate::workspace::{Edit, Workspace};

/// The argument that makes this program serve one session. That is a process of its own so that its memory can be
/// measured.
pub const SESSION: &str = "living-session";

/// How long a watch waits for more changes before it builds.
pub const DEBOUNCE: Duration = Duration::from_millis(50);

/// How long to wait for an answer.
const TIMEOUT: Duration = Duration::from_secs(300);

/// A child process. It is killed when this is dropped.
pub struct Worker {
    child: Child,
    input: ChildStdin,
    lines: Receiver<String>,
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Worker {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            BufReader::new(output).lines().map_while(Result::ok).all(|line| sender.send(line).is_ok())
        });
        Self { child, input, lines }
    }

    /// A session on `workspace` that has packed once.
    pub fn session(workspace: &Workspace) -> Self {
        Self::session_in(workspace.path())
    }

    /// A session on the workspace in `folder` that has packed once.
    pub fn session_in(folder: &Path) -> Self {
        let program = std::env::current_exe().unwrap();
        let mut worker = Self::start(process::with_key(&mut Command::new(program)).arg(SESSION).arg(folder));
        settle();
        worker.ask();
        worker
    }

    /// A watch of `workspace` that has built once; `None` if it ended before that.
    pub fn watching(workspace: &Workspace) -> Option<Self> {
        let command = &mut process::papack(workspace.path(), &["watch", "--message-format", "json"]);
        let worker = Self::start(command.stderr(Stdio::null()));
        worker.wait_for(|line| line.contains(r#""type":"result""#))?;
        Some(worker)
    }

    /// Has the session pack. The session measures the time itself.
    pub fn pack(&mut self) -> Run {
        settle();
        Run { elapsed: self.ask(), peak: self.peak() }
    }

    /// Has the session pack at once, and returns how long that took it.
    pub fn ask(&mut self) -> Duration {
        self.input.write_all(b"pack\n").unwrap();
        let nanoseconds = self.wait_for(|_| true).expect("the session answers").parse().unwrap();
        Duration::from_nanos(nanoseconds)
    }

    /// The present memory of the process in bytes.
    pub fn memory(&self) -> u64 {
        process::memory_of(self.child.id())
    }

    /// How many files the process has open.
    pub fn open_files(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).map_or(0, Iterator::count)
    }

    /// Edits an asset and waits until the watch has published it. The time is that from the edit on, without the
    /// debounce.
    pub fn build_after(&self, workspace: &Workspace, edit: Edit) -> Run {
        settle();
        while self.lines.try_recv().is_ok() {}
        let started = Instant::now();
        workspace.edit(edit);
        let published = |line: &str| line.contains(r#""type":"result""#) && line.contains(r#""up_to_date":false"#);
        let result = self.wait_for(published).expect("the watch builds after an edit");
        let elapsed = started.elapsed().saturating_sub(DEBOUNCE);
        assert!(result.contains(r#""status":"SUCCESS""#), "{result}");
        Run { elapsed, peak: self.peak() }
    }

    /// The next line that is `wanted`, unless the process ends or the timeout passes.
    fn wait_for(&self, wanted: impl Fn(&str) -> bool) -> Option<String> {
        let until = Instant::now() + TIMEOUT;
        loop {
            let line = self.lines.recv_timeout(until.saturating_duration_since(Instant::now())).ok()?;
            if wanted(&line) {
                return Some(line);
            }
        }
    }

    fn peak(&self) -> Option<u64> {
        process::peak_of(&self.child.id().to_string())
    }
}

/// Packs `workspace` in one session for each line of standard input, and prints how many nanoseconds it took.
pub fn serve(workspace: &Path) {
    let mut session = Session::open(workspace).unwrap();
    for line in std::io::stdin().lines() {
        line.unwrap();
        let started = Instant::now();
        let result = session.pack(&PackRequest::default(), &|_| {});
        let elapsed = started.elapsed();
        assert_eq!(result.status, Status::Success);
        println!("{}", elapsed.as_nanos());
    }
}
