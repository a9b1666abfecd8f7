//! `--timings FILE`: where the file may be, and how it is written.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use papack_engine::{ASSET_TABLE, ASSETS_PA, BUILD, PRELOAD, SIDECAR, Timings};

use super::refusal::{refuse_for, refuse_workspace};
use crate::atomic_file::{AtomicFile, regular_file_exists};
use crate::exit_code::{self, WRITE_FAILED};
use crate::render::{self, RefusalStatus};

/// How a file with timings starts, with or without any.
const SIGNATURES: [&[u8]; 2] = [b"[\n{\"name\":\"", b"[\n]\n"];

/// Calls `run`, and writes its timings to `file`, if one is given. Whether the file can be written is tested before
/// `run` starts.
pub fn write_timings(file: Option<&Path>, workspace: &Path, run: impl FnOnce(Timings) -> ExitCode) -> ExitCode {
    let Some(path) = file else { return run(Timings::default()) };
    let workspace = match workspace.canonicalize() {
        Ok(workspace) => workspace,
        Err(error) => return refuse_workspace(workspace, &error),
    };
    let created = resolve_target(path, &workspace).and_then(|target| Ok((AtomicFile::create(&target)?, target)));
    let (file, target) = match created {
        Ok(created) => created,
        Err(error) => {
            let message = format!("{}: {error}", path.display());
            return refuse_for(RefusalStatus::PathUnusable, &message, "name a new file for the timings");
        }
    };
    let timings = Timings::recording();
    let code = run(timings.clone());
    match write(&timings, file, &target) {
        Ok(()) => code,
        Err(error) => {
            let help = "what was asked for is done; only the timings are lost";
            render::print_error(&format!("{}: {error}", path.display()), help);
            exit_code::first_failure(code, WRITE_FAILED)
        }
    }
}

fn write(timings: &Timings, file: AtomicFile, target: &Path) -> io::Result<()> {
    let mut writer = BufWriter::new(file.file());
    timings.write(&mut writer)?;
    writer.flush()?;
    drop(writer);
    // Another program may have created a file there during the operation.
    expect_replaceable(target)?;
    file.commit(target)
}

/// The file that `path` leads to, if timings may replace it. `workspace` is a path without links.
fn resolve_target(path: &Path, workspace: &Path) -> io::Result<PathBuf> {
    let target = match path.canonicalize() {
        Ok(target) => target,
        Err(error) if error.kind() == io::ErrorKind::NotFound => resolve_new(path)?,
        Err(error) => return Err(error),
    };
    if is_reserved(&target, workspace) {
        return Err(io::Error::other("the workspace's own files are not for timings"));
    }
    expect_replaceable(&target)?;
    Ok(target)
}

/// Resolves the folder of `path`, which leads to no file that has a path.
fn resolve_new(path: &Path) -> io::Result<PathBuf> {
    if path.symlink_metadata().is_ok() {
        // Links in /proc lead to open files even where those have no path any more.
        let what = if path.exists() { "a pipe or another file without a path" } else { "a link that leads nowhere" };
        return Err(io::Error::other(what));
    }
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    Ok(folder.canonicalize()?.join(name))
}

/// Whether papack itself reads or writes `target`.
fn is_reserved(target: &Path, workspace: &Path) -> bool {
    let build = workspace.join(BUILD);
    target.starts_with(workspace.join("assets"))
        || target.starts_with(build.join(".staging"))
        || [ASSETS_PA, ASSET_TABLE, PRELOAD, SIDECAR].iter().any(|output| target.starts_with(build.join(output)))
        || target == build
}

/// Fails if there is anything at `target` but earlier timings. An empty file is kept too: it may be an asset's
/// artifact.
fn expect_replaceable(target: &Path) -> io::Result<()> {
    // Only a regular file is opened: opening a pipe or a device may block, or have an effect.
    if !regular_file_exists(target)? {
        return Ok(());
    }
    let mut start = Vec::new();
    File::open(target)?.take(16).read_to_end(&mut start)?;
    if SIGNATURES.iter().any(|signature| start.starts_with(signature)) {
        return Ok(());
    }
    Err(io::Error::other("the file is there already, and holds no timings"))
}
