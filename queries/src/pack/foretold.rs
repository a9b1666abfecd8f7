//! Where the payloads of a pack will lie, before they are there.

use super::rows::Table;
use crate::envelope::PRELUDE_SIZE;
use crate::record::Row;

/// Bytes that payloads are foretold to have at most. No file can have as many.
const MAX_PAYLOADS: u64 = 1 << 62;

/// A pack as it will be if all is as it seems: what comes before the payloads depends on the sizes of all of them. Its
/// header is written by the code that writes the real one, but only counted.
///
/// Nothing depends on it that the real plan is not held against.
pub struct ForetoldPack {
    table: Table,
    row_count: u64,
    /// Bytes of the rows that were added.
    row_bytes: u64,
    /// Bytes of the payloads that were added.
    payload_size: u64,
}

impl Default for ForetoldPack {
    fn default() -> Self {
        Self { table: Table::with_room_for(std::iter::empty()), row_count: 0, row_bytes: 0, payload_size: 0 }
    }
}

impl ForetoldPack {
    /// Adds the asset that comes next in ascending `asset_id`, with its row in the table and a payload of `size` bytes.
    /// Returns the offset of that from the start of the payload region; none where no file can have so many bytes.
    pub fn add(&mut self, asset_id: u32, row: Row<'_>, size: u64) -> Option<u64> {
        let offset = self.payload_size;
        self.payload_size = offset.checked_add(size).filter(|end| *end <= MAX_PAYLOADS)?;
        self.table.push(asset_id, row, offset, size).ok()?;
        self.row_bytes += self.table.take_rows() as u64;
        self.row_count += 1;
        Some(offset)
    }

    /// Bytes before the payloads, of a pack that has no more assets; none where no pack can have so many.
    pub fn front_size(self) -> Option<u64> {
        let commas = self.row_count.saturating_sub(1);
        let beside_rows = self.table.into_header()?.bytes().len() as u64;
        let header_len = u32::try_from(beside_rows + self.row_bytes + commas).ok()?;
        Some(PRELUDE_SIZE as u64 + u64::from(header_len))
    }
}
