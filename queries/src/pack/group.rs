//! The queries of a group of assets. The queries of a whole pack depend on these instead of on every asset.
//!
//! All but [`records`] depend only on the records of their own group, and are an early cutoff: an edit that changes
//! nothing that such a query takes from a record ends there.

use std::sync::Arc;

use crate::asset;
use crate::db::{Db, Query, executing};
use crate::diagnostic::Diagnostic;
use crate::formats::Bank;
use crate::inputs::{Asset, Group};
use crate::record::{Record, Row};

/// An asset of a group, with all that a pack takes from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) asset: Asset,
    pub(super) asset_id: u32,
    is_included: bool,
    pub(super) record: Arc<Record>,
}

/// An asset of the build set, and what it claims for itself. Equal if the asset, its name and its slot are equal.
#[derive(Debug, Clone)]
pub(super) struct Claims {
    pub(super) asset: Asset,
    record: Arc<Record>,
}

impl Claims {
    /// The name.
    pub(super) fn name(&self) -> Option<&str> {
        self.record.name.as_ref().map(|claim| claim.key.as_str())
    }

    /// The bank and slot to preload into.
    pub(super) fn slot(&self) -> Option<(Bank, u8)> {
        self.record.slot.as_ref().map(|claim| claim.key)
    }
}

impl PartialEq for Claims {
    fn eq(&self, other: &Self) -> bool {
        (self.asset, self.name(), self.slot()) == (other.asset, other.name(), other.slot())
    }
}

/// An asset of the build set, and its row in the table of the header. Equal if id and row are equal.
#[derive(Debug, Clone)]
pub(super) struct GroupRow {
    pub(super) asset_id: u32,
    record: Arc<Record>,
}

impl GroupRow {
    /// Its row.
    pub(super) fn row(&self) -> Option<Row<'_>> {
        self.record.row()
    }
}

impl PartialEq for GroupRow {
    fn eq(&self, other: &Self) -> bool {
        (self.asset_id, self.row()) == (other.asset_id, other.row())
    }
}

/// The assets of `group` that are packed.
#[salsa::tracked(returns(ref))]
pub(super) fn included(db: &dyn Db, group: Group) -> Vec<Asset> {
    executing(db, Query::GroupIncluded, group);
    group.assets(db).iter().copied().filter(|asset| asset.entry(db).included_in_build).collect()
}

/// The assets of `group` with their records.
#[salsa::tracked(returns(ref))]
pub(super) fn records(db: &dyn Db, group: Group) -> Vec<Member> {
    executing(db, Query::GroupRecords, group);
    let member = |&asset: &Asset| {
        let entry = asset.entry(db);
        let record = Arc::clone(asset::record(db, asset));
        Member { asset, asset_id: entry.asset_id, is_included: entry.included_in_build, record }
    };
    group.assets(db).iter().map(member).collect()
}

/// What is wrong with each asset of `group` by itself.
#[salsa::tracked(returns(ref))]
pub(super) fn faults(db: &dyn Db, group: Group) -> Vec<Diagnostic> {
    executing(db, Query::GroupFaults, group);
    let members = records(db, group).iter();
    members.flat_map(|member| member.record.placed_diagnostics(member.asset_id, member.is_included)).collect()
}

/// What the packed assets of `group` claim.
#[salsa::tracked(returns(ref))]
pub(super) fn claims(db: &dyn Db, group: Group) -> Vec<Claims> {
    executing(db, Query::GroupClaims, group);
    let claims = |member: &Member| Claims { asset: member.asset, record: Arc::clone(&member.record) };
    packed(db, group).map(claims).collect()
}

/// The sizes of the payloads of the packed assets of `group`, once each has one.
#[salsa::tracked(returns(as_ref))]
pub(super) fn sizes(db: &dyn Db, group: Group) -> Option<Vec<(Asset, u64)>> {
    executing(db, Query::GroupSizes, group);
    packed(db, group).map(|member| Some((member.asset, member.record.payload.as_ref()?.id.size))).collect()
}

/// The rows of the packed assets of `group`, once each has one.
#[salsa::tracked(returns(as_ref))]
pub(super) fn rows(db: &dyn Db, group: Group) -> Option<Vec<GroupRow>> {
    executing(db, Query::GroupRows, group);
    let row = |member: &Member| {
        member.record.row()?;
        Some(GroupRow { asset_id: member.asset_id, record: Arc::clone(&member.record) })
    };
    packed(db, group).map(row).collect()
}

/// The members of `group` that are packed.
pub(super) fn packed(db: &dyn Db, group: Group) -> impl Iterator<Item = &Member> {
    records(db, group).iter().filter(|member| member.is_included)
}
