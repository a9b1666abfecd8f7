//! The cells of a tile layer, in the forms in which Tiled saves them.

use std::io::Read as _;

use data_encoding::BASE64;

use super::super::notes::{Notes, Read, Refused};

/// What to do about a compression that is not read.
const SAVE_OTHERWISE: &str =
    "set the tile layer format to CSV or Base64 (zlib) in the properties of the map, and save it";

/// How a layer's cells are written.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Form<'f> {
    pub(super) encoding: &'f str,
    pub(super) compression: &'f str,
}

impl Form<'_> {
    /// The `count` numbers of the text of a layer called `name`.
    pub(super) fn read(self, text: &str, count: usize, name: &str, notes: &mut Notes<'_, '_>) -> Read<Vec<u32>> {
        let cells = match self.encoding {
            "csv" => Self::csv(text, count),
            "base64" => self.base64(text, count, name, notes)?,
            other => {
                return Err(notes.unsupported(
                    format!("the layer {name:?} is encoded as {other:?}, which is not read"),
                    SAVE_OTHERWISE,
                ));
            }
        };
        cells.filter(|cells| cells.len() == count).ok_or_else(|| damaged(name, count, notes))
    }

    /// Numbers divided by commas; one more than `count`, where there are more.
    fn csv(text: &str, count: usize) -> Option<Vec<u32>> {
        let mut cells = Vec::with_capacity(count.min(text.len()));
        for number in text.split(',').map(str::trim).take(count.saturating_add(1)) {
            cells.push(number.parse().ok()?);
        }
        Some(cells)
    }

    fn base64(self, text: &str, count: usize, name: &str, notes: &mut Notes<'_, '_>) -> Read<Option<Vec<u32>>> {
        let packed: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        let Some(packed) = decoded(&packed) else { return Ok(None) };
        // No more is inflated than there are cells, and a byte that shows that there is more.
        let most = count as u64 * 4 + 1;
        let mut bytes = Vec::new();
        let inflated = match self.compression {
            "" => {
                bytes = packed;
                Ok(0)
            }
            "zlib" => flate2::read::ZlibDecoder::new(&*packed).take(most).read_to_end(&mut bytes),
            "gzip" => flate2::read::GzDecoder::new(&*packed).take(most).read_to_end(&mut bytes),
            other => {
                let message = format!("the layer {name:?} is compressed with {other:?}, which is not read");
                return Err(notes.unsupported(message, SAVE_OTHERWISE));
            }
        };
        if inflated.is_err() || bytes.len() % 4 != 0 {
            return Ok(None);
        }
        Ok(Some(
            bytes
                .chunks_exact(4)
                .map(|cell| cell.iter().rev().fold(0, |all, byte| all << 8 | u32::from(*byte)))
                .collect(),
        ))
    }
}

/// The bytes of Base64, with or without padding.
fn decoded(text: &[u8]) -> Option<Vec<u8>> {
    BASE64.decode(text).ok().or_else(|| data_encoding::BASE64_NOPAD.decode(text).ok())
}

fn damaged(name: &str, count: usize, notes: &mut Notes<'_, '_>) -> Refused {
    notes.invalid(format!("the data of the layer {name:?} are not those of its {count} cells"))
}
