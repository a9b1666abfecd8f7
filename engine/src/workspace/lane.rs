//! The write lane: writes and builds of one workspace go one after the other.
//!
//! The lane is a lock on a folder. Its holder leaves a note beside it that says who it is. The note is for people only:
//! nothing depends on it, and whatever it says, the lock alone decides.

use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use camino::Utf8Path;
use papack_queries::diagnostic::{Code, Diagnostic};
use papack_queries::inputs::FileFault;
use serde::{Deserialize, Serialize};

use super::faults::io_failure;
use super::layout::{CACHE, LANE, note_path};
use super::read::read_text;
use crate::fs::{FileHandle, FileSystem, Lock, create_locked, is_locked};
use crate::operation::{Operation, Status, Stop};

/// How often a waiting operation looks again. Who it waits for is looked up after as long: a holder has then had time
/// to replace the note of one that died.
const POLL: Duration = Duration::from_millis(20);

/// The lane, while it is ours. The note goes before the lock does.
pub(crate) struct LaneGuard {
    _note: Note,
    _lock: Box<dyn Lock>,
}

/// Enters the lane for `operation`, to do what the word `what` says, such as `pack`. Where another operation holds it, it
/// waits, and says for whom; with `no_wait` it fails. There is none where a link is in the place of the folder.
pub(crate) fn enter(
    operation: &mut Operation<'_>,
    fs: &Arc<dyn FileSystem>,
    what: &str,
    no_wait: bool,
) -> Result<Option<LaneGuard>, Stop> {
    let _span = operation.step("enter lane");
    let mut looks = 0_u64;
    loop {
        looks += 1;
        match fs.try_lock(Utf8Path::new(LANE)) {
            Ok(Some(lock)) => return Ok(Some(LaneGuard { _note: Note::leave(fs, what), _lock: lock })),
            Ok(None) => operation.check_cancelled()?,
            Err(error) => return locked_out(operation, &error),
        }
        if looks == 2 {
            let holder = describe_holder(&**fs);
            if no_wait {
                let fault = Diagnostic::error(Code::LaneBusy, holder);
                let help = "wait for it to end, or leave out --no-wait";
                return Err(operation.fail(Status::LaneBusy, fault.with_help(help)));
            }
            operation.report(Diagnostic::info(Code::LaneBusy, format!("{holder}; waiting for it to end")));
        }
        std::thread::sleep(POLL);
    }
}

/// As [`enter`], and ends the operation where a link is in the place of the folder.
pub(crate) fn expect(
    operation: &mut Operation<'_>,
    fs: &Arc<dyn FileSystem>,
    what: &str,
    no_wait: bool,
) -> Result<LaneGuard, Stop> {
    enter(operation, fs, what, no_wait)?.ok_or_else(|| refuse(operation))
}

/// Ends the operation for a link in the place of the folder.
pub(crate) fn refuse(operation: &mut Operation<'_>) -> Stop {
    operation.refuse(vec![FileFault::Link.diagnostic(LANE)])
}

fn locked_out(operation: &mut Operation<'_>, error: &io::Error) -> Result<Option<LaneGuard>, Stop> {
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
    /// The process.
    pid: u32,
    /// What it does.
    operation: String,
    /// Since when, in milliseconds since the epoch.
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

/// A sentence about who holds the lane, as far as its note tells.
fn describe_holder(fs: &dyn FileSystem) -> String {
    Holder::read(fs).map_or_else(
        || "another operation holds the workspace".to_owned(),
        |Holder { pid, operation, since_ms, .. }| {
            let seconds = now_ms().saturating_sub(since_ms) / 1000;
            format!("another operation holds the workspace: {operation}, process {pid}, for {seconds} s")
        },
    )
}

/// Whether an operation holds the lane, as far as its note tells. The lane itself is not touched: whoever wants to enter it
/// meanwhile must not find it taken.
pub(crate) fn is_held(fs: &dyn FileSystem) -> bool {
    is_locked(fs, &note_path())
}

/// The note of this operation, while it holds the lane. It is locked, so that the note of a dead holder is known.
struct Note {
    fs: Arc<dyn FileSystem>,
    file: Option<Box<dyn FileHandle>>,
    made_folder: bool,
}

impl Note {
    /// Writes the note, in place of any that is there. Not being able to is no failure: the lock alone decides.
    fn leave(fs: &Arc<dyn FileSystem>, operation: &str) -> Self {
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
            // This fails, as it should, when something is left in it.
            drop(self.fs.remove_folder(Utf8Path::new(CACHE)));
        }
    }
}

fn now_ms() -> u64 {
    let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX)
}
