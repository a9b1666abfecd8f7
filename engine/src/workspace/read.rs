//! Reading files of the workspace, so that what is read was there as a whole at one moment.

use std::io;
use std::sync::Arc;

use camino::Utf8Path;
use papack_queries::content::ContentId;
use papack_queries::diagnostic::{Code, Diagnostic};
use papack_queries::inputs::FileFault;

use super::faults::io_diagnostic;
use crate::fs::{FileHandle, FileSystem, Stamp, Writers, clock};
use crate::operation::Cancel;

/// How many times in all a file is read that changes while it is read.
const ATTEMPTS: usize = 3;

/// Why a file was not read.
#[derive(Debug)]
pub(crate) enum ReadError {
    /// The file cannot be an input. That is a fault of the workspace, which the gate reports.
    Refused(FileFault),
    /// The operation cannot go on, for this reason.
    Failed(Box<Diagnostic>),
}

/// Reads the file at `path`. A file of more than `limit` bytes is refused, and nothing of it is read.
pub(crate) fn read_text(fs: &dyn FileSystem, path: &Utf8Path, limit: usize) -> Result<Arc<[u8]>, ReadError> {
    Ok(read_stamped_text(fs, path, limit)?.0)
}

/// As [`read_text`], with the conclusive stamp of the file, where it has one.
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

/// The stamp of a file before it is read.
#[derive(Clone, Copy)]
pub(crate) struct FoundFile {
    /// The stamp.
    pub(crate) stamp: Stamp,
    /// Whether the stamp is conclusive: every later change gives the file another one.
    pub(crate) is_conclusive: bool,
}

/// Has `take` read the file at `path`. Returns what it returns, and the conclusive stamp of the file, where it has one.
/// Once `cancel` is set, this fails, however large the file is.
pub(crate) fn read_content(
    fs: &dyn FileSystem,
    path: &Utf8Path,
    cancel: &Cancel,
    take: impl Fn(&dyn FileHandle, FoundFile) -> io::Result<ContentId>,
) -> Result<(ContentId, Option<Stamp>), ReadError> {
    read_stable(fs, path, |file, stamp, conclusive| {
        take(&Cancellable { file, cancel }, FoundFile { stamp, is_conclusive: conclusive.is_some() })
    })
}

/// A file whose reads fail once the operation is cancelled.
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

/// Calls `read` until the file has the same stamp before and after. Returns what it returns, and the stamp, where that
/// is [conclusive](conclusive_stamp). `read` gets the file, its stamp, and again the stamp where that is conclusive.
fn read_stable<T>(
    fs: &dyn FileSystem,
    path: &Utf8Path,
    read: impl Fn(&dyn FileHandle, Stamp, Option<Stamp>) -> io::Result<T>,
) -> Result<(T, Option<Stamp>), ReadError> {
    for _ in 0..ATTEMPTS {
        let (file, opened) = fs.open(path).map_err(|error| classify(path, &error))?;
        let failed = |error| ReadError::Failed(Box::new(io_diagnostic(path, &error)));
        let Some(before) = wait_for_tick(&*file, opened).map_err(failed)? else { continue };
        let conclusive = conclusive_stamp(&*file, before);
        match read(&*file, before, conclusive) {
            Ok(value) if file.stamp().map_err(failed)? == before => return Ok((value, conclusive)),
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => return Err(failed(error)),
            // The file changed, or became shorter.
            Ok(_) | Err(_) => {}
        }
    }
    let message = format!("the file changed each of the {ATTEMPTS} times it was read");
    Err(ReadError::Failed(Box::new(unstable(path, &message))))
}

/// The present `stamp` of `file`, where it is conclusive: every change from now on gives the file another one. None
/// where the file is racy: somebody may be in the midst of a change that was stamped when it began, so the file must be
/// read again.
///
/// The kernel stamps a change before it makes it. So a stamp that is old enough is conclusive once nobody is in the
/// midst of a change. Where the system does not say whether anybody is, only the age of the stamp can exclude it.
pub(crate) fn conclusive_stamp(file: &dyn FileHandle, stamp: Stamp) -> Option<Stamp> {
    let writers = file.writers();
    // The time is taken before anything is read: a later one would make the stamp look older than it is.
    let now_ns = clock::now_ns();
    match writers {
        Writers::Nobody => clock::conclusive_stamp(stamp, now_ns),
        Writers::Somebody => None,
        Writers::Unknown => clock::conclusive_by_age(stamp, now_ns),
    }
}

/// The diagnostic of a file at `path` that keeps changing, as `message` says.
pub(crate) fn unstable(path: &Utf8Path, message: &str) -> Diagnostic {
    let diagnostic = Diagnostic::error(Code::FileUnstable, message).at(path.as_str());
    diagnostic.with_help("pack again when nothing writes to it")
}

/// Waits for the next tick of the clock, where `file`, which had the stamp `opened` when it was opened, changed within
/// the present one: another change within that tick would leave the same stamp, and not be detected. Returns the stamp,
/// after which every change is detected; none where the file changed meanwhile.
pub(crate) fn wait_for_tick(file: &dyn FileHandle, opened: Stamp) -> io::Result<Option<Stamp>> {
    let remaining = || Some(clock::rest_of_tick(opened, clock::now_ns())).filter(|time| !time.is_zero());
    if remaining().is_none() {
        return Ok(Some(opened));
    }
    while let Some(time) = remaining() {
        std::thread::sleep(time);
    }
    Ok(Some(file.stamp()?).filter(|stamp| *stamp == opened))
}

/// The failure to open the file at `path`: a fault of the workspace, or one that ends the operation.
fn classify(path: &Utf8Path, error: &io::Error) -> ReadError {
    ReadError::Refused(match error.kind() {
        io::ErrorKind::NotFound => FileFault::Missing,
        io::ErrorKind::PermissionDenied => FileFault::Forbidden,
        io::ErrorKind::InvalidInput | io::ErrorKind::IsADirectory => FileFault::NotRegular,
        // The walk found a file here. Since then, a link took its place, or a file that of a folder on its path.
        io::ErrorKind::NotADirectory => FileFault::Link,
        _ => return ReadError::Failed(Box::new(io_diagnostic(path, error))),
    })
}
