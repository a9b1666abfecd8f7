//! `papack extract`.

use std::process::ExitCode;

use papack_engine::ExtractRequest;

use super::shared::{NamedPack, refuse_file};
use crate::args::ExtractArgs;
use crate::{exit_code, render, signals};

/// Writes the assets of a pack to files.
pub fn run(args: &ExtractArgs) -> ExitCode {
    let named = match NamedPack::new(args.pack.as_deref(), &args.assets, &args.workspace) {
        Ok(named) => named,
        Err(code) => return code,
    };
    let request = ExtractRequest {
        file: named.file.clone(),
        assets: named.assets.clone(),
        to: args.to.clone(),
        decode: args.decode,
        cancel: signals::cancel(),
    };
    let mut result = match papack_engine::extract(&request) {
        Ok(result) => result,
        Err(error) => return refuse_file(&named.file, &error),
    };
    named.explain(&mut result.diagnostics);
    render::show(args.output.message_format, &result);
    exit_code::of_status(result.status)
}
