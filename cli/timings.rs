//! `--timings FILE`: where it may lie, and how it is written.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use papack_engine::{ASSET_TABLE, ASSETS_PA, BUILD, PRELOAD, SIDECAR, Timings};

use crate::workspace::refuse_folder;
use crate::{UNWRITTEN, complain, refuse, unless_failed};

/// How a file with timings begins, with or without any.
const BEGINNINGS: [&[u8]; 2] = [b"[\n{\"name\":\"", b"[\n]\n"];

/// Calls `run`, and writes where its time went to the file that the user named. It is made before anything is begun, and
/// takes the place of nothing but an earlier one.
pub fn measured(file: Option<&Path>, workspace: &Path, run: impl FnOnce(Timings) -> ExitCode) -> ExitCode {
    let Some(path) = file else { return run(Timings::default()) };
    let place = match workspace.canonicalize() {
        Ok(place) => place,
        Err(error) => return refuse_folder(workspace, &error),
    };
    let mut file = match open(path, &place) {
        Ok(file) => BufWriter::new(file),
        Err(reason) => return refuse(&format!("{}: {reason}", path.display()), "name a new file for the timings"),
    };
    let timings = Timings::recording();
    let code = run(timings.clone());
    match timings.write(&mut file).and_then(|()| file.flush()) {
        Ok(()) => code,
        Err(error) => {
            complain(&format!("{}: {error}", path.display()), "what was asked for is done; only the timings are lost");
            unless_failed(code, UNWRITTEN)
        }
    }
}

/// Opens a new file at `path`, or empties an earlier one with timings. Otherwise the reason is given. The workspace is named
/// without links.
fn open(path: &Path, workspace: &Path) -> Result<File, String> {
    let in_words = |error: io::Error| error.to_string();
    let (place, is_new) = match path.canonicalize() {
        Ok(place) => (place, false),
        Err(error) if error.kind() == io::ErrorKind::NotFound => (new_place(path).map_err(in_words)?, true),
        Err(error) => return Err(in_words(error)),
    };
    if is_taken(&place, workspace) {
        return Err("the workspace's own files are not for timings".into());
    }
    if is_new {
        return File::create_new(place).map_err(in_words);
    }
    // Opening a device may do something, and so may opening a FIFO.
    if !place.metadata().map_err(in_words)?.is_file() {
        return Err("not a regular file".into());
    }
    let mut file = OpenOptions::new().read(true).write(true).open(place).map_err(in_words)?;
    if !is_of_timings(&mut file).map_err(in_words)? {
        return Err("the file is there already, and holds no timings".into());
    }
    file.set_len(0).and_then(|()| io::Seek::rewind(&mut file)).map_err(in_words)?;
    Ok(file)
}

/// Where `path` lies, at which nothing is.
fn new_place(path: &Path) -> io::Result<PathBuf> {
    if path.symlink_metadata().is_ok() {
        return Err(io::Error::other("a link that leads nowhere"));
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

/// Whether the file is empty, or holds timings.
fn is_of_timings(file: &mut File) -> io::Result<bool> {
    let mut beginning = Vec::new();
    file.take(16).read_to_end(&mut beginning)?;
    Ok(beginning.is_empty() || BEGINNINGS.iter().any(|known| beginning.starts_with(known)))
}
