//! `extract` and `diff`: packs become files again, and are compared.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

mod convert;
mod defaults;
mod diff;
mod extract;
mod hostile;
mod made;
mod parts;
mod round_trip;
#[path = "../suite/space.rs"]
#[allow(dead_code, reason = "shared with another test binary")]
mod space;

use std::path::{Path, PathBuf};

use papack_engine::{ExtractRequest, ExtractResult, extract};

/// The golden workspaces whose packs are kept.
const GOLDEN: [&str; 5] = ["empty", "w101", "w102", "w103", "w104"];

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name).join("expected/assets.pa")
}

/// Extracts all assets of `file` to `to`.
fn extract_all(file: &Path, to: &Path, decode: bool) -> ExtractResult {
    extract(&ExtractRequest { file: file.to_owned(), to: to.to_owned(), decode, ..ExtractRequest::default() }).unwrap()
}
