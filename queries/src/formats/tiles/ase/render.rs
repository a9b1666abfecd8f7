//! The picture of a frame.

use super::blend::{Mode, part};
use super::canvas::Canvas;
use super::cels::{Cels, Shown};
use super::choice::Choice;
use super::fault::Fault;
use super::order::{Order, Step};
use super::palette::Palette;
use super::sprite::{Cel, ColourMode, Frame, Rectangle, Sprite};
use crate::formats::tiles::image::{Image, Pixels};
use crate::formats::tiles::size::MAX_PIXELS;

/// How many pixels the pictures of nested groups may have together.
const MAX_GROUPED: u64 = 4 * MAX_PIXELS;

/// Draws the frames of a sprite, one after the other.
pub(super) struct Renderer<'s, 'a> {
    sprite: &'s Sprite<'a>,
    choice: &'s Choice,
    order: Order,
    palette: Palette,
    cels: Cels<'s, 'a>,
    is_indexed: bool,
    has_background: bool,
}

impl<'s, 'a> Renderer<'s, 'a> {
    pub(super) fn new(sprite: &'s Sprite<'a>, choice: &'s Choice) -> Self {
        let has_background =
            sprite.layers.iter().zip(&choice.drawn).any(|(layer, is_drawn)| *is_drawn && layer.is_background);
        Self {
            sprite,
            choice,
            order: Order::new(sprite),
            palette: Palette::new(sprite),
            cels: Cels::new(sprite),
            is_indexed: stays_indexed(sprite, choice),
            has_background,
        }
    }

    /// The picture of `bounds` in that frame. Frames are asked for in ascending order.
    pub(super) fn image(&mut self, frame: u32, bounds: Rectangle) -> Result<Image, Fault> {
        self.cels.spend(self.sprite.layers.len() as u64 + u64::from(bounds.width) * u64::from(bounds.height))?;
        let steps = self.order.steps(self.sprite, self.choice, frame);
        let palette = self.palette.at(frame, self.sprite)?.to_vec();
        let pixels = if self.is_indexed {
            self.indexed(&steps, bounds, palette)?
        } else {
            Pixels::Rgba(self.coloured(&steps, bounds, &palette)?)
        };
        Ok(Image { width: bounds.width, height: bounds.height, pixels })
    }

    fn indexed(
        &mut self,
        steps: &[Step<'s, 'a>],
        bounds: Rectangle,
        mut palette: Vec<[u8; 4]>,
    ) -> Result<Pixels, Fault> {
        let transparent = self.sprite.transparent;
        let mut canvas = Canvas::new(bounds, self.sprite.canvas(), transparent);
        let count = palette.len();
        let is_shown = |index: u8| index != transparent && usize::from(index) < count;
        for step in steps {
            let Step::Cel(cel) = step else { continue };
            self.draw(
                cel,
                &mut canvas,
                |data, pixel, below| {
                    if let Some(index) = data.get(pixel).filter(|index| is_shown(**index)) {
                        *below = *index;
                    }
                },
                transparent,
            )?;
        }
        if palette.len() <= usize::from(transparent) {
            palette.resize(usize::from(transparent) + 1, [0; 4]);
        }
        if !self.has_background {
            palette[usize::from(transparent)][3] = 0;
        }
        Ok(Pixels::Indexed { indices: canvas.pixels, palette })
    }

    fn coloured(
        &mut self,
        steps: &[Step<'s, 'a>],
        bounds: Rectangle,
        palette: &[[u8; 4]],
    ) -> Result<Vec<[u8; 4]>, Fault> {
        let (sprite, transparent) = (self.sprite, usize::from(self.sprite.transparent));
        let is_filled = sprite.colours == ColourMode::Indexed && self.has_background;
        let fill = palette.get(transparent).filter(|_| is_filled).copied().unwrap_or_default();
        let area = u64::from(bounds.width) * u64::from(bounds.height);
        let mut canvases = vec![Canvas::new(bounds, sprite.canvas(), fill)];
        for step in steps {
            match step {
                Step::Begin => {
                    if area * (canvases.len() as u64 + 1) > MAX_GROUPED {
                        let message = format!("groups nest too deep for {area} pixels: {}", canvases.len());
                        return Err(Fault::unsupported(message));
                    }
                    self.cels.spend(area)?;
                    canvases.push(Canvas::new(bounds, sprite.canvas(), [0; 4]));
                }
                Step::End { mode, opacity } => {
                    let (Some(above), Some(below)) = (canvases.pop(), canvases.last_mut()) else { continue };
                    self.cels.spend(area)?;
                    for (below, above) in below.pixels.iter_mut().zip(above.pixels) {
                        put(below, above, *mode, *opacity);
                    }
                }
                Step::Cel(cel) => {
                    let Some(layer) = sprite.layers.get(usize::from(cel.layer)) else { continue };
                    let (mode, opacity) = (layer.mode, part(cel.opacity, layer.opacity));
                    let Some(canvas) = canvases.last_mut() else { continue };
                    let paint = |data: &[u8], pixel: usize, below: &mut [u8; 4]| {
                        put(below, colour(sprite, data, pixel, palette), mode, opacity);
                    };
                    self.draw(cel, canvas, paint, [0; 4])?;
                }
            }
        }
        Ok(canvases.pop().map(|canvas| canvas.pixels).unwrap_or_default())
    }

    /// Draws `cel` with `paint`, which is given the pixels of a cel or tile, the number of one of them, and what is below
    /// it. `empty` is what a tile with swapped axes leaves where it has no pixel.
    fn draw<P: Copy>(
        &mut self,
        cel: &Cel<'a>,
        canvas: &mut Canvas<P>,
        paint: impl Fn(&[u8], usize, &mut P),
        empty: P,
    ) -> Result<(), Fault> {
        let mut work = 0;
        match self.cels.shown(cel)? {
            Shown::Nothing => {}
            Shown::Picture(picture) => {
                work = canvas.shared(picture.area);
                let width = picture.area.width as usize;
                canvas.paint(picture.area, |u, v, below| paint(&picture.data, v * width + u, below));
            }
            Shown::Tilemap(tilemap) => {
                for tile in tilemap.placed() {
                    work += canvas.shared(tile.area);
                    let (width, height) = (tile.area.width as usize, tile.area.height as usize);
                    canvas.paint(tile.area, |u, v, below| match tile.flips.pixel(width, height, u, v) {
                        Some(pixel) => paint(tile.data, pixel, below),
                        None => *below = empty,
                    });
                }
            }
        }
        self.cels.spend(work)
    }
}

/// Puts `above` over `below`. What is fully transparent changes nothing.
fn put(below: &mut [u8; 4], above: [u8; 4], mode: Mode, opacity: u8) {
    if above[3] > 0 {
        *below = mode.over(*below, above, opacity);
    }
}

/// The colour of a pixel of a cel. What the palette does not have is transparent.
fn colour(sprite: &Sprite<'_>, data: &[u8], pixel: usize, palette: &[[u8; 4]]) -> [u8; 4] {
    match sprite.colours {
        ColourMode::Rgba => data.as_chunks().0.get(pixel).copied().unwrap_or_default(),
        ColourMode::Grey => {
            let [value, alpha] = data.as_chunks().0.get(pixel).copied().unwrap_or_default();
            [value, value, value, alpha]
        }
        ColourMode::Indexed => {
            let index = data.get(pixel).copied().filter(|index| *index != sprite.transparent);
            index.and_then(|index| palette.get(usize::from(index))).copied().unwrap_or_default()
        }
    }
}

/// Whether the picture can keep the palette of the sprite: it is indexed, and all that is drawn covers what is below it.
fn stays_indexed(sprite: &Sprite<'_>, choice: &Choice) -> bool {
    let is_drawn = |layer: u16| choice.drawn.get(usize::from(layer)).is_some_and(|is_drawn| *is_drawn);
    let covers = |frame: &Frame<'_>| frame.cels.iter().all(|cel| !is_drawn(cel.layer) || cel.opacity == u8::MAX);
    let mut layers = sprite.layers.iter().zip(&choice.drawn).filter(|(_, is_drawn)| **is_drawn);
    let frames = sprite.frames.get(choice.frames.start as usize..choice.frames.end as usize).unwrap_or_default();
    sprite.colours == ColourMode::Indexed
        && layers.all(|(layer, _)| layer.mode == Mode::Normal && layer.opacity == u8::MAX)
        && frames.iter().all(covers)
}
