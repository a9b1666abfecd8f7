//! The result of a reproduction.

use std::io;

use papack_queries::content::Digest;
use papack_queries::diagnostic::Diagnostic;
use rayon::ThreadPool;
use serde::Serialize;

use super::compare::Difference;
use crate::incremental::{Assembly, Outcomes};
use crate::operation::{Ended, OperationId, Status, operation_result};
use crate::publish::Output;

/// In which order the names of a folder were listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Listing {
    /// In the order of the file system.
    AsFound,
    /// In the reverse order.
    Reordered,
}

/// One of the packings that were compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Packing {
    /// In which order the names of folders were listed.
    pub listing: Listing,
    /// How many threads it ran on.
    pub threads: usize,
    /// Assets that were derived.
    pub derived_asset_count: usize,
    /// Assets that were reused from the packing before.
    pub reused_asset_count: usize,
}

/// The result of a reproduction: what was compared, and where it differs.
#[derive(Debug, Clone, Serialize)]
pub struct ReproduceResult {
    /// Version of this document.
    pub schema_version: u32,
    /// Which operation.
    pub operation_id: OperationId,
    /// `SUCCESS` if all outputs are equal; `GATE_FAILED` if some differ, or something is wrong with the workspace.
    pub status: Status,
    /// The packings, in order. Each is compared with the first.
    pub packings: Vec<Packing>,
    /// Assets in the pack.
    pub packed_asset_count: usize,
    /// Bytes of the four outputs.
    pub output_bytes: u64,
    /// The digest of the whole content, as the sidecar states it; null if the first packing did not get so far.
    pub content_blake3: Option<Digest>,
    /// Whether the published outputs are the same too; null if they were not compared.
    pub build_up_to_date: Option<bool>,
    /// The differences: the first one of each output of each packing.
    pub differences: Vec<Difference>,
    /// Wall-clock time of the operation, in milliseconds.
    pub elapsed_ms: u64,
    /// All diagnostics.
    pub diagnostics: Vec<Diagnostic>,
    /// How many diagnostics were allowed, and are not among them.
    pub allowed_diagnostic_count: usize,
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
    content_blake3: Option<Digest>,
}

impl Progress {
    /// Records the assembly of the first packing.
    pub(super) fn record_assembly(&mut self, assembly: &Assembly<'_>) -> io::Result<()> {
        self.packed_asset_count = assembly.asset_count();
        let size = |output: &Output<'_>| Ok(output.identity()?.size);
        self.output_bytes = assembly.outputs().iter().map(size).sum::<io::Result<u64>>()?;
        self.content_blake3 = Some(assembly.content_digest());
        Ok(())
    }

    /// Records a packing that was made.
    pub(super) fn record_packing(&mut self, listing: Listing, pool: &ThreadPool, outcomes: Outcomes) {
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
            content_blake3: self.content_blake3,
            build_up_to_date: self.build_up_to_date,
            differences: self.differences,
            elapsed_ms: ended.elapsed_ms,
            diagnostics: std::mem::take(&mut ended.diagnostics),
            allowed_diagnostic_count: ended.allowed_count,
        }
    }
}
