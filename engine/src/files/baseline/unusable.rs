//! Why there is nothing to compare with.

/// Why there is nothing to compare with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnusableBaseline {
    /// What is wrong. It may contain text from outside.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl UnusableBaseline {
    pub(super) fn new(message: String, help: &str) -> Self {
        Self { message, help: help.to_owned() }
    }
}
