//! Sequences of many items. They are cut into pieces with a digest each, which all threads encode and decode.

use std::io;

use papack_queries::content::ContentId;
use rayon::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::fs::FileHandle;

/// Items that a piece may have.
const ITEMS: usize = 1024;

/// Items of the first pieces, before the size of an item can be estimated.
const FIRST_ITEMS: usize = 32;

/// Bytes that a piece should have at most. An item may be as large as a manifest.
const BYTES: usize = 1024 * 1024;

/// The pieces of a sequence, in the order in which they lie in the file, without gaps.
pub(super) type Sequence = Vec<ContentId>;

/// Bytes of `pieces` together; none where that exceeds a `u64`.
pub(super) fn size_of<'p>(mut pieces: impl Iterator<Item = &'p ContentId>) -> Option<u64> {
    pieces.try_fold(0, |size: u64, piece| size.checked_add(piece.size))
}

/// Encodes `items` in pieces, and calls `write` with the bytes of each piece in order. Only one piece for each thread
/// is in memory at a time.
pub(super) fn write<T: Serialize + Send>(
    mut items: impl Iterator<Item = T>,
    mut write: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<Sequence> {
    let mut sequence = Sequence::new();
    let mut item_count = FIRST_ITEMS;
    loop {
        let pieces = (0..rayon::current_num_threads()).map(|_| items.by_ref().take(item_count).collect::<Vec<T>>());
        let pieces: Vec<_> = pieces.filter(|items| !items.is_empty()).collect();
        let count: usize = pieces.iter().map(Vec::len).sum();
        if count == 0 {
            return Ok(sequence);
        }
        let pieces: Vec<_> =
            pieces.into_par_iter().map(to_bytes).collect::<Result<_, _>>().map_err(io::Error::other)?;
        let mut size = 0;
        for (piece, bytes) in pieces {
            write(&bytes)?;
            size += bytes.len();
            sequence.push(piece);
        }
        // The next items are probably of about the same size.
        item_count = (BYTES.saturating_mul(count) / size.max(1)).clamp(1, ITEMS);
    }
}

fn to_bytes<T: Serialize>(items: Vec<T>) -> postcard::Result<(ContentId, Vec<u8>)> {
    let bytes = items.iter().try_fold(Vec::new(), |bytes, item| postcard::to_extend(item, bytes))?;
    Ok((ContentId::of(&bytes), bytes))
}

/// Reads the sequences of a file, one after the other.
pub(super) struct Reader<'f> {
    pub(super) file: &'f dyn FileHandle,
    /// The offset of the next sequence, in bytes.
    pub(super) at: u64,
}

impl Reader<'_> {
    /// Reads the next sequence; none where it is damaged. The caller must have checked that all its pieces lie within
    /// the file: memory is taken for each piece before it is read.
    pub(super) fn read<T: DeserializeOwned + Send>(
        &mut self,
        sequence: &Sequence,
    ) -> Option<impl Iterator<Item = T> + use<T>> {
        let items = self.read_pieces(sequence, Some)?;
        Some(items.into_iter().flatten())
    }

    /// Reads the next sequence, and gives the items of each piece to `visit`, on all threads. Returns what it returns, in
    /// order; none where the sequence is damaged, or where it returns none. Otherwise as [`read`](Self::read).
    pub(super) fn read_pieces<T: DeserializeOwned, R: Send>(
        &mut self,
        sequence: &Sequence,
        visit: impl Fn(Vec<T>) -> Option<R> + Sync,
    ) -> Option<Vec<R>> {
        let file = self.file;
        let place = |piece: &ContentId| {
            let at = self.at;
            self.at = at.checked_add(piece.size)?;
            Some((at, *piece))
        };
        let places: Vec<_> = sequence.iter().map(place).collect::<Option<_>>()?;
        let read = |(at, piece): (u64, ContentId)| {
            let mut bytes = vec![0; usize::try_from(piece.size).ok()?];
            file.read_exact_at(at, &mut bytes).ok()?;
            if ContentId::of(&bytes) == piece { visit(from_bytes(&bytes)?) } else { None }
        };
        places.into_par_iter().map(read).collect()
    }
}

fn from_bytes<T: DeserializeOwned>(mut bytes: &[u8]) -> Option<Vec<T>> {
    let mut items = Vec::new();
    while !bytes.is_empty() {
        let (item, rest) = postcard::take_from_bytes(bytes).ok()?;
        items.push(item);
        bytes = rest;
    }
    Some(items)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn large_items_make_short_pieces() {
        let large = "x".repeat(BYTES);
        for (item, most) in [(&*large, 1), ("small", ITEMS)] {
            let mut sizes = Vec::new();
            let sequence = write(std::iter::repeat_n(item, if item.len() < BYTES { 3000 } else { 100 }), |bytes| {
                sizes.push(bytes.len());
                Ok(())
            });
            assert_eq!(sequence.unwrap().len(), sizes.len());
            // The first pieces were made before the size of an item could be estimated.
            let later = &sizes[rayon::current_num_threads()..];
            assert!(later.iter().all(|size| *size <= most * (item.len() + 8)), "{sizes:?}");
            assert!(later.len() >= 2, "{sizes:?}");
        }
    }
}
