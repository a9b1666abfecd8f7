//! Processes that stay, and answer in lines: `papack watch`, and a session that lives on.

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

/// The word that makes this program a session that lives on, in a process whose memory is its own.
pub const LIVING: &str = "living-session";

/// For so long a watch waits for more changes before it builds.
const DEBOUNCE: Duration = Duration::from_millis(50);

/// An answer that takes longer is none.
const PATIENCE: Duration = Duration::from_secs(300);

/// A process that was started and is ended with this.
pub struct Talker {
    child: Child,
    input: ChildStdin,
    lines: Receiver<String>,
}

impl Drop for Talker {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Talker {
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
    pub fn living(workspace: &Workspace) -> Self {
        let program = std::env::current_exe().unwrap();
        let mut talker = Self::start(process::with_key(&mut Command::new(program)).arg(LIVING).arg(workspace.path()));
        talker.pack();
        talker
    }

    /// A watch of `workspace` that has built once; or none, where it ends before it has.
    pub fn watching(workspace: &Workspace) -> Option<Self> {
        let command = &mut process::papack(workspace.path(), &["watch", "--message-format", "json"]);
        let talker = Self::start(command.stderr(Stdio::null()));
        talker.wait_for(|line| line.contains(r#""type":"result""#))?;
        Some(talker)
    }

    /// Lets the living session pack. It takes the time itself.
    pub fn pack(&mut self) -> Run {
        settle();
        self.input.write_all(b"pack\n").unwrap();
        let nanoseconds = self.wait_for(|_| true).expect("the session answers").parse().unwrap();
        Run { elapsed: Duration::from_nanos(nanoseconds), peak: self.peak() }
    }

    /// Edits an asset and waits until the watch has published it: the time from the edit on, without the debounce.
    pub fn see(&self, workspace: &Workspace, edit: Edit) -> Run {
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

    /// The next line that is `wanted`, unless the process ends or takes very long.
    fn wait_for(&self, wanted: impl Fn(&str) -> bool) -> Option<String> {
        let until = Instant::now() + PATIENCE;
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

/// Packs `workspace` for each line that comes, in one session, and answers how many nanoseconds it took.
pub fn live_in(workspace: &Path) {
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
