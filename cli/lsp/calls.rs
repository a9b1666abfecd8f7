//! What the client sends: the life of the server is dealt with at once, all else is passed on.

use std::sync::{Arc, OnceLock};

use gen_lsp_types::{InitializeParams, WorkDoneProgressCancelParams};
use papack_engine::RecentPayloads;
use serde::Deserialize;

use super::about::about;
use super::client::{Abilities, folders, json};
use super::desk;
use super::methods;
use super::operations::{Operations, Wanted};
use super::server::{End, Input, Phase, Server, Work};
use super::workspace;
use crate::rpc::{Answer, Call, ClientProcess, Failure, Id, Params, refusal};

#[derive(Deserialize)]
struct Cancel {
    id: Id,
}

impl Server {
    /// Takes a message.
    pub fn call(&mut self, message: &[u8]) {
        match Call::parse(message) {
            Ok(Call { id: Some(id), method, params }) => self.request(&id, &method, params, message.len()),
            Ok(Call { id: None, method, params }) => self.notification(&method, params, message.len()),
            Err((id, failure)) => match Answer::parse(message) {
                Some(answer) => self.answered(&answer),
                None => self.to_client.outbox.send(&refusal(id.as_ref(), &failure)),
            },
        }
    }

    fn request(&mut self, id: &Id, method: &str, params: Params<'_>, size: usize) {
        let result = match (self.phase, method) {
            (Phase::New, "initialize") => self.initialize(params).map(Some),
            (Phase::New, _) => Err(Failure::not_initialized()),
            (Phase::Ready, "initialize") => Err(Failure::no_request("initialize was called before")),
            (Phase::Ready, "shutdown") => {
                self.shut_down();
                Ok(Some("null".into()))
            }
            (Phase::Ready, _) => self.pass_on(id, method, params, size).map(|()| None),
            (Phase::ShutDown, _) => Err(Failure::no_request("after shutdown there is only exit")),
        };
        if let Some(result) = result.transpose() {
            self.to_client.answer(id, result);
        }
    }

    fn notification(&mut self, method: &str, params: Params<'_>, size: usize) {
        match (self.phase, method) {
            (phase, "exit") => self.end = Some(End::ClientGone { was_announced: phase == Phase::ShutDown }),
            (Phase::Ready, "$/cancelRequest") => {
                if let Ok(Cancel { id }) = params.read() {
                    self.cancel(&id);
                }
            }
            (Phase::Ready, "window/workDoneProgress/cancel") => {
                if let (Ok(params), Some(work)) = (params.read::<WorkDoneProgressCancelParams>(), &self.work) {
                    work.operations.cancel_progress(&params);
                }
            }
            (Phase::Ready, _) => {
                if let Some(change) = methods::notification(method, params) {
                    self.queue.push(size, super::queue::Task::Change(change));
                } else if let Some(Ok(wanted)) = Wanted::new(method, params) {
                    // Done, and not answered, not even where it is refused.
                    drop(self.operate(None, &wanted, size));
                }
            }
            // Dropped, as the protocol has it.
            (Phase::New | Phase::ShutDown, _) => {}
        }
    }

    /// Begins. The client's process is looked for from now on.
    fn initialize(&mut self, params: Params<'_>) -> Result<String, Failure> {
        let params: InitializeParams = params.read()?;
        let client = Abilities::new(&params);
        let about = json(&about(&client));
        let makes_progress = client.makes_progress;
        let folders = folders(&params);
        // Known before the first operation is asked for.
        let found: Arc<OnceLock<_>> = Arc::new(workspace::find(&folders).map(OnceLock::from).unwrap_or_default());
        let (to_client, queue) = (Arc::clone(&self.to_client), Arc::clone(&self.queue));
        let recent = Arc::<RecentPayloads>::default();
        let nudge = self.nudge.clone();
        let has_desk_ended =
            desk::start(client, to_client, queue, folders, Arc::clone(&found), Arc::clone(&recent), nudge)
                .map_err(|error| Failure::internal(format!("no thread can be started: {error}")))?;
        let (to_client, queue) = (Arc::clone(&self.to_client), Arc::clone(&self.queue));
        let operations = Operations::new(to_client, queue, found, makes_progress, recent);
        let process = params.process_id.and_then(|id| ClientProcess::new(u32::try_from(id).ok()?));
        if let Some(process) = &process {
            process.tell_of_end(None, self.nudge.clone());
        }
        self.work = Some(Work { operations, has_desk_ended, process });
        self.phase = Phase::Ready;
        Ok(about)
    }

    /// Ends all that is under way, but for the connection.
    fn shut_down(&mut self) {
        self.phase = Phase::ShutDown;
        for id in self.queue.end() {
            self.to_client.answer(&id, Err(Failure::cancelled()));
        }
        if let Some(work) = &self.work {
            work.operations.cancel_all();
        }
    }

    /// Passes a request on, which is answered later.
    fn pass_on(&mut self, id: &Id, method: &str, params: Params<'_>, size: usize) -> Result<(), Failure> {
        if let Some(wanted) = Wanted::new(method, params) {
            return self.operate(Some(id), &wanted?, size);
        }
        let task = methods::request(id, method, params).ok_or_else(|| Failure::no_method(method))?;
        self.queue.push(size, task?);
        Ok(())
    }

    fn operate(&mut self, id: Option<&Id>, wanted: &Wanted<'_>, size: usize) -> Result<(), Failure> {
        let sender = self.sender.clone();
        let work = self.work.as_mut().ok_or_else(Failure::not_initialized)?;
        work.operations.ask(id, wanted, size, move |asked| drop(sender.send(Input::Done(asked))))
    }

    fn cancel(&mut self, id: &Id) {
        let is_operation = self.work.as_ref().is_some_and(|work| work.operations.cancel(id));
        if !is_operation && self.queue.drop_request(id) {
            self.to_client.answer(id, Err(Failure::cancelled()));
        }
    }

    /// Takes the answer to a request of the server. Only what shows progress is waited for.
    fn answered(&mut self, answer: &Answer) {
        if let Some(work) = self.work.as_ref().filter(|_| answer.is_success) {
            work.operations.grant_progress(&answer.id);
        }
    }
}
