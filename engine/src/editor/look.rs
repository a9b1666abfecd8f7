//! Looking: what is wrong with the workspace as the editor shows it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use papack_queries::diagnostic::Diagnostic;
use papack_queries::diagnostic::levels::Levels;
use papack_queries::pack::gate;

use super::Editor;
use super::places::Places;
use super::registry_fixes::RegistryFixes;
use super::shown::{Look, Marked};
use crate::incremental::{Explanation, Outcomes, derive_changed, freeze, report_budgets};
use crate::operation::{Cancel, Operation, Status, Stop};
use crate::publish::recovery;
use crate::session::Session;
use crate::workspace::{Changes, Filter, WalkPolicy};

impl Editor {
    /// Looks at what changed since the last look, and returns what is wrong with the whole workspace. None if it was
    /// cancelled before it came to an end: the next look has the same changes to look at.
    pub fn look(&mut self, cancel: &Cancel) -> Option<&Look> {
        self.session.set_changes(self.unseen.clone());
        let fixes = &mut self.registry_fixes;
        let looking = |session: &mut Session, operation: &mut Operation<'_>| look(session, operation, fixes);
        let ended = self.session.run_judged(&Levels::default(), cancel, &|_| {}, looking);
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
        let mut places = Places::new(&self.session, std::mem::take(&mut self.lists));
        for diagnostic in diagnostics {
            let (document, range) = places.of(&diagnostic);
            documents.entry(document).or_default().push(Marked { diagnostic, range });
        }
        self.lists = places.into_lists();
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
fn look(session: &mut Session, operation: &mut Operation<'_>, fixes: &mut RegistryFixes) -> Result<(), Stop> {
    let policy = WalkPolicy::runtime(Filter::Registered);
    let mut found = recovery::output_faults(operation, &**session.fs())?;
    let dirty_set = session.detect_changes(operation, false)?;
    let store = session.open_runtime_store();
    let dirty_set = session.read_cache(operation, dirty_set);
    let fs = Arc::clone(session.fs());
    let core = session.core_mut();
    let mut snapshot = freeze(operation, &*fs, core, policy, dirty_set, &*store)?;
    let (mut explanation, mut outcomes) = (Explanation::new(false), Outcomes::default());
    derive_changed(operation, core, policy, &mut snapshot, &*store, &mut explanation, &mut outcomes)?;
    found.extend_from_slice(gate(&core.graph.db, core.graph.db.workspace()));
    fixes.make(&mut found, &*fs, core);
    if !found.iter().any(Diagnostic::is_error) {
        report_budgets(operation, &core.state, |_| None);
    }
    operation.finish_gate(found);
    operation.check_cancelled()
}
