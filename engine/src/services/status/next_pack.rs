//! What a pack would do next.

use papack_queries::diagnostic::{Code, Diagnostic, Severity};

use super::result::{NextAction, NextPack};
use crate::incremental::Assembly;
use crate::operation::{Operation, Stop};
use crate::publish::{changed_names, journal, output_states};
use crate::session::Session;

/// What a pack would do next. `operation` has reported everything that is wrong with the workspace of `session`. What was
/// published last `stands`, or else it has to be found out whether a pack would publish the same again.
pub(super) fn next_pack(session: &Session, operation: &mut Operation<'_>, stands: bool) -> Result<NextPack, Stop> {
    let is_irreplaceable = operation.found().any(|(found, _)| found.code == Code::OutputIrreplaceable);
    let recovers = operation.recovered().to_vec();
    // A pack does not warn of a promotion that it completes, nor of an output that it need not replace.
    let is_of_pack = |found: &Diagnostic| match found.code {
        _ if found.is_error() => true,
        Code::Leftover => recovers.is_empty(),
        code => code != Code::OutputIrreplaceable,
    };
    let count =
        |severity| operation.found().filter(|(found, told)| *told == Some(severity) && is_of_pack(found)).count();
    let (mut error_count, warning_count) = (count(Severity::Error), count(Severity::Warning));
    let db = session.core().graph.db.clone();
    let assembled = if stands || error_count > 0 { None } else { Assembly::of(&db) };
    let mut replaces: Vec<_> = match assembled {
        Some(assembly) => {
            let outputs = assembly.outputs();
            changed_names(
                &outputs,
                &output_states(operation, &**session.fs(), &outputs, session.outputs().generation.as_ref())?,
            )
        }
        None => Vec::new(),
    };
    if is_irreplaceable && journal::foresee_irreplaceable(&**session.fs(), &replaces).is_some() {
        replaces.clear();
        error_count += 1;
    }
    let action = match () {
        () if error_count > 0 => NextAction::Fail,
        () if replaces.is_empty() => NextAction::Nothing,
        () => NextAction::Pack,
    };
    Ok(NextPack { action, replaces, error_count, warning_count, recovers })
}
