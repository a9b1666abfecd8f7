//! One client: how far it got with the protocol, and its connection.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::Instant;

use crate::rpc::{ClientProcess, Id, Nudge, Outbox, Received, read};

/// The largest message to the server, in bytes.
const MAX_MESSAGE: usize = 1024 * 1024;

/// How far a client got.
pub enum Phase {
    /// It has not sent `initialize`.
    New,
    Ready,
    /// It has sent `shutdown`, which is answered when its operations have ended.
    ShuttingDown(Option<Id>),
    /// `shutdown` was answered then.
    ShutDown(Instant),
}

/// A client.
pub struct Client {
    pub outbox: Arc<Outbox>,
    pub phase: Phase,
    /// The process that it said it is.
    process: Option<ClientProcess>,
    /// Its connection; none on standard input and output.
    stream: Option<UnixStream>,
}

impl Client {
    /// The client at standard input and output. `tell` is called with what happens, and returns whether to go on; `nudge`
    /// where the client may be one to let go.
    ///
    /// # Errors
    ///
    /// When the system has no more descriptors or threads.
    pub fn at_standard_streams(tell: impl Fn(Received) -> bool + Send + 'static, nudge: Nudge) -> io::Result<Self> {
        let input = io::stdin().as_fd().try_clone_to_owned()?;
        let output = io::stdout().as_fd().try_clone_to_owned()?;
        Self::start(input, output, None, tell, nudge)
    }

    /// The client at the other end of `stream`.
    ///
    /// # Errors
    ///
    /// As for [`at_standard_streams`](Self::at_standard_streams).
    pub fn at_socket(
        stream: UnixStream,
        tell: impl Fn(Received) -> bool + Send + 'static,
        nudge: Nudge,
    ) -> io::Result<Self> {
        let (input, output) = (stream.try_clone()?.into(), stream.try_clone()?.into());
        Self::start(input, output, Some(stream), tell, nudge)
    }

    fn start(
        input: OwnedFd,
        output: OwnedFd,
        stream: Option<UnixStream>,
        tell: impl Fn(Received) -> bool + Send + 'static,
        nudge: Nudge,
    ) -> io::Result<Self> {
        let outbox = Outbox::start(output, nudge)?;
        read(input, MAX_MESSAGE, tell)?;
        Ok(Self { outbox, phase: Phase::New, process: None, stream })
    }

    /// Whether the process that the client said it is has ended.
    pub fn is_process_gone(&self) -> bool {
        self.process.as_ref().is_some_and(ClientProcess::is_gone)
    }

    /// Sets the process that the client said it is. `nudge` is called when that has ended.
    pub fn set_process(&mut self, process: ClientProcess, nudge: Nudge) {
        // Without a descriptor more, only the end of the process is waited for.
        let connection = self.stream.as_ref().and_then(|stream| stream.try_clone().ok());
        process.tell_of_end(connection.map(OwnedFd::from), nudge);
        self.process = Some(process);
    }

    /// Lets go of the client: what waits for it has until `deadline` to be taken.
    pub fn leave(self, deadline: Instant) {
        self.outbox.finish(deadline);
        let Some(stream) = self.stream else { return };
        // Ends the thread that reads.
        drop(stream.shutdown(std::net::Shutdown::Read));
        let outbox = self.outbox;
        let closing = move || {
            outbox.wait();
            drop(stream.shutdown(std::net::Shutdown::Both));
        };
        // Without a thread to wait in, what waits for the client is lost.
        drop(std::thread::Builder::new().name("papack closing".into()).spawn(closing));
    }
}
