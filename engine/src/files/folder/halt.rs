//! How writing ends where it does not succeed.

use papack_queries::diagnostic::Diagnostic;

use crate::operation::Status;

/// Why writing ended early.
pub(in crate::files) enum Halt {
    /// The caller cancelled.
    Cancelled,
    /// An error, described by this diagnostic.
    Failed(Box<Diagnostic>),
}

impl Halt {
    pub(in crate::files) fn status(&self) -> Status {
        match self {
            Self::Cancelled => Status::Cancelled,
            Self::Failed(_) => Status::ExecutionFailed,
        }
    }

    pub(in crate::files) fn into_fault(self) -> Option<Diagnostic> {
        match self {
            Self::Cancelled => None,
            Self::Failed(fault) => Some(*fault),
        }
    }
}

impl From<Diagnostic> for Halt {
    fn from(fault: Diagnostic) -> Self {
        Self::Failed(Box::new(fault))
    }
}
