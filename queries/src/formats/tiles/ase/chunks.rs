//! What the chunks of an Aseprite file say.

use super::blend::Mode;
use super::cursor::Cursor;
use super::fault::Fault;
use super::sprite::{Cel, Content, Layer, LayerKind, Rectangle, Slice, SliceKey, Sprite, Tag, TileMasks, Tileset};

/// How deep groups may nest.
const MAX_DEPTH: usize = 64;

/// The bits of a layer's flags.
const VISIBLE: u16 = 1;
const BACKGROUND: u16 = 8;
const REFERENCE: u16 = 64;

/// Reads a layer; `flags` are those of the file.
pub(super) fn layer<'a>(chunk: &mut Cursor<'a>, flags: u32, sprite: &mut Sprite<'a>) -> Result<(), Fault> {
    let (own_flags, kind, level) = (chunk.u16()?, chunk.u16()?, chunk.u16()?);
    chunk.skip(4)?;
    let (mode, opacity) = (chunk.u16()?, chunk.u8()?);
    chunk.skip(3)?;
    let name = chunk.text()?;
    let number = sprite.layers.len();
    if number > usize::from(u16::MAX) {
        return Err(Fault::unsupported("the sprite has more than 65,536 layers".into()));
    }
    let kind = match kind {
        0 => LayerKind::Image,
        1 => LayerKind::Group,
        2 => LayerKind::Tilemap(chunk.u32()?),
        _ => return Err(Fault::unsupported(format!("layer {number}, {name:?}, is of an unknown type: {kind}"))),
    };
    let is_background = own_flags & BACKGROUND != 0;
    // Groups have a mode and an opacity of their own only where the file says so.
    let is_plain = is_background || kind == LayerKind::Group && !sprite.composes_groups;
    let Some(mode) = (if is_plain { Some(Mode::Normal) } else { Mode::new(mode) }) else {
        return Err(Fault::unsupported(format!("layer {number}, {name:?}, has an unknown blend mode: {mode}")));
    };
    let parent = parent(sprite, level).map_err(|fault| format!("layer {number}, {name:?}, {fault}"))?;
    sprite.layers.push(Layer {
        name,
        kind,
        is_visible: own_flags & VISIBLE != 0,
        is_background,
        is_reference: own_flags & REFERENCE != 0,
        mode,
        opacity: if is_plain || flags & 1 == 0 { u8::MAX } else { opacity },
        parent,
    });
    Ok(())
}

/// The group that a layer at this `level` is in, which comes behind the others.
fn parent(sprite: &Sprite<'_>, level: u16) -> Result<Option<u16>, String> {
    let Some(last) = sprite.layers.len().checked_sub(1) else {
        return if level == 0 { Ok(None) } else { Err(format!("is the first one, and at level {level}")) };
    };
    // Layers are at most 65,536.
    let last = last as u16;
    let outwards: Vec<u16> = std::iter::once(last).chain(sprite.around(last)).collect();
    let level = usize::from(level);
    if level > MAX_DEPTH {
        return Err(format!("is at level {level}; groups nest at most {MAX_DEPTH} deep"));
    }
    match outwards.len().checked_sub(level) {
        Some(_) if level == 0 => Ok(None),
        Some(at) if outwards.get(at).is_some_and(|group| is_group(sprite, *group)) => Ok(outwards.get(at).copied()),
        _ => Err(format!("is at level {level}, but no group is before it")),
    }
}

fn is_group(sprite: &Sprite<'_>, layer: u16) -> bool {
    sprite.layers.get(usize::from(layer)).is_some_and(|layer| layer.kind == LayerKind::Group)
}

/// Reads a cel of the frame that was begun last.
pub(super) fn cel<'a>(chunk: &mut Cursor<'a>, sprite: &mut Sprite<'a>) -> Result<(), Fault> {
    let layer = chunk.u16()?;
    let (x, y, opacity, kind, z) = (chunk.i16()?, chunk.i16()?, chunk.u8()?, chunk.u16()?, chunk.i16()?);
    chunk.skip(5)?;
    let Some(found) = sprite.layers.get(usize::from(layer)) else {
        return Err(format!("a cel is of layer {layer}, and there are {} layers", sprite.layers.len()).into());
    };
    let is_tilemap = matches!(found.kind, LayerKind::Tilemap(_));
    let name = &found.name;
    let current = sprite.frames.len().saturating_sub(1);
    let mut source = current;
    let content = match kind {
        1 => {
            let linked = usize::from(chunk.u16()?);
            let earlier = sprite.frames.get(..current).and_then(|frames| frames.get(linked));
            let Some(found) = earlier.and_then(|frame| frame.cel(layer)) else {
                return Err(
                    format!("the cel of layer {layer}, {name:?}, is that of frame {linked}, which has none").into()
                );
            };
            source = found.source as usize;
            Content::Linked
        }
        0 | 2 if !is_tilemap && found.kind != LayerKind::Group => {
            let (width, height, data) = (chunk.u16()?, chunk.u16()?, chunk.rest());
            if kind == 0 { Content::Raw { width, height, data } } else { Content::Compressed { width, height, data } }
        }
        3 if is_tilemap => {
            let (width, height, bits) = (chunk.u16()?, chunk.u16()?, chunk.u16()?);
            if bits != 32 {
                let message = format!("the tilemap of layer {layer}, {name:?}, has {bits} bits a tile, not 32");
                return Err(Fault::unsupported(message));
            }
            let masks =
                TileMasks { number: chunk.u32()?, flip_x: chunk.u32()?, flip_y: chunk.u32()?, diagonal: chunk.u32()? };
            chunk.skip(10)?;
            Content::Tilemap { width, height, masks, data: chunk.rest() }
        }
        0 | 2 | 3 => {
            return Err(
                format!("the cel of layer {layer}, {name:?}, is of type {kind}, which the layer cannot have").into()
            );
        }
        _ => {
            let message = format!("the cel of layer {layer}, {name:?}, is of an unknown type: {kind}");
            return Err(Fault::unsupported(message));
        }
    };
    if let Some(frame) = sprite.frames.last_mut() {
        // Frames are at most 65,535.
        frame.cels.push(Cel { layer, x, y, opacity, z, source: source as u32, content });
    }
    Ok(())
}

pub(super) fn tags<'a>(chunk: &mut Cursor<'a>, sprite: &mut Sprite<'a>) -> Result<(), Fault> {
    let count = chunk.u16()?;
    chunk.skip(8)?;
    for _ in 0..count {
        let (first, last, direction) = (chunk.u16()?, chunk.u16()?, chunk.u8()?);
        // How often it is repeated, what is reserved, and its colour in the editor.
        chunk.skip(2 + 6 + 4)?;
        sprite.tags.push(Tag { name: chunk.text()?, first, last, direction });
    }
    Ok(())
}

/// Reads slices as old versions wrote them: all in one chunk.
pub(super) fn slice_list<'a>(chunk: &mut Cursor<'a>, sprite: &mut Sprite<'a>) -> Result<(), Fault> {
    let count = chunk.u32()?;
    chunk.skip(8)?;
    (0..count).try_for_each(|_| slice(chunk, sprite))
}

pub(super) fn slice<'a>(chunk: &mut Cursor<'a>, sprite: &mut Sprite<'a>) -> Result<(), Fault> {
    let (count, flags) = (chunk.u32()?, chunk.u32()?);
    chunk.skip(4)?;
    let name = chunk.text()?;
    let mut keys = Vec::new();
    for _ in 0..count {
        let frame = chunk.u32()?;
        let bounds = Rectangle { x: chunk.i32()?, y: chunk.i32()?, width: chunk.u32()?, height: chunk.u32()? };
        // The middle part, and the pivot.
        chunk.skip(if flags & 1 != 0 { 16 } else { 0 } + if flags & 2 != 0 { 8 } else { 0 })?;
        keys.push(SliceKey { frame, bounds });
    }
    keys.sort_by_key(|key| key.frame);
    sprite.slices.push(Slice { name, keys });
    Ok(())
}

pub(super) fn tileset<'a>(chunk: &mut Cursor<'a>, sprite: &mut Sprite<'a>) -> Result<(), Fault> {
    let (number, flags, count, width, height) = (chunk.u32()?, chunk.u32()?, chunk.u32()?, chunk.u16()?, chunk.u16()?);
    chunk.skip(2 + 14)?;
    let name = chunk.text()?;
    if width == 0 || height == 0 {
        return Err(format!("the tiles of tileset {number}, {name:?}, have {width} × {height} pixels").into());
    }
    if flags & 1 != 0 {
        chunk.skip(8)?;
    }
    let data = if flags & 2 != 0 {
        let length = usize::try_from(chunk.u32()?).unwrap_or(usize::MAX);
        Some(chunk.take(length)?)
    } else {
        None
    };
    sprite.tilesets.insert(number, Tileset { count, width, height, zero_is_empty: flags & 4 != 0, data });
    Ok(())
}
