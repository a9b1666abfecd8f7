//! Reports of changes.

use crate::workspace::Changes;

/// Whether anybody but the watch itself changed something about the outputs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum OutputsTouched {
    #[default]
    No,
    /// Somebody changed something; it may have been the last build.
    Perhaps,
    Yes,
}

impl OutputsTouched {
    pub(super) fn join(&mut self, other: Self) {
        *self = other.max(*self);
    }
}

/// What changed since the last report.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ChangeReport {
    /// Which inputs changed.
    pub(super) changes: Changes,
    /// Whether something happened to the outputs.
    pub(super) outputs: OutputsTouched,
    /// Whether the system lost changes, so that anything may have changed.
    pub(super) is_lost: bool,
    /// The names of cookies that were made. All else that the system told before them is in this report, or in an
    /// earlier one.
    pub(super) cookies: Vec<String>,
}

impl ChangeReport {
    /// Adds all of `other`.
    pub(super) fn join(&mut self, other: Self) {
        self.changes.join(other.changes);
        self.outputs.join(other.outputs);
        self.is_lost |= other.is_lost;
        self.cookies.extend(other.cookies);
    }
}

impl Default for ChangeReport {
    fn default() -> Self {
        Self { changes: Changes::none(), outputs: OutputsTouched::No, is_lost: false, cookies: Vec::new() }
    }
}
