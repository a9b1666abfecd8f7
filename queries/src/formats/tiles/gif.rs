//! A reader of GIF files. The `gif` crate takes them apart; what its frames are drawn on, and how they are taken away again,
//! is here.

use std::num::NonZeroU64;
use std::ops::Range;

use gif::{ColorOutput, DecodeOptions, Decoder, DisposalMethod, Frame, MemoryLimit};

use super::image::{Image, Pixels};
use super::missing;
use super::size::MAX_PIXELS;
use crate::diagnostic::Code;
use crate::formats::faults::Faults;
use crate::formats::part::{Frames, Part};

/// How many pixels the frames of a file may have up to the last one that is taken.
const MAX_WORK: u64 = 64 * MAX_PIXELS;

/// A GIF file, and the frames that are taken of it.
pub(super) struct Gif<'a> {
    bytes: &'a [u8],
    width: u16,
    height: u16,
    frames: Range<u32>,
    /// How long each frame of the file is shown, in milliseconds.
    durations: Vec<u32>,
    /// Whether the first frame covers the screen.
    is_covered: bool,
}

/// A picture by the numbers of its colours.
pub(super) struct Still {
    /// The colour of each pixel, row by row from the top.
    pub(super) numbers: Vec<u8>,
    /// The colours, RGBA, opaque or transparent.
    pub(super) colours: [[u8; 4]; 256],
}

/// Whether these are the first bytes of a GIF file.
pub(super) fn is_gif(bytes: &[u8]) -> bool {
    bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a")
}

impl<'a> Gif<'a> {
    /// Takes a file apart, of which `part` is taken: without one, its first frame. What is wrong goes to `faults`; there is
    /// no result then.
    pub(super) fn open(bytes: &'a [u8], part: Option<&Part>, faults: &mut Faults<'_>) -> Option<Self> {
        let (mut durations, mut decoder) =
            (Vec::new(), decoder(bytes, true).map_err(|fault| report(faults, &fault)).ok()?);
        let (width, height) = (decoder.width(), decoder.height());
        let mut is_covered = false;
        loop {
            match decoder.next_frame_info() {
                Ok(Some(frame)) => {
                    if durations.is_empty() {
                        is_covered = (frame.left, frame.top, frame.width, frame.height) == (0, 0, width, height);
                    }
                    // A delay is told in hundredths of a second.
                    durations.push(u32::from(frame.delay) * 10);
                }
                Ok(None) => break,
                Err(error) => {
                    report(faults, &format!("frame {} cannot be read: {error}", durations.len()));
                    return None;
                }
            }
        }
        let Ok(count @ 1..) = u32::try_from(durations.len()) else {
            report(faults, "the file has no frame");
            return None;
        };
        if let Some(fault) = part.and_then(|part| missing::of_plain(part, "a GIF")) {
            faults.push(fault);
            return None;
        }
        let wanted = part.and_then(|part| part.frames).unwrap_or(Frames::Range(0, 0));
        let frames = wanted.among(count).map_err(|frame| faults.push(missing::frame(frame, count, "the file"))).ok()?;
        Some(Self { bytes, width, height, frames, durations, is_covered })
    }

    /// Width and height of each frame that is taken, in pixels.
    pub(super) fn sizes(&self) -> impl Iterator<Item = (u32, u32)> {
        self.frames.clone().map(|_| (self.width.into(), self.height.into()))
    }

    /// How long each frame that is taken is shown, in milliseconds; empty for a file of one frame.
    pub(super) fn durations(&self) -> Vec<u32> {
        if self.durations.len() == 1 {
            return Vec::new();
        }
        self.durations.get(self.frames.start as usize..self.frames.end as usize).unwrap_or_default().to_vec()
    }

    /// Whether the file is one frame that covers the screen: then it need not be drawn.
    pub(super) fn is_still(&self) -> bool {
        self.durations.len() == 1 && self.is_covered
    }

    /// The only frame of a [still](Self::is_still), whose size was checked.
    pub(super) fn still(&self, faults: &mut Faults<'_>) -> Option<Still> {
        self.read_still().map_err(|fault| report(faults, &fault)).ok()
    }

    fn read_still(&self) -> Result<Still, String> {
        let mut decoder = decoder(self.bytes, false)?;
        let global = decoder.global_palette().map(<[u8]>::to_vec).unwrap_or_default();
        let frame = decoder.read_next_frame().map_err(|error| format!("frame 0 cannot be read: {error}"))?;
        let frame = frame.ok_or("the file has no frame")?;
        let (mut colours, count) = colours(frame, &global);
        for (y, row) in frame.buffer.chunks(usize::from(self.width).max(1)).enumerate() {
            check_row(row, frame.transparent, count, (0, y)).map_err(|fault| format!("frame 0: {fault}"))?;
        }
        if let Some(transparent) = frame.transparent {
            colours[usize::from(transparent)] = [0; 4];
        }
        Ok(Still { numbers: frame.buffer.to_vec(), colours })
    }

    /// Passes the picture of each frame that is taken to `sink`, with its number. Sizes were checked.
    pub(super) fn images(&self, faults: &mut Faults<'_>, mut sink: impl FnMut(u32, Image, &mut Faults<'_>)) {
        let mut decoder = match decoder(self.bytes, false) {
            Ok(decoder) => decoder,
            Err(fault) => return report(faults, &fault),
        };
        let global = decoder.global_palette().map(<[u8]>::to_vec).unwrap_or_default();
        let mut screen = Screen::new(self.width, self.height);
        let mut work = 0;
        for number in 0..self.frames.end {
            let frame = match decoder.read_next_frame() {
                Ok(Some(frame)) => frame,
                Ok(None) => return,
                Err(error) => return report(faults, &format!("frame {number} cannot be read: {error}")),
            };
            work += u64::from(frame.width) * u64::from(frame.height);
            if work > MAX_WORK {
                return report(
                    faults,
                    &format!("frame {number}: the frames have more than {MAX_WORK} pixels together"),
                );
            }
            if let Err(fault) = screen.show(frame, &global) {
                return report(faults, &format!("frame {number}: {fault}"));
            }
            if self.frames.contains(&number) {
                // Nothing is drawn over the last one.
                let is_last = number + 1 == self.frames.end;
                let pixels = if is_last { std::mem::take(&mut screen.pixels) } else { screen.pixels.clone() };
                let pixels = Pixels::Rgba(pixels);
                sink(number, Image { width: self.width.into(), height: self.height.into(), pixels }, faults);
            }
        }
    }
}

/// The colours of the frame, which are opaque, and how many there are.
fn colours(frame: &Frame<'_>, global: &[u8]) -> ([[u8; 4]; 256], usize) {
    let palette = frame.palette.as_deref().unwrap_or(global).as_chunks::<3>().0;
    let mut colours = [[0; 4]; 256];
    for (colour, [r, g, b]) in colours.iter_mut().zip(palette) {
        *colour = [*r, *g, *b, 255];
    }
    (colours, palette.len())
}

/// Refuses the first of the indices of a row, but for the transparent one, that a palette with so many entries does not
/// have. The row begins at the column and row `(left, y)`.
fn check_row(row: &[u8], transparent: Option<u8>, count: usize, (left, y): (usize, usize)) -> Result<(), String> {
    // The largest is looked for in all of them together; where it is, only then.
    if row.iter().copied().max().is_none_or(|largest| usize::from(largest) < count) {
        return Ok(());
    }
    let is_wrong = |index: &u8| transparent != Some(*index) && usize::from(*index) >= count;
    match row.iter().position(is_wrong) {
        None => Ok(()),
        Some(at) => {
            let (x, index) = (left + at, row[at]);
            Err(format!("the pixel at ({x}, {y}) has index {index}, but the palette has {count} entries"))
        }
    }
}

fn decoder(bytes: &[u8], is_skipping: bool) -> Result<Decoder<&[u8]>, String> {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::Indexed);
    options.skip_frame_decoding(is_skipping);
    options.set_memory_limit(NonZeroU64::new(MAX_PIXELS).map_or(MemoryLimit::Unlimited, MemoryLimit::Bytes));
    options.read_info(bytes).map_err(|error| format!("the header cannot be read: {error}"))
}

fn report(faults: &mut Faults<'_>, fault: &str) {
    faults.damaged(Code::GifInvalid, fault);
}

/// What frames are drawn on. Nothing is behind them.
struct Screen {
    width: usize,
    height: usize,
    pixels: Vec<[u8; 4]>,
    /// Columns and rows of the last frame, and what is to be there before the next one.
    last: Option<(Area, After)>,
}

type Area = (Range<usize>, Range<usize>);

/// What becomes of the pixels of a frame.
enum After {
    Keep,
    Clear,
    /// They become again what they were.
    Restore(Vec<[u8; 4]>),
}

impl Screen {
    fn new(width: u16, height: u16) -> Self {
        let (width, height) = (usize::from(width), usize::from(height));
        Self { width, height, pixels: vec![[0; 4]; width * height], last: None }
    }

    /// Draws a frame over the one before it. Its parts beside the screen are not shown.
    fn show(&mut self, frame: &Frame<'_>, global: &[u8]) -> Result<(), String> {
        self.take_away();
        let area = |start: u16, length: u16, limit: usize| {
            usize::from(start).min(limit)..(usize::from(start) + usize::from(length)).min(limit)
        };
        let columns = area(frame.left, frame.width, self.width);
        let rows = area(frame.top, frame.height, self.height);
        let after = match frame.dispose {
            DisposalMethod::Any | DisposalMethod::Keep => After::Keep,
            DisposalMethod::Background => After::Clear,
            DisposalMethod::Previous => {
                After::Restore(rows.clone().flat_map(|y| self.line(y, &columns).iter().copied()).collect())
            }
        };
        let (colours, count) = colours(frame, global);
        let transparent = frame.transparent;
        for (v, y) in rows.clone().enumerate() {
            let start = v * usize::from(frame.width);
            let indices = frame.buffer.get(start..start + columns.len()).unwrap_or_default();
            check_row(indices, transparent, count, (columns.start, y))?;
            let line = self.line_mut(y, &columns);
            match transparent {
                None => line.iter_mut().zip(indices).for_each(|(pixel, index)| *pixel = colours[usize::from(*index)]),
                Some(none) => {
                    for (pixel, index) in line.iter_mut().zip(indices).filter(|(_, index)| **index != none) {
                        *pixel = colours[usize::from(*index)];
                    }
                }
            }
        }
        self.last = Some(((columns, rows), after));
        Ok(())
    }

    fn take_away(&mut self) {
        match self.last.take() {
            None | Some((_, After::Keep)) => {}
            Some(((columns, rows), After::Clear)) => {
                rows.for_each(|y| self.line_mut(y, &columns).fill([0; 4]));
            }
            Some(((columns, rows), After::Restore(pixels))) => {
                for (y, before) in rows.zip(pixels.chunks(columns.len().max(1))) {
                    self.line_mut(y, &columns).copy_from_slice(before);
                }
            }
        }
    }

    fn line(&self, y: usize, columns: &Range<usize>) -> &[[u8; 4]] {
        &self.pixels[y * self.width + columns.start..y * self.width + columns.end]
    }

    fn line_mut(&mut self, y: usize, columns: &Range<usize>) -> &mut [[u8; 4]] {
        &mut self.pixels[y * self.width + columns.start..y * self.width + columns.end]
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use gif::Encoder;
    use proptest::prelude::*;

    use super::*;

    /// A file of one frame, which covers the screen.
    fn file(width: u16, indices: &[u8], transparent: Option<u8>, palette: &[u8]) -> Vec<u8> {
        let height = u16::try_from(indices.len()).unwrap() / width;
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, width, height, palette).unwrap();
        encoder.write_frame(&Frame::from_indexed_pixels(width, height, indices, transparent)).unwrap();
        drop(encoder);
        file
    }

    /// What `read` gives of a file, or what it says is wrong.
    fn outcome<T>(file: &[u8], read: impl FnOnce(&Gif<'_>, &mut Faults<'_>) -> Option<T>) -> Result<T, Vec<String>> {
        let mut faults = Faults::new("a.gif");
        let read = Gif::open(file, None, &mut faults).and_then(|gif| read(&gif, &mut faults));
        let told: Vec<_> = faults.into_diagnostics().into_iter().map(|fault| fault.message).collect();
        read.filter(|_| told.is_empty()).ok_or(told)
    }

    proptest! {
        /// A still is what would be drawn of it.
        #[test]
        fn a_still_is_what_would_be_drawn(
            width in 1_u16..9,
            indices in prop::collection::vec(0_u8..6, 8..64),
            transparent in prop::option::of(0_u8..6),
            palette in prop::collection::vec(prop::array::uniform3(0_u8..3), 1..6),
        ) {
            let indices = &indices[..indices.len() / usize::from(width) * usize::from(width)];
            let file = file(width, indices, transparent, palette.as_flattened());
            let drawn = outcome(&file, |gif, faults| {
                let mut pixels = None;
                gif.images(faults, |_, image, _| pixels = Some(image.pixels));
                pixels
            });
            let still = outcome(&file, |gif, faults| {
                assert!(gif.is_still());
                let Still { numbers, colours } = gif.still(faults)?;
                Some(Pixels::Rgba(numbers.iter().map(|number| colours[usize::from(*number)]).collect()))
            });
            prop_assert_eq!(still, drawn);
        }
    }
}
