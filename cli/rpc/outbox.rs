//! What is to be sent to one client, and the thread that writes it.
//!
//! Sending never waits: a client that takes nothing holds up no operation, and no other client. Nothing is left out of
//! what is sent. What waits is bounded: a client that leaves too much untaken, or takes nothing for long, is one to give
//! up, which is for the caller to do.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::frame;
use super::nudge::Nudge;

/// How many bytes may wait when more are sent. So at most this and one message wait.
const MAX_PENDING: usize = 64 * 1024 * 1024;

/// How long a client may take nothing while something waits for it.
const MAX_PAUSE: Duration = Duration::from_secs(20);

/// How much is written at once. A pipe that can be written takes as much without blocking.
const PIECE_SIZE: usize = 4096;

/// How often a thread that waits looks whether it is still to wait.
const TICK: Duration = Duration::from_millis(100);

/// The messages for one client, in order.
pub struct Outbox {
    state: Mutex<State>,
    changed: Condvar,
    /// Has its owner look whether the client takes too little, or is gone.
    nudge: Nudge,
}

struct State {
    messages: VecDeque<Arc<[u8]>>,
    /// The bytes of all messages, without those of the one that is being written.
    size: usize,
    is_writing: bool,
    /// When something was taken last, or began to wait.
    last_progress: Instant,
    /// More was sent than may wait.
    is_overfull: bool,
    /// When the writing is to end, at the latest: nothing more is to be sent.
    ends_at: Option<Instant>,
    /// The client is gone, or the writing has ended.
    is_over: bool,
}

impl State {
    fn is_stuck(&self) -> bool {
        let is_waiting = self.is_writing || !self.messages.is_empty();
        self.is_overfull || is_waiting && self.last_progress.elapsed() > MAX_PAUSE
    }
}

impl Outbox {
    /// Starts to write to `output`. `nudge` is called when the client may be one to give up, or is gone.
    ///
    /// # Errors
    ///
    /// When no thread can be started, or the system has no more descriptors.
    pub fn start(output: OwnedFd, nudge: Nudge) -> io::Result<Arc<Self>> {
        let state = State {
            messages: VecDeque::new(),
            size: 0,
            is_writing: false,
            last_progress: Instant::now(),
            is_overfull: false,
            ends_at: None,
            is_over: false,
        };
        let outbox = Arc::new(Self { state: Mutex::new(state), changed: Condvar::new(), nudge });
        let (watched, watching) = (File::from(output.try_clone()?), Arc::downgrade(&outbox));
        let thread = std::thread::Builder::new().name("papack reader".into());
        thread.spawn(move || {
            // This ends with the reader, or with the process.
            wait_for(&watched, PollFlags::empty());
            if let Some(outbox) = watching.upgrade() {
                outbox.finish(Instant::now());
            }
        })?;
        let writer = Arc::clone(&outbox);
        let thread = std::thread::Builder::new().name("papack to client".into());
        thread.spawn(move || writer.write_all(&mut File::from(output)))?;
        Ok(outbox)
    }

    /// Sends a message behind all others.
    pub fn send(&self, message: &str) {
        self.send_frame(frame::write(message).into());
    }

    /// Sends a message, with its header, behind all others.
    pub fn send_frame(&self, frame: Arc<[u8]>) {
        let mut state = self.state();
        if state.is_over || state.ends_at.is_some() || state.is_overfull {
            return;
        }
        if state.size > MAX_PENDING {
            state.is_overfull = true;
            return;
        }
        if state.messages.is_empty() && !state.is_writing {
            state.last_progress = Instant::now();
        }
        state.size += frame.len();
        state.messages.push_back(frame);
        self.changed.notify_all();
    }

    /// Waits until less than `size` bytes wait, unless the client takes nothing. Whoever sends faster than a client takes would
    /// lose it otherwise.
    pub fn wait_for_room(&self, size: usize) {
        let mut state = self.state();
        while state.size >= size && !state.is_over && !state.is_stuck() {
            state = self.changed.wait_timeout(state, TICK).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Whether the client takes too little.
    pub fn is_stuck(&self) -> bool {
        self.state().is_stuck()
    }

    /// Whether nothing can be written any more.
    pub fn is_over(&self) -> bool {
        self.state().is_over
    }

    /// Sends nothing more. What waits has until `deadline` to be taken. The reader of a pipe gets no end of it as long as the
    /// process lives: the thread that looks whether the reader is there keeps it open.
    pub fn finish(&self, deadline: Instant) {
        self.state().ends_at.get_or_insert(deadline);
        self.changed.notify_all();
    }

    /// Waits until the writing has ended; call [`finish`](Self::finish) before.
    pub fn wait(&self) {
        let mut state = self.state();
        while !state.is_over {
            state = self.changed.wait_timeout(state, TICK).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes until there is nothing more to be sent, or nobody to take it.
    fn write_all(&self, output: &mut File) {
        while let Some(message) = self.next() {
            if message.chunks(PIECE_SIZE).any(|piece| self.write_piece(output, piece).is_err()) {
                break;
            }
        }
        let mut state = self.state();
        state.is_over = true;
        state.is_writing = false;
        state.messages.clear();
        drop(state);
        self.changed.notify_all();
        self.nudge.nudge();
    }

    /// Waits for the next message. None if there will be none, or the client is gone.
    fn next(&self) -> Option<Arc<[u8]>> {
        let mut state = self.state();
        state.is_writing = false;
        loop {
            if let Some(message) = state.messages.pop_front() {
                state.size -= message.len();
                state.is_writing = true;
                self.changed.notify_all();
                return Some(message);
            }
            if state.ends_at.is_some() {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Writes a piece, as soon as the client takes it.
    fn write_piece(&self, output: &mut File, mut piece: &[u8]) -> io::Result<()> {
        while !piece.is_empty() {
            if self.state().ends_at.is_some_and(|end| Instant::now() >= end) {
                return Err(io::ErrorKind::TimedOut.into());
            }
            // Polled first, so that not even a descriptor that blocks keeps the thread from coming back here.
            if !is_ready(output, PollFlags::OUT) {
                self.nudge.nudge();
                continue;
            }
            match output.write(piece) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => {
                    piece = &piece[count..];
                    self.state().last_progress = Instant::now();
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => std::thread::sleep(TICK),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Waits until something can be done with `file` that `what` says, or it is at its end.
pub fn wait_for(file: &File, what: PollFlags) {
    // A signal tells nothing of the file. Other faults are met again by whoever reads or writes.
    while poll(&mut [PollFd::new(file, what)], None) == Err(Errno::INTR) {}
}

/// Whether something can be done with `file` that `what` says, or it is at its end. Waits for it for a [`TICK`].
fn is_ready(file: &File, what: PollFlags) -> bool {
    let wait = Timespec { tv_sec: 0, tv_nsec: TICK.subsec_nanos().into() };
    match poll(&mut [PollFd::new(file, what)], Some(&wait)) {
        Ok(count) => count > 0,
        // A signal tells nothing of the file, which may be one that blocks.
        Err(Errno::INTR) => false,
        // Met again by whoever reads or writes.
        Err(_) => true,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::io::Read;

    use super::*;

    const MESSAGE: usize = 1024 * 1024;

    fn start(writer: std::io::PipeWriter) -> Arc<Outbox> {
        let (sender, _) = std::sync::mpsc::sync_channel(1);
        Outbox::start(writer.into(), Nudge::new(&sender, || ())).unwrap()
    }

    #[test]
    fn what_waits_is_bounded_and_nothing_of_it_is_left_out() {
        let (mut reader, writer) = std::io::pipe().unwrap();
        let outbox = start(writer);
        let mut sent = 0;
        while !outbox.is_stuck() {
            outbox.send_frame(vec![u8::try_from(sent % 251).unwrap(); MESSAGE].into());
            sent += 1;
            assert!(sent < 100, "it takes any number");
        }
        // The last one is the first that was too much; one may be on its way to the pipe.
        let taken = sent - 1;
        assert!((65..=67).contains(&taken), "{taken}");
        outbox.send(&"x".repeat(MESSAGE));
        outbox.finish(Instant::now() + Duration::from_secs(60));
        // The thread that looks whether the reader is there keeps the pipe open.
        let mut read = vec![0; taken * MESSAGE];
        reader.read_exact(&mut read).unwrap();
        assert!(
            read.chunks(MESSAGE)
                .enumerate()
                .all(|(at, message)| message.iter().all(|byte| usize::from(*byte) == at % 251))
        );
        outbox.wait();
        assert!(outbox.is_over());
    }

    #[test]
    fn who_waits_for_room_gets_it_when_something_is_taken() {
        let (mut reader, writer) = std::io::pipe().unwrap();
        let outbox = start(writer);
        // The first one is being written, which takes as long as nobody reads.
        (0..3).for_each(|_| outbox.send_frame(vec![7; MESSAGE].into()));
        let (sender, got_room) = std::sync::mpsc::channel();
        let waiting = Arc::clone(&outbox);
        std::thread::spawn(move || {
            waiting.wait_for_room(2 * MESSAGE);
            sender.send(()).unwrap();
        });
        assert!(got_room.recv_timeout(Duration::from_millis(300)).is_err());
        reader.read_exact(&mut vec![0; 2 * MESSAGE]).unwrap();
        got_room.recv_timeout(Duration::from_secs(60)).unwrap();
    }

    #[test]
    fn who_is_gone_is_noticed_without_a_message() {
        let (reader, writer) = std::io::pipe().unwrap();
        let outbox = start(writer);
        drop(reader);
        outbox.wait();
        assert!(!outbox.is_stuck());
    }

    #[test]
    fn the_end_waits_for_nobody() {
        let (reader, writer) = std::io::pipe().unwrap();
        let outbox = start(writer);
        outbox.send(&"x".repeat(MESSAGE));
        let began = Instant::now();
        outbox.finish(began + Duration::from_millis(200));
        outbox.wait();
        assert!((Duration::from_millis(150)..Duration::from_secs(10)).contains(&began.elapsed()));
        drop(reader);
    }
}
