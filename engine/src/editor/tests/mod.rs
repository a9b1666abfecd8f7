#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

mod anything;
mod completing;
mod hovering;
mod moving;
mod space;
