//! In which order the cels of a frame are drawn.

use super::blend::Mode;
use super::choice::Choice;
use super::sprite::{Cel, LayerKind, Sprite};

/// One step of drawing a frame.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step<'s, 'a> {
    /// Draw a cel.
    Cel(&'s Cel<'a>),
    /// Begin a picture of its own.
    Begin,
    /// Put that over what is below.
    End { mode: Mode, opacity: u8 },
}

/// The layers of a sprite by the group that they are in: those in no group first, then those in each layer.
pub(super) struct Order {
    within: Vec<Vec<u16>>,
}

impl Order {
    pub(super) fn new(sprite: &Sprite<'_>) -> Self {
        let mut within = vec![Vec::new(); sprite.layers.len() + 1];
        for (number, layer) in (0..=u16::MAX).zip(&sprite.layers) {
            within[layer.parent.map_or(0, |group| usize::from(group) + 1)].push(number);
        }
        Self { within }
    }

    /// The steps of drawing what `choice` takes in that frame: the background first.
    pub(super) fn steps<'s, 'a>(&self, sprite: &'s Sprite<'a>, choice: &Choice, frame: u32) -> Vec<Step<'s, 'a>> {
        let mut steps = Vec::new();
        for of_background in [true, false] {
            if sprite.composes_groups {
                // As in Aseprite, what is above the background is put together before it is put over that.
                steps.push(Step::Begin);
                self.grouped(sprite, choice, frame, 0, of_background, &mut steps);
                steps.push(Step::End { mode: Mode::Normal, opacity: u8::MAX });
            } else {
                flat(sprite, choice, frame, of_background, &mut steps);
            }
        }
        steps
    }

    /// Adds the steps of the layers within a group, in a picture of its own for each group in it. Groups nest a few levels
    /// deep.
    fn grouped<'s, 'a>(
        &self,
        sprite: &'s Sprite<'a>,
        choice: &Choice,
        frame: u32,
        group: usize,
        of_background: bool,
        steps: &mut Vec<Step<'s, 'a>>,
    ) {
        let cel_of = |layer: u16| sprite.frames.get(frame as usize).and_then(|frame| frame.cel(layer));
        let mut items: Vec<_> =
            (0..).zip(&self.within[group]).map(|(at, layer)| (at, *layer, cel_of(*layer))).collect();
        items.sort_by_key(|(at, _, cel)| key(*at, *cel));
        for (_, number, cel) in items {
            let (at, layer) = (usize::from(number), &sprite.layers[usize::from(number)]);
            if !choice.drawn[at] {
                continue;
            }
            if layer.kind == LayerKind::Group {
                steps.push(Step::Begin);
                self.grouped(sprite, choice, frame, at + 1, of_background, steps);
                steps.push(Step::End { mode: layer.mode, opacity: layer.opacity });
            } else if layer.is_background == of_background {
                steps.extend(cel.map(Step::Cel));
            }
        }
    }
}

/// Adds the cels of a sprite whose groups are no more than folders.
fn flat<'s, 'a>(
    sprite: &'s Sprite<'a>,
    choice: &Choice,
    frame: u32,
    of_background: bool,
    steps: &mut Vec<Step<'s, 'a>>,
) {
    let Some(frame) = sprite.frames.get(frame as usize) else { return };
    let is_taken = |cel: &&Cel<'_>| {
        let at = usize::from(cel.layer);
        choice.drawn[at] && sprite.layers[at].is_background == of_background
    };
    let mut cels: Vec<_> = frame.cels.iter().filter(is_taken).collect();
    cels.sort_by_key(|cel| key(i64::from(cel.layer), Some(cel)));
    steps.extend(cels.into_iter().map(Step::Cel));
}

/// What the layers are ordered by: where they are, moved by the cel's own wish, which decides where two meet.
fn key(at: i64, cel: Option<&Cel<'_>>) -> (i64, i16) {
    let z = cel.map_or(0, |cel| cel.z);
    (at + i64::from(z), z)
}
