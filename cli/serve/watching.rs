//! The watch, which all clients share that have it on. It is there while there is one of them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use papack_engine::{
    Cancel, Event, EventKind, PackResult, Session, WatchEnd, WatchEvent, WatchObserver, WatchRequest, watch,
};

use super::asked::event_message;
use crate::render::json;
use crate::rpc::{Outbox, frame, notification};

/// The watch of a server.
pub struct Watching {
    session: Arc<Mutex<Session>>,
    /// The watch that runs, or ran last.
    run: Option<(Arc<Run>, JoinHandle<()>)>,
}

/// One watch, from beginning to end.
struct Run {
    cancel: Cancel,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    subscribers: Vec<Subscriber>,
    is_over: bool,
}

/// A client that has the watch on.
struct Subscriber {
    client: u64,
    outbox: Arc<Outbox>,
    /// Whether it was told of the build that is under way from the beginning, and so is told the rest.
    is_in_build: bool,
}

impl Watching {
    /// No watch.
    pub fn new(session: Arc<Mutex<Session>>) -> Self {
        Self { session, run: None }
    }

    /// Tells `client` from now on what the watch does, and starts it if it does not run. If no thread can be started,
    /// the client is told that the watch ended.
    pub fn switch_on(&mut self, client: u64, outbox: &Arc<Outbox>) {
        let subscriber = Subscriber { client, outbox: Arc::clone(outbox), is_in_build: false };
        let subscriber = match &self.run {
            Some((run, _)) => match run.join(subscriber) {
                Ok(()) => return,
                Err(subscriber) => subscriber,
            },
            None => subscriber,
        };
        let state = State { subscribers: vec![subscriber], is_over: false };
        let run = Arc::new(Run { cancel: Cancel::new(), state: Mutex::new(state) });
        let (session, running) = (Arc::clone(&self.session), Arc::clone(&run));
        let former = self.run.take();
        let thread = std::thread::Builder::new().name("papack watching".into());
        let thread = thread.spawn(move || {
            // It was cancelled, and there is one watch at a time.
            if let Some((_, former)) = former {
                drop(former.join());
            }
            let request = WatchRequest { cancel: running.cancel.clone(), ..WatchRequest::default() };
            // Fails if no thread can be started. Whoever has the watch on must not wait for one that is not there.
            drop(watch(&session, &request, &*running));
            running.give_up();
        });
        match thread {
            Ok(thread) => self.run = Some((run, thread)),
            Err(_) => run.give_up(),
        }
    }

    /// Tells `client` nothing more, and ends the watch if nobody else has it on.
    pub fn switch_off(&self, client: u64) {
        if let Some((run, _)) = &self.run {
            run.leave(client);
        }
    }

    /// Whether a build is under way, of which somebody is told.
    pub fn is_building(&self) -> bool {
        self.run.as_ref().is_some_and(|(run, _)| run.state().subscribers.iter().any(|one| one.is_in_build))
    }

    /// Whether no watch runs any more. What is switched off takes a moment to end.
    pub fn is_over(&self) -> bool {
        self.run.as_ref().is_none_or(|(_, thread)| thread.is_finished())
    }
}

impl Run {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a subscriber. Gives it back if this watch has nobody left, and so is about to end or has ended.
    fn join(&self, subscriber: Subscriber) -> Result<(), Subscriber> {
        let mut state = self.state();
        if state.is_over || state.subscribers.is_empty() {
            return Err(subscriber);
        }
        if state.subscribers.iter().all(|other| other.client != subscriber.client) {
            subscriber.outbox.send(&watch_message(&WatchEvent::Watching));
            state.subscribers.push(subscriber);
        }
        Ok(())
    }

    /// Ends the watch for those who have it on, unless it said that it ended.
    fn give_up(&self) {
        if !self.state().is_over {
            self.watch(&WatchEvent::Finished { end: WatchEnd::Ended });
        }
    }

    fn leave(&self, client: u64) {
        let mut state = self.state();
        let Some(at) = state.subscribers.iter().position(|one| one.client == client) else { return };
        let one = state.subscribers.remove(at);
        let end = if one.is_in_build { WatchEnd::Cancelled } else { WatchEnd::Ended };
        one.outbox.send(&watch_message(&WatchEvent::Finished { end }));
        if state.subscribers.is_empty() {
            self.cancel.cancel();
        }
    }
}

/// The notification of what a watch does between its builds.
fn watch_message(event: &WatchEvent) -> String {
    notification("watch", &json::watch(event))
}

/// Sends one message to several clients, which share its bytes.
fn send<'s>(message: &str, subscribers: impl Iterator<Item = &'s Subscriber>) {
    let frame: Arc<[u8]> = frame(message).into();
    subscribers.for_each(|one| one.outbox.send_frame(Arc::clone(&frame)));
}

impl WatchObserver for Run {
    fn watch(&self, event: &WatchEvent) {
        let mut state = self.state();
        send(&watch_message(event), state.subscribers.iter());
        if matches!(event, WatchEvent::Finished { .. }) {
            *state = State { subscribers: Vec::new(), is_over: true };
        }
    }

    fn build(&self, event: &Event) {
        let mut state = self.state();
        if matches!(event.kind, EventKind::OperationStarted) {
            state.subscribers.iter_mut().for_each(|one| one.is_in_build = true);
        }
        send(&event_message(event), state.subscribers.iter().filter(|one| one.is_in_build));
    }

    fn built(&self, result: &PackResult, _: &Session) {
        let mut state = self.state();
        let message = notification("result", &json::result(result));
        send(&message, state.subscribers.iter().filter(|one| one.is_in_build));
        state.subscribers.iter_mut().for_each(|one| one.is_in_build = false);
    }
}
