//! The server: one loop that takes what the client sends, in order. It never waits for the client, a look or an
//! operation.

use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use super::client::ToClient;
use super::desk::Desk;
use super::operations::{Asked, Operations};
use super::queue::Queue;
use crate::rpc::{ClientProcess, Failure, Nudge, Outbox, Received, read, refusal};
use crate::signals;

/// The largest message to the server, in bytes: a registry of some 250,000 assets, as the text of a document.
const MAX_MESSAGE: usize = 64 * 1024 * 1024;

/// How long the end of the server may take.
const GRACE_PERIOD: Duration = Duration::from_millis(700);

/// How many things that happened may wait for the loop. Whoever tells of more waits.
const MAX_WAITING: usize = 16;

/// How a server ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// The client is gone, or said `exit`.
    ClientGone {
        /// Whether it said `shutdown` before, if it had to.
        was_announced: bool,
    },
    /// The client sent what is no message, for this reason.
    Broken(String),
    /// The client took nothing for long.
    Stuck,
    /// A signal came.
    Signal {
        /// Whether it cut an operation short.
        was_busy: bool,
    },
    /// The thread that looks at the workspace is gone, which is a defect.
    Defect,
}

/// How far the client got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It has not sent `initialize`.
    New,
    Ready,
    /// It has sent `shutdown`.
    ShutDown,
}

/// What the loop takes.
pub enum Input {
    Client(Received),
    Done(Arc<Asked>),
    /// Nothing: somebody nudged.
    Nudge,
}

/// What there is once the client has sent `initialize`.
pub struct Work {
    pub operations: Operations,
    /// Is set when the thread that looks at the workspace has ended.
    pub has_desk_ended: Arc<AtomicBool>,
    /// The process that the client said it is.
    pub process: Option<ClientProcess>,
}

/// A server for one client.
pub struct Server {
    pub to_client: Arc<ToClient>,
    pub phase: Phase,
    pub queue: Arc<Queue<Desk>>,
    pub work: Option<Work>,
    /// How it ends, once that is known.
    pub end: Option<End>,
    pub sender: SyncSender<Input>,
    pub nudge: Nudge,
    inputs: Receiver<Input>,
}

/// Serves the client at standard input and output, until it is gone or a signal comes: `signals` must not end the
/// process at once.
///
/// # Errors
///
/// When the system has no more descriptors or threads.
pub fn serve() -> io::Result<End> {
    let (sender, inputs) = sync_channel(MAX_WAITING);
    let nudge = Nudge::new(&sender, || Input::Nudge);
    let nudging = nudge.clone();
    signals::on_signal(move || nudging.nudge())?;
    let outbox = Outbox::start(io::stdout().as_fd().try_clone_to_owned()?, nudge.clone())?;
    let told = sender.clone();
    read(io::stdin().as_fd().try_clone_to_owned()?, MAX_MESSAGE, move |received| {
        told.send(Input::Client(received)).is_ok()
    })?;
    let server = Server {
        to_client: Arc::new(ToClient::new(outbox)),
        phase: Phase::New,
        queue: Arc::default(),
        work: None,
        end: None,
        sender,
        nudge,
        inputs,
    };
    Ok(server.run())
}

impl Server {
    fn run(mut self) -> End {
        loop {
            match self.inputs.recv() {
                Ok(Input::Client(received)) => self.received(received),
                Ok(Input::Done(asked)) => self.done(&asked),
                // Never disconnected: the server has a sender itself.
                Ok(Input::Nudge) | Err(_) => {}
            }
            if self.nudge.is_due() {
                self.look_around();
            }
            if let Some(end) = self.end.take() {
                self.finish();
                return end;
            }
        }
    }

    fn received(&mut self, received: Received) {
        match received {
            Received::Message(message) => self.call(&message),
            Received::End => self.end = Some(self.client_gone()),
            Received::Broken(why) => {
                self.to_client.outbox.send(&refusal(None, &Failure::no_json(why.as_str())));
                self.end = Some(End::Broken(why));
            }
        }
    }

    /// How the server ends when the client is gone. One that never began has nothing to announce.
    fn client_gone(&self) -> End {
        End::ClientGone { was_announced: self.phase != Phase::Ready }
    }

    fn done(&mut self, asked: &Arc<Asked>) {
        if let Some(work) = &mut self.work {
            work.operations.done(asked);
        }
    }

    /// Looks for what no message tells of.
    fn look_around(&mut self) {
        let work = self.work.as_ref();
        let is_gone = work.and_then(|work| work.process.as_ref()).is_some_and(ClientProcess::is_gone);
        let end = if signals::received() {
            End::Signal { was_busy: work.is_some_and(|work| !work.operations.is_idle()) }
        } else if self.to_client.outbox.is_stuck() {
            End::Stuck
        } else if is_gone || self.to_client.outbox.is_over() {
            self.client_gone()
        } else if self.phase == Phase::Ready && work.is_some_and(|work| work.has_desk_ended.load(Ordering::SeqCst)) {
            End::Defect
        } else {
            return;
        };
        self.end.get_or_insert(end);
    }

    /// Ends everything. What cannot be cancelled in time, such as a promotion, is left in the middle, which is as safe
    /// as a crash.
    fn finish(mut self) {
        let deadline = Instant::now() + GRACE_PERIOD;
        self.queue.end();
        if let Some(work) = &self.work {
            work.operations.abandon();
        }
        while self.work.as_ref().is_some_and(|work| !work.operations.is_idle()) && Instant::now() < deadline {
            if let Ok(Input::Done(asked)) = self.inputs.recv_timeout(Duration::from_millis(5)) {
                self.done(&asked);
            }
        }
        self.to_client.outbox.finish(deadline);
        self.to_client.outbox.wait();
    }
}
