//! What a client calls: the protocol's own methods are done at once, operations are passed to the worker.

use std::sync::Arc;
use std::time::Instant;

use serde::Deserialize;

use super::about::{PROTOCOL_VERSION, about};
use super::asked::Asked;
use super::client::{Client, Phase};
use super::server::{End, Server};
use crate::rpc::methods::Method;
use crate::rpc::{Call, ClientProcess, Failure, Id, METHODS, Params, answer, refusal};

/// The methods that are no operations.
const OWN_METHODS: [&str; 5] = ["initialize", "watch", "cancel", "shutdown", "exit"];

/// How many bytes the requests of one client may take that wait for their operation.
const MAX_WAITING: usize = 16 * 1024 * 1024;

/// What a request takes besides its message.
const REQUEST_SIZE: usize = 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Initialize {
    protocol_version: u32,
    /// The process of the client. When it ends, the client is gone.
    process_id: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Watch {
    on: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cancel {
    operation_id: Option<String>,
    #[serde(default, deserialize_with = "Id::deserialize_present")]
    id: Option<Id>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

impl Server {
    /// Takes a message of the client `key`.
    pub(super) fn call(&mut self, key: u64, message: &[u8]) {
        let Some(client) = self.clients.get(&key) else { return };
        let Call { id, method, params } = match Call::parse(message) {
            Ok(call) => call,
            Err((id, failure)) => return client.outbox.send(&refusal(id.as_ref(), &failure)),
        };
        let outbox = Arc::clone(&client.outbox);
        let done = self.expect_phase(key, &method).and_then(|()| match method.as_str() {
            "initialize" => self.initialize(key, params).map(Some),
            "watch" => self.watch(key, id.as_ref(), params).map(|()| None),
            "cancel" => self.cancel(key, params).map(Some),
            "shutdown" => self.shutdown(key, id.as_ref(), params).map(|()| None),
            "exit" => params.read::<Nothing>().map(|_| Some("null".into())),
            _ => self.operate(key, id.as_ref(), &method, params, message.len()).map(|()| None),
        });
        match (&id, done) {
            (Some(id), Ok(Some(result))) => outbox.send(&answer(id, &result)),
            (Some(id), Err(failure)) => outbox.send(&refusal(Some(id), &failure)),
            // A notification is not answered, and others are answered later.
            (None, _) | (_, Ok(None)) => {}
        }
        match method.as_str() {
            "shutdown" => self.answer_shutdown(key),
            "exit" => self.disconnect(key, End::ClientGone),
            _ => {}
        }
    }

    /// Refuses what a client may not call at this moment.
    fn expect_phase(&self, key: u64, method: &str) -> Result<(), Failure> {
        let phase = self.clients.get(&key).map(|client| &client.phase);
        match (phase, method) {
            (_, "exit") | (Some(Phase::New), "initialize") => Ok(()),
            (Some(Phase::New), _) => Err(Failure::not_initialized()),
            (Some(Phase::Ready), "initialize") => Err(Failure::no_request("initialize was called before")),
            (Some(Phase::Ready), _) => Ok(()),
            (Some(Phase::ShuttingDown(_) | Phase::ShutDown(_)) | None, _) => {
                Err(Failure::no_request("after shutdown there is only exit"))
            }
        }
    }

    fn client(&mut self, key: u64) -> Result<&mut Client, Failure> {
        self.clients.get_mut(&key).ok_or_else(|| Failure::internal("the client is gone"))
    }

    fn initialize(&mut self, key: u64, params: Params<'_>) -> Result<String, Failure> {
        let Initialize { protocol_version, process_id } = params.read()?;
        if protocol_version != PROTOCOL_VERSION {
            let why = format!("this papack speaks version {PROTOCOL_VERSION} of the protocol, not {protocol_version}");
            return Err(Failure::bad_params(why));
        }
        let process = process_id
            .map(|id| ClientProcess::new(id).ok_or_else(|| Failure::bad_params(format!("{id} is no id of a process"))));
        let methods = OWN_METHODS.into_iter().chain(METHODS.iter().map(|method| method.name)).collect();
        let about = about(&self.workspace, methods).to_string();
        let process = process.transpose()?;
        let nudge = self.nudge.clone();
        let client = self.client(key)?;
        client.phase = Phase::Ready;
        if let Some(process) = process {
            client.set_process(process, nudge);
        }
        Ok(about)
    }

    /// Switches the watch on or off. The answer is before all, or behind all, that the watch tells.
    fn watch(&mut self, key: u64, id: Option<&Id>, params: Params<'_>) -> Result<(), Failure> {
        let Watch { on } = params.read()?;
        let outbox = Arc::clone(&self.client(key)?.outbox);
        if !on {
            self.watching.switch_off(key);
        }
        if let Some(id) = id {
            outbox.send(&answer(id, &format!(r#"{{"watching":{on}}}"#)));
        }
        if on {
            self.watching.switch_on(key, &outbox);
        }
        Ok(())
    }

    /// Cancels an operation of the client. The answer says whether there was one.
    fn cancel(&mut self, key: u64, params: Params<'_>) -> Result<String, Failure> {
        let Cancel { operation_id, id } = params.read()?;
        if operation_id.is_some() == id.is_some() {
            return Err(Failure::bad_params("either `operation_id` or `id` has to be there"));
        }
        let is_meant = |asked: &Asked| match &id {
            Some(id) => asked.id.as_ref() == Some(id),
            None => asked.operation_id() == operation_id.as_deref(),
        };
        let mut cancelled = false;
        for (_, asked) in self.asked.iter().filter(|(client, asked)| *client == key && is_meant(asked)) {
            cancelled |= asked.give_up();
        }
        Ok(format!(r#"{{"cancelled":{cancelled}}}"#))
    }

    fn shutdown(&mut self, key: u64, id: Option<&Id>, params: Params<'_>) -> Result<(), Failure> {
        params.read::<Nothing>()?;
        self.client(key)?.phase = Phase::ShuttingDown(id.cloned());
        self.watching.switch_off(key);
        self.asked.iter().filter(|(client, _)| *client == key).for_each(|(_, asked)| {
            asked.give_up();
        });
        Ok(())
    }

    /// Answers `shutdown` of the client `key`, if it has sent that, and all its operations have ended.
    pub(super) fn answer_shutdown(&mut self, key: u64) {
        if self.asked.iter().any(|(client, _)| *client == key) {
            return;
        }
        let Some(client) = self.clients.get_mut(&key) else { return };
        if let Phase::ShuttingDown(id) = &client.phase {
            if let Some(id) = id {
                client.outbox.send(&answer(id, "null"));
            }
            client.phase = Phase::ShutDown(Instant::now());
        }
    }

    /// Has an operation run. Its answer comes when it has ended.
    fn operate(
        &mut self,
        key: u64,
        id: Option<&Id>,
        method: &str,
        params: Params<'_>,
        message_size: usize,
    ) -> Result<(), Failure> {
        let found = Method::named(method).ok_or_else(|| Failure::no_method(method))?;
        let operation = (found.read)(params)?;
        let size = message_size + REQUEST_SIZE;
        let waiting: usize = self.asked.iter().filter(|(client, _)| *client == key).map(|(_, asked)| asked.size).sum();
        if waiting + size > MAX_WAITING {
            return Err(Failure::too_much("too many operations wait: send this one when others have ended"));
        }
        let asked = Arc::new(Asked::new(id.cloned(), size, &self.client(key)?.outbox));
        if !self.worker.push(Arc::clone(&asked), operation) {
            return Err(Failure::internal("the thread for operations is gone"));
        }
        self.asked.push((key, asked));
        Ok(())
    }
}
