//! The commands that change documents of `assets/`.

use std::process::ExitCode;

use papack_engine::{ManageRequest, Task};

use crate::args::{AddArgs, JobsArgs, ManageArgs, MigrateArgs, MvArgs};
use crate::operation::{cancel_on_signal, run};

/// Registers assets.
pub fn add(args: AddArgs) -> ExitCode {
    let task = if args.all { Task::AddAll } else { Task::Add { roots: args.roots } };
    manage(&args.manage, task)
}

/// Moves an asset.
pub fn mv(args: MvArgs) -> ExitCode {
    manage(&args.manage, Task::Move { asset: args.asset, root: args.root })
}

/// Migrates documents.
pub fn migrate(args: &MigrateArgs) -> ExitCode {
    manage(&args.manage, Task::Migrate)
}

fn manage(args: &ManageArgs, task: Task) -> ExitCode {
    let jobs = JobsArgs { jobs: None };
    run(&args.workspace, &jobs, &args.output, |session, observer| {
        let request = ManageRequest { task, dry_run: args.dry_run, no_wait: args.no_wait, cancel: cancel_on_signal() };
        let result = session.manage(&request, observer);
        (result.status, result)
    })
}
