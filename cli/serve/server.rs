//! The server: one loop that takes what clients send in order. It never waits for a client or an operation.

use std::collections::BTreeMap;
use std::io;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use papack_engine::Session;

use super::asked::Asked;
use super::client::{Client, Phase};
use super::socket::is_same_user;
use super::watching::Watching;
use crate::rpc::{Failure, Nudge, Received, Worker, refusal};
use crate::signals;

/// How often the server looks whether a client that has shut down takes too long to leave.
const TICK: Duration = Duration::from_millis(100);

/// How long the end of the server, or of a client, may take.
const GRACE_PERIOD: Duration = Duration::from_millis(800);

/// How long a client that has shut down may take to send `exit`.
const EXIT_PERIOD: Duration = Duration::from_secs(5);

/// How many clients may be connected.
const MAX_CLIENTS: usize = 64;

/// How many things that happened may wait for the loop. Whoever tells of more waits.
const MAX_WAITING: usize = 16;

/// The number of the client at standard input and output.
const STANDARD: u64 = 0;

/// How a server ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// Its client is gone, or said that it wants no more.
    ClientGone,
    /// Its client sent what is no message, for this reason.
    Broken(String),
    /// Its client took nothing for long.
    Stuck,
    /// A signal came.
    Signal {
        /// Whether it cut something short.
        was_busy: bool,
    },
}

/// What the loop takes.
enum Input {
    Client(u64, Received),
    Done(Arc<Asked>),
    Connected(UnixStream),
    /// Nothing: somebody nudged.
    Nudge,
}

/// A server over one session.
pub struct Server {
    pub(super) workspace: PathBuf,
    pub(super) clients: BTreeMap<u64, Client>,
    pub(super) worker: Worker<Asked>,
    pub(super) watching: Watching,
    /// What was asked for and is not answered, with the client that asked.
    pub(super) asked: Vec<(u64, Arc<Asked>)>,
    /// How it ends, once that is known.
    end: Option<End>,
    sender: SyncSender<Input>,
    pub(super) nudge: Nudge,
    inputs: Receiver<Input>,
}

impl Server {
    /// A server of `workspace`, which is that of `session`, without clients.
    ///
    /// # Errors
    ///
    /// When no thread can be started.
    pub fn new(session: Arc<Mutex<Session>>, workspace: PathBuf) -> io::Result<Self> {
        let (sender, inputs) = sync_channel(MAX_WAITING);
        let nudge = Nudge::new(&sender, || Input::Nudge);
        let nudging = nudge.clone();
        signals::on_signal(move || nudging.nudge())?;
        let done = sender.clone();
        let worker = Worker::start(Arc::clone(&session), workspace.clone(), move |asked| {
            drop(done.send(Input::Done(asked)));
        })?;
        let (clients, asked, watching) = (BTreeMap::new(), Vec::new(), Watching::new(session));
        Ok(Self { workspace, clients, worker, watching, asked, end: None, sender, nudge, inputs })
    }

    /// Serves the client at standard input and output, until it is gone or a signal comes: `signals` must not end the
    /// process at once.
    ///
    /// # Errors
    ///
    /// When the system has no more descriptors or threads.
    pub fn serve_standard_streams(mut self) -> io::Result<End> {
        let client = Client::at_standard_streams(self.tell(STANDARD), self.nudge.clone())?;
        self.clients.insert(STANDARD, client);
        Ok(self.run())
    }

    /// Serves all clients that connect, until a signal comes.
    ///
    /// # Errors
    ///
    /// When no thread can be started.
    pub fn serve_socket(self, listener: UnixListener) -> io::Result<End> {
        let sender = self.sender.clone();
        let accept = move || {
            for stream in listener.incoming() {
                match stream {
                    Ok(stream) if is_same_user(&stream) => {
                        if sender.send(Input::Connected(stream)).is_err() {
                            return;
                        }
                    }
                    Ok(_) => {}
                    // Such as no more descriptors. It may pass.
                    Err(_) => std::thread::sleep(TICK),
                }
            }
        };
        std::thread::Builder::new().name("papack socket".into()).spawn(accept)?;
        Ok(self.run())
    }

    /// What a client with the number `key` calls when something happens.
    fn tell(&self, key: u64) -> impl Fn(Received) -> bool + Send + 'static {
        let sender = self.sender.clone();
        move |happening| sender.send(Input::Client(key, happening)).is_ok()
    }

    fn run(mut self) -> End {
        let mut next_key = STANDARD + 1;
        loop {
            let is_ending = self.clients.values().any(|client| matches!(client.phase, Phase::ShutDown(_)));
            let input = if is_ending {
                self.inputs.recv_timeout(TICK)
            } else {
                // Never disconnected: the server has a sender itself.
                self.inputs.recv().map_err(|_| RecvTimeoutError::Disconnected)
            };
            match input {
                Ok(Input::Client(key, happening)) => self.happened(key, happening),
                Ok(Input::Done(asked)) => self.done(&asked),
                Ok(Input::Connected(stream)) => {
                    self.connect(next_key, stream);
                    next_key += 1;
                }
                Ok(Input::Nudge) | Err(_) => {}
            }
            if is_ending || self.nudge.is_due() {
                self.look_around();
            }
            if let Some(end) = self.end.take() {
                self.finish();
                return end;
            }
        }
    }

    fn connect(&mut self, key: u64, stream: UnixStream) {
        let is_full = self.clients.len() >= MAX_CLIENTS;
        // Without descriptors and threads for it, the client finds its connection closed.
        let Ok(client) = Client::at_socket(stream, self.tell(key), self.nudge.clone()) else { return };
        if is_full {
            client.outbox.send(&refusal(None, &Failure::too_much(format!("there are {MAX_CLIENTS} clients already"))));
            return client.leave(Instant::now() + GRACE_PERIOD);
        }
        self.clients.insert(key, client);
    }

    fn happened(&mut self, key: u64, happening: Received) {
        let Some(client) = self.clients.get(&key) else { return };
        match happening {
            Received::Message(message) => self.call(key, &message),
            Received::End => self.disconnect(key, End::ClientGone),
            Received::Broken(why) => {
                client.outbox.send(&refusal(None, &Failure::no_json(why.as_str())));
                self.disconnect(key, End::Broken(why));
            }
        }
    }

    fn done(&mut self, asked: &Arc<Asked>) {
        let Some(at) = self.asked.iter().position(|(_, other)| Arc::ptr_eq(other, asked)) else { return };
        let (key, _) = self.asked.swap_remove(at);
        self.answer_shutdown(key);
    }

    /// Looks for what no client tells of.
    fn look_around(&mut self) {
        if signals::received() {
            let was_busy = !self.asked.is_empty() || self.watching.is_building();
            self.end = Some(End::Signal { was_busy });
            return;
        }
        let why = |client: &Client| {
            let is_late = matches!(client.phase, Phase::ShutDown(since) if since.elapsed() >= EXIT_PERIOD);
            let is_gone = client.is_process_gone();
            if client.outbox.is_stuck() {
                Some(End::Stuck)
            } else {
                (is_late || is_gone || client.outbox.is_over()).then_some(End::ClientGone)
            }
        };
        let leaving: Vec<_> = self.clients.iter().filter_map(|(key, client)| Some((*key, why(client)?))).collect();
        leaving.into_iter().for_each(|(key, end)| self.disconnect(key, end));
    }

    /// Lets go of a client, and of all that it asked for. The server ends with the client at standard input and output.
    pub(super) fn disconnect(&mut self, key: u64, end: End) {
        self.asked.iter().filter(|(client, _)| *client == key).for_each(|(_, asked)| asked.abandon());
        self.watching.switch_off(key);
        if key == STANDARD {
            self.end.get_or_insert(end);
        } else if let Some(client) = self.clients.remove(&key) {
            client.leave(Instant::now() + GRACE_PERIOD);
        }
    }

    /// Ends everything. What cannot be cancelled in time, such as a promotion, is left in the middle, which is as safe
    /// as a crash.
    fn finish(mut self) {
        let deadline = Instant::now() + GRACE_PERIOD;
        for (_, asked) in &self.asked {
            // Of clients that are gone, all is abandoned already. Others get their results.
            asked.give_up();
        }
        self.clients.keys().for_each(|key| self.watching.switch_off(*key));
        while (!self.asked.is_empty() || !self.watching.is_over()) && Instant::now() < deadline {
            if let Ok(Input::Done(asked)) = self.inputs.recv_timeout(Duration::from_millis(5)) {
                self.done(&asked);
            }
        }
        let outboxes: Vec<_> = self.clients.values().map(|client| Arc::clone(&client.outbox)).collect();
        std::mem::take(&mut self.clients).into_values().for_each(|client| client.leave(deadline));
        outboxes.iter().for_each(|outbox| outbox.wait());
    }
}
