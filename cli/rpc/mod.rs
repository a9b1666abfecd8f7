//! What the servers for other programs share: how messages are framed, read and written, which methods are operations,
//! and the thread that runs them.
//!
//! ```text
//! frame ◀── input: a thread that reads        message: calls and answers ──▶ methods ──operation──▶ worker
//!   ▲
//!   └────── outbox: a queue and a thread that writes
//! ```
//!
//! Nothing here knows which of the servers it works for, what a service does, or how its results look.

mod client_process;
mod frame;
mod input;
mod message;
pub mod methods;
mod nudge;
mod outbox;
mod worker;

pub use client_process::ClientProcess;
pub use frame::write as frame;
pub use input::{Received, read};
pub use message::{Answer, Call, Failure, Id, Params, answer, notification, refusal, request};
pub use methods::{METHODS, Operation, Outcome};
pub use nudge::Nudge;
pub use outbox::Outbox;
pub use worker::{Caller, Worker};
