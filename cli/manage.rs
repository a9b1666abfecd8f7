//! The commands that change documents of `assets/`.

use std::process::ExitCode;

use papack_engine::{DoctorRequest, ManageRequest, PreloadChange, Task};

use crate::args::{
    AddArgs, AssetsArgs, DoctorArgs, JobsArgs, ManageArgs, MigrateArgs, MvArgs, PreloadArgs, RenameArgs,
};
use crate::operation::{cancel_on_signal, run};
use crate::render::Examination;

/// Registers assets.
pub fn add(args: AddArgs) -> ExitCode {
    let task = if args.all { Task::AddAll } else { Task::Add { roots: args.roots } };
    manage(&args.manage, task)
}

/// Moves an asset.
pub fn mv(args: MvArgs) -> ExitCode {
    manage(&args.manage, Task::Move { asset: args.asset, root: args.root })
}

/// Includes assets in the build.
pub fn include(args: AssetsArgs) -> ExitCode {
    manage(&args.manage, Task::Include { assets: args.assets })
}

/// Excludes assets from the build.
pub fn exclude(args: AssetsArgs) -> ExitCode {
    manage(&args.manage, Task::Exclude { assets: args.assets })
}

/// Renames an asset.
pub fn rename(args: RenameArgs) -> ExitCode {
    manage(&args.manage, Task::Rename { asset: args.asset, name: args.name })
}

/// Preloads an asset otherwise.
pub fn preload(args: PreloadArgs) -> ExitCode {
    let preload = match args.slot {
        Some(slot) => PreloadChange::Slot(slot),
        None if args.next => PreloadChange::Next,
        None => PreloadChange::Off,
    };
    manage(&args.manage, Task::Preload { asset: args.asset, preload })
}

/// Takes assets out of the registry.
pub fn rm(args: AssetsArgs) -> ExitCode {
    manage(&args.manage, Task::Remove { assets: args.assets })
}

/// Migrates documents.
pub fn migrate(args: &MigrateArgs) -> ExitCode {
    manage(&args.manage, Task::Migrate)
}

/// Tells what is wrong, and mends it.
pub fn doctor(args: DoctorArgs) -> ExitCode {
    let DoctorArgs { fix, renumber, manage: args } = args;
    let (dry_run, no_wait) = (args.dry_run, args.no_wait);
    run(&args.workspace, &JobsArgs { jobs: None }, &args.output, |session, observer| {
        let request = DoctorRequest { fix, renumber, dry_run, no_wait, cancel: cancel_on_signal() };
        let result = session.doctor(&request, observer);
        (result.status, Examination(result))
    })
}

fn manage(args: &ManageArgs, task: Task) -> ExitCode {
    run(&args.workspace, &JobsArgs { jobs: None }, &args.output, |session, observer| {
        let request = ManageRequest { task, dry_run: args.dry_run, no_wait: args.no_wait, cancel: cancel_on_signal() };
        let result = session.manage(&request, observer);
        (result.status, result)
    })
}
