//! `papack serve`, with real clients over real pipes and sockets. Every message of both sides is held against its schema.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

mod client;
mod connection;
mod ends;
mod java;
mod operations;
mod overtaking;
mod protocol;
mod random;
mod schemas;
mod sockets;
#[path = "../suite/space.rs"]
#[allow(dead_code, reason = "other tests use more of it")]
mod space;
mod stuck;
mod watching;
mod wizard;
