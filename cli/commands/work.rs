//! `papack status`, `check`, `plan` and `pack`.

use std::process::ExitCode;

use papack_engine::{CheckRequest, FixRequest, PackRequest, PlanRequest, Status, StatusRequest};

use super::shared::{levels, run_in_workspace, run_timed};
use crate::args::{BuildArgs, CheckArgs, PackArgs, PlanArgs, StatusArgs, WaitArgs};
use crate::signals;

/// Packs the workspace, or checks whether it is packed.
pub fn pack(args: &PackArgs) -> ExitCode {
    let PackArgs { check, explain, wait: WaitArgs { no_wait }, build: BuildArgs { rehash, .. } } = *args;
    let levels = match levels(&args.build.levels) {
        Ok(levels) => levels,
        Err(code) => return code,
    };
    run_timed(&args.build, |session, observer| {
        let request = PackRequest { no_wait, rehash, explain, levels, cancel: signals::cancel() };
        let result = if check { session.check_outputs(&request, observer) } else { session.pack(&request, observer) };
        (result.status, result)
    })
}

/// Shows what a pack would do, and why.
pub fn plan(args: &PlanArgs) -> ExitCode {
    let PlanArgs { exit_code, build: BuildArgs { rehash, .. } } = *args;
    let levels = match levels(&args.build.levels) {
        Ok(levels) => levels,
        Err(code) => return code,
    };
    run_timed(&args.build, |session, observer| {
        let request = PlanRequest { rehash, compares_outputs: exit_code, levels, cancel: signals::cancel() };
        let result = session.plan(&request, observer);
        // The exit code tells of a pack, as of one that ends at its gate.
        let has_work = exit_code && result.status == Status::Success && !result.has_nothing_to_do();
        (if has_work { Status::GateFailed } else { result.status }, result)
    })
}

/// Checks the workspace, and fixes what has one right answer on request.
pub fn check(args: &CheckArgs) -> ExitCode {
    let CheckArgs { fix, dry_run, no_wait, build: BuildArgs { rehash, .. } } = *args;
    let levels = match levels(&args.build.levels) {
        Ok(levels) => levels,
        Err(code) => return code,
    };
    run_timed(&args.build, |session, observer| {
        let check = CheckRequest { levels, rehash, cancel: signals::cancel() };
        let result = if fix {
            session.fix(&FixRequest { check, dry_run, no_wait }, observer)
        } else {
            session.check(&check, observer)
        };
        (result.status, result)
    })
}

/// Summarizes the workspace.
pub fn status(args: &StatusArgs) -> ExitCode {
    let levels = match levels(&args.levels) {
        Ok(levels) => levels,
        Err(code) => return code,
    };
    run_in_workspace(&args.workspace, &args.jobs, &args.output, |session, observer| {
        let result = session.status(&StatusRequest { levels, cancel: signals::cancel() }, observer);
        (result.status, result)
    })
}
