//! `pack --check`: whether the published outputs are what a pack would give. It writes nothing.

use std::sync::Arc;

use papack_queries::diagnostic::{Code, Diagnostic};

use super::examine::explain_refusal;
use super::outdated;
use super::pack::{PackRequest, PackResult, Progress};
use crate::cache::index::{CleanRun, PublishedRun};
use crate::incremental::Explanation;
use crate::operation::{Observer, Operation, Status, Stop};
use crate::publish::recovery::Outlook;
use crate::publish::{journal, recovery};
use crate::session::Session;
use crate::workspace::lane;

impl Session {
    /// Finds out whether a pack would replace any output, and which. Passes the same gate, and compares as a pack does,
    /// while it holds the lane, so that no promotion is under way; but it writes nothing, not even the note of the lane.
    /// `GATE_FAILED` also where a pack would replace an output.
    pub fn check_outputs(&mut self, request: &PackRequest, observer: &Observer<'_>) -> PackResult {
        let mut progress = Progress::default();
        let mut separate = None;
        let ended = self.run_judged(&request.levels, &request.cancel, observer, |session, operation| {
            progress.explanation = Explanation::new(request.explain);
            check_outputs(session, operation, request, &mut progress, &mut separate)
        });
        let result = progress.finish(ended);
        if let Some(separate) = separate {
            self.keep_texts_of(&separate, &result.diagnostics);
        }
        result
    }
}

/// Compares on `session`, of which nothing is changed. What is read and derived goes to a `separate` session, and is
/// forgotten: for whoever packs it is as if nobody had looked.
fn check_outputs(
    session: &Session,
    operation: &mut Operation<'_>,
    request: &PackRequest,
    progress: &mut Progress,
    separate: &mut Option<Session>,
) -> Result<(), Stop> {
    let fs = Arc::clone(session.fs());
    let Some(_lane) = lane::lock(operation, &fs, request.no_wait)? else {
        let session = separate.insert(session.successor());
        explain_refusal(session, operation, request.rehash, Vec::new(), &mut progress.explanation)?;
        return Err(lane::refuse(operation));
    };
    let Outlook { found, recovers } = recovery::examine_outputs(operation, &*fs)?;
    progress.recovers = Some(recovers);
    let (output_faults, mut warnings): (Vec<_>, Vec<_>) = found.into_iter().partition(Diagnostic::is_error);
    // Told only where a pack would have to replace such an output.
    let irreplaceable: Vec<_> = warnings.extract_if(.., |found| found.code == Code::OutputIrreplaceable).collect();
    warnings.into_iter().for_each(|diagnostic| operation.report(diagnostic));
    if output_faults.is_empty()
        && !request.rehash
        && let Some((clean_run, published)) = session.standing_run(operation)?
    {
        return reuse(session, operation, progress, clean_run, &published);
    }
    let session = separate.insert(session.successor());
    let mut dirty_set = session.detect_changes(operation, request.rehash)?;
    if request.explain {
        // The names of assets, which an explanation has, are only in the rest of the cache.
        dirty_set = session.read_cache(operation, dirty_set);
    }
    if output_faults.is_empty()
        && let Some((clean_run, published)) = session.published_run(operation, &dirty_set)?
    {
        return reuse(session, operation, progress, clean_run, &published);
    }
    let compared = outdated::compare(session, operation, dirty_set, output_faults, &mut progress.explanation)?;
    progress.outcomes = compared.outcomes;
    progress.packed_asset_count = compared.asset_count;
    progress.payload_bytes = compared.payload_bytes;
    progress.up_to_date = compared.outdated.is_empty();
    // To be up to date is a condition of this gate, too.
    progress.has_passed_gate = progress.up_to_date;
    if !irreplaceable.is_empty() {
        let outdated: Vec<_> = compared.outdated.iter().map(|output| output.name).collect();
        let found = journal::foresee_irreplaceable(&*fs, &outdated);
        found.into_iter().for_each(|diagnostic| operation.report(diagnostic));
    }
    progress.would_replace = Some(compared.outdated);
    if progress.up_to_date { Ok(()) } else { Err(Stop(Status::GateFailed)) }
}

/// Ends with the result of a clean run, which still stands: no output would be replaced.
fn reuse(
    session: &Session,
    operation: &mut Operation<'_>,
    progress: &mut Progress,
    clean_run: CleanRun,
    published: &PublishedRun,
) -> Result<(), Stop> {
    progress.reuse(session, operation, clean_run, published)?;
    progress.would_replace = Some(Vec::new());
    Ok(())
}
