//! Standard output and standard error, and the thread that writes to them.
//!
//! Printing never waits for a reader: text is queued, and one thread writes it in order. So a reader that takes nothing
//! blocks no operation, and none of the locks that an operation holds. The queue is waited for only where nothing is
//! held: at the end of the process, and between the builds of a watch.
//!
//! What is printed for a process that this one serves goes to that one's streams instead.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use papack_engine::Cancel;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

use crate::foreground;

/// Where text is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    Stdout,
    Stderr,
}

/// Takes what is printed for another process.
pub trait Sink: Send + Sync {
    /// Takes text behind everything that was printed before.
    fn push(&self, target: Target, text: &[u8]);

    /// Takes the progress line that is to be visible.
    fn show_progress(&self, line: Option<&str>);
}

/// Queued texts for one target are joined up to this size, to be written with one call.
const CHUNK_SIZE: usize = 64 * 1024;

/// How much is written to a terminal at once: between two writes the process may move to the background.
const TERMINAL_CHUNK_SIZE: usize = 2048;

/// How often a blocked thread tests whether it can go on.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Moves to the start of the line on a terminal, and clears it.
const CLEAR_LINE: &str = "\r\u{1b}[2K";

thread_local! {
    /// Where the text of this thread goes; none for the streams of this process.
    static SINK: RefCell<Option<Arc<dyn Sink>>> = const { RefCell::new(None) };
}

static QUEUE: Mutex<Queue> = Mutex::new(Queue::new());

/// Notified when text is queued or was written.
static CHANGED: Condvar = Condvar::new();

/// The first error of writing to standard output.
static STDOUT_ERROR: OnceLock<io::Error> = OnceLock::new();

/// Set when writing to standard output fails.
static CANCEL_ON_ERROR: OnceLock<Cancel> = OnceLock::new();

struct Queue {
    chunks: VecDeque<Chunk>,
    /// The bytes of all chunks.
    size: usize,
    /// The size of the chunk that is being written.
    writing: Option<usize>,
    /// Whether the writer thread runs.
    has_writer: bool,
    /// The progress line that should be visible. It is replaced, never queued, so nobody waits for it.
    progress: Option<String>,
    /// The progress line that is visible.
    visible_progress: Option<String>,
}

/// Text to be written.
type Chunk = (Target, Vec<u8>);

impl Queue {
    const fn new() -> Self {
        Self {
            chunks: VecDeque::new(),
            size: 0,
            writing: None,
            has_writer: false,
            progress: None,
            visible_progress: None,
        }
    }

    fn push(&mut self, target: Target, text: &[u8]) {
        self.size += text.len();
        match self.chunks.back_mut() {
            Some((last, chunk)) if *last == target && chunk.len() < CHUNK_SIZE => chunk.extend_from_slice(text),
            _ => self.chunks.push_back((target, text.to_vec())),
        }
    }

    /// Takes the next chunk to write. A visible progress line is cleared before other text is written.
    fn take(&mut self) -> Option<Chunk> {
        let next = match (&self.visible_progress, self.chunks.is_empty()) {
            (Some(_), false) => {
                self.visible_progress = None;
                (Target::Stderr, CLEAR_LINE.into())
            }
            (None, false) => {
                let chunk = self.chunks.pop_front()?;
                self.size -= chunk.1.len();
                chunk
            }
            (visible, true) if *visible == self.progress => return None,
            (_, true) => {
                self.visible_progress.clone_from(&self.progress);
                let line = self.visible_progress.as_deref().unwrap_or_default();
                (Target::Stderr, format!("{CLEAR_LINE}{line}").into())
            }
        };
        self.writing = Some(next.1.len());
        Some(next)
    }

    /// How many bytes are not written yet.
    fn pending_size(&self) -> usize {
        self.size + self.writing.unwrap_or(0)
    }

    /// Whether everything is written.
    fn is_empty(&self) -> bool {
        self.chunks.is_empty() && self.writing.is_none() && self.progress == self.visible_progress
    }
}

fn queue() -> MutexGuard<'static, Queue> {
    QUEUE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts the writer thread. Where it cannot be started, whoever waits for the queue writes it.
pub fn start() {
    let writer = std::thread::Builder::new().name("papack output".into());
    queue().has_writer = writer.spawn(write_forever).is_ok();
}

/// Calls `body`. What it prints on this thread goes to `sink`.
pub fn printing_to<T>(sink: &Arc<dyn Sink>, body: impl FnOnce() -> T) -> T {
    struct Restoring(Option<Arc<dyn Sink>>);
    impl Drop for Restoring {
        fn drop(&mut self) {
            SINK.replace(self.0.take());
        }
    }
    let _restoring = Restoring(SINK.replace(Some(Arc::clone(sink))));
    body()
}

fn sink() -> Option<Arc<dyn Sink>> {
    SINK.with_borrow(Clone::clone)
}

/// Queues `text` behind everything that was printed before.
pub fn push(target: Target, text: &[u8]) {
    if let Some(sink) = sink() {
        return sink.push(target, text);
    }
    queue().push(target, text);
    CHANGED.notify_all();
}

/// Shows `line` as the progress line of the terminal on standard error, in place of the last one. `None` removes it.
pub fn show_progress(line: Option<String>) {
    if let Some(sink) = sink() {
        return sink.show_progress(line.as_deref());
    }
    queue().progress = line;
    CHANGED.notify_all();
}

/// Sets `cancel` as soon as writing to standard output fails, or has failed already.
pub fn cancel_on_stdout_error(cancel: Cancel) {
    let cancel = CANCEL_ON_ERROR.get_or_init(|| cancel);
    if has_stdout_failed() {
        cancel.cancel();
    }
    // Without such a thread, an idle watch learns of a closed pipe only at its next write.
    drop(std::thread::Builder::new().name("papack reader".into()).spawn(wait_for_closed_stdout));
}

/// The error of writing to standard output, if any. A closed pipe is no error: its reader wanted no more.
pub fn stdout_error() -> Option<&'static io::Error> {
    STDOUT_ERROR.get().filter(|error| error.kind() != io::ErrorKind::BrokenPipe)
}

/// Whether text for standard output is lost, because its reader closed it or writing failed.
pub fn has_stdout_failed() -> bool {
    STDOUT_ERROR.get().is_some()
}

/// Waits until everything is written, or until `should_stop`. Returns whether everything is.
pub fn flush(should_stop: impl Fn() -> bool) -> bool {
    wait(Queue::is_empty, should_stop)
}

/// Waits until at most `max_pending` bytes are left to write, or until `should_stop`.
pub fn wait_for_capacity(max_pending: usize, should_stop: impl Fn() -> bool) {
    wait(|queue| queue.pending_size() <= max_pending, should_stop);
}

/// Waits until the queue `is_ready`, or until `should_stop`. Returns whether it is.
fn wait(is_ready: impl Fn(&Queue) -> bool, should_stop: impl Fn() -> bool) -> bool {
    let mut queue = queue();
    while !queue.has_writer && !is_ready(&queue) {
        let Some(chunk) = queue.take() else { break };
        drop(queue);
        queue = write_chunk(chunk);
    }
    while !is_ready(&queue) && !should_stop() {
        queue = CHANGED.wait_timeout(queue, POLL_INTERVAL).unwrap_or_else(PoisonError::into_inner).0;
    }
    is_ready(&queue)
}

fn write_forever() {
    let mut queue = queue();
    loop {
        queue = match queue.take() {
            Some(chunk) => {
                drop(queue);
                write_chunk(chunk)
            }
            None => CHANGED.wait(queue).unwrap_or_else(PoisonError::into_inner),
        };
    }
}

/// Waits until the reading end of standard output is closed; as long as the process lives, where it is no pipe.
fn wait_for_closed_stdout() {
    let stdout = io::stdout();
    let mut polled = [PollFd::new(&stdout, PollFlags::empty())];
    while poll(&mut polled, None) == Err(Errno::INTR) {}
    if polled[0].revents().intersects(PollFlags::ERR | PollFlags::HUP) {
        record_stdout_error(io::ErrorKind::BrokenPipe.into());
    }
}

/// Writes a chunk that was taken from the queue, which is not locked meanwhile.
fn write_chunk((target, text): Chunk) -> MutexGuard<'static, Queue> {
    match target {
        Target::Stdout => write_stdout(&text),
        // An error of standard error cannot be shown anywhere.
        Target::Stderr => drop(write_all(&mut io::stderr().lock(), &text)),
    }
    let mut queue = queue();
    queue.writing = None;
    CHANGED.notify_all();
    queue
}

/// Writes to standard output, unless an earlier write failed: output with a gap would mislead its reader.
fn write_stdout(text: &[u8]) {
    if has_stdout_failed() {
        return;
    }
    if let Err(error) = write_all(&mut io::stdout().lock(), text) {
        record_stdout_error(error);
    }
}

fn record_stdout_error(error: io::Error) {
    STDOUT_ERROR.get_or_init(|| error);
    if let Some(cancel) = CANCEL_ON_ERROR.get() {
        cancel.cancel();
    }
}

/// Writes all of `text`. Waits where the output is non-blocking and full, and while the terminal belongs to another
/// job.
fn write_all(output: &mut (impl Write + IsTerminal + AsFd), mut text: &[u8]) -> io::Result<()> {
    let max_chunk = if output.is_terminal() { TERMINAL_CHUNK_SIZE } else { usize::MAX };
    loop {
        // A stopped process would keep its locks.
        if foreground::would_stop(&output) {
            std::thread::sleep(POLL_INTERVAL);
            continue;
        }
        let chunk = &text[..text.len().min(max_chunk)];
        let written = if chunk.is_empty() { output.flush().map(|()| 0) } else { output.write(chunk) };
        match written {
            Ok(0) if text.is_empty() => return Ok(()),
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => text = &text[count..],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => std::thread::sleep(POLL_INTERVAL),
            Err(error) => return Err(error),
        }
    }
}
