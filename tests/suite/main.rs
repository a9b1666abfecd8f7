//! The product from outside: through the binary, as a user sees it, and through the services.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

mod budgets;
mod budgets_against;
mod budgets_random;
mod cache;
mod check;
mod completing;
mod conversions;
mod denied;
mod derived_once;
mod docs;
mod entry_zero;
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
mod junit;
mod leading;
mod left_out;
mod list;
mod long;
mod looking;
mod messages;
mod outdated;
mod pack;
mod pictures;
mod plan;
mod printing;
mod processors;
mod provoked;
mod quiet;
mod refused;
mod remembering;
mod reproduce;
mod sessions;
mod settings;
mod sidecar;
mod signals;
mod sizes;
mod sounds;
mod space;
mod sprites;
mod status;
mod tilemaps;
mod unmeant;
mod wav;
mod widths;
