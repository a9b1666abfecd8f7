//! Promotion: from a fully staged generation to the published one, all or nothing.
//!
//! Before the journal is durable, `build/` is as it was. Once it is, the new generation is as good as published: the
//! promotion is completed, by this operation or by the next one that takes the lane. Only where the first rename fails
//! is the journal taken back. The journal names only files of papack's own.

use std::io;
use std::ops::RangeInclusive;

use camino::{Utf8Path, Utf8PathBuf};
use papack_queries::content::Digest;
use papack_queries::diagnostic::{Code, Data, Diagnostic};
use serde::{Deserialize, Serialize};

use super::identity::{Identity, identity_of};
use super::staging::Staging;
use crate::fs::{FileSystem, Obstacle};
use crate::operation::OperationId;
use crate::workspace::layout::{BUILD, NAMES, STAGING, published_path};
use crate::workspace::{ReadError, io_diagnostic, read_text};

/// The versions that are read. The newest is written.
const VERSIONS: RangeInclusive<i64> = 1..=1;

/// Bytes that a journal may have. One that papack writes has a few hundred.
const MAX_SIZE: usize = 64 * 1024;

/// The journal's document.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Journal {
    schema_version: i64,
    operation_id: String,
    files: Vec<StagedFile>,
}

/// A staged file that replaces the published one of the same name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StagedFile {
    /// One of the four names.
    pub(crate) name: String,
    /// Bytes.
    pub(crate) size: u64,
    /// The digest of its [`Identity`], in lower-case hex. The size alone would not distinguish the new file from the
    /// one that it replaces.
    pub(crate) identity: String,
}

impl StagedFile {
    pub(crate) fn new(name: &str, identity: &Identity) -> Self {
        Self { name: name.to_owned(), size: identity.size, identity: identity.digest.to_string() }
    }
}

pub(crate) fn journal_path() -> Utf8PathBuf {
    Utf8Path::new(STAGING).join("journal.json")
}

/// Why a promotion was not completed.
pub(super) struct Failure {
    pub(super) diagnostic: Diagnostic,
    /// Whether it was undone: nothing was replaced, and the journal is removed.
    is_undone: bool,
}

/// Publishes the files of `staging` that `files` names. The caller has flushed them, and has made sure with
/// [`expect_replaceable`] that they can be renamed.
pub(crate) fn promote(
    fs: &dyn FileSystem,
    operation: &OperationId,
    staging: &Staging,
    files: &[StagedFile],
) -> Result<(), Diagnostic> {
    write(fs, operation, staging, files)?;
    staging.keep();
    finish(fs, staging.folder(), files, false).map_err(|failure| {
        if failure.is_undone {
            staging.let_go();
        }
        failure.diagnostic
    })
}

/// Fails unless each of `files` can be renamed from `folder` to its place. This must be checked before the first
/// rename, which cannot be undone.
pub(crate) fn expect_replaceable(
    fs: &dyn FileSystem,
    folder: &Utf8Path,
    files: &[StagedFile],
) -> Result<(), Diagnostic> {
    files.iter().try_for_each(|file| {
        let place = published_path(&file.name);
        fs.can_rename(&folder.join(&file.name), &place).map_err(|error| irreplaceable(&place, &error))
    })
}

/// A warning that one of the outputs `names` cannot be replaced, as far as that shows while no operation runs. It is no
/// error, because the next pack may not have to replace it. Changes nothing.
pub(crate) fn foresee_irreplaceable(fs: &dyn FileSystem, names: &[&str]) -> Option<Diagnostic> {
    let staging = Utf8Path::new(STAGING);
    let has_staging = matches!(fs.kind(staging), Ok(Some(_)));
    names.iter().find_map(|name| {
        // Without a staging folder, a pack makes one on the mount of `build/`.
        let from = if has_staging { staging.join(name) } else { staging.to_owned() };
        let place = published_path(name);
        let error = fs.can_rename(&from, &place).err()?;
        // There is no `build/` yet, or another process has just removed the staging folder.
        if error.kind() == io::ErrorKind::NotFound {
            return None;
        }
        let Obstacle { reason, help } = Obstacle::of(&error, staging, &place);
        let message = format!("this output cannot be replaced, so every pack that has to do that will fail: {reason}");
        let fault = Diagnostic::warning(Code::OutputIrreplaceable, message).with_data(Data::system(&error));
        Some(fault.at(place.as_str()).with_help(help))
    })
}

/// The error that the output at `place` cannot be replaced, and that none was.
fn irreplaceable(place: &Utf8Path, error: &io::Error) -> Diagnostic {
    let Obstacle { reason, help } = Obstacle::of(error, Utf8Path::new(STAGING), place);
    let message = format!("this output cannot be replaced, so none was: {reason}");
    Diagnostic::error(Code::OutputIrreplaceable, message)
        .with_data(Data::system(error))
        .at(place.as_str())
        .with_help(format!("{help}; then pack again"))
}

/// The error that a promotion cannot be continued, because of `error` at `place`.
pub(super) fn stuck(place: &Utf8Path, error: &io::Error) -> Diagnostic {
    let Obstacle { reason, help } = Obstacle::of(error, Utf8Path::new(STAGING), place);
    let message = format!("a promotion stopped half way, so build/ may hold files of two generations: {reason}");
    let help = format!("{help}; the next pack then completes the promotion");
    let fault = Diagnostic::error(Code::PromotionStuck, message).with_data(Data::system(error));
    fault.at(place.as_str()).with_help(help)
}

/// Makes the journal durable, after everything that it relies on.
///
/// # Errors
///
/// When that fails. Then the journal is removed, as far as that succeeds.
fn write(
    fs: &dyn FileSystem,
    operation: &OperationId,
    staging: &Staging,
    files: &[StagedFile],
) -> Result<(), Diagnostic> {
    let journal =
        Journal { schema_version: *VERSIONS.end(), operation_id: operation.as_str().to_owned(), files: files.to_vec() };
    let bytes = serde_json::to_vec(&journal).map_err(|error| Diagnostic::error(Code::Internal, error.to_string()))?;
    let new = staging.path("journal.new");
    let written = (|| {
        let file = fs.create(&new)?;
        file.write_all_at(0, &bytes)?;
        file.sync()?;
        for folder in [staging.folder(), Utf8Path::new(STAGING), Utf8Path::new(BUILD), Utf8Path::new("")] {
            fs.sync_folder(folder)?;
        }
        fs.rename(&new, &journal_path())?;
        fs.sync_folder(Utf8Path::new(STAGING))
    })();
    written.map_err(|error| {
        // A rename that reported an error may have happened, and then the next operation would complete the promotion.
        undo(fs);
        io_diagnostic(&journal_path(), &error)
    })
}

/// Renames the files that are still staged, and removes the journal once the new names are durable. `may_have_renamed`
/// says that an earlier attempt may have renamed something: then the promotion cannot be undone.
pub(super) fn finish(
    fs: &dyn FileSystem,
    folder: &Utf8Path,
    files: &[StagedFile],
    may_have_renamed: bool,
) -> Result<(), Failure> {
    let stuck = |path: &Utf8Path, error: io::Error| Failure { diagnostic: stuck(path, &error), is_undone: false };
    for file in files {
        let (from, to) = (folder.join(&file.name), published_path(&file.name));
        match twice(|| fs.rename(&from, &to)) {
            Err(_) if was_renamed(fs, folder, file) => {}
            Err(error) if !may_have_renamed && is_untouched(fs, folder, files) => {
                let diagnostic = irreplaceable(&to, &error);
                return Err(Failure { diagnostic, is_undone: undo(fs) });
            }
            renamed => renamed.map_err(|error| stuck(&to, error))?,
        }
    }
    fs.sync_folder(Utf8Path::new(BUILD)).map_err(|error| stuck(Utf8Path::new(BUILD), error))?;
    twice(|| remove(fs, &journal_path())).map_err(|error| stuck(&journal_path(), error))?;
    crate::fs::remove_all(fs, folder);
    drop(fs.remove_folder(Utf8Path::new(STAGING)));
    Ok(())
}

/// Whether `file` is published and not staged any more: a rename that reported an error may have happened, in this
/// process or in an earlier one that was killed.
fn was_renamed(fs: &dyn FileSystem, folder: &Utf8Path, file: &StagedFile) -> bool {
    matches!(fs.kind(&folder.join(&file.name)), Ok(None)) && matches!(is_intact(fs, folder, file), Ok(true))
}

/// Whether all files are still staged, so that nothing was replaced.
fn is_untouched(fs: &dyn FileSystem, folder: &Utf8Path, files: &[StagedFile]) -> bool {
    files.iter().all(|file| matches!(fs.kind(&folder.join(&file.name)), Ok(Some(_))))
}

/// Removes a file. It is no error if there is none.
pub(super) fn remove(fs: &dyn FileSystem, path: &Utf8Path) -> io::Result<()> {
    match fs.remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Undoes a promotion that has replaced nothing yet. Returns whether that succeeded: if not, the next operation
/// completes it.
fn undo(fs: &dyn FileSystem) -> bool {
    let is_removed = twice(|| remove(fs, &journal_path())).is_ok();
    // Without the flush, the journal and some of the staged files could be back after a power cut.
    fs.sync_folder(Utf8Path::new(STAGING)).is_ok() && is_removed
}

/// Tries again what failed once: a failure here costs more than a second call.
fn twice(call: impl Fn() -> io::Result<()>) -> io::Result<()> {
    call().or_else(|_| call())
}

/// The journal, if there is one.
pub(super) fn read(fs: &dyn FileSystem) -> Result<Option<(OperationId, Vec<StagedFile>)>, Diagnostic> {
    let path = journal_path();
    match fs.kind(&path) {
        Ok(None) => return Ok(None),
        // There is no staging folder, or it is no folder.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(io_diagnostic(&path, &error)),
        Ok(Some(_)) => {}
    }
    let bytes = read_text(fs, &path, MAX_SIZE).map_err(|error| match error {
        ReadError::Refused(fault) => unknown(fault.diagnostic(path.as_str()).message),
        ReadError::Failed(diagnostic) => diagnostic,
    })?;
    parse(&bytes).map(Some)
}

/// Whether `file` is staged as the journal says, or was renamed already.
pub(super) fn is_intact(fs: &dyn FileSystem, folder: &Utf8Path, file: &StagedFile) -> Result<bool, Diagnostic> {
    for place in [folder.join(&file.name), published_path(&file.name)] {
        match fs.open(&place) {
            Ok((_, stamp)) if stamp.size != file.size => return Ok(false),
            Ok((opened, _)) => {
                return match identity_of(&file.name, opened) {
                    Ok(identity) => Ok(identity.is_some_and(|found| found.digest.to_string() == file.identity)),
                    // Another process shortened the file meanwhile.
                    Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
                    Err(error) => Err(io_diagnostic(&place, &error)),
                };
            }
            Err(error) => match error.kind() {
                io::ErrorKind::NotFound => {}
                // A link or a folder, and so not the staged file.
                io::ErrorKind::InvalidInput | io::ErrorKind::NotADirectory => return Ok(false),
                _ => return Err(io_diagnostic(&place, &error)),
            },
        }
    }
    Ok(false)
}

/// The error that the journal is none that this papack can read.
fn unknown(message: String) -> Diagnostic {
    let help = "if another version of papack wrote it, pack with that one; or else, while no papack runs, delete \
                build/.staging and pack again";
    Diagnostic::error(Code::JournalUnknown, message).at(journal_path().as_str()).with_help(help)
}

/// The error that the journal is not of the form in which papack writes it.
fn no_journal() -> Diagnostic {
    unknown("this is no journal of papack: that is an object with schema_version, operation_id and files".into())
}

/// Parses a journal. Its bytes are not trusted.
fn parse(bytes: &[u8]) -> Result<(OperationId, Vec<StagedFile>), Diagnostic> {
    #[derive(Deserialize)]
    struct Version {
        schema_version: i64,
    }
    // The version is parsed first, so that the error for a newer journal says so.
    let version: Version = serde_json::from_slice(bytes).map_err(|_| no_journal())?;
    let found = version.schema_version;
    if !VERSIONS.contains(&found) {
        let message = format!("journal version {found} is not supported: this papack reads {}", VERSIONS.end());
        return Err(unknown(message).with_versions(found, VERSIONS));
    }
    let journal: Journal = serde_json::from_slice(bytes).map_err(|_| no_journal())?;
    let operation =
        OperationId::parse(&journal.operation_id).ok_or_else(|| unknown("the operation id is malformed".into()))?;
    if journal.files.len() > NAMES.len() {
        return Err(unknown(format!("{} files are more than papack publishes", journal.files.len())));
    }
    if let Some(foreign) = journal.files.iter().find(|file| !NAMES.contains(&file.name.as_str())) {
        return Err(unknown(format!("{:?} is no output of papack", foreign.name)));
    }
    if let Some(file) = journal.files.iter().find(|file| Digest::from_hex(&file.identity).is_none()) {
        return Err(unknown(format!("the digest of {} is malformed", file.name)));
    }
    Ok((operation, journal.files))
}
