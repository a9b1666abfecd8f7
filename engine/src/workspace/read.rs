//! Reading the live workspace, so that what is read was there as a whole at one moment.

use std::io;
use std::sync::Arc;

use camino::Utf8Path;
use papack_queries::content::ContentId;
use papack_queries::diagnostic::{Code, Diagnostic};
use papack_queries::inputs::FileFault;

use super::faults::io_diagnostic;
use crate::fs::{FileHandle, FileSystem, Stamp, Writers, clock};
use crate::operation::Cancel;

/// How often a file that changes while it is read is read in all.
const ATTEMPTS: usize = 3;

/// Why a file was not read.
#[derive(Debug)]
pub(crate) enum ReadError {
    /// It is no input: a property of the workspace, which the gate reports.
    Refused(FileFault),
    /// The operation cannot go on.
    Failed(Diagnostic),
}

/// Reads the file at `path`, which has at most `limit` bytes. Nothing is read of a larger one.
pub(crate) fn read_text(fs: &dyn FileSystem, path: &Utf8Path, limit: usize) -> Result<Arc<[u8]>, ReadError> {
    Ok(read_stamped_text(fs, path, limit)?.0)
}

/// As [`read_text`], with the stamp by which a later change can be told.
pub(crate) fn read_stamped_text(
    fs: &dyn FileSystem,
    path: &Utf8Path,
    limit: usize,
) -> Result<(Arc<[u8]>, Option<Stamp>), ReadError> {
    let (bytes, stamp) = read_stable(fs, path, |file, stamp, _| {
        let Some(size) = usize::try_from(stamp.size).ok().filter(|size| *size <= limit) else { return Ok(None) };
        let mut bytes = vec![0; size];
        file.read_exact_at(0, &mut bytes)?;
        Ok(Some(bytes.into()))
    })?;
    let bytes = bytes.ok_or(ReadError::Refused(FileFault::TooLarge(limit)))?;
    Ok((bytes, stamp))
}

/// Reads the file at `path`, but no more than its first `limit` bytes.
pub(crate) fn read_head(fs: &dyn FileSystem, path: &Utf8Path, limit: usize) -> Result<Vec<u8>, ReadError> {
    let (head, _) = read_stable(fs, path, |file, stamp, _| {
        let mut bytes = vec![0; usize::try_from(stamp.size).map_or(limit, |size| size.min(limit))];
        file.read_exact_at(0, &mut bytes)?;
        Ok(bytes)
    })?;
    Ok(head)
}

/// A file as it was found.
#[derive(Clone, Copy)]
pub(crate) struct FoundFile {
    /// Its stamp.
    pub(crate) stamp: Stamp,
    /// Whether every later change gives it another stamp.
    pub(crate) is_conclusive: bool,
}

/// Has `take` read the file at `path`. It fails once `cancel` is set, however large the file is. The stamp is the one by
/// which a later change can be told.
pub(crate) fn read_content(
    fs: &dyn FileSystem,
    path: &Utf8Path,
    cancel: &Cancel,
    take: impl Fn(&dyn FileHandle, FoundFile) -> io::Result<ContentId>,
) -> Result<(ContentId, Option<Stamp>), ReadError> {
    read_stable(fs, path, |file, stamp, known| {
        take(&Cancellable { file, cancel }, FoundFile { stamp, is_conclusive: known.is_some() })
    })
}

/// A file that cannot be read any more once the operation is cancelled.
struct Cancellable<'f> {
    file: &'f dyn FileHandle,
    cancel: &'f Cancel,
}

impl FileHandle for Cancellable<'_> {
    fn stamp(&self) -> io::Result<Stamp> {
        self.file.stamp()
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        if self.cancel.is_cancelled() {
            return Err(io::Error::from(io::ErrorKind::Interrupted));
        }
        self.file.read_exact_at(offset, buffer)
    }

    fn write_all_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all_at(offset, bytes)
    }

    fn sync(&self) -> io::Result<()> {
        self.file.sync()
    }
}

/// Calls `read` until the file's stamp is the same before and after. Returns it too, where it [tells](conclusive_stamp) a later change.
fn read_stable<T>(
    fs: &dyn FileSystem,
    path: &Utf8Path,
    read: impl Fn(&dyn FileHandle, Stamp, Option<Stamp>) -> io::Result<T>,
) -> Result<(T, Option<Stamp>), ReadError> {
    for _ in 0..ATTEMPTS {
        let (file, opened) = fs.open(path).map_err(|error| classify(path, &error))?;
        let failed = |error| ReadError::Failed(io_diagnostic(path, &error));
        let Some(before) = wait_for_tick(&*file, opened).map_err(failed)? else { continue };
        let known = conclusive_stamp(&*file, before);
        match read(&*file, before, known) {
            Ok(value) if file.stamp().map_err(failed)? == before => return Ok((value, known)),
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => return Err(failed(error)),
            // It changed, or became shorter.
            Ok(_) | Err(_) => {}
        }
    }
    let message = format!("the file changed each of the {ATTEMPTS} times it was read");
    Err(ReadError::Failed(unstable(path, &message)))
}

/// `stamp`, which `file` has, where every change from now on gives it another one. None where what is read under it has to be
/// looked at again: somebody may be in the midst of a change, which was stamped when it began.
///
/// The kernel stamps a change before it makes it. So a stamp that is old enough tells, once nobody is in the midst of a
/// change. Where the system does not say so, time does.
pub(crate) fn conclusive_stamp(file: &dyn FileHandle, stamp: Stamp) -> Option<Stamp> {
    let writers = file.writers();
    // By the time from before anything is read: the later it is, the older the stamp looks.
    let now_ns = clock::now_ns();
    match writers {
        Writers::Nobody => clock::conclusive_stamp(stamp, now_ns),
        Writers::Somebody => None,
        Writers::Unknown => clock::conclusive_by_age(stamp, now_ns),
    }
}

/// That the file at `path` does not keep still, as `message` says.
pub(crate) fn unstable(path: &Utf8Path, message: &str) -> Diagnostic {
    let diagnostic = Diagnostic::error(Code::FileUnstable, message).at(path.as_str());
    diagnostic.with_help("pack again when nothing writes to it")
}

/// Lets a file rest that changed within the present tick of the clock: another change within that tick would leave the
/// same stamp, and not be noticed. Returns the stamp from which on every change is; none where the file changed
/// meanwhile.
pub(crate) fn wait_for_tick(file: &dyn FileHandle, opened: Stamp) -> io::Result<Option<Stamp>> {
    let rest = || Some(clock::rest(opened, clock::now_ns())).filter(|rest| !rest.is_zero());
    if rest().is_none() {
        return Ok(Some(opened));
    }
    while let Some(rest) = rest() {
        std::thread::sleep(rest);
    }
    Ok(Some(file.stamp()?).filter(|stamp| *stamp == opened))
}

/// Whether a failure to open is a property of the workspace.
fn classify(path: &Utf8Path, error: &io::Error) -> ReadError {
    ReadError::Refused(match error.kind() {
        io::ErrorKind::NotFound => FileFault::Missing,
        io::ErrorKind::PermissionDenied => FileFault::Forbidden,
        io::ErrorKind::InvalidInput | io::ErrorKind::IsADirectory => FileFault::NotRegular,
        // The walk saw a file here: a link, or a file for a folder, took its place since.
        io::ErrorKind::NotADirectory => FileFault::Link,
        _ => return ReadError::Failed(io_diagnostic(path, error)),
    })
}
