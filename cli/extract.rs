//! `papack extract`.

use std::process::ExitCode;

use papack_engine::ExtractRequest;

use crate::args::ExtractArgs;
use crate::operation::exit_code;
use crate::{refuse_file, render, signals};

/// Extracts, and says what was written.
pub fn run(args: &ExtractArgs) -> ExitCode {
    let request = ExtractRequest {
        file: args.file.clone(),
        assets: args.assets.clone(),
        to: args.to.clone(),
        decode: args.decode,
        cancel: signals::cancel(),
    };
    let result = match papack_engine::extract(&request) {
        Ok(result) => result,
        Err(error) => return refuse_file(&args.file, &error),
    };
    render::show(args.output.message_format, &result);
    ExitCode::from(exit_code(result.status))
}
