//! A payload as colours, scaled down to be shown.

use super::metadata::Metadata;
use super::palette::rgb888;

/// The colour of a pixel; none where it is transparent.
pub type Shown = Option<[u8; 3]>;

/// The first rows of the sheet with these metadata and `payload`, scaled down by a whole factor so that it is at most
/// `width` pixels wide, and at most `height` of them. `None` where they do not belong together.
pub fn drawing(metadata: &Metadata, payload: &[u8], width: u32, height: u32) -> Option<Vec<Vec<Shown>>> {
    let factor = metadata.width.div_ceil(width.max(1)).max(1);
    let mut rows = Vec::new();
    for sheet in &metadata.sheets {
        let picture = metadata.picture(*sheet)?;
        let part = |range: &std::ops::Range<u64>| {
            payload.get(usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?)
        };
        let (pixels, palette) = (part(&picture.pixels)?, part(&picture.palette)?);
        let colours: Vec<_> = palette.as_chunks().0.iter().map(|entry| rgb888(u16::from_le_bytes(*entry))).collect();
        let shown = |index: u8| if index == 0 { None } else { colours.get(usize::from(index)).copied() };
        let lines = pixels.chunks_exact(metadata.width as usize / 2).skip(factor as usize / 2).step_by(factor as usize);
        for line in lines.take(height as usize - rows.len()) {
            let indices = line.iter().flat_map(|pair| [pair >> 4, pair & 15]);
            rows.push(indices.skip(factor as usize / 2).step_by(factor as usize).map(shown).collect());
        }
    }
    Some(rows)
}

/// The colours of each palette that the files have, in order, with the transparent entry at first; `None` where metadata and
/// `payload` do not belong together.
pub fn palettes(metadata: &Metadata, payload: &[u8]) -> Option<Vec<Vec<[u8; 3]>>> {
    let palette = |number: usize| {
        let range = metadata.palette(number)?;
        let bytes = payload.get(usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?)?;
        Some(bytes.as_chunks().0.iter().map(|entry| rgb888(u16::from_le_bytes(*entry))).collect())
    };
    (0..metadata.palette_authored).map(palette).collect()
}
