//! Whether the bytes of an asset are still those that its record names.

use papack_queries::content::Digest;
use papack_queries::diagnostic::Diagnostic;
use papack_queries::inputs::{FileState, ManifestState};
use papack_queries::record::{InputFile, Record};
use papack_queries::schema::registry::RegistryEntry;

use super::reading::Reading;

/// Whether the manifest and the artifact files of an asset have the digests in its `record`, and the store can supply
/// the bytes of its payload. The caller has made sure that the names in its folder did not change. Files that may have
/// changed are read.
pub(super) fn is_unchanged(reading: &Reading<'_>, entry: &RegistryEntry, record: &Record) -> Result<bool, Diagnostic> {
    let (Some(manifest), Some(inputs)) = (record.manifest, &record.inputs) else { return Ok(false) };
    let ManifestState::Bytes(text) = reading.manifest(&entry.root)? else { return Ok(false) };
    if Digest::of(&text) != manifest {
        return Ok(false);
    }
    // If the store lacks bytes of the payload, all files are read into it, since some formats' payloads are the files
    // themselves.
    let is_held = reading.store.holds_record(entry.asset_id, record);
    let mut read = Vec::new();
    for InputFile { path, content, .. } in &inputs.files {
        let path = format!("{}/{path}", entry.root);
        let found = match reading.recorded_content(&path).filter(|_| is_held) {
            Some(recorded) => recorded,
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
    if !is_held && !reading.store.holds_record(entry.asset_id, record) {
        return Ok(false);
    }
    // Nothing of the asset is derived, so nobody needs what was read. But a bank that a map asks for may have changed.
    if is_held && inputs.tilesets.is_none() {
        read.into_iter().for_each(|content| reading.store.release(content));
    }
    reading.forget_text(&entry.root);
    Ok(true)
}
