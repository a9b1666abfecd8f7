//! `papack status`, `check`, `plan` and `pack`.

use std::process::ExitCode;

use papack_engine::{CheckRequest, PackRequest, PlanRequest, StatusRequest};

use super::shared::{run_in_workspace, run_timed};
use crate::args::{BuildArgs, CheckArgs, PackArgs, StatusArgs, WaitArgs};
use crate::signals;

/// Packs the workspace.
pub fn pack(args: &PackArgs) -> ExitCode {
    let PackArgs { explain, wait: WaitArgs { no_wait }, build: BuildArgs { rehash, .. } } = *args;
    run_timed(&args.build, |session, observer| {
        let result = session.pack(&PackRequest { no_wait, rehash, explain, cancel: signals::cancel() }, observer);
        (result.status, result)
    })
}

/// Shows what a pack would do, and why.
pub fn plan(args: &BuildArgs) -> ExitCode {
    run_timed(args, |session, observer| {
        let result = session.plan(&PlanRequest { rehash: args.rehash, cancel: signals::cancel() }, observer);
        (result.status, result)
    })
}

/// Checks the workspace.
pub fn check(args: &CheckArgs) -> ExitCode {
    let CheckArgs { deny_warnings, build: BuildArgs { rehash, .. } } = *args;
    run_timed(&args.build, |session, observer| {
        let result = session.check(&CheckRequest { deny_warnings, rehash, cancel: signals::cancel() }, observer);
        (result.status, result)
    })
}

/// Summarizes the workspace.
pub fn status(args: &StatusArgs) -> ExitCode {
    run_in_workspace(&args.workspace, &args.jobs, &args.output, |session, observer| {
        let result = session.status(&StatusRequest { cancel: signals::cancel() }, observer);
        (result.status, result)
    })
}
