//! `papack lsp`, with a real client over real pipes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

mod client;
mod commands;
#[path = "../serve/connection.rs"]
#[allow(dead_code, reason = "other tests use more of it")]
mod connection;
mod diagnostics;
mod documents;
mod ends;
mod features;
mod life;
#[path = "../suite/pictures.rs"]
#[allow(dead_code, reason = "other tests use more of it")]
mod pictures;
mod races;
mod random;
#[path = "../serve/schemas.rs"]
#[allow(dead_code, reason = "other tests use more of it")]
mod schemas;
#[path = "../suite/space.rs"]
#[allow(dead_code, reason = "other tests use more of it")]
mod space;
#[path = "../suite/wav.rs"]
#[allow(dead_code, reason = "other tests use more of it")]
mod wav;
