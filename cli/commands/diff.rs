//! `papack diff`.

use std::process::ExitCode;

use papack_engine::DiffStatus;

use super::shared::{refuse_file, thread_pool};
use crate::args::DiffArgs;
use crate::render;

/// Compares two packs.
pub fn run(args: &DiffArgs) -> ExitCode {
    let threads = match thread_pool(None) {
        Ok(threads) => threads,
        Err(code) => return code,
    };
    let result = match threads.install(|| papack_engine::diff(&args.old, &args.new)) {
        Ok(result) => result,
        Err(unreadable) => return refuse_file(&unreadable.file, &unreadable.error),
    };
    render::show(args.output.message_format, &result);
    ExitCode::from(u8::from(result.status != DiffStatus::Equal))
}
