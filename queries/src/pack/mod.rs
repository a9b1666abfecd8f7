//! The queries of a whole pack: build set, gate, layout, header, and the plan that the engine writes out. The sidecar
//! is too large to be a value, and is written from the plan.
//!
//! They take the records of assets by groups, not one by one: most groups have only recorded assets, and salsa verifies
//! nothing in them when an asset of another group is edited. This folder knows neither manifests nor artifact files.

mod conflicts;
mod faults;
mod foretold;
mod group;
mod offsets;
mod plan;
mod rows;
mod sidecar;

use crate::db::{Db, Query, executing};
use crate::inputs::{Asset, Workspace};

pub use faults::gate;
pub use foretold::ForetoldPack;
pub use offsets::{Layout, LayoutEntry, layout};
pub use plan::{PackPlan, PlannedPayload, pack_plan};
pub use rows::{HeaderBytes, header};
pub use sidecar::write_sidecar;

/// Which assets are packed: registered and included, in ascending `asset_id`.
#[salsa::tracked(returns(ref))]
pub fn build_set(db: &dyn Db, workspace: Workspace) -> Vec<Asset> {
    executing(db, Query::BuildSet, workspace);
    workspace.groups(db).iter().flat_map(|group| group::included(db, *group)).copied().collect()
}
