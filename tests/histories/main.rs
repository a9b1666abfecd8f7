//! Histories of workspaces: whatever happened to inputs, outputs and caches before, a pack gives what a clean one
//! gives.
//!
//! `property.rs` makes up workspaces and what happens to them; `scenarios.rs` tells the nastiest stories one by one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

mod deed;
mod doing;
#[allow(dead_code, reason = "shared with the tests of publication")]
#[path = "../publication/hooked.rs"]
mod hooked;
mod player;
mod property;
mod scenarios;
#[allow(dead_code, reason = "shared with the suite")]
#[path = "../suite/space.rs"]
mod space;
mod tree;
#[allow(dead_code, reason = "shared with the suite")]
#[path = "../suite/wav.rs"]
mod wav;
mod world;
mod writing;
