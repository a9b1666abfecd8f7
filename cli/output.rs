//! Standard output and standard error, and the thread that writes to them.
//!
//! Who prints never waits for a reader: what is printed is queued, and one thread writes all of it in its order. So
//! a reader that takes nothing holds up no operation, and nothing that an operation holds. It is waited for where nothing
//! is held: at the end, and between the builds of a watch.

use std::collections::VecDeque;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use papack_engine::Cancel;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::foreground;

/// Where something is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    Stdout,
    Stderr,
}

/// Smaller texts for one target are written together, where they wait.
const PIECE: usize = 64 * 1024;

/// As much is written to a terminal at once: it may be another job's a moment later.
const TERMINAL_PIECE: usize = 2048;

/// How often those who wait look whether they are to go on.
const TICK: Duration = Duration::from_millis(50);

/// How often an idle watch looks whether it is still read.
const LOOK: Duration = Duration::from_secs(1);

/// Goes to the beginning of the line of a terminal, and clears it.
const ERASE: &str = "\r\u{1b}[2K";

static QUEUE: Mutex<Queue> = Mutex::new(Queue::new());

/// Something came into the queue, or was written.
static CHANGED: Condvar = Condvar::new();

/// Why standard output could not be written, the first time.
static UNWRITTEN: OnceLock<io::Error> = OnceLock::new();

/// What is set when standard output cannot be written.
static UNREAD: OnceLock<Cancel> = OnceLock::new();

struct Queue {
    pieces: VecDeque<Work>,
    /// The bytes of all pieces.
    size: usize,
    /// The bytes of what was taken and is being written.
    writing: Option<usize>,
    /// Whether there is a thread that writes.
    has_writer: bool,
    /// The line of progress that is to be seen. A newer one takes its place: it is never waited for.
    progress: Option<String>,
    /// The line of progress that is seen.
    shown: Option<String>,
}

/// A text to be written.
type Work = (Target, Vec<u8>);

impl Queue {
    const fn new() -> Self {
        Self { pieces: VecDeque::new(), size: 0, writing: None, has_writer: false, progress: None, shown: None }
    }

    fn push(&mut self, target: Target, text: &[u8]) {
        self.size += text.len();
        match self.pieces.back_mut() {
            Some((last, piece)) if *last == target && piece.len() < PIECE => piece.extend_from_slice(text),
            _ => self.pieces.push_back((target, text.to_vec())),
        }
    }

    /// Takes what is to be written next. A line of progress gives way to a text.
    fn take(&mut self) -> Option<Work> {
        let work = match (&self.shown, self.pieces.is_empty()) {
            (Some(_), false) => {
                self.shown = None;
                (Target::Stderr, ERASE.into())
            }
            (None, false) => {
                let piece = self.pieces.pop_front()?;
                self.size -= piece.1.len();
                piece
            }
            (shown, true) if *shown == self.progress => return None,
            (_, true) => {
                self.shown.clone_from(&self.progress);
                let line = self.shown.as_deref().unwrap_or_default();
                (Target::Stderr, format!("{ERASE}{line}").into())
            }
        };
        self.writing = Some(work.1.len());
        Some(work)
    }

    /// How many bytes are not written yet.
    fn waiting(&self) -> usize {
        self.size + self.writing.unwrap_or(0)
    }

    /// Whether there is nothing left to be written.
    fn is_empty(&self) -> bool {
        self.pieces.is_empty() && self.writing.is_none() && self.progress == self.shown
    }
}

fn queue() -> MutexGuard<'static, Queue> {
    QUEUE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts the thread that writes. Where it cannot be started, what is queued is written by whoever waits for it.
pub fn start() {
    let writer = std::thread::Builder::new().name("papack output".into());
    queue().has_writer = writer.spawn(write_forever).is_ok();
}

/// Prints `text` behind all that was printed before.
pub fn push(target: Target, text: &[u8]) {
    queue().push(target, text);
    CHANGED.notify_all();
}

/// Shows `line` on the terminal on standard error, in place of an earlier one, until the next or none is to be shown.
pub fn show_progress(line: Option<String>) {
    queue().progress = line;
    CHANGED.notify_all();
}

/// From now on `cancel` is set where standard output cannot be written.
pub fn cancel_when_unread(cancel: Cancel) {
    let cancel = UNREAD.get_or_init(|| cancel);
    if UNWRITTEN.get().is_some() {
        cancel.cancel();
    }
    CHANGED.notify_all();
}

/// Why standard output could not be written, if so. That its reader went away is the reader's wish, and no failure.
pub fn unwritten() -> Option<&'static io::Error> {
    UNWRITTEN.get().filter(|error| error.kind() != io::ErrorKind::BrokenPipe)
}

/// Whether what is printed on standard output is lost.
pub fn is_unread() -> bool {
    UNWRITTEN.get().is_some()
}

/// Waits until all that was printed is written, or until `is_over`. Tells whether all is.
pub fn wait_until_written(is_over: impl Fn() -> bool) -> bool {
    wait(Queue::is_empty, is_over)
}

/// Waits while more than `most` bytes are not written yet, until `is_over`.
pub fn wait_for_room(most: usize, is_over: impl Fn() -> bool) {
    wait(|queue| queue.waiting() <= most, is_over);
}

/// Waits until the queue `is_reached`, or until `is_over`. Tells whether it is.
fn wait(is_reached: impl Fn(&Queue) -> bool, is_over: impl Fn() -> bool) -> bool {
    let mut queue = queue();
    while !queue.has_writer && !is_reached(&queue) {
        let Some(work) = queue.take() else { break };
        drop(queue);
        queue = write_one(work);
    }
    while !is_reached(&queue) && !is_over() {
        queue = CHANGED.wait_timeout(queue, TICK).unwrap_or_else(PoisonError::into_inner).0;
    }
    is_reached(&queue)
}

fn write_forever() {
    let mut queue = queue();
    loop {
        queue = match queue.take() {
            Some(work) => {
                drop(queue);
                write_one(work)
            }
            None if UNREAD.get().is_some() => wait_and_look(queue),
            None => CHANGED.wait(queue).unwrap_or_else(PoisonError::into_inner),
        };
    }
}

/// Waits for something to come into the queue, or looks after a while whether standard output is still read: that is not
/// noticed otherwise until something is written.
fn wait_and_look(waiting: MutexGuard<'static, Queue>) -> MutexGuard<'static, Queue> {
    let (waiting, waited) = CHANGED.wait_timeout(waiting, LOOK).unwrap_or_else(PoisonError::into_inner);
    if !waited.timed_out() || is_unread() {
        return waiting;
    }
    drop(waiting);
    if is_closed() {
        note_unwritten(io::ErrorKind::BrokenPipe.into());
    }
    queue()
}

/// Whether nobody has the other end of standard output any more.
fn is_closed() -> bool {
    let stdout = io::stdout();
    let mut polled = [PollFd::new(&stdout, PollFlags::empty())];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut polled, Some(&at_once)).is_ok() && polled[0].revents().intersects(PollFlags::ERR | PollFlags::HUP)
}

/// Writes what was taken from the queue, however long that takes.
fn write_one((target, text): Work) -> MutexGuard<'static, Queue> {
    match target {
        Target::Stdout => write_stdout(&text),
        // Nothing is to be done where that fails.
        Target::Stderr => drop(write_patiently(&mut io::stderr().lock(), &text)),
    }
    let mut queue = queue();
    queue.writing = None;
    CHANGED.notify_all();
    queue
}

/// Writes to standard output, unless that failed before: what comes behind a gap is of no use.
fn write_stdout(text: &[u8]) {
    if is_unread() {
        return;
    }
    if let Err(error) = write_patiently(&mut io::stdout().lock(), text) {
        note_unwritten(error);
    }
}

fn note_unwritten(error: io::Error) {
    UNWRITTEN.get_or_init(|| error);
    if let Some(cancel) = UNREAD.get() {
        cancel.cancel();
    }
}

/// Writes all of `text`, also where the other end of the pipe was told not to wait, or where the terminal is another job's.
fn write_patiently(output: &mut (impl Write + IsTerminal + AsFd), mut text: &[u8]) -> io::Result<()> {
    let most = if output.is_terminal() { TERMINAL_PIECE } else { usize::MAX };
    loop {
        // A process that is stopped would keep what it holds.
        if foreground::would_stop(&output) {
            std::thread::sleep(TICK);
            continue;
        }
        let piece = &text[..text.len().min(most)];
        let written = if piece.is_empty() { output.flush().map(|()| 0) } else { output.write(piece) };
        match written {
            Ok(0) if text.is_empty() => return Ok(()),
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => text = &text[count..],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => std::thread::sleep(TICK),
            Err(error) => return Err(error),
        }
    }
}
