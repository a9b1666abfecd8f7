//! Putting a payload into the content store.

use std::io;

use serde::Serialize;

use crate::content::{ContentId, ContentStore, Digest, Payload};
use crate::json::canonical;

/// Puts a payload into `content` as one piece.
pub(super) fn whole(content: &dyn ContentStore, bytes: &[u8], metadata: Box<str>) -> io::Result<Payload> {
    content.check_cancelled()?;
    let id = content.put(bytes)?;
    Ok(Payload { id, slices: Box::new([id]), metadata })
}

/// A payload that is the concatenation of contents that are in the store already.
pub(super) fn concatenation(
    content: &dyn ContentStore,
    slices: Box<[ContentId]>,
    metadata: Box<str>,
) -> io::Result<Payload> {
    let id = match *slices {
        [only] => only,
        _ => concatenated(content, &slices)?,
    };
    Ok(Payload { id, slices, metadata })
}

/// The runtime metadata that a format writes, as canonical JSON. To sort its fields takes longer than to derive a small
/// payload, so `value` must have them in order, and no numbers but integers below 2^53.
pub(super) fn metadata(value: &impl Serialize) -> Box<str> {
    // Formats serialize plain structs of strings and integers, which always have a form.
    let text = serde_json::to_string(value).unwrap_or_default();
    debug_assert_eq!(Some(&text), canonical::to_string(value).ok().as_ref(), "its fields are in canonical order");
    text.into()
}

/// The handle of the concatenation of `slices`, read piece by piece.
fn concatenated(content: &dyn ContentStore, slices: &[ContentId]) -> io::Result<ContentId> {
    const PIECE: usize = 256 * 1024;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = Vec::new();
    for slice in slices {
        let mut offset = 0;
        while offset < slice.size {
            let length = usize::try_from(slice.size - offset).map_or(PIECE, |rest| rest.min(PIECE));
            buffer.resize(length, 0);
            content.check_cancelled()?;
            content.read_at(*slice, offset, &mut buffer)?;
            hasher.update(&buffer);
            offset += length as u64;
        }
    }
    Ok(ContentId { digest: Digest(*hasher.finalize().as_bytes()), size: slices.iter().map(|slice| slice.size).sum() })
}
