//! What operations that died left in `build/`, and what stands in the way of the next one.

use papack_queries::diagnostic::{Diagnostic, Severity};

use super::places::blocked_places;
use super::{journal, staging};
use crate::fs::FileSystem;
use crate::operation::{Operation, Status, Stop};
use crate::workspace::layout::BUILD;
use crate::workspace::{io_failure, lane, staged_documents};

/// Completes a promotion that an earlier operation began, and clears away what it left. The lane is ours.
///
/// What stands in the place of an output is returned: then an earlier promotion may lie there, and nothing of it was touched.
pub(crate) fn recover(operation: &mut Operation<'_>, fs: &dyn FileSystem) -> Result<Vec<Diagnostic>, Stop> {
    let (blocked, failure) = try_to_recover(operation, fs)?;
    failure.map_or(Ok(blocked), |fault| Err(operation.fail(Status::PublicationFailed, fault)))
}

/// As [`recover`], for an operation that does not need the outputs: it only warns of a promotion that cannot be completed.
pub(crate) fn recover_if_possible(operation: &mut Operation<'_>, fs: &dyn FileSystem) -> Result<Vec<Diagnostic>, Stop> {
    let (blocked, failure) = try_to_recover(operation, fs)?;
    failure.into_iter().for_each(|fault| operation.report(Diagnostic { severity: Severity::Warning, ..fault }));
    Ok(blocked)
}

/// Returns what stands in the place of an output, and why an earlier promotion could not be completed.
fn try_to_recover(
    operation: &mut Operation<'_>,
    fs: &dyn FileSystem,
) -> Result<(Vec<Diagnostic>, Option<Diagnostic>), Stop> {
    let _step = operation.step("recover");
    staged_documents::remove_stale(fs);
    let blocked = expect_no_obstacle(operation, fs)?;
    if !blocked.is_empty() {
        return Ok((blocked, None));
    }
    match journal::recover(fs) {
        Ok(notice) => {
            notice.into_iter().for_each(|notice| operation.report(notice));
            staging::remove_stale(fs);
            Ok((blocked, None))
        }
        Err(fault) => Ok((blocked, Some(fault))),
    }
}

/// What every pack would stop at: what stands in the places of outputs, and a promotion that cannot be completed. One that the
/// next operation in the lane completes is reported as a warning.
pub(crate) fn output_faults(operation: &mut Operation<'_>, fs: &dyn FileSystem) -> Result<Vec<Diagnostic>, Stop> {
    let mut faults = expect_no_obstacle(operation, fs)?;
    // A promotion that runs is neither.
    if faults.is_empty() && !lane::is_held(fs) {
        let pending = journal::pending(fs).map_err(|fault| operation.fail(Status::ExecutionFailed, fault))?;
        match pending {
            Some(fault) if fault.is_error() => faults.push(fault),
            notice => notice.into_iter().for_each(|notice| operation.report(notice)),
        }
    }
    Ok(faults)
}

/// What stands in the places of outputs.
pub(crate) fn expect_no_obstacle(operation: &mut Operation<'_>, fs: &dyn FileSystem) -> Result<Vec<Diagnostic>, Stop> {
    blocked_places(fs).map_err(|error| io_failure(operation, BUILD, &error))
}
