//! The four outputs of a pack, put together from the database.

use std::sync::Mutex;

use papack_queries::content::Digest;
use papack_queries::db::Database;
use papack_queries::diagnostic::{Code, Diagnostic};
use papack_queries::pack::{LayoutEntry, PackPlan, PlannedPayload, layout, pack_plan};

use crate::operation::{EventKind, Operation, Status, Stop};
use crate::publish::{Front, Output};
use crate::workspace::layout::{ASSET_TABLE, ASSETS_PA, PRELOAD, SIDECAR};

/// One generation of outputs, not written yet.
pub(crate) struct Assembly<'db> {
    plan: &'db PackPlan,
    db: &'db Database,
}

impl<'db> Assembly<'db> {
    /// The generation that `db` yields. There is one whenever the gate found no error.
    pub(crate) fn of(db: &'db Database) -> Option<Self> {
        Some(Self { plan: pack_plan(db, db.workspace())?, db })
    }

    /// The four outputs, in the order of their names.
    pub(crate) fn outputs(&self) -> [Output<'_>; 4] {
        let header = &self.plan.header;
        let pack = Front::Parts(vec![&self.plan.prelude, header.bytes()]);
        let companion = |name, front| Output { name, front, payloads: &[] };
        [
            Output { name: ASSETS_PA, front: pack, payloads: &self.plan.payloads },
            companion(ASSET_TABLE, Front::Parts(vec![header.asset_table()])),
            companion(PRELOAD, Front::Parts(vec![header.preload()])),
            companion(SIDECAR, Front::Sidecar(Mutex::new(self.db.clone()))),
        ]
    }

    /// The payloads, in order.
    pub(crate) fn payloads(&self) -> &'db [PlannedPayload] {
        &self.plan.payloads
    }

    /// How many assets are packed.
    pub(crate) fn asset_count(&self) -> usize {
        self.plan.payloads.len()
    }

    /// The asset whose payload contains the byte at `offset` from the start of the payload region.
    pub(crate) fn entry_at(&self, offset: u64) -> Option<&LayoutEntry> {
        let entries = &layout(self.db, self.db.workspace())?.entries;
        entries.get(entries.partition_point(|entry| entry.offset + entry.size <= offset))
    }

    /// The identity of the whole content.
    pub(crate) fn content_digest(&self) -> Digest {
        self.plan.content_digest()
    }

    /// Bytes of the header.
    pub(crate) fn header_size(&self) -> u64 {
        self.plan.header.bytes().len() as u64
    }

    /// Bytes of the pack before the payload region.
    pub(crate) fn front_size(&self) -> u64 {
        self.plan.front_size()
    }

    /// Bytes of the payload region.
    pub(crate) fn payload_size(&self) -> u64 {
        self.plan.payload_size
    }
}

/// The generation that `db` yields, after the gate was passed.
pub(crate) fn assemble<'db>(operation: &mut Operation<'_>, db: &'db Database) -> Result<Assembly<'db>, Stop> {
    let _step = operation.step("assemble");
    let Some(assembly) = Assembly::of(db) else {
        let fault = Diagnostic::error(Code::Internal, "the gate passed, but there is nothing to write");
        return Err(operation.fail(Status::ExecutionFailed, fault));
    };
    let (header_bytes, payload_bytes) = (assembly.header_size(), assembly.payload_size());
    operation.emit(EventKind::Assembled { header_bytes, payload_bytes });
    Ok(assembly)
}
