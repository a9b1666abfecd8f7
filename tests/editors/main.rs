//! Editors and their libraries as clients of `papack lsp`. Each test starts one that is not Rust, and has it do what a
//! person would.
//!
//! Where a client is not installed, its test says so and passes; with the variable that it names set, it fails.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

mod client;
mod neovim;
mod pytest_lsp;
#[path = "../suite/space.rs"]
#[allow(dead_code, reason = "other tests use more of it")]
mod space;
mod vscode;
