//! `papack verify`.

use std::process::ExitCode;

use papack_engine::Verdict;

use crate::args::VerifyArgs;
use crate::{refuse_file, render, threads};

/// Verifies, and says what is wrong.
pub fn run(args: &VerifyArgs) -> ExitCode {
    let result = match threads(None).install(|| papack_engine::verify(&args.file)) {
        Ok(result) => result,
        Err(error) => return refuse_file(&args.file, &error),
    };
    let printer = render::Printer::new(args.output.message_format);
    printer.diagnostics(&result.diagnostics);
    printer.result(&result, |_| None);
    ExitCode::from(u8::from(result.status == Verdict::Refused))
}
