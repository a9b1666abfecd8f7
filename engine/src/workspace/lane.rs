//! The write lane: writes and builds of one workspace go one after the other.
//!
//! The lane is a lock on a folder. Its holder writes a note beside it that says who it is. What the note says is for
//! people only: the lock alone decides who is in the lane.

use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use camino::Utf8Path;
use papack_queries::diagnostic::{Code, Data, Diagnostic};
use papack_queries::inputs::FileFault;
use serde::{Deserialize, Serialize};

use super::faults::io_failure;
use super::layout::{CACHE, LANE, note_path};
use super::read::read_text;
use crate::fs::{FileHandle, FileSystem, Lock, create_locked, is_locked};
use crate::operation::{Operation, Status, Stop};

/// How long a waiting operation sleeps between two attempts. It reads the note of the holder only after the second one:
/// by then, the holder has had time to replace the note of one that died.
const POLL: Duration = Duration::from_millis(20);

/// Holds the lane until it is dropped. The note is removed before the lock is released.
pub(crate) struct LaneGuard {
    _note: Note,
    _lock: Box<dyn Lock>,
}

/// Enters the lane for `operation`. The word `task`, such as `pack`, says in the note what the operation does. Where
/// another operation holds the lane, this one waits, and reports for whom; with `no_wait` it fails. Returns none where
/// a link is in the place of the folder.
pub(crate) fn enter(
    operation: &mut Operation<'_>,
    fs: &Arc<dyn FileSystem>,
    task: &str,
    no_wait: bool,
) -> Result<Option<LaneGuard>, Stop> {
    let lock = lock(operation, fs, no_wait)?;
    Ok(lock.map(|lock| LaneGuard { _note: Note::write(fs, task), _lock: lock }))
}

/// As [`enter`], without the note: nothing is written.
pub(crate) fn lock(
    operation: &mut Operation<'_>,
    fs: &Arc<dyn FileSystem>,
    no_wait: bool,
) -> Result<Option<Box<dyn Lock>>, Stop> {
    let _span = operation.step("enter lane");
    let mut attempts = 0_u64;
    loop {
        attempts += 1;
        match fs.try_lock(Utf8Path::new(LANE)) {
            Ok(Some(lock)) => return Ok(Some(lock)),
            Ok(None) => operation.check_cancelled()?,
            Err(error) => return locked_out(operation, &error),
        }
        if attempts == 2 {
            let holder = Holder::read(&**fs);
            let (holder, data) = (describe(holder.as_ref()), facts(holder));
            if no_wait {
                let fault = Diagnostic::error(Code::LaneBusy, holder).with_data(data);
                let help = "wait for it to end, or leave out --no-wait";
                return Err(operation.fail(Status::LaneBusy, fault.with_help(help)));
            }
            let notice = Diagnostic::info(Code::LaneBusy, format!("{holder}; waiting for it to end"));
            operation.report(notice.with_data(data));
        }
        std::thread::sleep(POLL);
    }
}

/// As [`enter`], but ends the operation where a link is in the place of the folder.
pub(crate) fn expect(
    operation: &mut Operation<'_>,
    fs: &Arc<dyn FileSystem>,
    task: &str,
    no_wait: bool,
) -> Result<LaneGuard, Stop> {
    enter(operation, fs, task, no_wait)?.ok_or_else(|| refuse(operation))
}

/// Ends the operation for a link in the place of the folder.
pub(crate) fn refuse(operation: &mut Operation<'_>) -> Stop {
    operation.refuse(vec![FileFault::Link.diagnostic(LANE)])
}

fn locked_out(operation: &mut Operation<'_>, error: &io::Error) -> Result<Option<Box<dyn Lock>>, Stop> {
    match error.kind() {
        io::ErrorKind::NotADirectory => Ok(None),
        io::ErrorKind::PermissionDenied => {
            let fault = Diagnostic::error(Code::FileForbidden, "the registry's folder may not be read");
            Err(operation.refuse(vec![fault.at(LANE).with_help("check its permissions")]))
        }
        _ => Err(io_failure(operation, LANE, error)),
    }
}

/// What the note says.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Holder {
    schema_version: u32,
    /// The id of the process.
    pid: u32,
    /// What the operation does, in a word.
    operation: String,
    /// When it entered the lane, in milliseconds since the epoch.
    since_ms: u64,
}

impl Holder {
    const SCHEMA_VERSION: u32 = 1;

    /// Largest note, in bytes.
    const MAX_SIZE: usize = 1024;

    fn read(fs: &dyn FileSystem) -> Option<Self> {
        let bytes = read_text(fs, &note_path(), Self::MAX_SIZE).ok()?;
        let holder: Self = serde_json::from_slice(&bytes).ok()?;
        let is_word = (1..=32).contains(&holder.operation.len())
            && holder.operation.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        (holder.schema_version == Self::SCHEMA_VERSION && is_word && holder.since_ms <= now_ms()).then_some(holder)
    }
}

/// A sentence about who holds the lane, as far as the note says.
fn describe(holder: Option<&Holder>) -> String {
    holder.map_or_else(
        || "another operation holds the workspace".to_owned(),
        |Holder { pid, operation, since_ms, .. }| {
            let seconds = now_ms().saturating_sub(*since_ms) / 1000;
            format!("another operation holds the workspace: {operation}, process {pid}, for {seconds} s")
        },
    )
}

/// The same for programs.
fn facts(holder: Option<Holder>) -> Data {
    let (process_id, since_ms) =
        (holder.as_ref().map(|holder| holder.pid), holder.as_ref().map(|holder| holder.since_ms));
    Data::Holder { operation: holder.map(|holder| holder.operation), process_id, since_ms }
}

/// Whether an operation holds the lane, judged by the lock on its note. The lane itself is not tried: an operation that
/// wants to enter it at that moment must not find it locked.
pub(crate) fn is_held(fs: &dyn FileSystem) -> bool {
    is_locked(fs, &note_path())
}

/// The note of this operation, while it holds the lane. Its file is locked, which tells it from the note of a dead
/// holder.
struct Note {
    fs: Arc<dyn FileSystem>,
    file: Option<Box<dyn FileHandle>>,
    made_folder: bool,
}

impl Note {
    /// Writes the note, in place of any that exists. That it cannot be written is no failure: the lock alone decides.
    fn write(fs: &Arc<dyn FileSystem>, operation: &str) -> Self {
        let made_folder = fs.create_folder(Utf8Path::new(CACHE)).is_ok();
        if !made_folder {
            drop(fs.remove_file(&note_path()));
        }
        let holder = Holder {
            schema_version: Holder::SCHEMA_VERSION,
            pid: std::process::id(),
            operation: operation.to_owned(),
            since_ms: now_ms(),
        };
        let file = create_locked(&**fs, &note_path()).ok();
        if let (Some(file), Ok(bytes)) = (&file, serde_json::to_vec(&holder)) {
            drop(file.write_all_at(0, &bytes));
        }
        Self { fs: Arc::clone(fs), file, made_folder }
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        if self.file.is_some() {
            drop(self.fs.remove_file(&note_path()));
        }
        if self.made_folder {
            // This fails, as it should, while the folder is not empty.
            drop(self.fs.remove_folder(Utf8Path::new(CACHE)));
        }
    }
}

fn now_ms() -> u64 {
    let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX)
}
