//! `papack watch`, with real files and real events: whatever happens, once it is over `build/` is what a clean pack gives.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

mod builds;
mod display;
mod edits;
mod ends;
mod left_out;
mod limits;
mod long_day;
mod random;
mod settings;
mod shared;
#[path = "../suite/space.rs"]
#[allow(dead_code, reason = "other tests use more of it")]
mod space;
mod watching;
