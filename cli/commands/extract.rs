//! `papack extract`.

use std::process::ExitCode;

use papack_engine::ExtractRequest;

use super::shared::refuse_file;
use crate::args::ExtractArgs;
use crate::{exit_code, render, signals};

/// Writes the assets of a pack to files.
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
    exit_code::of_status(result.status)
}
