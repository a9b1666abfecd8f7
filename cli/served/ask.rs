//! A process that asks a session to do what it was asked for.

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use super::message::{Call, MAX_TO_PROCESS, ToHost, ToProcess};
use super::task::Task;
use crate::args::MessageFormat;
use crate::output::{self, Target};
use crate::render::{Reader, path_in_repository};
use crate::rpc::{Received, frame, read};
use crate::signals;

/// How long a session may take until an operation could begin.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long a session may be silent while it does something.
const MAX_SILENCE: Duration = Duration::from_secs(2);

/// How long, and up to how many bytes, what comes is held back: where the session dies meanwhile, nothing was printed.
const HOLD: Duration = Duration::from_secs(1);
const MAX_HELD: usize = 16 * 1024 * 1024;

/// How often a process that waits looks for signals.
const TICK: Duration = Duration::from_millis(20);

/// How many messages may wait to be taken.
const MAX_WAITING: usize = 16;

/// Asks a session that serves the workspace in `folder` to do `task`, and prints what it sends. Returns the exit code; none
/// where this process has to do it itself, since there is no such session, or it was not done to the end.
pub fn ask(folder: &Path, task: &Task, format: MessageFormat) -> Option<ExitCode> {
    let (stream, code) = papack_engine::connect(folder)?;
    let call = Call {
        code,
        task: task.clone(),
        format,
        reader: Reader::of_this_process(),
        path_in_repository: path_in_repository(folder),
    };
    let mut connection = Connection::new(stream)?;
    connection.send(&ToHost::Call(Box::new(call)))?;
    if connection.next(Instant::now() + PATIENCE)? != ToProcess::Ready {
        return None;
    }
    // From now on a signal cancels what is done.
    let cancel = signals::cancel();
    connection.send(&ToHost::Go)?;
    let mut printing = Printing::Held { texts: Vec::new(), size: 0, until: Instant::now() + HOLD };
    let mut has_cancelled = false;
    let mut heard = Instant::now();
    loop {
        if cancel.is_cancelled() && !has_cancelled {
            has_cancelled = true;
            // Where it cannot be sent, the next message is the end.
            _ = connection.send(&ToHost::Cancel);
        }
        match connection.receive(TICK) {
            Some(ToProcess::Text(target, text)) => printing.text(target, text),
            Some(ToProcess::Progress(line)) => printing.progress(line),
            Some(ToProcess::Done(code)) => {
                printing.release();
                return Some(ExitCode::from(code));
            }
            Some(ToProcess::Alive) => {}
            None if connection.is_open && heard.elapsed() < MAX_SILENCE => {
                printing.tick();
                continue;
            }
            Some(ToProcess::Ready) | None => {
                output::show_progress(None);
                return None;
            }
        }
        heard = Instant::now();
        printing.tick();
    }
}

/// The connection to a session.
struct Connection {
    stream: UnixStream,
    received: Receiver<Received>,
    is_open: bool,
}

impl Connection {
    fn new(stream: UnixStream) -> Option<Self> {
        let (sender, received) = sync_channel(MAX_WAITING);
        read(stream.try_clone().ok()?.into(), MAX_TO_PROCESS, move |message| sender.send(message).is_ok()).ok()?;
        // A session that takes nothing is none to wait for.
        stream.set_write_timeout(Some(PATIENCE)).ok()?;
        Some(Self { stream, received, is_open: true })
    }

    fn send(&mut self, message: &ToHost) -> Option<()> {
        self.stream.write_all(&frame(message.to_json())).ok()
    }

    /// The next message, if one comes within `wait`.
    fn receive(&mut self, wait: Duration) -> Option<ToProcess> {
        let message = match self.received.recv_timeout(wait) {
            Ok(Received::Message(message)) => ToProcess::parse(&message),
            Ok(Received::Broken(_) | Received::End) | Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => return None,
        };
        self.is_open = message.is_some();
        message
    }

    /// The next message, if one comes before `until`.
    fn next(&mut self, until: Instant) -> Option<ToProcess> {
        loop {
            match self.receive(TICK) {
                None if self.is_open && Instant::now() < until => {}
                message => return message,
            }
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // The thread that reads has the connection, too.
        _ = self.stream.shutdown(std::net::Shutdown::Both);
    }
}

/// What becomes of what comes to be printed.
enum Printing {
    /// It is held back.
    Held { texts: Vec<(Target, Vec<u8>)>, size: usize, until: Instant },
    /// It is printed at once.
    Released,
}

impl Printing {
    fn text(&mut self, target: Target, text: Vec<u8>) {
        match self {
            Self::Held { texts, size, .. } => {
                *size += text.len();
                texts.push((target, text));
            }
            Self::Released => output::push(target, &text),
        }
    }

    fn progress(&mut self, line: Option<String>) {
        if matches!(self, Self::Released) {
            output::show_progress(line);
        }
    }

    /// Releases what was held back for long enough.
    fn tick(&mut self) {
        if let Self::Held { size, until, .. } = self
            && (*size > MAX_HELD || Instant::now() >= *until)
        {
            self.release();
        }
    }

    fn release(&mut self) {
        if let Self::Held { texts, .. } = std::mem::replace(self, Self::Released) {
            texts.iter().for_each(|(target, text)| output::push(*target, text));
        }
    }
}
