//! Looking: what is wrong with the workspace as the editor shows it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use papack_queries::diagnostic::Diagnostic;
use papack_queries::diagnostic::levels::Levels;

use super::Editor;
use super::places::Places;
use crate::incremental::{Explanation, Outcomes, derive_changed, freeze, report_gate};
use crate::operation::{Cancel, Operation, Status, Stop};
use crate::publish::recovery;
use crate::session::Session;
use crate::workspace::{Changes, Filter, WalkPolicy};

/// What is wrong with a workspace, by the documents in which an editor shows it.
#[derive(Debug, Default)]
pub struct Look {
    /// Counts up with each look that found something else than the one before.
    pub revision: u64,
    /// The documents with something wrong, by their paths below the workspace.
    pub documents: BTreeMap<String, Arc<[Marked]>>,
    /// The documents of which something else is shown than after the look before, those that have nothing any more
    /// among them.
    pub changed: BTreeSet<String>,
    /// Whether to look again after a while, though no change is reported: the look failed, or a file may have changed
    /// under the same stamp, because somebody has it open for writing or its file system stamps too coarsely.
    pub is_unsettled: bool,
}

/// A diagnostic, and where it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    /// The diagnostic.
    pub diagnostic: Diagnostic,
    /// The place in the document, in bytes of the text that was looked at. It is the diagnostic's own where that is of
    /// this document. What is wrong with another file is shown where the document names that file, or at its start.
    pub range: Range<usize>,
}

impl Editor {
    /// Looks at what changed since the last look, and returns what is wrong with the whole workspace. None if it was
    /// cancelled before it came to an end: the next look has the same changes to look at.
    pub fn look(&mut self, cancel: &Cancel) -> Option<&Look> {
        self.session.set_changes(self.unseen.clone());
        let ended = self.session.run_judged(&Levels::default(), cancel, &|_| {}, look);
        match ended.status {
            Status::Cancelled => return None,
            Status::Success => self.unseen = Changes::none(),
            // Whatever failed is tried again with the next look.
            _ => self.unseen = Changes::Anything,
        }
        self.show(ended.diagnostics);
        Some(&self.look)
    }

    /// Makes `diagnostics` the present look.
    fn show(&mut self, diagnostics: Vec<Diagnostic>) {
        let mut documents = BTreeMap::<String, Vec<Marked>>::new();
        let mut places = Places::new(&self.session);
        for diagnostic in diagnostics {
            let (document, range) = places.of(&diagnostic);
            documents.entry(document).or_default().push(Marked { diagnostic, range });
        }
        let old = std::mem::take(&mut self.look);
        let new: BTreeMap<String, Arc<[Marked]>> = documents
            .into_iter()
            .map(|(path, marked)| {
                let same = old.documents.get(&path).filter(|old| ***old == *marked).cloned();
                (path, same.unwrap_or_else(|| marked.into()))
            })
            .collect();
        let is_same = |path: &String| match (old.documents.get(path), new.get(path)) {
            (Some(old), Some(new)) => Arc::ptr_eq(old, new),
            _ => false,
        };
        let changed: BTreeSet<String> =
            old.documents.keys().chain(new.keys()).filter(|path| !is_same(path)).cloned().collect();
        self.look = Look {
            revision: old.revision + u64::from(!changed.is_empty()),
            documents: new,
            changed,
            is_unsettled: self.has_changes() || self.session.core().state.is_racy(),
        };
    }
}

/// Examines what may have changed, as a check does, and reports what is wrong with the whole workspace. Keeps nothing for
/// later processes, and tells nothing of assets that did not change.
fn look(session: &mut Session, operation: &mut Operation<'_>) -> Result<(), Stop> {
    let policy = WalkPolicy::runtime(Filter::Registered);
    let output_faults = recovery::output_faults(operation, &**session.fs())?;
    let dirty_set = session.detect_changes(operation, false)?;
    let store = session.open_runtime_store();
    let dirty_set = session.read_cache(operation, dirty_set);
    let fs = Arc::clone(session.fs());
    let core = session.core_mut();
    let mut snapshot = freeze(operation, &*fs, core, policy, dirty_set, &*store)?;
    let (mut explanation, mut outcomes) = (Explanation::new(false), Outcomes::default());
    derive_changed(operation, core, policy, &mut snapshot, &*store, &mut explanation, &mut outcomes)?;
    report_gate(operation, &*fs, session.core(), output_faults);
    operation.check_cancelled()
}
