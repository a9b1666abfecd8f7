//! Promotion: from a fully staged generation to the published one, all or nothing.
//!
//! The journal is the coherent success point. Before it is durable, `build/` is as it was; afterwards the way is
//! forward, by this operation or by the next one that enters the lane. It names only files of the packer's own.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use papack_queries::content::Digest;
use papack_queries::diagnostic::{Code, Diagnostic, Severity};
use serde::{Deserialize, Serialize};

use super::identity::{Identity, identity_of};
use super::staging::{self, Staging};
use crate::fs::{FileSystem, Obstacle};
use crate::operation::OperationId;
use crate::workspace::layout::{BUILD, NAMES, STAGING, published_path};
use crate::workspace::{ReadError, io_diagnostic, read_text};

const SCHEMA_VERSION: u32 = 1;

/// Largest journal, in bytes. One of papack's has a few hundred.
const MAX_SIZE: usize = 64 * 1024;

/// The journal's document.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Journal {
    schema_version: u32,
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
    /// What tells it from any other output of the name: the digest of an [`Identity`], in lower-case hex. A size alone
    /// cannot tell the new file from the one that it replaces.
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
struct Failure {
    diagnostic: Diagnostic,
    /// Whether it was taken back: nothing was replaced, and no journal is left.
    is_undone: bool,
}

/// Publishes the files of `staging` that `files` names. They are flushed already, and [nothing](expect_replaceable) is known
/// to be in their way.
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

/// Makes sure that each of `files` can be renamed from `folder` to its place: after the first rename there is no way back.
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

/// That one of the outputs `names` cannot be replaced, as far as that can be told while no operation is at work. It is a
/// warning, for it may not have to be. Nothing is changed.
pub(crate) fn foresee_irreplaceable(fs: &dyn FileSystem, names: &[&str]) -> Option<Diagnostic> {
    let staging = Utf8Path::new(STAGING);
    let has_staging = matches!(fs.kind(staging), Ok(Some(_)));
    names.iter().find_map(|name| {
        // Without a staging folder, a pack makes one on the mount of `build/`.
        let from = if has_staging { staging.join(name) } else { staging.to_owned() };
        let place = published_path(name);
        let error = fs.can_rename(&from, &place).err()?;
        // There is no `build/` yet; or the staging folder was removed just now.
        if error.kind() == io::ErrorKind::NotFound {
            return None;
        }
        let Obstacle { reason, help } = Obstacle::of(&error, staging, &place);
        let message = format!("this output cannot be replaced, so every pack that has to do that will fail: {reason}");
        Some(Diagnostic::warning(Code::OutputIrreplaceable, message).at(place.as_str()).with_help(help))
    })
}

/// That the output at `place` cannot be replaced, and that none was.
fn irreplaceable(place: &Utf8Path, error: &io::Error) -> Diagnostic {
    let Obstacle { reason, help } = Obstacle::of(error, Utf8Path::new(STAGING), place);
    let message = format!("this output cannot be replaced, so none was: {reason}");
    Diagnostic::error(Code::OutputIrreplaceable, message)
        .at(place.as_str())
        .with_help(format!("{help}; then pack again"))
}

/// That a promotion cannot go on, because of what happens at `place`.
fn stuck(place: &Utf8Path, error: &io::Error) -> Diagnostic {
    let Obstacle { reason, help } = Obstacle::of(error, Utf8Path::new(STAGING), place);
    let message = format!("a promotion stopped half way, so build/ may hold files of two generations: {reason}");
    let help = format!("{help}; the next pack then completes the promotion");
    Diagnostic::error(Code::PromotionStuck, message).at(place.as_str()).with_help(help)
}

/// Makes the journal durable, after everything that it relies on.
fn write(
    fs: &dyn FileSystem,
    operation: &OperationId,
    staging: &Staging,
    files: &[StagedFile],
) -> Result<(), Diagnostic> {
    let journal =
        Journal { schema_version: SCHEMA_VERSION, operation_id: operation.as_str().to_owned(), files: files.to_vec() };
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
        // Even a rename that failed may have happened, and the next operation would complete what it finds.
        take_back(fs);
        io_diagnostic(&journal_path(), &error)
    })
}

/// Renames what is still staged, and removes the journal once the names are durable. `begun` says whether an earlier
/// attempt may have renamed something: then there is no way back.
fn finish(fs: &dyn FileSystem, folder: &Utf8Path, files: &[StagedFile], begun: bool) -> Result<(), Failure> {
    let stuck = |path: &Utf8Path, error: io::Error| Failure { diagnostic: stuck(path, &error), is_undone: false };
    for file in files {
        let (from, to) = (folder.join(&file.name), published_path(&file.name));
        match twice(|| fs.rename(&from, &to)) {
            Err(_) if was_renamed(fs, folder, file) => {}
            Err(error) if !begun && is_untouched(fs, folder, files) => {
                let diagnostic = irreplaceable(&to, &error);
                return Err(Failure { diagnostic, is_undone: take_back(fs) });
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

/// Whether `file` is published and not staged any more: a rename that failed may have happened, now or before a kill.
fn was_renamed(fs: &dyn FileSystem, folder: &Utf8Path, file: &StagedFile) -> bool {
    matches!(fs.kind(&folder.join(&file.name)), Ok(None)) && matches!(is_intact(fs, folder, file), Ok(true))
}

/// Whether every file is still staged, so that nothing was replaced.
fn is_untouched(fs: &dyn FileSystem, folder: &Utf8Path, files: &[StagedFile]) -> bool {
    files.iter().all(|file| matches!(fs.kind(&folder.join(&file.name)), Ok(Some(_))))
}

/// Removes a file. That it is not there is as well.
fn remove(fs: &dyn FileSystem, path: &Utf8Path) -> io::Result<()> {
    match fs.remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Undoes a promotion that has replaced nothing yet. Tells whether that could be: else the next operation completes it.
fn take_back(fs: &dyn FileSystem) -> bool {
    let is_removed = twice(|| remove(fs, &journal_path())).is_ok();
    // Or a power cut could bring the journal back while it keeps some of what was staged.
    fs.sync_folder(Utf8Path::new(STAGING)).is_ok() && is_removed
}

/// Tries again what failed once: here a failure costs more than a moment.
fn twice(call: impl Fn() -> io::Result<()>) -> io::Result<()> {
    call().or_else(|_| call())
}

/// What is to be told of a promotion that was cut short: a warning where the next operation in the lane completes it, and
/// an error where every pack stops at it. No promotion runs.
///
/// # Errors
///
/// When that cannot be told.
pub(crate) fn pending(fs: &dyn FileSystem) -> Result<Option<Diagnostic>, Diagnostic> {
    let (operation, files) = match read(fs) {
        Ok(Some(journal)) => journal,
        Ok(None) => return Ok(None),
        Err(fault) if fault.code == Code::JournalUnknown => return Ok(Some(fault)),
        Err(fault) => return Err(fault),
    };
    let folder = staging::folder(&operation);
    let staged = files.iter().filter(|file| matches!(fs.kind(&folder.join(&file.name)), Ok(Some(_))));
    let renames = staged.map(|file| (folder.join(&file.name), published_path(&file.name)));
    // The journal goes at the end.
    let places = renames.chain([(journal_path(), journal_path())]);
    let mut stuck = places.filter_map(|(from, to)| Some(stuck(&to, &fs.can_rename(&from, &to).err()?)));
    Ok(Some(stuck.next().unwrap_or_else(cut_short)))
}

/// That a promotion was cut short, which nothing keeps from being completed.
fn cut_short() -> Diagnostic {
    let message = "a promotion was cut short: build/ may hold files of two generations";
    let help = "the next pack completes it, and so does papack doctor --fix, or tells what keeps it from that";
    Diagnostic::new(Severity::Warning, Code::Leftover, message).at(journal_path().as_str()).with_help(help)
}

/// The journal, if there is one.
fn read(fs: &dyn FileSystem) -> Result<Option<(OperationId, Vec<StagedFile>)>, Diagnostic> {
    let path = journal_path();
    match fs.kind(&path) {
        Ok(None) => return Ok(None),
        // There is no staging folder, or something else is in its place.
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

/// Completes a promotion that was cut short, if there is one. Returns what is to be told about it.
pub(crate) fn recover(fs: &dyn FileSystem) -> Result<Option<Diagnostic>, Diagnostic> {
    let Some((operation, files)) = read(fs)? else { return Ok(None) };
    let path = journal_path();
    let folder = staging::folder(&operation);
    for file in &files {
        if !is_intact(fs, &folder, file)? {
            remove(fs, &path).map_err(|error| stuck(&path, &error))?;
            let message = "an earlier promotion was cut short and its files were altered since; it is dropped";
            let place = published_path(&file.name);
            return Ok(Some(Diagnostic::warning(Code::PromotionDropped, message).at(place.as_str())));
        }
    }
    // The process that wrote the journal may have died before it was durable, and a power cut may follow: it must not
    // take the journal and leave some of the renames.
    fs.sync_folder(Utf8Path::new(STAGING)).map_err(|error| io_diagnostic(Utf8Path::new(STAGING), &error))?;
    finish(fs, &folder, &files, true).map_err(|failure| failure.diagnostic)?;
    let message = "an earlier promotion that was cut short is completed";
    Ok(Some(Diagnostic::info(Code::PromotionCompleted, message).at(BUILD)))
}

/// Whether `file` is staged as the journal says, or was renamed already.
fn is_intact(fs: &dyn FileSystem, folder: &Utf8Path, file: &StagedFile) -> Result<bool, Diagnostic> {
    for place in [folder.join(&file.name), published_path(&file.name)] {
        match fs.open(&place) {
            Ok((_, stamp)) if stamp.size != file.size => return Ok(false),
            Ok((opened, _)) => {
                return match identity_of(&file.name, opened) {
                    Ok(identity) => Ok(identity.is_some_and(|found| found.digest.to_string() == file.identity)),
                    // It became shorter meanwhile.
                    Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
                    Err(error) => Err(io_diagnostic(&place, &error)),
                };
            }
            Err(error) => match error.kind() {
                io::ErrorKind::NotFound => {}
                // A link or a folder: not what was staged.
                io::ErrorKind::InvalidInput | io::ErrorKind::NotADirectory => return Ok(false),
                _ => return Err(io_diagnostic(&place, &error)),
            },
        }
    }
    Ok(false)
}

fn unknown(message: String) -> Diagnostic {
    let help = "let the papack that wrote it finish, or delete build/.staging/ and pack again";
    Diagnostic::error(Code::JournalUnknown, message).at(journal_path().as_str()).with_help(help)
}

/// Reads a journal that may have come from anywhere.
fn parse(bytes: &[u8]) -> Result<(OperationId, Vec<StagedFile>), Diagnostic> {
    #[derive(Deserialize)]
    struct Version {
        schema_version: u32,
    }
    // The version is looked at first, so that a newer journal is told as such.
    let version: Version = serde_json::from_slice(bytes).map_err(|error| unknown(format!("no journal: {error}")))?;
    if version.schema_version != SCHEMA_VERSION {
        let found = version.schema_version;
        return Err(unknown(format!("journal version {found} is not supported: this papack reads {SCHEMA_VERSION}")));
    }
    let journal: Journal = serde_json::from_slice(bytes).map_err(|error| unknown(format!("no journal: {error}")))?;
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
