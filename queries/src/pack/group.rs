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

/// An asset of the build set that has a name. Equal if the asset and its name are equal.
#[derive(Debug, Clone)]
pub(super) struct Named {
    pub(super) asset: Asset,
    record: Arc<Record>,
}

impl Named {
    /// The name.
    pub(super) fn name(&self) -> Option<&str> {
        self.record.name.as_ref().map(|claim| claim.key.as_str())
    }
}

impl PartialEq for Named {
    fn eq(&self, other: &Self) -> bool {
        (self.asset, self.name()) == (other.asset, other.name())
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

/// The packed assets of `group` whose names are of this part of all names.
#[salsa::tracked(returns(ref))]
pub(super) fn named(db: &dyn Db, group: Group, part: u8) -> Vec<Named> {
    executing(db, Query::GroupNames, group);
    let is_of_part = |member: &&Member| member.record.name.as_ref().is_some_and(|claim| part_of(&claim.key) == part);
    let named = |member: &Member| Named { asset: member.asset, record: Arc::clone(&member.record) };
    packed(db, group).filter(is_of_part).map(named).collect()
}

/// The packed assets of `group` that are preloaded, each with the bank and slot to preload into.
#[salsa::tracked(returns(ref))]
pub(super) fn preloaded(db: &dyn Db, group: Group) -> Vec<(Asset, (Bank, u8))> {
    executing(db, Query::GroupSlots, group);
    packed(db, group).filter_map(|member| Some((member.asset, member.record.slot.as_ref()?.key))).collect()
}

/// How many parts all names are divided into.
pub(super) const NAME_PARTS: u8 = 32;

/// The part that `name` is of. Equal names are of the same part, and each part has about as many as the others.
fn part_of(name: &str) -> u8 {
    // FNV-1a: a few instructions for each byte of a short text.
    let hash = name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    // The upper bits depend on all bytes.
    (hash >> 24) as u8 % NAME_PARTS
}

/// What the packed assets of a group add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sum {
    /// Bytes of the payloads; none where they are too many to be counted.
    pub(super) payload_size: Option<u64>,
    /// Bytes that the rows of the header have at most.
    pub(super) most_header_bytes: u64,
}

/// What the packed assets of `group` add up to, once each has a payload.
#[salsa::tracked(returns(copy))]
pub(super) fn sum(db: &dyn Db, group: Group) -> Option<Sum> {
    executing(db, Query::GroupSum, group);
    let mut sum = Sum { payload_size: Some(0), most_header_bytes: 0 };
    for member in packed(db, group) {
        let size = member.record.payload.as_ref()?.id.size;
        sum.payload_size = sum.payload_size.and_then(|sum| sum.checked_add(size));
        sum.most_header_bytes += member.record.row()?.most_bytes();
    }
    Some(sum)
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
