//! The commands that change the documents of a workspace, from `papack init` to `papack doctor`.

use std::process::ExitCode;

use papack_engine::{
    DoctorRequest, Levels, ManageRequest, ManageResult, Observer, PreloadChange, Session, Status, Task, make_folder,
};
use papack_queries::formats::FormatChoice;
use papack_queries::formats::tiles::TileSize;

use super::shared::{levels, refuse, refuse_for, run_in_folder, run_in_workspace};
use crate::args::{
    AddArgs, AssetsArgs, DoctorArgs, FormatName, InitArgs, JobsArgs, MERGE_DRIVER_SETUP, ManageArgs, ManageOptions,
    MessageFormat, MigrateArgs, MvArgs, NewArgs, PreloadArgs, RenameArgs, RmArgs, TilePixels, WaitArgs,
};
use crate::render::{DoctorReport, ProposalReport, RefusalStatus, Report, eprint_notice};
use crate::signals;

/// One thread for each processor: these commands have no option for it.
const JOBS: JobsArgs = JobsArgs { jobs: None };

/// Makes a workspace, and shows people how to set up git for it.
pub fn init(args: &InitArgs) -> ExitCode {
    let levels = match levels(&args.options.levels) {
        Ok(levels) => levels,
        Err(code) => return code,
    };
    if !args.options.dry_run
        && let Err(error) = make_folder(&args.folder)
    {
        let help = "name a folder that is there, or one in a folder that is there";
        return refuse_for(RefusalStatus::PathUnusable, &format!("{}: {error}", args.folder.display()), help);
    }
    let code = run_in_folder(&args.folder, &JOBS, &args.output, |session, observer| {
        operate(session, observer, &args.options, levels, Task::Init { demo: args.demo })
    });
    let has_advice = !args.options.dry_run && args.output.message_format == MessageFormat::Human;
    if code == ExitCode::SUCCESS && has_advice {
        eprint_notice(&format!(
            "\nIn a git repository, let papack merge the registry of branches:\n\n{MERGE_DRIVER_SETUP}"
        ));
    }
    code
}

/// Writes the manifest of a new asset, and registers it.
pub fn new(args: NewArgs) -> ExitCode {
    let NewArgs { root, format, tile_size, files, all: _, yes, manage: mut options } = args;
    let Some(root) = root else {
        options.options.dry_run |= !yes;
        return manage_as(&options, Task::NewAll, ProposalReport);
    };
    let tile_size = tile_size.map(|pixels| match pixels {
        TilePixels::Eight => TileSize::Eight,
        TilePixels::Sixteen => TileSize::Sixteen,
        TilePixels::ThirtyTwo => TileSize::ThirtyTwo,
    });
    let format = match (format, tile_size) {
        (Some(FormatName::Tiles), _) | (None, Some(_)) => Some(FormatChoice::TilesIndexedV1 { tile_size }),
        (_, Some(_)) => return refuse("--tile-size goes with --format tiles", "leave it out"),
        (Some(FormatName::Sounds), None) => Some(FormatChoice::SoundsPcmV1),
        (Some(FormatName::Data), None) => Some(FormatChoice::DataRawV1),
        (Some(FormatName::Maps), None) => Some(FormatChoice::DataTilemapV1),
        (None, None) => None,
    };
    manage(&options, Task::New { root, format, files })
}

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

/// Changes the preload slot of an asset.
pub fn preload(args: PreloadArgs) -> ExitCode {
    let preload = match args.slot {
        Some(slot) => PreloadChange::Slot(slot),
        None if args.next => PreloadChange::Next,
        None => PreloadChange::Off,
    };
    manage(&args.manage, Task::Preload { asset: args.asset, preload })
}

/// Removes assets from the registry, and their files on request.
pub fn rm(args: RmArgs) -> ExitCode {
    let RmArgs { delete_files, assets: AssetsArgs { assets, manage: args } } = args;
    manage(&args, Task::Remove { assets, delete_files })
}

/// Rewrites documents of an older version.
pub fn migrate(args: &MigrateArgs) -> ExitCode {
    manage(&args.manage, Task::Migrate)
}

/// Shows what is wrong with the registry and the identities, and repairs it on request.
pub fn doctor(args: DoctorArgs) -> ExitCode {
    let DoctorArgs { fix, renumber, give_to, manage: args } = args;
    let ManageOptions { dry_run, wait: WaitArgs { no_wait }, .. } = args.options;
    let levels = match levels(&args.options.levels) {
        Ok(levels) => levels,
        Err(code) => return code,
    };
    run_in_workspace(&args.workspace, &JOBS, &args.output, |session, observer| {
        let request = DoctorRequest { fix, renumber, give_to, dry_run, no_wait, levels, cancel: signals::cancel() };
        let result = session.doctor(&request, observer);
        (result.status, DoctorReport(result))
    })
}

fn manage(args: &ManageArgs, task: Task) -> ExitCode {
    manage_as(args, task, |result| result)
}

/// Carries out `task`, and shows its result as what `report` makes of it.
fn manage_as<R: Report + Send>(
    args: &ManageArgs,
    task: Task,
    report: impl FnOnce(ManageResult) -> R + Send,
) -> ExitCode {
    let levels = match levels(&args.options.levels) {
        Ok(levels) => levels,
        Err(code) => return code,
    };
    run_in_workspace(&args.workspace, &JOBS, &args.output, |session, observer| {
        let (status, result) = operate(session, observer, &args.options, levels, task);
        (status, report(result))
    })
}

fn operate(
    session: &mut Session,
    observer: &Observer<'_>,
    options: &ManageOptions,
    levels: Levels,
    task: Task,
) -> (Status, ManageResult) {
    let ManageOptions { dry_run, wait: WaitArgs { no_wait }, .. } = *options;
    let result = session.manage(&ManageRequest { task, dry_run, no_wait, levels, cancel: signals::cancel() }, observer);
    (result.status, result)
}
