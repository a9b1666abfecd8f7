//! A connection to a server, as its client has it.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde_json::Value;

/// After this long what is waited for will not come any more.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// How long the end of a server may take, on a machine that does other things as well.
pub const PROMPT: Duration = Duration::from_secs(4);

/// A client's side of a connection.
pub struct Connection {
    output: Option<Box<dyn Write + Send>>,
    messages: Receiver<Value>,
}

impl Connection {
    /// A connection that reads `input`, and writes to `output`.
    pub fn new(input: impl Read + Send + 'static, output: impl Write + Send + 'static) -> Self {
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            let mut input = BufReader::new(input);
            while let Some(message) = read_message(&mut input) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        Self { output: Some(Box::new(output)), messages }
    }

    /// Sends bytes as they are. The server may have gone.
    pub fn send_bytes(&mut self, bytes: &[u8]) {
        let output = self.output.as_mut().unwrap();
        drop(output.write_all(bytes).and_then(|()| output.flush()));
    }

    /// The next message. None when the connection has ended.
    #[track_caller]
    pub fn next(&mut self) -> Option<Value> {
        match self.messages.recv_timeout(DEADLINE) {
            Ok(message) => Some(message),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("nothing came"),
        }
    }

    /// A message that comes within a while.
    pub fn next_within(&mut self, time: Duration) -> Result<Value, RecvTimeoutError> {
        self.messages.recv_timeout(time)
    }

    /// Closes the client's writing end.
    pub fn close(&mut self) {
        self.output = None;
    }
}

/// `message` with its header.
pub fn framed(message: &str) -> Vec<u8> {
    format!("Content-Length: {}\r\n\r\n{message}", message.len()).into_bytes()
}

/// Reads the next message. None at the end of `input`.
pub fn read_message(input: &mut impl BufRead) -> Option<Value> {
    let mut header = String::new();
    while !header.ends_with("\r\n\r\n") {
        if input.read_line(&mut header).ok()? == 0 {
            return None;
        }
    }
    let length = header.strip_prefix("Content-Length: ").unwrap().trim_end().parse().unwrap();
    let mut message = vec![0; length];
    input.read_exact(&mut message).ok()?;
    Some(serde_json::from_slice(&message).unwrap())
}

/// Waits until `process` has ended, and returns its exit code.
#[track_caller]
pub fn ended(process: &mut Child, within: Duration) -> i32 {
    let deadline = Instant::now() + within;
    loop {
        if let Some(status) = process.try_wait().unwrap() {
            return status.code().expect("ended by a signal");
        }
        assert!(Instant::now() < deadline, "it did not end");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[track_caller]
pub fn signal(process: &Child, signal: &str) {
    assert!(Command::new("kill").args([signal, &process.id().to_string()]).status().unwrap().success());
}
