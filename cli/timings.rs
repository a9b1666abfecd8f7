//! `--timings FILE`: where it may lie, and how it is written.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use papack_engine::{ASSET_TABLE, ASSETS_PA, BUILD, PRELOAD, SIDECAR, Timings};

use crate::replacement::{Replacement, expect_file};
use crate::workspace::refuse_folder;
use crate::{UNWRITTEN, complain, refuse, unless_failed};

/// How a file with timings begins, with or without any.
const BEGINNINGS: [&[u8]; 2] = [b"[\n{\"name\":\"", b"[\n]\n"];

/// Calls `run`, and writes where its time went to the file that the user named. A file beside it is made before anything is
/// begun, and takes the place of nothing but an earlier one.
pub fn measured(file: Option<&Path>, workspace: &Path, run: impl FnOnce(Timings) -> ExitCode) -> ExitCode {
    let Some(path) = file else { return run(Timings::default()) };
    let workspace = match workspace.canonicalize() {
        Ok(workspace) => workspace,
        Err(error) => return refuse_folder(workspace, &error),
    };
    let begun = place_of(path, &workspace).and_then(|place| Ok((Replacement::begin(&place)?, place)));
    let (file, place) = match begun {
        Ok(begun) => begun,
        Err(error) => return refuse(&format!("{}: {error}", path.display()), "name a new file for the timings"),
    };
    let timings = Timings::recording();
    let code = run(timings.clone());
    match write(&timings, file, &place) {
        Ok(()) => code,
        Err(error) => {
            complain(&format!("{}: {error}", path.display()), "what was asked for is done; only the timings are lost");
            unless_failed(code, UNWRITTEN)
        }
    }
}

fn write(timings: &Timings, file: Replacement, place: &Path) -> io::Result<()> {
    let mut writer = BufWriter::new(file.file());
    timings.write(&mut writer)?;
    writer.flush()?;
    drop(writer);
    // Somebody may have put something there meanwhile.
    expect_replaceable(place)?;
    file.complete(place)
}

/// Where `path` leads to, if timings may lie there. The workspace is named without links.
fn place_of(path: &Path, workspace: &Path) -> io::Result<PathBuf> {
    let place = match path.canonicalize() {
        Ok(place) => place,
        Err(error) if error.kind() == io::ErrorKind::NotFound => new_place(path)?,
        Err(error) => return Err(error),
    };
    if is_taken(&place, workspace) {
        return Err(io::Error::other("the workspace's own files are not for timings"));
    }
    expect_replaceable(&place)?;
    Ok(place)
}

/// Where `path` lies, at which nothing is that has a path.
fn new_place(path: &Path) -> io::Result<PathBuf> {
    if path.symlink_metadata().is_ok() {
        // Links of /proc lead to open files, whatever has become of their paths.
        let what = if path.exists() { "a pipe or another file without a path" } else { "a link that leads nowhere" };
        return Err(io::Error::other(what));
    }
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    Ok(folder.canonicalize()?.join(name))
}

/// Whether `place` is one that papack reads or writes otherwise.
fn is_taken(place: &Path, workspace: &Path) -> bool {
    let build = workspace.join(BUILD);
    place.starts_with(workspace.join("assets"))
        || place.starts_with(build.join(".staging"))
        || [ASSETS_PA, ASSET_TABLE, PRELOAD, SIDECAR].iter().any(|output| place.starts_with(build.join(output)))
        || place == build
}

/// Makes sure that at `place` there is nothing but earlier timings. An empty file may be an artifact, of this workspace or
/// another, under another name.
fn expect_replaceable(place: &Path) -> io::Result<()> {
    // What is no file is not opened: that may wait, or do something.
    if !expect_file(place)? {
        return Ok(());
    }
    let mut beginning = Vec::new();
    File::open(place)?.take(16).read_to_end(&mut beginning)?;
    if BEGINNINGS.iter().any(|known| beginning.starts_with(known)) {
        return Ok(());
    }
    Err(io::Error::other("the file is there already, and holds no timings"))
}
