//! `papack status`, `check`, `plan` and `pack`.

use std::path::Path;
use std::process::ExitCode;

use super::shared::{levels, locate, run_printing, write_timings};
use crate::args::{
    BuildArgs, CheckArgs, JobsArgs, LevelArgs, OutputArgs, PackArgs, PlanArgs, StatusArgs, WaitArgs, WorkspaceArgs,
};
use crate::served::{Kind, Task, ask};
use crate::signals;

/// Packs the workspace, or checks whether it is packed.
pub fn pack(args: &PackArgs) -> ExitCode {
    let PackArgs { check, explain, wait: WaitArgs { no_wait }, ref build } = *args;
    build_with(Kind::Pack { check, explain, no_wait }, build)
}

/// Shows what a pack would do, and why.
pub fn plan(args: &PlanArgs) -> ExitCode {
    build_with(Kind::Plan { exit_code: args.exit_code }, &args.build)
}

/// Checks the workspace, and fixes what has one right answer on request.
pub fn check(args: &CheckArgs) -> ExitCode {
    let CheckArgs { fix, dry_run, no_wait, ref build } = *args;
    build_with(Kind::Check { fix, dry_run, no_wait }, build)
}

/// Summarizes the workspace.
pub fn status(args: &StatusArgs) -> ExitCode {
    let StatusArgs { levels, workspace, alone, jobs, output } = args;
    let place = Place { workspace, jobs, output, is_alone: alone.alone, timings: None };
    run(Kind::Status, false, levels, &place)
}

fn build_with(kind: Kind, args: &BuildArgs) -> ExitCode {
    let BuildArgs { levels, workspace, rehash, timings, alone, jobs, output } = args;
    let place = Place { workspace, jobs, output, is_alone: alone.alone, timings: timings.as_deref() };
    run(kind, *rehash, levels, &place)
}

/// Where and how a task is done.
struct Place<'a> {
    workspace: &'a WorkspaceArgs,
    jobs: &'a JobsArgs,
    output: &'a OutputArgs,
    is_alone: bool,
    timings: Option<&'a Path>,
}

/// Does a task: by a session that serves the workspace, or else in this process.
fn run(kind: Kind, rehash: bool, level_args: &LevelArgs, place: &Place<'_>) -> ExitCode {
    let levels = match levels(level_args) {
        Ok(levels) => levels,
        Err(code) => return code,
    };
    let folder = match locate(place.workspace) {
        Ok(folder) => folder,
        Err(code) => return code,
    };
    let task = Task { kind, rehash, levels: level_args.clone() };
    // What is about this process, as its threads and where its time goes, is not for another one to say.
    let is_about_process = place.is_alone || place.jobs.jobs.is_some() || place.timings.is_some();
    if !is_about_process
        && task.can_be_served()
        && let Some(code) = ask(&folder, &task, place.output.message_format)
    {
        return code;
    }
    write_timings(place.timings, &folder, |timings| {
        run_printing(&folder, place.jobs, place.output, |session, printer| {
            session.measure(timings);
            task.run(levels, session, signals::cancel(), printer)
        })
    })
}
