//! The structure of an Aseprite file: its header, frames and chunks.

use super::chunks::{cel, layer, slice, slice_list, tags, tileset};
use super::cursor::Cursor;
use super::fault::Fault;
use super::sprite::{ColourMode, Frame, PaletteChange, PaletteForm, Sprite};

/// Where the magic number of a file is, and what it is.
const MAGIC_AT: usize = 4;
const MAGIC: [u8; 2] = 0xa5e0_u16.to_le_bytes();
const FRAME_MAGIC: u16 = 0xf1fa;
const HEADER_SIZE: usize = 128;
const FRAME_HEADER_SIZE: usize = 16;
const CHUNK_HEADER_SIZE: usize = 6;

/// Whether these are the first bytes of an Aseprite file.
pub(in super::super) fn is_aseprite(bytes: &[u8]) -> bool {
    bytes.get(MAGIC_AT..).is_some_and(|rest| rest.starts_with(&MAGIC)) && bytes.get(132..134) == Some(&[0xfa, 0xf1])
}

/// Takes a file apart.
pub(in super::super) fn parse(bytes: &[u8]) -> Result<Sprite<'_>, Fault> {
    let mut cursor = Cursor::new(bytes, 0, "the file");
    let mut header = Cursor::new(cursor.take(HEADER_SIZE)?, 0, "the header");
    header.skip(MAGIC_AT + MAGIC.len())?;
    let frame_count = header.u16()?;
    let (width, height, depth, flags) = (header.u16()?, header.u16()?, header.u16()?, header.u32()?);
    let duration = header.u16()?;
    header.skip(8)?;
    let transparent = header.u8()?;
    header.skip(3)?;
    let colour_count = header.u16()?;
    let colours = match depth {
        32 => ColourMode::Rgba,
        16 => ColourMode::Grey,
        8 => ColourMode::Indexed,
        _ => return Err(format!("the header has {depth} bits a pixel, not 8, 16 or 32").into()),
    };
    if width == 0 || height == 0 {
        return Err(format!("the canvas has {width} × {height} pixels").into());
    }
    if frame_count == 0 {
        return Err("the header says that there are no frames".to_owned().into());
    }
    let sprite = Sprite {
        width,
        height,
        colours,
        transparent: if colours == ColourMode::Indexed { transparent } else { 0 },
        colour_count: if colour_count == 0 { 256 } else { colour_count },
        composes_groups: flags & 2 != 0,
        frames: Vec::new(),
        layers: Vec::new(),
        tilesets: std::collections::HashMap::new(),
        tags: Vec::new(),
        slices: Vec::new(),
    };
    let mut reader = Reader { sprite, flags, has_new_palette: false };
    for number in 0..frame_count {
        reader.frame(&mut cursor, duration).map_err(|fault| fault.of_frame(number.into()))?;
    }
    reader.finish()
}

/// The state after some of the frames.
struct Reader<'a> {
    sprite: Sprite<'a>,
    flags: u32,
    /// Whether a palette chunk of the new form was found: those of the old forms repeat it then.
    has_new_palette: bool,
}

impl<'a> Reader<'a> {
    /// Reads a frame, which is shown for `duration` milliseconds where it does not say another time.
    fn frame(&mut self, cursor: &mut Cursor<'a>, duration: u16) -> Result<(), Fault> {
        let start = cursor.offset();
        let mut header = Cursor::new(cursor.take(FRAME_HEADER_SIZE)?, start, "the frame header");
        let (size, magic, old_count, own_duration) = (header.u32()?, header.u16()?, header.u16()?, header.u16()?);
        header.skip(2)?;
        let new_count = header.u32()?;
        if magic != FRAME_MAGIC {
            return Err(format!("the frame at byte {start} has the magic number {magic:#06x}, not 0xf1fa").into());
        }
        let length = usize::try_from(size).ok().and_then(|size| size.checked_sub(FRAME_HEADER_SIZE));
        let length = length.ok_or_else(|| format!("the frame at byte {start} has a size of {size} bytes"))?;
        let mut chunks = Cursor::new(cursor.take(length)?, start + FRAME_HEADER_SIZE, "the frame");
        let duration = if own_duration > 0 { own_duration } else { duration };
        self.sprite.frames.push(Frame { duration, ..Frame::default() });
        let count = if new_count == 0 { old_count.into() } else { new_count };
        for _ in 0..count {
            self.chunk(&mut chunks)?;
        }
        self.sort_cels()
    }

    fn sort_cels(&mut self) -> Result<(), Fault> {
        let Some(frame) = self.sprite.frames.last_mut() else { return Ok(()) };
        frame.cels.sort_by_key(|cel| cel.layer);
        match frame.cels.windows(2).find(|pair| pair[0].layer == pair[1].layer) {
            Some(pair) => Err(format!("layer {} has two cels", pair[0].layer).into()),
            None => Ok(()),
        }
    }

    fn chunk(&mut self, chunks: &mut Cursor<'a>) -> Result<(), Fault> {
        let start = chunks.offset();
        let (size, kind) = (chunks.u32()?, chunks.u16()?);
        let length = usize::try_from(size).ok().and_then(|size| size.checked_sub(CHUNK_HEADER_SIZE));
        let length = length.ok_or_else(|| format!("the chunk at byte {start} has a size of {size} bytes"))?;
        let name = match kind {
            0x2004 => "the layer chunk",
            0x2005 => "the cel chunk",
            0x0004 | 0x000b | 0x0011 | 0x2019 => "the palette chunk",
            0x2018 => "the tags chunk",
            0x2021 | 0x2022 => "the slice chunk",
            0x2023 => "the tileset chunk",
            _ => "the chunk",
        };
        let mut content = Cursor::new(chunks.take(length)?, start + CHUNK_HEADER_SIZE, name);
        let sprite = &mut self.sprite;
        match kind {
            0x2004 => layer(&mut content, self.flags, sprite)?,
            0x2005 => cel(&mut content, sprite)?,
            0x0004 => self.palette(PaletteForm::Old, content),
            0x000b | 0x0011 => self.palette(PaletteForm::Older, content),
            0x2019 => self.palette(PaletteForm::New, content),
            0x2018 => tags(&mut content, sprite)?,
            0x2021 => slice_list(&mut content, sprite)?,
            0x2022 => slice(&mut content, sprite)?,
            0x2023 => tileset(&mut content, sprite)?,
            // Masks, paths, colour profiles, user data and what is not known change no pixel.
            _ => {}
        }
        Ok(())
    }

    fn palette(&mut self, form: PaletteForm, content: Cursor<'a>) {
        self.has_new_palette |= form == PaletteForm::New;
        if (form == PaletteForm::New || !self.has_new_palette)
            && let Some(frame) = self.sprite.frames.last_mut()
        {
            frame.palettes.push(PaletteChange { form, content });
        }
    }

    /// The sprite, once all frames were read.
    fn finish(self) -> Result<Sprite<'a>, Fault> {
        let last = self.sprite.frames.len().saturating_sub(1);
        for tag in &self.sprite.tags {
            if tag.first > tag.last || usize::from(tag.last) > last {
                let (name, first, end) = (&tag.name, tag.first, tag.last);
                return Err(
                    format!("the tag {name:?} goes from frame {first} to {end}; the last frame is {last}").into()
                );
            }
        }
        Ok(self.sprite)
    }
}
