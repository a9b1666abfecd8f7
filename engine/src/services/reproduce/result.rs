//! What a reproduction tells.

use std::io;

use papack_queries::content::Digest;
use papack_queries::diagnostic::Diagnostic;
use rayon::ThreadPool;
use serde::Serialize;

use super::compare::Difference;
use crate::build::{Assembly, Outcomes};
use crate::operation::{Ended, OperationId, Status, operation_result};
use crate::publish::Output;

/// In which order the names of a folder were met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Listing {
    /// As the file system has them.
    AsFound,
    /// Backwards.
    Reordered,
}

/// One of the packings that were compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Packing {
    /// In which order it met the names of a folder.
    pub listing: Listing,
    /// How many threads it ran on.
    pub threads: usize,
    /// Assets whose format did its work.
    pub derived_asset_count: usize,
    /// Assets that were known from the packing before.
    pub reused_asset_count: usize,
}

/// What was compared, and where it differs.
#[derive(Debug, Clone, Serialize)]
pub struct ReproduceResult {
    /// Version of this document.
    pub schema_version: u32,
    /// Which operation.
    pub operation_id: OperationId,
    /// `SUCCESS` where all is equal; `GATE_FAILED` where something differs, or is wrong with the workspace.
    pub status: Status,
    /// The packings that were made, in order. Each is compared with the first.
    pub packings: Vec<Packing>,
    /// Assets in the pack.
    pub packed_asset_count: usize,
    /// Bytes of the four outputs.
    pub output_bytes: u64,
    /// The identity of the whole content, as the sidecar states it; `None` before the first assembly.
    pub content_blake3: Option<Digest>,
    /// Whether the published outputs are the same too; `None` where they were not compared.
    pub build_up_to_date: Option<bool>,
    /// Where outputs differ: of each output of each packing the first place.
    pub differences: Vec<Difference>,
    /// Wall-clock time of the operation, in milliseconds.
    pub elapsed_ms: u64,
    /// Everything that was found.
    pub diagnostics: Vec<Diagnostic>,
}

operation_result!(ReproduceResult);

/// How far a reproduction got.
#[derive(Default)]
pub(super) struct Progress {
    pub(super) packings: Vec<Packing>,
    pub(super) build_up_to_date: Option<bool>,
    pub(super) differences: Vec<Difference>,
    packed_asset_count: usize,
    output_bytes: u64,
    content: Option<Digest>,
}

impl Progress {
    /// The first packing gave `assembly`.
    pub(super) fn assembled(&mut self, assembly: &Assembly<'_>) -> io::Result<()> {
        self.packed_asset_count = assembly.asset_count();
        let size = |output: &Output<'_>| Ok(output.identity()?.size);
        self.output_bytes = assembly.outputs().iter().map(size).sum::<io::Result<u64>>()?;
        self.content = Some(assembly.content_digest());
        Ok(())
    }

    /// A packing was made.
    pub(super) fn packed(&mut self, listing: Listing, pool: &ThreadPool, outcomes: Outcomes) {
        self.packings.push(Packing {
            listing,
            threads: pool.current_num_threads(),
            derived_asset_count: outcomes.derived,
            reused_asset_count: outcomes.reused,
        });
    }

    pub(super) fn result(self, ended: &mut Ended<'_>) -> ReproduceResult {
        ReproduceResult {
            schema_version: 1,
            operation_id: ended.operation_id.clone(),
            status: ended.status,
            packings: self.packings,
            packed_asset_count: self.packed_asset_count,
            output_bytes: self.output_bytes,
            content_blake3: self.content,
            build_up_to_date: self.build_up_to_date,
            differences: self.differences,
            elapsed_ms: ended.elapsed_ms,
            diagnostics: std::mem::take(&mut ended.diagnostics),
        }
    }
}
