//! What operations that died left in `build/`, and what stands in the way of the next one.

use camino::{Utf8Path, Utf8PathBuf};
use papack_queries::diagnostic::{Code, Diagnostic};

use super::places::blocked_places;
use super::{journal, staging};
use crate::fs::FileSystem;
use crate::operation::{Operation, Status, Stop};
use crate::workspace::layout::{BUILD, NAMES};
use crate::workspace::{io_failure, lane, staged_documents};

/// What an operation in the lane found of earlier ones that it could not deal with.
#[derive(Default)]
pub(crate) struct Recovery {
    /// What stands in the place of an output.
    pub(crate) blocked: Vec<Diagnostic>,
    /// Why an earlier promotion could not be completed.
    pub(crate) failure: Option<Diagnostic>,
    /// What else lies where outputs are staged, and cannot be removed.
    litter: Vec<Utf8PathBuf>,
}

/// Completes a promotion that an earlier operation began, and clears away what it left. The lane is ours.
///
/// What stands in the place of an output is returned: then an earlier promotion may lie there, and nothing of it was touched.
pub(crate) fn recover(operation: &mut Operation<'_>, fs: &dyn FileSystem) -> Result<Vec<Diagnostic>, Stop> {
    let Recovery { blocked, failure, litter } = try_to_recover(operation, fs)?;
    litter.first().into_iter().for_each(|path| operation.report(irremovable(path)));
    failure.map_or(Ok(blocked), |fault| Err(operation.fail(Status::PublicationFailed, fault)))
}

/// As [`recover`], for an operation that does not need the outputs: it only warns of what is in the way of them, and of a
/// promotion that cannot be completed.
pub(crate) fn recover_if_possible(operation: &mut Operation<'_>, fs: &dyn FileSystem) -> Result<(), Stop> {
    let Recovery { blocked, failure, .. } = try_to_recover(operation, fs)?;
    blocked.into_iter().chain(failure).for_each(|fault| operation.warn(fault));
    Ok(())
}

/// As [`recover`], and returns what went wrong to whoever is to decide what that means.
pub(crate) fn try_to_recover(operation: &mut Operation<'_>, fs: &dyn FileSystem) -> Result<Recovery, Stop> {
    let _step = operation.step("recover");
    staged_documents::remove_stale(fs);
    let blocked = obstacles(operation, fs)?;
    if !blocked.is_empty() {
        return Ok(Recovery { blocked, ..Recovery::default() });
    }
    match journal::recover(fs) {
        Ok(detect_changes) => {
            detect_changes.into_iter().for_each(|detect_changes| operation.report(detect_changes));
            Ok(Recovery { litter: staging::remove_stale(fs), ..Recovery::default() })
        }
        Err(fault) => Ok(Recovery { failure: Some(fault), ..Recovery::default() }),
    }
}

/// What every pack would stop at: what stands in the places of outputs, and a promotion that cannot be completed. One that the
/// next operation in the lane completes is reported as a warning, and so is an output that cannot be replaced.
pub(crate) fn output_faults(operation: &mut Operation<'_>, fs: &dyn FileSystem) -> Result<Vec<Diagnostic>, Stop> {
    // A promotion that runs was not cut short, and is in nobody's way.
    let found = if lane::is_held(fs) { obstacles(operation, fs)? } else { examine_outputs(operation, fs)? };
    let (faults, notices): (Vec<_>, Vec<_>) = found.into_iter().partition(Diagnostic::is_error);
    notices.into_iter().for_each(|detect_changes| operation.report(detect_changes));
    Ok(faults)
}

/// What is in the way of the next pack, while nobody is at work: what stands in the places of outputs; or else a promotion that
/// was cut short; or else, as a warning, an output that cannot be replaced.
pub(crate) fn examine_outputs(operation: &mut Operation<'_>, fs: &dyn FileSystem) -> Result<Vec<Diagnostic>, Stop> {
    let blocked = obstacles(operation, fs)?;
    if !blocked.is_empty() {
        return Ok(blocked);
    }
    let pending = journal::pending(fs).map_err(|fault| operation.fail(Status::ExecutionFailed, fault))?;
    let found = pending.or_else(|| journal::foresee_irreplaceable(fs, &NAMES));
    Ok(found.into_iter().collect())
}

/// What stands in the places of outputs.
pub(crate) fn obstacles(operation: &mut Operation<'_>, fs: &dyn FileSystem) -> Result<Vec<Diagnostic>, Stop> {
    blocked_places(fs).map_err(|error| io_failure(operation, BUILD, &error))
}

/// That what a dead operation left at `path` cannot be removed.
pub(crate) fn irremovable(path: &Utf8Path) -> Diagnostic {
    let message = "an operation that was cut short left this, and papack cannot remove it";
    let help = "look at its owner, permissions and attributes (ls -la, lsattr); its owner or root can delete it";
    Diagnostic::warning(Code::Leftover, message).at(path.as_str()).with_help(help)
}
