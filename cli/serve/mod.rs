//! `papack serve`: the services for other programs, over JSON-RPC 2.0, as `docs/spec/serve.md` has it.
//!
//! ```text
//! client ──frame──▶ message ──▶ server: one loop ──▶ calls ──▶ methods ──job──▶ worker: one session
//!    ▲                                                  │                          │
//!    └──────────────── outbox: a queue and a thread for each client ◀── watching ◀─┘
//! ```
//!
//! The loop takes messages in order and waits for nothing. Operations run on a thread of their own, one after the other,
//! so `cancel` overtakes them. Nothing here knows what a service does, or how its results look.

mod about;
mod calls;
mod client;
mod client_process;
mod frame;
mod message;
mod methods;
mod outbox;
mod server;
mod socket;
mod watching;
mod worker;

pub use server::{End, Server};
pub use socket::Socket;
