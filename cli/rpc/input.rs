//! The thread that reads what a client sends.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::os::fd::OwnedFd;

use rustix::event::PollFlags;

use super::frame::{self, Frame};
use super::outbox::wait_for;

/// What comes from a client.
pub enum Received {
    /// A message, which may be anything.
    Message(Vec<u8>),
    /// Something that is no message, so that nothing after it can be read. The text says why.
    Broken(String),
    /// Nothing more will come.
    End,
}

/// Starts to read from `input` messages of at most `max_size` bytes. `tell` is called with what comes, and returns
/// whether to go on.
///
/// # Errors
///
/// When no thread can be started.
pub fn read(input: OwnedFd, max_size: usize, tell: impl Fn(Received) -> bool + Send + 'static) -> io::Result<()> {
    let thread = std::thread::Builder::new().name("papack from client".into());
    thread.spawn(move || read_all(File::from(input), max_size, tell)).map(drop)
}

fn read_all(input: File, max_size: usize, tell: impl Fn(Received) -> bool) {
    let mut input = BufReader::new(Input(input));
    loop {
        let (what, is_last) = match frame::read(&mut input, max_size) {
            Frame::Message(message) => (Received::Message(message), false),
            Frame::Broken(why) => (Received::Broken(why), true),
            Frame::End => (Received::End, true),
        };
        if !tell(what) || is_last {
            return;
        }
    }
}

/// Input that may be set not to block.
struct Input(File);

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.0.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    wait_for(&self.0, PollFlags::IN);
                }
                read => return read,
            }
        }
    }
}
