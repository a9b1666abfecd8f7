//! What waits for the thread that looks at the workspace, in the order in which it came, and what may be cut short.
//!
//! Changes and questions keep their order: a question is answered for the texts that its client had when it asked. A
//! report is answered by the next look that comes to its end. A look that a newer change makes stale is cut short, but
//! not for ever: see [`MAX_STALE`].

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use papack_engine::Cancel;

use crate::rpc::{Failure, Id};

/// How long a change waits, at most, for a look that is not cut short by newer ones.
const MAX_STALE: Duration = Duration::from_millis(300);

/// How many bytes of messages may wait before even such a look is cut short, so that they are taken.
const MAX_WAITING: usize = 16 * 1024 * 1024;

/// Changes what a look sees, given what the thread has.
pub type Change<D> = Box<dyn FnOnce(&mut D) + Send>;

/// Answers a request, with JSON, given what the thread has.
pub type Question<D> = Box<dyn FnOnce(&mut D) -> Result<String, Failure> + Send>;

/// Something to be done.
pub enum Task<D> {
    Change(Change<D>),
    /// Is answered for the texts as they are when it is taken, after a look at them.
    Question(Id, Question<D>),
    /// Is answered after the next look, which may see newer texts.
    Report(Id, Question<D>),
}

impl<D> Task<D> {
    fn is(&self, asked: &Id) -> bool {
        matches!(self, Self::Question(id, _) | Self::Report(id, _) if id == asked)
    }
}

/// What the thread is to do next.
pub enum Next<D> {
    Do(Task<D>),
    /// Look at the workspace, unless that is cut short.
    Look(Cancel),
}

/// What the thread wants to do where nothing waits for it.
pub struct Wish {
    /// It wants to look at the workspace, now or when this time has passed.
    pub look_in: Option<Duration>,
}

struct State<D> {
    tasks: VecDeque<(usize, Task<D>)>,
    /// The bytes of the messages that tasks are made of.
    size: usize,
    /// The reports that wait for a look.
    reports: Vec<(Id, Question<D>)>,
    look: Option<Look>,
    /// Since when there is a change that no look has seen.
    stale_since: Option<Instant>,
    is_over: bool,
}

/// The look that is under way.
struct Look {
    cancel: Cancel,
    /// The question that waits for it.
    question: Option<Id>,
    /// The client does not want an answer to that any more.
    is_dropped: bool,
}

/// The queue of a thread that has a `D`.
pub struct Queue<D> {
    state: Mutex<State<D>>,
    changed: Condvar,
}

impl<D> Default for Queue<D> {
    fn default() -> Self {
        let state = State {
            tasks: VecDeque::new(),
            size: 0,
            reports: Vec::new(),
            look: None,
            stale_since: None,
            is_over: false,
        };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }
}

impl<D> Queue<D> {
    /// Adds a task that was made of a message of `size` bytes.
    pub fn push(&self, size: usize, task: Task<D>) {
        let mut state = self.state();
        if state.is_over {
            return;
        }
        state.tasks.push_back((size, task));
        state.size += size;
        state.cut_short();
        self.changed.notify_all();
    }

    /// Drops the request `id`, or cuts short the look that it waits for. Returns whether there is such a request that
    /// nobody will answer any more; where its look is cut short, the thread does.
    pub fn drop_request(&self, id: &Id) -> bool {
        let mut state = self.state();
        if let Some(look) = state.look.as_mut().filter(|look| look.question.as_ref() == Some(id)) {
            look.is_dropped = true;
            look.cancel.cancel();
            return false;
        }
        if let Some(at) = state.tasks.iter().position(|(_, task)| task.is(id)) {
            if let Some((size, _)) = state.tasks.remove(at) {
                state.size -= size;
            }
            return true;
        }
        let found = state.reports.iter().position(|(asked, _)| asked == id);
        found.map(|at| state.reports.remove(at)).is_some()
    }

    /// Ends the thread as soon as it comes back, and cuts short its look. Returns the requests that nobody will answer.
    pub fn end(&self) -> Vec<Id> {
        let mut state = self.state();
        state.is_over = true;
        if let Some(look) = &state.look {
            look.cancel.cancel();
        }
        self.changed.notify_all();
        let waiting = std::mem::take(&mut state.tasks).into_iter().filter_map(|(_, task)| match task {
            Task::Question(id, _) | Task::Report(id, _) => Some(id),
            Task::Change(_) => None,
        });
        let mut waiting: Vec<_> = waiting.collect();
        waiting.extend(std::mem::take(&mut state.reports).into_iter().map(|(id, _)| id));
        waiting
    }

    /// Waits for what is to be done next. None: nothing more.
    pub fn next(&self, wish: &Wish) -> Option<Next<D>> {
        let mut state = self.state();
        let since = Instant::now();
        loop {
            if state.is_over {
                return None;
            }
            if let Some((size, task)) = state.tasks.pop_front() {
                state.size -= size;
                if matches!(task, Task::Change(_)) {
                    state.stale_since.get_or_insert_with(Instant::now);
                }
                return Some(Next::Do(task));
            }
            let left = wish.look_in.map(|wait| wait.saturating_sub(since.elapsed()));
            state = match left {
                Some(Duration::ZERO) => {
                    return Some(Next::Look(state.begin_look(None)));
                }
                Some(left) => self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0,
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// Begins a look that the question `id` waits for. Newer changes do not cut it short, unless too many wait.
    pub fn begin_look_for(&self, id: &Id) -> Cancel {
        let mut state = self.state();
        let cancel = state.begin_look(Some(id.clone()));
        if state.is_over {
            cancel.cancel();
        }
        cancel
    }

    /// Notes that the look that was under way has come to its end, or was cut short. Returns whether that was because the
    /// client does not want the answer to the question that waited for it, or any more answers.
    pub fn end_look(&self, is_complete: bool) -> bool {
        let mut state = self.state();
        let is_dropped = state.look.take().is_some_and(|look| look.is_dropped) || state.is_over;
        if is_complete {
            let is_stale = state.tasks.iter().any(|(_, task)| matches!(task, Task::Change(_)));
            state.stale_since = is_stale.then(Instant::now);
        }
        is_dropped
    }

    /// Keeps a report until a look has come to its end.
    pub fn keep_report(&self, id: Id, report: Question<D>) {
        self.state().reports.push((id, report));
    }

    /// The reports that wait for a look.
    pub fn take_reports(&self) -> Vec<(Id, Question<D>)> {
        std::mem::take(&mut self.state().reports)
    }

    fn state(&self) -> MutexGuard<'_, State<D>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<D> State<D> {
    fn begin_look(&mut self, question: Option<Id>) -> Cancel {
        let cancel = Cancel::new();
        self.look = Some(Look { cancel: cancel.clone(), question, is_dropped: false });
        cancel
    }

    /// Cuts short the look that is under way, where what waits is not to wait for its end. A report alone does not mind.
    fn cut_short(&self) {
        let Some(look) = &self.look else { return };
        let is_report = |(_, task): &(usize, Task<D>)| matches!(task, Task::Report(..));
        let is_due = self.stale_since.is_some_and(|since| since.elapsed() >= MAX_STALE);
        let must_end = look.question.is_some() || is_due || self.tasks.iter().all(is_report);
        if self.size > MAX_WAITING || !must_end {
            look.cancel.cancel();
        }
    }
}
