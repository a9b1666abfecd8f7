//! Whether an asset is still what its record says, as far as bytes tell.

use papack_queries::content::Digest;
use papack_queries::diagnostic::Diagnostic;
use papack_queries::inputs::{FileState, ManifestState};
use papack_queries::record::{InputFile, Record};
use papack_queries::schema::registry::RegistryEntry;

use super::reading::Reading;

/// Whether the manifest and the artifact files of an asset, whose names did not change, have the bytes that its record
/// knows, and those of its payload are at hand. What may have changed is read for it.
pub(super) fn is_same(reading: &Reading<'_>, entry: &RegistryEntry, record: &Record) -> Result<bool, Diagnostic> {
    let (Some(manifest), Some(inputs)) = (record.manifest, &record.inputs) else { return Ok(false) };
    let ManifestState::Bytes(text) = reading.manifest(&entry.root)? else { return Ok(false) };
    if Digest::of(&text) != manifest {
        return Ok(false);
    }
    let is_held = reading.keeper.holds_record(entry.asset_id, record);
    let mut read = Vec::new();
    for InputFile { path, content } in &inputs.files {
        let path = format!("{}/{path}", entry.root);
        let found = match reading.known(&path).filter(|_| is_held) {
            Some(known) => known,
            None => match reading.read(&path)? {
                FileState::Content(found) => {
                    read.push(found);
                    found
                }
                FileState::Unread | FileState::Refused(_) => return Ok(false),
            },
        };
        if found != *content {
            return Ok(false);
        }
    }
    if is_held {
        // They were read for nothing.
        read.into_iter().for_each(|content| reading.keeper.release(content));
    } else if !reading.keeper.holds_record(entry.asset_id, record) {
        return Ok(false);
    }
    reading.forget_text(&entry.root);
    Ok(true)
}
