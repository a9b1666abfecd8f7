//! What users make of diagnostics that are no errors, code by code.

use std::collections::BTreeMap;

use super::{Code, Severity};

/// What a user makes of the diagnostics of one code. An ERROR stays one: nothing makes a fault harmless.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// A WARNING or INFO is an ERROR.
    Deny,
    /// A WARNING or INFO is a WARNING.
    Warn,
    /// A WARNING or INFO is not told.
    Allow,
}

impl Level {
    /// Its word on the command line and in the settings.
    pub fn word(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::Warn => "warn",
            Self::Allow => "allow",
        }
    }

    /// The severity that this level makes of `found`; none where the diagnostic is not told.
    pub fn severity(self, found: Severity) -> Option<Severity> {
        match self {
            _ if found == Severity::Error => Some(found),
            Self::Deny => Some(Severity::Error),
            Self::Warn => Some(Severity::Warning),
            Self::Allow => None,
        }
    }
}

/// The levels that one source gives, as the command line or the settings of a workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Levels {
    of_codes: BTreeMap<Code, Level>,
    /// Whether every WARNING is an ERROR.
    pub deny_warnings: bool,
}

impl Levels {
    /// Levels of no code; with `deny_warnings`, every WARNING is an ERROR.
    pub fn new(deny_warnings: bool) -> Self {
        Self { of_codes: BTreeMap::new(), deny_warnings }
    }

    /// Gives `code` a level.
    ///
    /// # Errors
    ///
    /// The level that it has already, where that is another one.
    pub fn set(&mut self, code: Code, level: Level) -> Result<(), Level> {
        match *self.of_codes.entry(code).or_insert(level) {
            same if same == level => Ok(()),
            other => Err(other),
        }
    }

    /// The level of `code`, if it has one.
    pub fn of(&self, code: Code) -> Option<Level> {
        self.of_codes.get(&code).copied()
    }
}
