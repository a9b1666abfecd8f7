//! `check --fix`: applies the safe fixes of what a check finds, and checks what that leaves.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use papack_queries::content::ContentId;
use papack_queries::diagnostic::{Code, Diagnostic, Edit, Fix, apply_edits};
use papack_queries::schema::REGISTRY_PATH;

use super::check::{AppliedFix, CheckRequest, CheckResult};
use super::manage::{Rewritten, rewrite};
use crate::operation::{Observer, Operation, Status, Stop};
use crate::session::Session;
use crate::workspace::{read_text, unstable};

/// How often fixes are applied and looked for anew. One fix may bring another to light, as in the value of a field whose
/// name was wrong, but documents are not deep; and fixes that undo each other must end.
const MAX_ROUNDS: usize = 16;

/// The options of a check that fixes.
#[derive(Debug, Clone, Default)]
pub struct FixRequest {
    /// The check.
    pub check: CheckRequest,
    /// Write nothing, do not take the lane, and return the fixes that would be applied first.
    pub dry_run: bool,
    /// Fail at once when another operation holds the lane, instead of waiting for it.
    pub no_wait: bool,
}

impl Session {
    /// Applies the safe fixes of all that a [`check`](Self::check) tells, checks again, and so on, until there is none
    /// left. What the result has is what is wrong afterwards. Each round replaces its documents as a change of documents
    /// does; a document that changed since it was read is left as it is, and ends the operation.
    pub fn fix(&mut self, request: &FixRequest, observer: &Observer<'_>) -> CheckResult {
        // The rounds have read everything already, if they were to believe nothing.
        let last = CheckRequest { rehash: false, ..request.check.clone() };
        self.check_after(&last, request.dry_run, observer, |session, operation, applied| {
            if operation.is_denied() { Ok(()) } else { apply_rounds(session, operation, request, applied) }
        })
    }
}

fn apply_rounds(
    session: &mut Session,
    operation: &mut Operation<'_>,
    request: &FixRequest,
    applied: &mut Vec<AppliedFix>,
) -> Result<(), Stop> {
    for round in 0..MAX_ROUNDS {
        let check = CheckRequest { rehash: request.check.rehash && round == 0, ..request.check.clone() };
        let checked = session.check(&check, &|_| {});
        operation.check_cancelled()?;
        if !matches!(checked.status, Status::Success | Status::GateFailed) {
            // The last check tells why.
            return Ok(());
        }
        let chosen = chosen(&checked.diagnostics);
        let documents = rewritten(session, operation, &chosen)?;
        if documents.is_empty() {
            return Ok(());
        }
        let after: BTreeMap<_, _> = documents
            .iter()
            .map(|document| (document.path.clone(), ContentId::of(document.after.as_bytes())))
            .collect();
        let fixes = chosen.iter().filter_map(|Chosen { code, fix, path }| {
            let fix = AppliedFix { code: *code, title: fix.title.clone(), path: path.to_string() };
            Some((*after.get(path)?, fix))
        });
        let fixes: Vec<_> = fixes.collect();
        if request.dry_run {
            applied.extend(fixes.into_iter().map(|(_, fix)| fix));
            return Ok(());
        }
        let done = rewrite(session, operation, "check --fix", request.no_wait, documents);
        let fs = Arc::clone(session.fs());
        // Where it ended half way, some documents have their new text.
        let is_done = |(after, fix): &(ContentId, AppliedFix)| {
            let size = usize::try_from(after.size).unwrap_or(usize::MAX);
            let text = || read_text(&*fs, Utf8Path::new(&fix.path), size);
            done.is_ok() || text().is_ok_and(|text| ContentId::of(&text) == *after)
        };
        applied.extend(fixes.into_iter().filter(is_done).map(|(_, fix)| fix));
        done?;
    }
    Ok(())
}

/// A fix that is going to be applied.
struct Chosen<'d> {
    code: Code,
    fix: &'d Fix,
    /// The document that it edits.
    path: Utf8PathBuf,
}

/// The safe fixes of `found`, in this order, but for those whose edits touch those of earlier ones. The registry comes
/// after the manifests: where an asset was moved to shows only once all identities can be read.
fn chosen(found: &[Diagnostic]) -> Vec<Chosen<'_>> {
    // By document, where edits begin and end.
    let mut taken = BTreeMap::<&str, BTreeMap<usize, usize>>::new();
    let mut chosen = Vec::new();
    for (code, fix) in found.iter().flat_map(|found| found.fixes.iter().map(|fix| (found.code, fix))) {
        let Some(path) = fix.edits.first().map(|edit| edit.path.as_str()).filter(|_| fix.is_safe) else { continue };
        let ranges = taken.entry(path).or_default();
        if fix.edits.iter().all(|edit| edit.path == path && is_free(ranges, edit)) {
            ranges.extend(fix.edits.iter().map(|edit| (edit.start, edit.end)));
            chosen.push(Chosen { code, fix, path: path.into() });
        }
    }
    if chosen.iter().any(|chosen| chosen.path != REGISTRY_PATH) {
        chosen.retain(|chosen| chosen.path != REGISTRY_PATH);
    }
    chosen
}

/// Whether `edit` overlaps none of `ranges`, and begins where none of them does.
fn is_free(ranges: &BTreeMap<usize, usize>, edit: &Edit) -> bool {
    let before = ranges.range(..=edit.start).next_back();
    let after = ranges.range(edit.start..).next();
    before.is_none_or(|(start, end)| *start < edit.start && *end <= edit.start)
        && after.is_none_or(|(start, _)| *start > edit.start && *start >= edit.end)
}

/// The documents that `chosen` change, with their new texts.
fn rewritten(session: &Session, operation: &mut Operation<'_>, chosen: &[Chosen<'_>]) -> Result<Vec<Rewritten>, Stop> {
    let mut edits = BTreeMap::<&Utf8Path, Vec<Edit>>::new();
    for Chosen { path, fix, .. } in chosen {
        edits.entry(path).or_default().extend_from_slice(&fix.edits);
    }
    let mut documents = Vec::new();
    for (path, edits) in edits {
        let before = session.core().text(&**session.fs(), path.as_str());
        let after = before.as_deref().and_then(|text| apply_edits(std::str::from_utf8(text).ok()?, &edits));
        let Some((before, after)) = before.zip(after) else {
            let fault = unstable(path, "the file changed after papack read it; it is left as it is");
            return Err(operation.fail(Status::ExecutionFailed, fault));
        };
        if *before != *after.as_bytes() {
            documents.push(Rewritten { path: path.to_owned(), before, after });
        }
    }
    Ok(documents)
}
