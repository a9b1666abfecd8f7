//! The operations that the client asks for: on the files of the disk, in a thread of their own, so that they hold up no
//! answer about documents.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use gen_lsp_types::{ProgressToken, WorkDoneProgressCancelParams};
use papack_engine::{Cancel, ChangedFiles, Event, RecentPayloads, Session, Status};
use rayon::{ThreadPool, ThreadPoolBuilder};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::client::ToClient;
use super::desk::Desk;
use super::progress::Progress;
use super::queue::{Queue, Task};
use super::workspace::Identity;
use crate::rpc::methods::Method;
use crate::rpc::{Caller, Failure, Id, METHODS, Operation, Outcome, Params, Worker};
use crate::served::Host;

/// How many bytes the requests may take that wait for their operation.
const MAX_WAITING: usize = 16 * 1024 * 1024;

/// What a request takes besides its message.
const REQUEST_SIZE: usize = 1024;

/// What the names of commands begin with, and those of requests.
const PREFIXES: (&str, &str) = ("papack.", "papack/");

/// The names of all commands.
pub fn commands() -> Vec<String> {
    METHODS.iter().map(|method| format!("{}{}", PREFIXES.0, method.name)).collect()
}

/// A method that the client asks for, with its parameters.
pub struct Wanted<'m> {
    method: &'static Method,
    params: Params<'m>,
    token: Option<ProgressToken>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExecuteCommand<'m> {
    command: String,
    #[serde(borrow)]
    arguments: Option<Vec<&'m RawValue>>,
    work_done_token: Option<ProgressToken>,
}

impl<'m> Wanted<'m> {
    /// What a request asks for. None if it asks for no operation.
    pub fn new(method: &str, params: Params<'m>) -> Option<Result<Self, Failure>> {
        if method == "workspace/executeCommand" {
            return Some(Self::command(params));
        }
        let method = Method::named(method.strip_prefix(PREFIXES.1)?)?;
        Some(Ok(Self { method, params, token: None }))
    }

    fn command(params: Params<'m>) -> Result<Self, Failure> {
        let ExecuteCommand { command, arguments, work_done_token } = params.read()?;
        let name = command.strip_prefix(PREFIXES.0).and_then(Method::named);
        let method = name.ok_or_else(|| Failure::bad_params(format!("there is no command {command:?}")))?;
        let params = match arguments.as_deref().unwrap_or_default() {
            [] => Params::new(None),
            [params] => Params::new(Some(params)),
            _ => return Err(Failure::bad_params("a command takes one argument, an object, or none")),
        };
        Ok(Self { method, params, token: work_done_token })
    }
}

/// An operation that was asked for.
pub struct Asked {
    /// The id of the request; none if nobody waits for the result.
    id: Option<Id>,
    size: usize,
    cancel: Cancel,
    changes_documents: bool,
    to_client: Arc<ToClient>,
    queue: Arc<Queue<Desk>>,
    progress: Option<Progress>,
    is_abandoned: AtomicBool,
}

/// The thread that does the operations, and what it needs.
struct OperationsThread {
    worker: Worker<Asked>,
    /// Lets the session do for other processes what they are asked for, too.
    _host: Option<Host>,
    threads: Arc<ThreadPool>,
    /// Which folder its session has.
    workspace: Identity,
}

/// The operations.
pub struct Operations {
    to_client: Arc<ToClient>,
    queue: Arc<Queue<Desk>>,
    /// The folder of the workspace, once there is one.
    workspace: Arc<OnceLock<PathBuf>>,
    makes_progress: bool,
    /// What looks derived.
    recent: Arc<RecentPayloads>,
    worker: Option<OperationsThread>,
    /// What was asked for and has not ended.
    asked: Vec<Arc<Asked>>,
    count: u64,
}

impl Operations {
    /// No operations yet. They take from `recent` what looks derived.
    pub fn new(
        to_client: Arc<ToClient>,
        queue: Arc<Queue<Desk>>,
        workspace: Arc<OnceLock<PathBuf>>,
        makes_progress: bool,
        recent: Arc<RecentPayloads>,
    ) -> Self {
        Self { to_client, queue, workspace, makes_progress, recent, worker: None, asked: Vec::new(), count: 0 }
    }

    /// Has an operation run, for the request `id` with `message_size` bytes. `done` is called when it has ended.
    ///
    /// # Errors
    ///
    /// When the parameters do not fit, there is no workspace, or too much waits.
    pub fn ask(
        &mut self,
        id: Option<&Id>,
        wanted: &Wanted<'_>,
        message_size: usize,
        done: impl Fn(Arc<Asked>) + Send + 'static,
    ) -> Result<(), Failure> {
        let operation = (wanted.method.read)(wanted.params)?;
        let size = message_size + REQUEST_SIZE;
        if self.asked.iter().map(|asked| asked.size).sum::<usize>() + size > MAX_WAITING {
            return Err(Failure::failed("too many operations wait: send this one when others have ended"));
        }
        self.start_worker(done)?;
        self.count += 1;
        let progress = match (&wanted.token, self.makes_progress) {
            (Some(token), _) => Some(Progress::under(token.clone(), &self.to_client, wanted.method.name)),
            (None, true) => Some(Progress::requested(self.count, &self.to_client, wanted.method.name)),
            (None, false) => None,
        };
        let asked = Arc::new(Asked {
            id: id.cloned(),
            size,
            cancel: Cancel::new(),
            changes_documents: wanted.method.changes_documents,
            to_client: Arc::clone(&self.to_client),
            queue: Arc::clone(&self.queue),
            progress,
            is_abandoned: AtomicBool::new(false),
        });
        let Some(OperationsThread { worker, threads, .. }) = &self.worker else { return Err(no_thread()) };
        let threads = Arc::clone(threads);
        // On threads of its own, so that a look need not wait for those that an operation keeps busy.
        let operation: Operation =
            Box::new(move |session, cancel, observer| threads.install(|| operation(session, cancel, observer)));
        if !worker.push(Arc::clone(&asked), operation) {
            return Err(no_thread());
        }
        self.asked.push(asked);
        Ok(())
    }

    fn start_worker(&mut self, done: impl Fn(Arc<Asked>) + Send + 'static) -> Result<(), Failure> {
        let folder =
            self.workspace.get().ok_or_else(|| Failure::failed("there is no workspace; papack init makes one"))?;
        if let Some(former) = &self.worker
            && !(self.asked.is_empty() && former.workspace.is_replaced(folder))
        {
            return Ok(());
        }
        let failure = |error: io::Error| Failure::failed(format!("{}: {error}", folder.display()));
        let mut session = Session::open(folder).map_err(failure)?;
        session.share(Arc::clone(&self.recent));
        let workspace = Identity::of(folder).map_err(failure)?;
        let threads = ThreadPoolBuilder::new().build().map_err(|_| no_thread())?;
        let session = Arc::new(Mutex::new(session));
        // The former one ends before the new one can take its place.
        self.worker = None;
        let worker = Worker::start(Arc::clone(&session), folder.clone(), done).map_err(|_| no_thread())?;
        let host = Host::start_following(&session, None);
        self.worker = Some(OperationsThread { worker, _host: host, threads: Arc::new(threads), workspace });
        Ok(())
    }

    /// Forgets an operation that has ended.
    pub fn done(&mut self, asked: &Arc<Asked>) {
        self.asked.retain(|other| !Arc::ptr_eq(other, asked));
    }

    /// Whether none is under way.
    pub fn is_idle(&self) -> bool {
        self.asked.is_empty()
    }

    /// Cancels that of the request `id`. Returns whether there is one.
    pub fn cancel(&self, id: &Id) -> bool {
        let mut meant = self.asked.iter().filter(|asked| asked.id.as_ref() == Some(id)).peekable();
        let is_there = meant.peek().is_some();
        for asked in meant {
            asked.cancel.cancel();
        }
        is_there
    }

    /// Cancels that of which the client shows progress under a token.
    pub fn cancel_progress(&self, params: &WorkDoneProgressCancelParams) {
        let is_meant = |asked: &&Arc<Asked>| asked.progress.as_ref().is_some_and(|progress| progress.is(&params.token));
        for asked in self.asked.iter().filter(is_meant) {
            asked.cancel.cancel();
        }
    }

    /// Cancels all, whether they have begun or not.
    pub fn cancel_all(&self) {
        for asked in &self.asked {
            asked.cancel.cancel();
        }
    }

    /// Cancels all; those that have not begun need not begin: the client is gone.
    pub fn abandon(&self) {
        self.asked.iter().for_each(|asked| asked.is_abandoned.store(true, Ordering::SeqCst));
        self.cancel_all();
    }

    /// Notes that the client made a place for the progress that it was asked for by the request `id`.
    pub fn grant_progress(&self, id: &Id) {
        let progresses = self.asked.iter().filter_map(|asked| asked.progress.as_ref());
        progresses.filter(|progress| progress.request.as_ref() == Some(id)).for_each(Progress::grant);
    }
}

fn no_thread() -> Failure {
    Failure::internal("no thread can be started for operations")
}

impl Caller for Asked {
    fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    fn is_gone(&self) -> bool {
        self.is_abandoned.load(Ordering::SeqCst)
    }

    fn event(&self, event: &Event) {
        if let Some(progress) = &self.progress {
            progress.event(event);
        }
    }

    fn ended(&self, outcome: &Outcome) {
        if self.changes_documents {
            self.queue.push(0, Task::Change(Box::new(|desk: &mut Desk| desk.note_files(ChangedFiles::Anything))));
        }
        if let Some(progress) = &self.progress {
            progress.end(outcome.status);
        }
        let Some(id) = &self.id else { return };
        let result = match outcome.status {
            Status::Cancelled => Err(Failure::cancelled()),
            _ => Ok(outcome.result.clone()),
        };
        self.to_client.answer(id, result);
    }
}
