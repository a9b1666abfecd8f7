//! `papack diff`.

use std::process::ExitCode;

use papack_engine::DiffStatus;

use crate::args::DiffArgs;
use crate::{refuse_file, render, threads};

/// Compares, and says what changed.
pub fn run(args: &DiffArgs) -> ExitCode {
    let result = match threads(None).install(|| papack_engine::diff(&args.old, &args.new)) {
        Ok(result) => result,
        Err(unreadable) => return refuse_file(&unreadable.file, &unreadable.error),
    };
    let printer = render::Printer::new(args.output.message_format);
    printer.diagnostics(&result.diagnostics);
    printer.result(&result, |_| None);
    ExitCode::from(u8::from(result.status != DiffStatus::Equal))
}
