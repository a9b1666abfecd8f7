//! The product from outside: through the binary, as a user sees it, and through the services.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

mod cache;
mod check;
mod docs;
mod explained;
mod faulty;
mod forged;
mod forgery;
mod golden;
mod guide;
mod help;
#[path = "../publication/hooked.rs"]
#[expect(dead_code, reason = "shared with other tests, which use more of it")]
mod hooked;
mod interleaved;
mod irreproducible;
mod long;
mod messages;
mod pack;
mod pictures;
mod plan;
mod printing;
mod provoked;
mod quiet;
mod remembering;
mod reproduce;
mod sessions;
mod signals;
mod sizes;
mod space;
mod status;
mod unmeant;
mod wav;
