//! A reader of Aseprite files, which draws them as Aseprite does.
//!
//! The structure of a file is read first ([`parse`], [`chunks`]); pixels stay compressed. [`choice`] says which frames,
//! layers and part of the canvas are taken; [`order`] in which order cels are drawn; [`render`] draws them, with the pixels of
//! [`cels`] by the rules of [`blend`], one frame after the other. This folder knows nothing of tiles but how large a sheet
//! may be.
//!
//! Memory is taken for one cel, the tiles of the file, and one picture for each open group, each no larger than a sheet. The
//! work is bounded for a whole file, whatever its layers, frames and cels are.

mod blend;
mod canvas;
mod cels;
mod choice;
mod chunks;
mod cursor;
mod fault;
mod inflate;
mod order;
mod palette;
mod parse;
mod render;
mod sprite;
#[cfg(test)]
mod tests;

use self::choice::Choice;
pub(super) use self::fault::Fault;
pub(super) use self::parse::is_aseprite;
use self::parse::parse;
use self::render::Renderer;
use self::sprite::{Rectangle, Sprite};
use super::image::Image;
use super::metadata::Direction;
use crate::formats::faults::Faults;
use crate::formats::part::Part;

/// An Aseprite file, and what is taken of it.
#[derive(Debug)]
pub(super) struct Ase<'a> {
    sprite: Sprite<'a>,
    choice: Choice,
    /// What is taken of the canvas, for each frame.
    bounds: Vec<Rectangle>,
}

/// A tag of which all frames are taken.
#[derive(Debug)]
pub(super) struct TakenTag<'t> {
    pub(super) name: &'t str,
    pub(super) direction: Direction,
    /// Its frames, counted among those that are taken.
    pub(super) frames: std::ops::Range<u32>,
}

impl<'a> Ase<'a> {
    /// Takes a file apart, of which `part` is taken. What is wrong goes to `faults`; there is no result then.
    pub(super) fn open(bytes: &'a [u8], part: Option<&Part>, faults: &mut Faults<'_>) -> Option<Self> {
        let sprite = parse(bytes).map_err(|fault| fault.report(faults)).ok()?;
        let mut missing = Vec::new();
        let choice = Choice::new(&sprite, part, &mut missing);
        missing.into_iter().for_each(|fault| faults.push(fault));
        let choice = choice?;
        let bounds = choice.frames.clone().map(|frame| choice.bounds(&sprite, frame)).collect::<Result<_, _>>();
        let bounds = bounds.map_err(|fault: Fault| fault.report(faults)).ok()?;
        Some(Self { sprite, choice, bounds })
    }

    /// Width and height of each frame that is taken, in pixels.
    pub(super) fn sizes(&self) -> impl Iterator<Item = (u32, u32)> {
        self.bounds.iter().map(|bounds| (bounds.width, bounds.height))
    }

    /// How long each frame that is taken is shown, in milliseconds; empty for a sprite of one frame.
    pub(super) fn durations(&self) -> Vec<u32> {
        if self.sprite.frames.len() == 1 {
            return Vec::new();
        }
        let frames = self.choice.frames.clone().map(|frame| self.sprite.frames.get(frame as usize));
        frames.map(|frame| frame.map_or(0, |frame| frame.duration.into())).collect()
    }

    /// The tags of which all frames are taken, as the file has them.
    pub(super) fn tags(&self) -> impl Iterator<Item = TakenTag<'_>> {
        let taken = &self.choice.frames;
        self.sprite.tags.iter().filter_map(|tag| {
            let frames =
                u32::from(tag.first).checked_sub(taken.start)?..u32::from(tag.last).checked_sub(taken.start)? + 1;
            let is_taken = frames.end <= taken.end - taken.start;
            is_taken.then_some(TakenTag { name: &tag.name, direction: Direction::new(tag.direction), frames })
        })
    }

    /// Passes the picture of each frame that is taken to `sink`, with its number. Sizes were checked.
    pub(super) fn images(&self, mut sink: impl FnMut(u32, Image)) -> Result<(), Fault> {
        let mut renderer = Renderer::new(&self.sprite, &self.choice);
        for (frame, bounds) in self.choice.frames.clone().zip(&self.bounds) {
            sink(frame, renderer.image(frame, *bounds).map_err(|fault| fault.of_frame(frame))?);
        }
        Ok(())
    }
}
