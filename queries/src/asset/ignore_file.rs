//! The query that reads the ignore file.

use crate::db::{Db, Query, executing};
use crate::diagnostic::Diagnostic;
use crate::inputs::{FileFault, IgnoreFile, Workspace};
use crate::left_out::{IGNORE_PATH, Rules, ignore_file_too_large};

/// The ignore file as rules, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ignoring {
    /// The rules; none where the file cannot be used.
    pub rules: Rules,
    /// Why it cannot be used.
    pub fault: Option<Diagnostic>,
}

impl Ignoring {
    /// What `file` says.
    pub fn of(file: &IgnoreFile) -> Self {
        let parsed = match file {
            IgnoreFile::Absent => Ok(Rules::default()),
            IgnoreFile::Bytes(bytes) => Rules::parse(bytes),
            IgnoreFile::Refused(FileFault::TooLarge(_)) => Err(ignore_file_too_large()),
            IgnoreFile::Refused(fault) => Err(fault.diagnostic(IGNORE_PATH)),
        };
        match parsed {
            Ok(rules) => Self { rules, fault: None },
            Err(fault) => Self { rules: Rules::default(), fault: Some(fault) },
        }
    }
}

/// What the ignore file says.
#[salsa::tracked(returns(ref))]
pub fn ignoring(db: &dyn Db, workspace: Workspace) -> Ignoring {
    executing(db, Query::Ignoring, workspace);
    Ignoring::of(workspace.ignore_file(db))
}
