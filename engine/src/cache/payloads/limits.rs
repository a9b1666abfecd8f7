//! Where payloads lie in the cache, and their limits.

/// The folder of the segments, below the workspace.
pub(crate) const FOLDER: &str = "assets/.prometeu/cache/payloads";

/// Bytes that all segments may have together. If they have more, the least recently used are removed.
pub(crate) const MAX_BYTES: u64 = 1024 * 1024 * 1024;

/// Bytes that segments may have together that are made one. Larger ones would be rewritten too often, and in the end be
/// removed all at once.
pub(super) const MAX_MERGED: u64 = 256 * 1024 * 1024;

/// How many segments there may be. If there are more, small ones are merged into one.
pub(crate) const MAX_SEGMENTS: usize = 32;

/// Bytes that the index of one segment may have. It is held in memory as a whole.
pub(super) const MAX_INDEX: u64 = 64 * 1024 * 1024;

/// Bytes that a result may have.
pub(crate) const MAX_RESULT: u64 = 16 * 1024 * 1024;

/// The key of a derivation. Equal keys have equal results and equal payloads.
pub(crate) type Key = [u8; 32];

/// How many of the first `sizes` have at most `max_bytes` together.
pub(super) fn fitting(sizes: impl Iterator<Item = u64>, max_bytes: u64) -> usize {
    let mut total = 0_u64;
    let fits = |size: &u64| {
        total = total.saturating_add(*size);
        total <= max_bytes
    };
    sizes.take_while(fits).count()
}
