//! `papack convert`.

use std::process::ExitCode;

use papack_engine::ConvertRequest;

use crate::args::ConvertArgs;
use crate::{exit_code, render, signals};

/// Writes what files become in a pack to files.
pub fn run(args: ConvertArgs) -> ExitCode {
    let request = ConvertRequest { files: args.files, fields: args.set, to: args.to, cancel: signals::cancel() };
    let result = papack_engine::convert(&request);
    render::show(args.output.message_format, &result);
    exit_code::of_status(result.status)
}
