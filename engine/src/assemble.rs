//! What a pack writes, put together from the database: four outputs.

use papack_queries::asset::record;
use papack_queries::content::Digest;
use papack_queries::db::Database;
use papack_queries::diagnostic::{Code, Diagnostic};
use papack_queries::envelope::{PRELUDE_SIZE, Prelude, content_digest};
use papack_queries::pack::{HeaderBytes, Layout, LayoutEntry, header, layout, write_sidecar};

use crate::event::EventKind;
use crate::operation::{Operation, Status, Stop};
use crate::output::{self, Output, Placed};

/// One generation of outputs, not written yet.
pub(crate) struct Assembly<'db> {
    prelude: [u8; PRELUDE_SIZE],
    header: &'db HeaderBytes,
    sidecar: Vec<u8>,
    layout: &'db Layout,
    contents: Vec<Placed>,
}

impl<'db> Assembly<'db> {
    /// The generation that `db` gives. There is one whenever the gate found no error.
    pub(crate) fn of(db: &'db Database) -> Option<Self> {
        let workspace = db.workspace();
        let header = header(db, workspace)?;
        let layout = layout(db, workspace)?;
        let mut sidecar = Vec::new();
        let is_whole = write_sidecar(db, &mut |piece| {
            sidecar.extend_from_slice(piece);
            Ok(())
        });
        is_whole.ok().filter(|is_whole| *is_whole)?;
        Some(Self { prelude: prelude(header), header, sidecar, layout, contents: placed_contents(db, layout) })
    }

    /// The four outputs, the authoritative one first.
    pub(crate) fn outputs(&self) -> [Output<'_>; 4] {
        let companion = |name, bytes| Output { name, front: vec![bytes], contents: &[] };
        [
            Output {
                name: output::ASSETS_PA,
                front: vec![&self.prelude, self.header.bytes()],
                contents: &self.contents,
            },
            companion(output::ASSET_TABLE, self.header.asset_table()),
            companion(output::PRELOAD, self.header.preload()),
            companion(output::SIDECAR, &self.sidecar),
        ]
    }

    /// The contents of the payload region, in order.
    pub(crate) fn contents(&self) -> &[Placed] {
        &self.contents
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
    pub(crate) fn content_digest(&self, db: &Database) -> Digest {
        let identity = |entry: &LayoutEntry| {
            let payload = record(db, entry.asset).payload.as_ref()?;
            Some((entry.asset.entry(db).asset_id, payload.id))
        };
        content_digest(self.layout.entries.iter().filter_map(identity))
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

impl Operation<'_> {
    /// The generation that `db` gives, once the gate is passed.
    pub(crate) fn assemble<'db>(&mut self, db: &'db Database) -> Result<Assembly<'db>, Stop> {
        let Some(assembly) = Assembly::of(db) else {
            let fault = Diagnostic::error(Code::Internal, "the gate passed, but there is nothing to write");
            return Err(self.fail(Status::ExecutionFailed, fault));
        };
        let (header_bytes, payload_bytes) = (assembly.header_size(), assembly.payload_size());
        self.stream.emit(EventKind::Assembled { header_bytes, payload_bytes });
        Ok(assembly)
    }
}

fn prelude(header: &HeaderBytes) -> [u8; PRELUDE_SIZE] {
    // The gate refuses a longer header.
    let header_len = u32::try_from(header.bytes().len()).unwrap_or(u32::MAX);
    Prelude { header_len }.to_bytes()
}

fn placed_contents(db: &Database, layout: &Layout) -> Vec<Placed> {
    let mut offset = 0;
    let entries = layout.entries.iter();
    entries
        .flat_map(|entry| record(db, entry.asset).payload.iter().flat_map(|payload| payload.slices.iter()))
        .map(|&id| {
            let placed = Placed { id, offset };
            offset += id.size;
            placed
        })
        .collect()
}
