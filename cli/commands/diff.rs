//! `papack diff`.

use std::process::ExitCode;

use papack_engine::{Diagnostic, DiffStatus};

use super::shared::{levels, refuse_file, thread_pool, workspace_pack};
use crate::args::DiffArgs;
use crate::render;

/// Compares two packs.
pub fn run(args: &DiffArgs) -> ExitCode {
    let levels = match levels(&args.levels) {
        Ok(levels) => levels,
        Err(code) => return code,
    };
    let new = match &args.new {
        Some(new) => Ok(new.clone()),
        None => workspace_pack(&args.workspace),
    };
    let new = match new {
        Ok(new) => new,
        Err(code) => return code,
    };
    let threads = match thread_pool(None) {
        Ok(threads) => threads,
        Err(code) => return code,
    };
    let result = match threads.install(|| papack_engine::diff(&args.old, &new, &levels)) {
        Ok(result) => result,
        Err(unreadable) => return refuse_file(&unreadable.file, &unreadable.error),
    };
    render::show(args.output.message_format, &result);
    let is_denied = result.diagnostics.iter().any(Diagnostic::is_error);
    ExitCode::from(u8::from(is_denied || result.status != DiffStatus::Equal))
}
