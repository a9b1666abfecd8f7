//! `papack verify`.

use std::path::Path;
use std::process::ExitCode;

use papack_engine::{ReproduceRequest, Verdict};

use super::shared::{levels, refuse_file, run_in_workspace, thread_pool, workspace_pack};
use crate::args::{JobsArgs, OutputArgs, VerifyArgs};
use crate::{render, signals};

/// Verifies a pack, or with `--reproduce` that packing the workspace gives the same bytes again.
pub fn run(args: &VerifyArgs) -> ExitCode {
    if args.reproduce {
        return reproduce(args);
    }
    let file = match &args.file {
        Some(file) => Ok(file.clone()),
        None => workspace_pack(&args.workspace),
    };
    file.map_or_else(|code| code, |file| verify(&file, &args.output))
}

fn verify(file: &Path, output: &OutputArgs) -> ExitCode {
    let threads = match thread_pool(None) {
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

fn reproduce(args: &VerifyArgs) -> ExitCode {
    let levels = match levels(&args.levels) {
        Ok(levels) => levels,
        Err(code) => return code,
    };
    run_in_workspace(&args.workspace, &JobsArgs { jobs: None }, &args.output, |session, observer| {
        let request = ReproduceRequest { no_wait: args.wait.no_wait, levels, cancel: signals::cancel() };
        let result = session.reproduce(&request, observer);
        (result.status, result)
    })
}
