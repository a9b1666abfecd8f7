//! Publication, whatever happens meanwhile: failing calls, killed processes, power cuts, files that change, signals,
//! panics, crowds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

mod cancel;
mod causes;
mod changing;
mod crash;
mod crowd;
mod every_call;
mod foretold;
mod frozen;
mod generations;
#[allow(dead_code, reason = "shared with other tests")]
mod hooked;
mod irreplaceable;
mod killed;
mod lane;
mod memory;
mod namespace;
mod panics;
#[allow(dead_code, reason = "shared with the suite")]
#[path = "../suite/pictures.rs"]
mod pictures;
mod power;
mod recovered;
#[allow(dead_code, reason = "shared with the suite")]
#[path = "../suite/space.rs"]
mod space;
mod started;
mod stuck;
#[allow(dead_code, reason = "shared with the suite")]
#[path = "../suite/wav.rs"]
mod wav;
mod writers;
