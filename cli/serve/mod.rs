//! `papack serve`: the services for other programs, over JSON-RPC 2.0, as `docs/spec/serve.md` has it.
//!
//! ```text
//! client ──message──▶ server: one loop ──▶ calls ──operation──▶ worker: one session
//!    ▲                                       │                          │
//!    └────────────── outbox ◀────────── asked, watching ◀───────────────┘
//! ```
//!
//! The loop takes messages in order and waits for nothing. Operations run on a thread of their own, one after the other,
//! so `cancel` overtakes them.

mod about;
mod asked;
mod calls;
mod client;
mod server;
mod socket;
mod watching;

pub use server::{End, Server};
pub use socket::Socket;
