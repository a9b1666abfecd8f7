//! Everything that is wrong with a workspace: whether there may be a pack.

use super::conflicts::conflicts;
use super::group;
use super::rows::header;
use crate::asset::ignoring;
use crate::db::{Db, Query, executing};
use crate::diagnostic::{Code, Diagnostic};
use crate::inputs::Workspace;
use crate::json::MAX_INTEGER;

/// Everything that is wrong, in a fixed order: registry and walk, the ignore file, then asset by asset, then between assets.
#[salsa::tracked(returns(ref))]
pub fn gate(db: &dyn Db, workspace: Workspace) -> Vec<Diagnostic> {
    executing(db, Query::Gate, workspace);
    let mut all = workspace.diagnostics(db).clone();
    all.extend(ignoring(db, workspace).fault.clone());
    for group in workspace.groups(db) {
        all.extend_from_slice(group::faults(db, *group));
    }
    all.extend_from_slice(conflicts(db, workspace));
    if !all.iter().any(Diagnostic::is_error) {
        all.extend(refuse_size(db, workspace));
    }
    all
}

/// Bytes of a header besides its rows, at most.
const BESIDE_ROWS: u64 = 64;

/// What the envelope can hold: a header length of 32 bits, and offsets that a JSON integer holds exactly.
fn refuse_size(db: &dyn Db, workspace: Workspace) -> Option<Diagnostic> {
    let refuse = |message| Some(Diagnostic::error(Code::OutputTooLarge, message));
    let (mut payload_size, mut most_header_bytes) = (Some(0_u64), BESIDE_ROWS);
    for group in workspace.groups(db) {
        let sum = group::sum(db, *group)?;
        payload_size = payload_size.zip(sum.payload_size).and_then(|(size, more)| size.checked_add(more));
        most_header_bytes += sum.most_header_bytes;
    }
    let Some(payload_size) = payload_size else { return refuse("the payloads are too large to be added up".into()) };
    if payload_size > MAX_INTEGER.unsigned_abs() {
        return refuse(format!("the payloads have {payload_size} bytes, at most {MAX_INTEGER} are allowed"));
    }
    // Only a header near the limit has to be made to know its size.
    if most_header_bytes <= u64::from(u32::MAX) {
        return None;
    }
    let header = header(db, workspace)?;
    if u32::try_from(header.bytes().len()).is_err() {
        return refuse(format!("the header has {} bytes, at most {} are allowed", header.bytes().len(), u32::MAX));
    }
    None
}
