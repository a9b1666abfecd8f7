//! Everything that is wrong with a workspace: whether there may be a pack.

use super::conflicts::conflicts;
use super::group;
use super::rows::header;
use crate::asset::ignoring;
use crate::db::{Db, Query, executing};
use crate::diagnostic::{Code, Data, Diagnostic, Unit};
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
    let refuse = |message, size, max: u64| {
        let data = Data::limit(size, 0, max, Unit::Bytes);
        Some(Diagnostic::error(Code::OutputTooLarge, message).with_data(data))
    };
    let max_size = MAX_INTEGER.unsigned_abs();
    let (mut payload_size, mut most_header_bytes) = (Some(0_u64), BESIDE_ROWS);
    for group in workspace.groups(db) {
        let sum = group::sum(db, *group)?;
        payload_size = payload_size.zip(sum.payload_size).and_then(|(size, more)| size.checked_add(more));
        most_header_bytes += sum.most_header_bytes;
    }
    let Some(payload_size) = payload_size else {
        return refuse("the payloads are too large to be added up".into(), None, max_size);
    };
    if payload_size > max_size {
        let message = format!("the payloads have {payload_size} bytes, at most {MAX_INTEGER} are allowed");
        return refuse(message, Some(payload_size), max_size);
    }
    // Only a header near the limit has to be made to know its size.
    if u32::try_from(most_header_bytes).is_ok() {
        return None;
    }
    let header = header(db, workspace)?;
    let size = header.bytes().len();
    if u32::try_from(size).is_err() {
        let message = format!("the header has {size} bytes, at most {} are allowed", u32::MAX);
        return refuse(message, Some(size as u64), u32::MAX.into());
    }
    None
}
