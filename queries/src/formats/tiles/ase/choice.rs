//! Which frames and layers of a sprite are taken, and what of the canvas.

use super::fault::Fault;
use super::sprite::{LayerKind, Rectangle, Sprite};
use crate::diagnostic::Diagnostic;
use crate::formats::part::{Frames, Part};
use crate::formats::tiles::missing;

/// What is taken of a sprite.
#[derive(Debug)]
pub(super) struct Choice {
    /// Numbers of frames, in ascending order; at least one.
    pub(super) frames: std::ops::Range<u32>,
    /// For each layer whether it is drawn. Of a group it says whether something in it is.
    pub(super) drawn: Vec<bool>,
    /// The number of the slice; none where the whole canvas is taken.
    slice: Option<usize>,
}

impl Choice {
    /// What `part` takes of `sprite`; without one, all frames of all layers that are shown. What it names and is not
    /// there goes to `missing`.
    pub(super) fn new(sprite: &Sprite<'_>, part: Option<&Part>, missing: &mut Vec<Diagnostic>) -> Option<Self> {
        let mut frames = 0..sprite.frames.len() as u32;
        let (mut drawn, mut slice) = (shown(sprite), None);
        if let Some(part) = part {
            let found = [
                chosen_frames(sprite, part).map(|chosen| frames = chosen),
                chosen_layers(sprite, part).map(|chosen| drawn = chosen.unwrap_or_else(|| std::mem::take(&mut drawn))),
                chosen_slice(sprite, part).map(|chosen| slice = chosen),
            ];
            missing.extend(found.into_iter().filter_map(Result::err));
        }
        if !missing.is_empty() {
            return None;
        }
        for layer in 0..sprite.layers.len() {
            if drawn[layer] {
                sprite.around(layer as u16).for_each(|group| drawn[usize::from(group)] = true);
            }
        }
        Some(Self { frames, drawn, slice })
    }

    /// What of the canvas is taken in that frame, at least one pixel.
    pub(super) fn bounds(&self, sprite: &Sprite<'_>, frame: u32) -> Result<Rectangle, Fault> {
        let Some(slice) = self.slice.and_then(|slice| sprite.slices.get(slice)) else { return Ok(sprite.canvas()) };
        let at = slice.keys.partition_point(|key| key.frame <= frame);
        let key = at.checked_sub(1).and_then(|at| slice.keys.get(at));
        match key.filter(|key| key.bounds.width > 0 && key.bounds.height > 0) {
            Some(key) => Ok(key.bounds),
            None => Err(Fault::missing(format!("the slice {:?} has no pixels", slice.name)).of_frame(frame)),
        }
    }
}

/// The layers that are shown, groups left out.
fn shown(sprite: &Sprite<'_>) -> Vec<bool> {
    let is_shown = |layer: u16| {
        let is_visible = |layer: u16| sprite.layers.get(usize::from(layer)).is_some_and(|layer| layer.is_visible);
        is_drawable(sprite, layer) && is_visible(layer) && sprite.around(layer).all(is_visible)
    };
    (0..sprite.layers.len()).map(|layer| is_shown(layer as u16)).collect()
}

/// Whether a layer has pixels that are part of the picture.
fn is_drawable(sprite: &Sprite<'_>, layer: u16) -> bool {
    let layer = sprite.layers.get(usize::from(layer));
    layer.is_some_and(|layer| layer.kind != LayerKind::Group && !layer.is_reference)
}

fn chosen_frames(sprite: &Sprite<'_>, part: &Part) -> Result<std::ops::Range<u32>, Diagnostic> {
    let all = 0..sprite.frames.len() as u32;
    let (within, place) = match &part.tag {
        None => (all, "the file"),
        Some(name) => match sprite.tags.iter().find(|tag| tag.name == name.as_str()) {
            Some(tag) => (u32::from(tag.first)..u32::from(tag.last) + 1, "the tag"),
            None => return Err(missing::name("tag", name, sprite.tags.iter().map(|tag| &*tag.name))),
        },
    };
    let count = within.end - within.start;
    match part.frames.unwrap_or(Frames::All).among(count) {
        Ok(chosen) => Ok(within.start + chosen.start..within.start + chosen.end),
        Err(frame) => Err(missing::frame(frame, count, place)),
    }
}

/// For each layer whether it is drawn, where layers are chosen. A layer that is named is drawn even where it is hidden; of
/// a group that is named, what is shown in it.
fn chosen_layers(sprite: &Sprite<'_>, part: &Part) -> Result<Option<Vec<bool>>, Diagnostic> {
    if part.layers.is_empty() {
        return Ok(None);
    }
    let mut chosen = vec![false; sprite.layers.len()];
    for name in &part.layers {
        let mut is_there = false;
        for (number, layer) in (0..=u16::MAX).zip(&sprite.layers) {
            if !layer.is_reference && (layer.name == name.as_str() || has_path(sprite, number, name)) {
                chosen[usize::from(number)] = true;
                is_there = true;
            }
        }
        if !is_there {
            let names = sprite.layers.iter().filter(|layer| !layer.is_reference).map(|layer| &*layer.name);
            return Err(missing::name("layer", name, names));
        }
    }
    Ok(Some((0..sprite.layers.len()).map(|layer| is_chosen(sprite, &chosen, layer as u16)).collect()))
}

/// Whether a layer is named, or is in a group that is named and shown within it.
fn is_chosen(sprite: &Sprite<'_>, chosen: &[bool], layer: u16) -> bool {
    if !is_drawable(sprite, layer) {
        return false;
    }
    for outer in std::iter::once(layer).chain(sprite.around(layer)) {
        if chosen[usize::from(outer)] {
            return true;
        }
        if !sprite.layers[usize::from(outer)].is_visible {
            return false;
        }
    }
    false
}

/// Whether the names of the groups around a layer and its own make `path`, with `/` between.
fn has_path(sprite: &Sprite<'_>, layer: u16, path: &str) -> bool {
    let mut rest = Some(path);
    for outer in std::iter::once(layer).chain(sprite.around(layer)) {
        let name = &*sprite.layers[usize::from(outer)].name;
        let Some(before) = rest.and_then(|rest| rest.strip_suffix(name)) else { return false };
        rest = before.strip_suffix('/');
        if rest.is_none() {
            return before.is_empty() && sprite.layers[usize::from(outer)].parent.is_none();
        }
    }
    false
}

fn chosen_slice(sprite: &Sprite<'_>, part: &Part) -> Result<Option<usize>, Diagnostic> {
    let Some(name) = &part.slice else { return Ok(None) };
    match sprite.slices.iter().position(|slice| slice.name == name.as_str()) {
        Some(slice) => Ok(Some(slice)),
        None => Err(missing::name("slice", name, sprite.slices.iter().map(|slice| &*slice.name))),
    }
}
