//! An operation that a client asked for.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use papack_engine::{Cancel, Event, EventKind, OperationId};

use crate::render::json;
use crate::rpc::{Caller, Id, Outbox, Outcome, answer, notification};

/// An operation that a client asked for, from then until it is answered.
pub struct Asked {
    /// The id of the request; none if nobody waits for the result.
    pub id: Option<Id>,
    cancel: Cancel,
    /// How many bytes of memory it takes while it waits, about.
    pub size: usize,
    outbox: Arc<Outbox>,
    operation_id: OnceLock<OperationId>,
    /// Its client is gone, so that it need not begin.
    is_abandoned: AtomicBool,
    is_answered: AtomicBool,
}

impl Asked {
    /// An operation that has not begun.
    pub fn new(id: Option<Id>, size: usize, outbox: &Arc<Outbox>) -> Self {
        Self {
            id,
            cancel: Cancel::new(),
            size,
            outbox: Arc::clone(outbox),
            operation_id: OnceLock::new(),
            is_abandoned: AtomicBool::new(false),
            is_answered: AtomicBool::new(false),
        }
    }

    /// The id of the operation, once it has begun.
    pub fn operation_id(&self) -> Option<&str> {
        self.operation_id.get().map(OperationId::as_str)
    }

    /// Cancels the operation. Returns whether it was not answered yet.
    pub fn give_up(&self) -> bool {
        self.cancel.cancel();
        !self.is_answered.load(Ordering::SeqCst)
    }

    /// Cancels the operation, or keeps it from beginning: nobody waits for it any more.
    pub fn abandon(&self) {
        self.is_abandoned.store(true, Ordering::SeqCst);
        self.cancel.cancel();
    }
}

impl Caller for Asked {
    fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    fn is_gone(&self) -> bool {
        self.is_abandoned.load(Ordering::SeqCst)
    }

    /// Sends an event to the client; before the first one, which operation it is that begins.
    fn event(&self, event: &Event) {
        if matches!(event.kind, EventKind::OperationStarted) {
            self.operation_id.get_or_init(|| event.operation_id.clone());
            if let Some(id) = &self.id {
                let params = format!(r#"{{"id":{},"operation_id":"{}"}}"#, id.json(), event.operation_id);
                self.outbox.send(&notification("started", &params));
            }
        }
        self.outbox.send(&event_message(event));
    }

    fn ended(&self, outcome: &Outcome) {
        self.is_answered.store(true, Ordering::SeqCst);
        if let Some(id) = &self.id {
            self.outbox.send(&answer(id, &outcome.result));
        }
    }
}

/// The notification of an event, which may be a diagnostic.
pub fn event_message(event: &Event) -> String {
    let method = if matches!(event.kind, EventKind::Diagnostic { .. }) { "diagnostic" } else { "event" };
    notification(method, &json::event(event))
}
