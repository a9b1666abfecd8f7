//! What a pack writes, put together from the database: four outputs.

use std::sync::Mutex;

use papack_queries::asset::record;
use papack_queries::content::Digest;
use papack_queries::db::Database;
use papack_queries::diagnostic::{Code, Diagnostic};
use papack_queries::envelope::{PRELUDE_SIZE, Prelude, content_digest};
use papack_queries::pack::{HeaderBytes, Layout, LayoutEntry, header, layout};

use crate::operation::{EventKind, Operation, Status, Stop};
use crate::publish::{Front, Output, Placed};
use crate::workspace::layout::{ASSET_TABLE, ASSETS_PA, PRELOAD, SIDECAR};

/// One generation of outputs, not written yet.
pub(crate) struct Assembly<'db> {
    prelude: [u8; PRELUDE_SIZE],
    header: &'db HeaderBytes,
    layout: &'db Layout,
    payloads: Vec<Placed<'db>>,
    db: &'db Database,
}

impl<'db> Assembly<'db> {
    /// The generation that `db` gives. There is one whenever the gate found no error.
    pub(crate) fn of(db: &'db Database) -> Option<Self> {
        let workspace = db.workspace();
        let header = header(db, workspace)?;
        let layout = layout(db, workspace)?;
        let payloads = layout.entries.iter().map(|entry| placed(db, entry)).collect::<Option<_>>()?;
        Some(Self { prelude: prelude(header), header, layout, payloads, db })
    }

    /// The four outputs, in the order of their names.
    pub(crate) fn outputs(&self) -> [Output<'_>; 4] {
        let pack = Front::Parts(vec![&self.prelude, self.header.bytes()]);
        let companion = |name, front| Output { name, front, payloads: &[] };
        [
            Output { name: ASSETS_PA, front: pack, payloads: &self.payloads },
            companion(ASSET_TABLE, Front::Parts(vec![self.header.asset_table()])),
            companion(PRELOAD, Front::Parts(vec![self.header.preload()])),
            companion(SIDECAR, Front::Sidecar(Mutex::new(self.db.clone()))),
        ]
    }

    /// The payloads, in order.
    pub(crate) fn payloads(&self) -> &[Placed<'db>] {
        &self.payloads
    }

    /// How many assets are packed.
    pub(crate) fn asset_count(&self) -> usize {
        self.layout.entries.len()
    }

    /// The asset whose payload has a byte `offset` bytes from the start of the payload region.
    pub(crate) fn entry_at(&self, offset: u64) -> Option<&LayoutEntry> {
        let entries = &self.layout.entries;
        entries.get(entries.partition_point(|entry| entry.offset + entry.size <= offset))
    }

    /// The identity of the whole content.
    pub(crate) fn content_digest(&self) -> Digest {
        content_digest(self.payloads.iter().map(|placed| (placed.asset_id, placed.payload.id)))
    }

    /// Bytes of the header.
    pub(crate) fn header_size(&self) -> u64 {
        self.header.bytes().len() as u64
    }

    /// Bytes before the payload region.
    pub(crate) fn front_size(&self) -> u64 {
        self.prelude.len() as u64 + self.header_size()
    }

    /// Bytes of the payload region.
    pub(crate) fn payload_size(&self) -> u64 {
        self.layout.payload_size
    }
}

/// The generation that `db` gives, once the gate is passed.
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

fn prelude(header: &HeaderBytes) -> [u8; PRELUDE_SIZE] {
    // The gate refuses a longer header.
    let header_len = u32::try_from(header.bytes().len()).unwrap_or(u32::MAX);
    Prelude { header_len }.to_bytes()
}

fn placed<'db>(db: &'db Database, entry: &LayoutEntry) -> Option<Placed<'db>> {
    let payload = record(db, entry.asset).payload.as_ref()?;
    let asset_id = entry.asset.entry(db).asset_id;
    Some(Placed { asset_id, payload, offset: entry.offset })
}
