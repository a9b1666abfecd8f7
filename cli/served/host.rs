//! A session that serves other processes, one after the other.

use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use papack_engine::{Cancel, Following, Serving, Session, Status, follow};
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::message::{Call, MAX_TO_HOST, ToHost, ToProcess};
use super::sending::Sending;
use crate::exit_code;
use crate::output::Sink;
use crate::render::{Audience, Printer};
use crate::rpc::{Nudge, Outbox, Received, read};

/// How many processes are served, or wait for that, at a time. Others do what they were asked for alone.
const MAX_PROCESSES: usize = 16;

/// How long a process may take to say what it wants, and to say that it waits for it.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long it may take until an operation could begin. A process waits a little longer.
const MAX_WAIT: Duration = Duration::from_millis(700);

/// The same for one that does not wait for other operations.
const SHORT_WAIT: Duration = Duration::from_millis(50);

/// How often a process that waits is told that it is not forgotten.
const SIGN_OF_LIFE: Duration = Duration::from_millis(250);

/// How long a process may take to take the last of what it was sent.
const GRACE_PERIOD: Duration = Duration::from_secs(5);

/// How long operations may take to end, when the session does.
const END_PERIOD: Duration = Duration::from_millis(700);

/// How many messages of a process may wait to be taken.
const MAX_WAITING: usize = 4;

/// Serves other processes, until it is dropped.
pub struct Host(Arc<Inner>);

struct Inner {
    session: Arc<Mutex<Session>>,
    following: Following,
    serving: Serving,
    /// How many threads an operation may use; 0 for one for each processor.
    jobs: usize,
    threads: OnceLock<Option<ThreadPool>>,
    /// Is set when the session ends. What is done for other processes is a part of it.
    ending: Cancel,
    /// How many processes are connected.
    connected: Mutex<usize>,
    /// Notified when one is connected no more.
    left: Condvar,
}

impl Host {
    /// As [`start`](Self::start), with a session of whose workspace nothing knows yet what changes: a thread listens for that.
    pub fn start_following(session: &Arc<Mutex<Session>>, jobs: Option<u16>) -> Option<Self> {
        let (following, ending) = (Following::default(), Cancel::new());
        let host = Self::start(session, &following, &ending, jobs)?;
        let session = Arc::clone(session);
        let thread = std::thread::Builder::new().name("papack listening".into());
        thread.spawn(move || follow(&session, &following, &ending)).is_ok().then_some(host)
    }

    /// Serves processes with `session`, of which `following` knows what changed, until `ending` is set, on `jobs` threads, or
    /// one for each processor. None where that is not possible, or another session serves the workspace already.
    pub fn start(
        session: &Arc<Mutex<Session>>,
        following: &Following,
        ending: &Cancel,
        jobs: Option<u16>,
    ) -> Option<Self> {
        let serving = Serving::begin(&session.lock().unwrap_or_else(PoisonError::into_inner))?;
        let inner = Arc::new(Inner {
            session: Arc::clone(session),
            following: following.clone(),
            serving,
            jobs: jobs.map_or(0, usize::from),
            threads: OnceLock::new(),
            ending: ending.clone(),
            connected: Mutex::default(),
            left: Condvar::new(),
        });
        let accepting = Arc::clone(&inner);
        let thread = std::thread::Builder::new().name("papack serving".into()).spawn(move || accept(&accepting));
        let host = Self(inner);
        thread.is_ok().then_some(host)
    }
}

impl Drop for Host {
    /// Ends all that is done for other processes, which then do it themselves. What cannot be cancelled in time, such as a
    /// promotion, is left in the middle, which is as safe as a crash.
    fn drop(&mut self) {
        self.0.ending.cancel();
        // The thread that listens learns it from the change that this makes.
        self.0.serving.end();
        let ended = self.0.left.wait_timeout_while(self.0.connected(), END_PERIOD, |connected| *connected > 0);
        drop(ended);
    }
}

fn accept(inner: &Arc<Inner>) {
    while !inner.ending.is_cancelled() {
        let Ok(stream) = inner.serving.accept() else {
            // Such as no more descriptors. It may pass.
            std::thread::sleep(Duration::from_millis(100));
            continue;
        };
        let Some(connected) = Connected::new(inner) else { continue };
        let thread = std::thread::Builder::new().name("papack served".into());
        drop(thread.spawn(move || connected.serve(stream)));
    }
}

/// A process that is connected.
struct Connected {
    inner: Arc<Inner>,
    cancel: Cancel,
}

impl Connected {
    /// None where there are too many.
    fn new(inner: &Arc<Inner>) -> Option<Self> {
        let mut connected = inner.connected();
        if *connected >= MAX_PROCESSES {
            return None;
        }
        *connected += 1;
        Some(Self { inner: Arc::clone(inner), cancel: inner.ending.part() })
    }

    /// Does what the process wants. None where it has to do that itself, which it knows from the end of the connection.
    fn serve(self, stream: UnixStream) -> Option<()> {
        let outbox = Outbox::start(stream.try_clone().ok()?.into(), Nudge::of_nobody()).ok()?;
        let _closing = Closing { stream: stream.try_clone().ok()?, outbox: Arc::clone(&outbox) };
        let messages = listen(stream, &self.cancel)?;
        let Ok(ToHost::Call(call)) = messages.recv_timeout(PATIENCE) else { return None };
        let levels = call.task.levels.levels().ok()?;
        if call.code != self.inner.serving.code() || !call.task.can_be_served() {
            return None;
        }
        let Call { task, format, reader, path_in_repository, .. } = *call;
        let threads = self.inner.threads()?;
        let sending = Arc::new(Sending::new(Arc::clone(&outbox)));
        let wait = if task.waits_for_nobody() { SHORT_WAIT } else { MAX_WAIT };
        let is_wanted = || {
            sending.send(&ToProcess::Ready);
            matches!(messages.recv_timeout(PATIENCE), Ok(ToHost::Go))
        };
        let operate = |session: &mut Session| {
            let _alive = Alive::keep(&sending, &outbox, &self.cancel);
            let audience = Audience { reader, sink: Arc::clone(&sending) as Arc<dyn Sink> };
            let printer = Printer::for_audience(format, path_in_repository, audience);
            // Whoever has to wait for the lane does so in a process of its own: others need the session.
            let status = threads.install(|| task.without_waiting().run(levels, session, self.cancel.clone(), &printer));
            (status, status == Status::Success && task.examines_all())
        };
        let status = self.inner.following.run(&self.inner.session, Instant::now() + wait, is_wanted, operate).ok()?;
        // An operation that only ended because the session does, or that has to wait, is made again by the process.
        let is_cut_short = status == Status::Cancelled && self.inner.ending.is_cancelled();
        let has_to_wait = status == Status::LaneBusy && !task.waits_for_nobody();
        if !is_cut_short && !has_to_wait {
            sending.send(&ToProcess::Done(exit_code::number_of_status(status)));
        }
        Some(())
    }
}

impl Drop for Connected {
    fn drop(&mut self) {
        *self.inner.connected() -= 1;
        self.inner.left.notify_all();
    }
}

impl Inner {
    fn connected(&self) -> MutexGuard<'_, usize> {
        self.connected.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The threads of operations, which start with the first one.
    fn threads(&self) -> Option<&ThreadPool> {
        self.threads.get_or_init(|| ThreadPoolBuilder::new().num_threads(self.jobs).build().ok()).as_ref()
    }
}

/// Starts to read what a process says. Where it says that a signal came, says what cannot be understood, or is gone, `cancel`
/// is set.
fn listen(stream: UnixStream, cancel: &Cancel) -> Option<Receiver<ToHost>> {
    let (sender, messages) = sync_channel(MAX_WAITING);
    let cancel = cancel.clone();
    let tell = move |received| {
        let message = match received {
            Received::Message(message) => ToHost::parse(&message),
            Received::Broken(_) | Received::End => None,
        };
        let is_understood = match message {
            Some(ToHost::Cancel) | None => false,
            Some(message) => sender.try_send(message).is_ok(),
        };
        if !is_understood {
            cancel.cancel();
        }
        is_understood
    };
    read(stream.into(), MAX_TO_HOST, tell).ok()?;
    Some(messages)
}

/// Ends a connection when it is dropped. What waits to be sent is sent before.
struct Closing {
    stream: UnixStream,
    outbox: Arc<Outbox>,
}

impl Drop for Closing {
    fn drop(&mut self) {
        self.outbox.finish(Instant::now() + GRACE_PERIOD);
        self.outbox.wait();
        _ = self.stream.shutdown(std::net::Shutdown::Both);
    }
}

/// Tells a process that the session is there, until it is dropped.
struct Alive {
    _ends: SyncSender<()>,
}

impl Alive {
    fn keep(sending: &Arc<Sending>, outbox: &Arc<Outbox>, cancel: &Cancel) -> Self {
        let (ends, ended) = sync_channel::<()>(0);
        let (sending, outbox, cancel) = (Arc::clone(sending), Arc::clone(outbox), cancel.clone());
        let tell = move || {
            while matches!(ended.recv_timeout(SIGN_OF_LIFE), Err(RecvTimeoutError::Timeout)) {
                sending.send(&ToProcess::Alive);
                // Nobody waits for a process that takes nothing.
                if outbox.is_stuck() || outbox.is_over() {
                    cancel.cancel();
                }
            }
        };
        // Without that thread the process may do in vain what is done here.
        drop(std::thread::Builder::new().name("papack sign of life".into()).spawn(tell));
        Self { _ends: ends }
    }
}
