//! `papack verify`.

use std::path::Path;
use std::process::ExitCode;

use papack_engine::{ReproduceRequest, Verdict};

use crate::args::{JobsArgs, OutputArgs, VerifyArgs};
use crate::operation;
use crate::{refuse_file, render, signals, threads};

/// Verifies the file, or where none is named that the workspace packs to the same bytes again.
pub fn run(args: &VerifyArgs) -> ExitCode {
    match &args.file {
        Some(file) => verify(file, &args.output),
        None => reproduce(args),
    }
}

/// Verifies the file, and says what is wrong.
fn verify(file: &Path, output: &OutputArgs) -> ExitCode {
    let threads = match threads(None) {
        Ok(threads) => threads,
        Err(code) => return code,
    };
    let result = match threads.install(|| papack_engine::verify(file)) {
        Ok(result) => result,
        Err(error) => return refuse_file(file, &error),
    };
    render::show(output.message_format, &result);
    ExitCode::from(u8::from(result.status == Verdict::Refused))
}

/// Packs the workspace in different ways, and says where the outputs differ.
fn reproduce(args: &VerifyArgs) -> ExitCode {
    operation::run(&args.workspace, &JobsArgs { jobs: None }, &args.output, |session, observer| {
        let request = ReproduceRequest { no_wait: args.wait.no_wait, cancel: signals::cancel() };
        let result = session.reproduce(&request, observer);
        (result.status, result)
    })
}
