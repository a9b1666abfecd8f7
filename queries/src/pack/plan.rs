//! The final query: everything that is staged, except for the sidecar, which is written from this and the database.

use std::sync::Arc;

use super::group;
use super::offsets::layout;
use super::rows::{HeaderBytes, header};
use crate::content::{ContentId, Digest};
use crate::db::{Db, Query, executing};
use crate::envelope::{PRELUDE_SIZE, Prelude, content_digest};
use crate::inputs::Workspace;
use crate::record::Record;

/// One generation of outputs. Who has the bytes of the payloads only has to write it out.
///
/// `assets.pa` is the prelude, the header and the payloads, one after the other; two companions are parts of the
/// header. The third, the sidecar, is not in here: [`write_sidecar`](super::write_sidecar) makes it of the plan and the
/// database.
#[derive(Debug)]
pub struct PackPlan {
    /// The prelude.
    pub prelude: [u8; PRELUDE_SIZE],
    /// The canonical header, with the table in ascending `asset_id`.
    pub header: Arc<HeaderBytes>,
    /// The payloads of the build set, in ascending `asset_id`, with no gap between them.
    pub payloads: Box<[PlannedPayload]>,
    /// Bytes of all payloads.
    pub payload_size: u64,
}

impl PackPlan {
    /// The identity of the whole content.
    pub fn content_digest(&self) -> Digest {
        content_digest(self.payloads.iter().map(|payload| (payload.asset_id, payload.id())))
    }

    /// Bytes before the payloads.
    pub fn front_size(&self) -> u64 {
        (self.prelude.len() + self.header.bytes().len()) as u64
    }
}

/// A payload and its place. It shares the record that has the rest, so that it takes no more than 24 bytes.
#[derive(Debug, Clone)]
pub struct PlannedPayload {
    /// The asset.
    pub asset_id: u32,
    /// Bytes from the start of the payload region.
    pub offset: u64,
    /// The record of the asset, which has a payload.
    record: Arc<Record>,
}

impl PlannedPayload {
    /// Digest and size.
    pub fn id(&self) -> ContentId {
        self.record.payload.as_ref().map_or(ContentId { digest: Digest::default(), size: 0 }, |payload| payload.id)
    }

    /// The contents that make it up, one after the other.
    pub fn slices(&self) -> &[ContentId] {
        self.record.payload.as_ref().map_or(&[], |payload| payload.slices())
    }

    /// The record of the asset.
    pub(super) fn record(&self) -> &Record {
        &self.record
    }
}

/// The plan, once every build-set asset has its payload and its row. There is one whenever the [`gate`](super::gate)
/// found no error.
///
/// No query takes this one, so it is never compared with what it was.
#[salsa::tracked(returns(as_ref), no_eq)]
pub fn pack_plan(db: &dyn Db, workspace: Workspace) -> Option<PackPlan> {
    executing(db, Query::PackPlan, workspace);
    let (header, layout) = (header(db, workspace)?, layout(db, workspace)?);
    let header_len = u32::try_from(header.bytes().len()).ok()?;
    let mut offsets = layout.entries.iter();
    let mut payloads = Vec::with_capacity(layout.entries.len());
    for member in workspace.groups(db).iter().flat_map(|group| group::packed(db, *group)) {
        member.record.payload.as_ref()?;
        let offset = offsets.next()?.offset;
        payloads.push(PlannedPayload { asset_id: member.asset_id, offset, record: Arc::clone(&member.record) });
    }
    Some(PackPlan {
        prelude: Prelude { header_len }.to_bytes(),
        header: Arc::clone(header),
        payloads: payloads.into(),
        payload_size: layout.payload_size,
    })
}
