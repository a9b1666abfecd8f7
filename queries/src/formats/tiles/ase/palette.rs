//! The palette of each frame.

use super::cursor::Cursor;
use super::sprite::{PaletteChange, PaletteForm, Sprite};

/// More entries than this have no index.
const MAX_ENTRIES: usize = 256;

/// The palette as it is in one frame. It goes from frame to frame, so that no memory is taken for all of them.
pub(super) struct Palette {
    entries: Vec<[u8; 4]>,
    /// How many frames have had their say.
    frames: usize,
}

impl Palette {
    /// The palette before the first frame: black.
    pub(super) fn new(sprite: &Sprite<'_>) -> Self {
        let count = usize::from(sprite.colour_count).min(MAX_ENTRIES);
        Self { entries: vec![[0, 0, 0, 255]; count], frames: 0 }
    }

    /// The entries in that `frame`, at most 256. Frames are asked for in ascending order.
    pub(super) fn at(&mut self, frame: u32, sprite: &Sprite<'_>) -> Result<&[[u8; 4]], String> {
        let end = (frame as usize).saturating_add(1).min(sprite.frames.len());
        for frame in sprite.frames.get(self.frames..end).unwrap_or_default() {
            for change in &frame.palettes {
                self.change(*change)?;
            }
        }
        self.frames = self.frames.max(end);
        Ok(&self.entries)
    }

    fn change(&mut self, PaletteChange { form, mut content }: PaletteChange<'_>) -> Result<(), String> {
        match form {
            PaletteForm::New => self.replace(&mut content),
            PaletteForm::Old => self.replace_old(&mut content, |channel| channel),
            PaletteForm::Older => self.replace_old(&mut content, |channel| channel << 2 | (channel & 0x3f) >> 4),
        }
    }

    fn replace(&mut self, content: &mut Cursor<'_>) -> Result<(), String> {
        let (size, first, last) = (content.u32()?, content.u32()?, content.u32()?);
        content.skip(8)?;
        if size > 0 {
            let size = usize::try_from(size).unwrap_or(usize::MAX).min(MAX_ENTRIES);
            self.entries.resize(size, [0, 0, 0, 255]);
        }
        for number in first..=last {
            let flags = content.u16()?;
            let mut colour = [0; 4];
            colour.copy_from_slice(content.take(4)?);
            if flags & 1 != 0 {
                content.text()?;
            }
            self.set(number as usize, colour);
        }
        Ok(())
    }

    /// Reads packets of RGB, whose channels become those of 8 bits by `widen`.
    fn replace_old(&mut self, content: &mut Cursor<'_>, widen: fn(u8) -> u8) -> Result<(), String> {
        let packets = content.u16()?;
        let mut number = 0_usize;
        for _ in 0..packets {
            number += usize::from(content.u8()?);
            let count = match content.u8()? {
                0 => 256,
                count => usize::from(count),
            };
            // The next packet counts from where this one begins.
            for at in number..number + count {
                let rgb = content.take(3)?;
                self.set(at, [widen(rgb[0]), widen(rgb[1]), widen(rgb[2]), 255]);
            }
        }
        Ok(())
    }

    fn set(&mut self, number: usize, colour: [u8; 4]) {
        if number < MAX_ENTRIES {
            if self.entries.len() <= number {
                self.entries.resize(number + 1, [0, 0, 0, 255]);
            }
            if let Some(entry) = self.entries.get_mut(number) {
                *entry = colour;
            }
        }
    }
}
