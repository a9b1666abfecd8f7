//! Recovery: leftovers of dead operations in `build/`, and obstacles of the next one.

use camino::{Utf8Path, Utf8PathBuf};
use papack_queries::diagnostic::{Code, Diagnostic};

use super::cut_short::{self, CutShort};
use super::places::blocked_places;
use super::{journal, staging};
use crate::fs::FileSystem;
use crate::operation::{Operation, Status, Stop};
use crate::workspace::layout::{BUILD, NAMES};
use crate::workspace::{io_failure, lane, staged_documents};

/// What an operation that holds the lane could not repair.
#[derive(Default)]
pub(crate) struct Recovery {
    /// Obstacles in the places of outputs.
    pub(crate) blocked: Vec<Diagnostic>,
    /// Why an earlier promotion could not be completed.
    pub(crate) failure: Option<Diagnostic>,
    /// Leftovers in the staging folder that could not be removed.
    leftovers: Vec<Utf8PathBuf>,
}

/// Completes a promotion that an earlier operation began, and removes its leftovers. The caller holds the lane.
///
/// Returns the obstacles in the places of outputs. If there are any, there may still be an earlier promotion: it was
/// not touched.
pub(crate) fn recover(operation: &mut Operation<'_>, fs: &dyn FileSystem) -> Result<Vec<Diagnostic>, Stop> {
    let Recovery { blocked, failure, leftovers } = try_to_recover(operation, fs)?;
    leftovers.first().into_iter().for_each(|path| operation.report(irremovable(path)));
    failure.map_or(Ok(blocked), |fault| Err(operation.fail(Status::PublicationFailed, fault)))
}

/// As [`recover`], for an operation that does not need the outputs. It only warns of obstacles in their places, and of
/// a promotion that cannot be completed.
pub(crate) fn recover_if_possible(operation: &mut Operation<'_>, fs: &dyn FileSystem) -> Result<(), Stop> {
    let Recovery { blocked, failure, .. } = try_to_recover(operation, fs)?;
    blocked.into_iter().chain(failure).for_each(|fault| operation.warn(fault));
    Ok(())
}

/// As [`recover`], but returns what could not be repaired, and leaves it to the caller whether that is an error.
pub(crate) fn try_to_recover(operation: &mut Operation<'_>, fs: &dyn FileSystem) -> Result<Recovery, Stop> {
    let _step = operation.step("recover");
    staged_documents::remove_stale(fs);
    let blocked = obstacles(operation, fs)?;
    if !blocked.is_empty() {
        return Ok(Recovery { blocked, ..Recovery::default() });
    }
    match cut_short::recover(fs) {
        Ok(cut_short) => {
            if let Some(CutShort { diagnostic, completed }) = cut_short {
                operation.report(diagnostic);
                operation.note_recovered(completed);
            }
            Ok(Recovery { leftovers: staging::remove_stale(fs), ..Recovery::default() })
        }
        Err(fault) => Ok(Recovery { failure: Some(fault), ..Recovery::default() }),
    }
}

/// The errors at which every pack would stop: obstacles in the places of outputs, and a promotion that cannot be
/// completed. A promotion that the next operation in the lane completes is reported as a warning, and so is an output
/// that cannot be replaced. The outputs that this makes
/// final are noted.
pub(crate) fn output_faults(operation: &mut Operation<'_>, fs: &dyn FileSystem) -> Result<Vec<Diagnostic>, Stop> {
    // While somebody holds the lane, a promotion may be running: it was not cut short, and is no obstacle.
    let Outlook { found, recovers } = if lane::is_held(fs) {
        Outlook { found: obstacles(operation, fs)?, recovers: Vec::new() }
    } else {
        examine_outputs(operation, fs)?
    };
    operation.note_recovered(recovers);
    let (errors, warnings): (Vec<_>, Vec<_>) = found.into_iter().partition(Diagnostic::is_error);
    warnings.into_iter().for_each(|diagnostic| operation.report(diagnostic));
    Ok(errors)
}

/// What the next pack finds in the places of outputs.
pub(crate) struct Outlook {
    /// Its obstacles.
    pub(crate) found: Vec<Diagnostic>,
    /// The outputs that it first makes final, by completing a promotion that was cut short.
    pub(crate) recovers: Vec<&'static str>,
}

/// The obstacles of the next pack: those in the places of outputs; or else a promotion that was cut short; or else, as
/// a warning, an output that cannot be replaced. The caller makes sure that nobody holds the lane.
pub(crate) fn examine_outputs(operation: &mut Operation<'_>, fs: &dyn FileSystem) -> Result<Outlook, Stop> {
    let blocked = obstacles(operation, fs)?;
    if !blocked.is_empty() {
        return Ok(Outlook { found: blocked, recovers: Vec::new() });
    }
    let pending = cut_short::pending(fs).map_err(|fault| operation.fail(Status::ExecutionFailed, fault))?;
    Ok(match pending {
        Some(CutShort { diagnostic, completed }) => Outlook { found: vec![diagnostic], recovers: completed },
        None => {
            let found = journal::foresee_irreplaceable(fs, &NAMES).into_iter().collect();
            Outlook { found, recovers: Vec::new() }
        }
    })
}

/// The obstacles in the places of outputs.
pub(crate) fn obstacles(operation: &mut Operation<'_>, fs: &dyn FileSystem) -> Result<Vec<Diagnostic>, Stop> {
    blocked_places(fs).map_err(|error| io_failure(operation, BUILD, &error))
}

/// The warning that the leftover of a dead operation at `path` cannot be removed.
pub(crate) fn irremovable(path: &Utf8Path) -> Diagnostic {
    let message = "an operation that was cut short left this, and papack cannot remove it";
    let help = "look at its owner, permissions and attributes (ls -la, lsattr); its owner or root can delete it";
    Diagnostic::warning(Code::Leftover, message).at(path.as_str()).with_help(help)
}
