//! The process that papack is: readers that take nothing, signals, limits, permissions, and names and places that are
//! strangers'. These tests start many processes, and hold no workspace open themselves: a lock would be inherited.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

mod blocked;
mod discovery;
mod forbidden;
mod idle;
mod injection;
mod limited;
mod served;
#[path = "../suite/space.rs"]
#[expect(dead_code, reason = "shared with other tests, which use more of it")]
mod space;
mod terminals;
mod timings;
