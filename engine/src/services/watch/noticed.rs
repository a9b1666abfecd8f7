//! What was noticed.

use crate::workspace::Changes;

/// Whether somebody else did something to the outputs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Touch {
    #[default]
    No,
    /// Somebody did something, perhaps the last build.
    Perhaps,
    Yes,
}

impl Touch {
    pub(super) fn join(&mut self, other: Self) {
        *self = other.max(*self);
    }
}

/// What was noticed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Notices {
    /// What changed below `assets/`.
    pub(super) changes: Changes,
    /// Whether something happened to the outputs.
    pub(super) outputs: Touch,
    /// Whether changes got lost, so that anything may have changed.
    pub(super) is_lost: bool,
}

impl Default for Notices {
    fn default() -> Self {
        Self { changes: Changes::none(), outputs: Touch::No, is_lost: false }
    }
}
