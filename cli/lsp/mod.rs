//! `papack lsp`: a language server, as `docs/spec/lsp.md` has it.
//!
//! ```text
//! client ──message──▶ server: one loop ──▶ calls ──▶ methods ──task──▶ queue ──▶ desk: one thread, one editor's session
//!    ▲                                       │                                             │
//!    │                                       └─────▶ operations ──▶ worker: one session     │
//!    └── outbox ◀────────────────────────────────────────┴──────────────────────────────────┘
//! ```
//!
//! The loop takes messages in order and waits for nothing. What concerns documents is done on one thread, which alone has
//! their texts, in the order in which it came; what works on the disk alone is done on another one. Nothing here knows
//! what is right or wrong in a document.

mod about;
mod actions;
mod calls;
mod client;
mod desk;
mod documents;
mod features;
mod looking;
mod methods;
mod operations;
mod progress;
mod queue;
mod reports;
mod server;
mod shown;
mod text;
mod uri;
mod watching;
mod workspace;

pub use server::{End, serve};
