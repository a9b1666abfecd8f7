//! The files that a pattern in a manifest takes.

use papack_queries::asset::taken;
use papack_queries::glob::{Effort, Pattern};
use papack_queries::path;

use super::Editor;
use super::document::Here;

/// How many steps of matching a question takes: some tens of milliseconds.
pub(super) const EFFORT: u64 = 1 << 25;

/// What a pattern takes.
pub(super) struct Taken {
    /// The files below the asset root, in their order.
    pub(super) files: Vec<String>,
    /// Whether these are all: matching did not take too long.
    pub(super) is_complete: bool,
}

impl Editor {
    /// The files that the pattern at `here` takes: of a `glob` without those that its `except` leaves out, and of an
    /// element of `except` all that it matches. None where there is no valid pattern.
    pub(super) fn taken_at(&self, here: &Here<'_>) -> Option<Taken> {
        let pattern = here.string().filter(|pattern| path::check_pattern(pattern).is_ok())?;
        let is_glob = here.spot.value.and_then(|value| here.values.key(value)).is_some();
        let except = if is_glob { exceptions(here) } else { Vec::new() };
        let (tree, rules, mut effort) = (self.tree_of(here.document), self.rules(), Effort::new(EFFORT));
        let pattern = Pattern::new(pattern.into_owned());
        let files = taken(&tree, &here.document.root, &rules, &pattern, &except, &mut effort);
        let files = files.into_iter().map(str::to_owned).collect();
        Some(Taken { files, is_complete: !effort.is_spent() })
    }
}

/// The patterns of `except` beside the pattern at `here`, as far as they are valid.
fn exceptions(here: &Here<'_>) -> Vec<Pattern> {
    let list = here.spot.container.and_then(|entry| here.values.member(entry, "except"));
    let texts = list.into_iter().flat_map(|list| here.values.children(list)).filter_map(|one| here.values.string(one));
    let valid = texts.filter(|text| path::check_pattern(text).is_ok());
    valid.map(|text| Pattern::new(text.into_owned())).collect()
}
