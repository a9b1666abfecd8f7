//! The fixes of the registry, made once for each text of it: to make them takes as long as to read it.

use papack_queries::content::ContentId;
use papack_queries::diagnostic::Diagnostic;

use crate::fs::FileSystem;
use crate::incremental::{Core, fix_registry};

/// The last diagnostics that had fixes of the registry.
#[derive(Default)]
pub(super) struct RegistryFixes {
    /// The registry for which the fixes were made.
    registry: Option<ContentId>,
    /// The diagnostics before, and with the edits of their fixes.
    before: Vec<Diagnostic>,
    after: Vec<Diagnostic>,
}

impl RegistryFixes {
    /// Makes edits of the fixes of the registry among `found`.
    pub(super) fn make(&mut self, found: &mut [Diagnostic], fs: &dyn FileSystem, core: &Core) {
        let mut fixable: Vec<&mut Diagnostic> =
            found.iter_mut().filter(|found| found.fixes.has_of_registry()).collect();
        let registry = core.state.file_index.registry.map(|read| read.content);
        let is_same = registry.is_some()
            && registry == self.registry
            && fixable.iter().map(|found| &**found).eq(self.before.iter());
        if !is_same {
            self.registry = registry;
            self.before = fixable.iter().map(|found| (*found).clone()).collect();
            self.after.clone_from(&self.before);
            fix_registry(&mut self.after, fs, core);
        }
        for (found, after) in fixable.iter_mut().zip(&self.after) {
            found.fixes.clone_from(&after.fixes);
        }
    }
}
