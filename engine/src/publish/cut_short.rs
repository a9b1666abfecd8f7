//! Promotions that were cut short: what the next operation in the lane does with them, and how those who only look
//! foresee it.

use camino::Utf8Path;
use papack_queries::diagnostic::{Code, Diagnostic};

use super::journal::{StagedFile, finish, is_intact, journal_path, read, remove, stuck};
use super::staging;
use crate::fs::FileSystem;
use crate::workspace::io_diagnostic;
use crate::workspace::layout::{BUILD, NAMES, STAGING, published_path};

/// A promotion that was cut short: what is to be told of it, and what its completion makes final.
pub(crate) struct CutShort {
    pub(crate) diagnostic: Diagnostic,
    /// The outputs that the completion makes final, in the order of their [`NAMES`]; empty where it is not completed.
    pub(crate) completed: Vec<&'static str>,
}

/// The promotion that was cut short, if there is one, as the next operation in the lane finds it: [`recover`], but
/// nothing is changed. Its diagnostic is a warning if that operation completes or drops the promotion, and an error if
/// every pack will stop at it. The caller makes sure that no promotion runs.
///
/// # Errors
///
/// When that cannot be determined.
pub(crate) fn pending(fs: &dyn FileSystem) -> Result<Option<CutShort>, Diagnostic> {
    let not_completed = |diagnostic| Ok(Some(CutShort { diagnostic, completed: Vec::new() }));
    let (operation, files) = match read(fs) {
        Ok(Some(journal)) => journal,
        Ok(None) => return Ok(None),
        Err(fault) if fault.code == Code::JournalUnknown => return not_completed(fault),
        Err(fault) => return Err(fault),
    };
    let folder = staging::folder(&operation);
    match first_altered(fs, &folder, &files) {
        Ok(None) => {}
        Ok(Some(_)) => return not_completed(to_be_dropped()),
        Err(fault) => return not_completed(fault),
    }
    let staged = files.iter().filter(|file| matches!(fs.kind(&folder.join(&file.name)), Ok(Some(_))));
    let renames = staged.map(|file| (folder.join(&file.name), published_path(&file.name)));
    // The journal is removed at the end.
    let places = renames.chain([(journal_path(), journal_path())]);
    let mut stuck = places.filter_map(|(from, to)| Some(stuck(&to, &fs.can_rename(&from, &to).err()?)));
    match stuck.next() {
        Some(fault) => not_completed(fault),
        None => Ok(Some(CutShort { diagnostic: to_be_completed(), completed: names(&files) })),
    }
}

/// The warning that a promotion was cut short, and can be completed.
fn to_be_completed() -> Diagnostic {
    let message = "a promotion was cut short: build/ may hold files of two generations";
    let help = "the next pack completes it, and so does papack doctor --fix, or tells what keeps it from that";
    Diagnostic::warning(Code::Leftover, message).at(journal_path().as_str()).with_help(help)
}

/// The warning that a promotion was cut short, and cannot be completed any more.
fn to_be_dropped() -> Diagnostic {
    let message =
        "a promotion was cut short and its files were altered since: build/ may hold files of two generations";
    let help = "the next pack drops it and publishes anew: papack pack";
    Diagnostic::warning(Code::Leftover, message).at(journal_path().as_str()).with_help(help)
}

/// The outputs that `files` replace, each once, in the order of their [`NAMES`].
fn names(files: &[StagedFile]) -> Vec<&'static str> {
    NAMES.into_iter().filter(|name| files.iter().any(|file| file.name == *name)).collect()
}

/// Completes a promotion that was cut short, if there is one, or drops it if its files were altered.
///
/// # Errors
///
/// What keeps it from that.
pub(crate) fn recover(fs: &dyn FileSystem) -> Result<Option<CutShort>, Diagnostic> {
    let Some((operation, files)) = read(fs)? else { return Ok(None) };
    let path = journal_path();
    let folder = staging::folder(&operation);
    if let Some(altered) = first_altered(fs, &folder, &files)? {
        remove(fs, &path).map_err(|error| stuck(&path, &error))?;
        let message = "an earlier promotion was cut short and its files were altered since; it is dropped";
        let place = published_path(&altered.name);
        let diagnostic = Diagnostic::warning(Code::PromotionDropped, message).at(place.as_str());
        return Ok(Some(CutShort { diagnostic, completed: Vec::new() }));
    }
    // The process that wrote the journal may have died before the journal was durable. A power cut after the renames
    // below must not lose the journal and keep only some of them.
    fs.sync_folder(Utf8Path::new(STAGING)).map_err(|error| io_diagnostic(Utf8Path::new(STAGING), &error))?;
    finish(fs, &folder, &files, true).map_err(|failure| failure.diagnostic)?;
    let message = "an earlier promotion that was cut short is completed";
    let diagnostic = Diagnostic::info(Code::PromotionCompleted, message).at(BUILD);
    Ok(Some(CutShort { diagnostic, completed: names(&files) }))
}

/// The first of `files` that is neither staged as the journal says, nor published so.
fn first_altered<'f>(
    fs: &dyn FileSystem,
    folder: &Utf8Path,
    files: &'f [StagedFile],
) -> Result<Option<&'f StagedFile>, Diagnostic> {
    for file in files {
        if !is_intact(fs, folder, file)? {
            return Ok(Some(file));
        }
    }
    Ok(None)
}
