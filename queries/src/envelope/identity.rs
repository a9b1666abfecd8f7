//! One digest for everything that a pack holds.

use crate::content::{ContentId, Digest};

/// The identity of a whole content: over, for each asset in order, its id, and the size and digest of its payload.
pub fn content_digest(payloads: impl IntoIterator<Item = (u32, ContentId)>) -> Digest {
    let mut hasher = blake3::Hasher::new();
    for (asset_id, payload) in payloads {
        hasher.update(&asset_id.to_le_bytes());
        hasher.update(&payload.size.to_le_bytes());
        hasher.update(&payload.digest.0);
    }
    Digest(*hasher.finalize().as_bytes())
}
