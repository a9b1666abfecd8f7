//! The query that gives the rules of the ignore file.

use crate::db::{Db, Query, executing};
use crate::inputs::{Ignoring, Workspace};

/// What the ignore file says. An edit that changes no rule changes nothing of it, so no asset is asked again.
#[salsa::tracked(returns(ref))]
pub fn ignoring(db: &dyn Db, workspace: Workspace) -> Ignoring {
    executing(db, Query::Ignoring, workspace);
    workspace.ignoring(db).clone()
}
