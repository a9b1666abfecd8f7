//! The colours of pictures are brought down to those of one palette.

use super::super::coloured::report_soft;
use super::super::image::{Image, Pixels, Taken};
use super::super::options::{ColoursOf, Conversions, Dither, MOST_COLOURS};
use super::super::palette::{pixel_at, place, rgb565, rgb888};
use super::histogram::{Counted, Histogram, number};
use super::map::{Mapper, distance, nearest};
use super::reduce::reduce;
use super::renumber::used;
use crate::content::ContentStore;
use crate::diagnostic::{Code, Data, Diagnostic, Unit};
use crate::formats::faults::Faults;
use crate::repeated::Repeated;

/// What colours the pictures may have.
pub(in super::super) struct Limits {
    /// How many, besides the transparent one.
    most: usize,
    /// Whether more are to be reduced to that.
    reduces: bool,
    /// Of which they are; all of them where there are none. Each is of the console.
    imposed: Option<Vec<[u8; 3]>>,
    shared: bool,
    dither: Dither,
}

/// The palette that pictures get, and whether they keep what they do not use.
struct Target {
    colours: Vec<[u8; 3]>,
    is_whole: bool,
}

impl Limits {
    /// What `conversions` ask for, with the colours of their palette file; none where they leave colours alone.
    pub(in super::super) fn of(conversions: Conversions, imposed: Option<Vec<[u8; 3]>>) -> Option<Self> {
        if conversions.colors.is_none() && imposed.is_none() {
            return None;
        }
        let most = conversions.colors.map_or(MOST_COLOURS, std::num::NonZeroU8::get);
        Some(Self {
            most: most.into(),
            reduces: conversions.colors.is_some(),
            imposed: imposed.map(|colours| distinct(colours.into_iter().map(shown))),
            shared: conversions.colors_of == ColoursOf::Sheet,
            dither: conversions.dither,
        })
    }

    /// Whether all pictures get one palette.
    pub(in super::super) fn are_shared(&self) -> bool {
        self.shared
    }
}

/// The colour that the console shows.
fn shown(rgb: [u8; 3]) -> [u8; 3] {
    rgb888(rgb565(rgb))
}

/// The colours without those that came before.
fn distinct(colours: impl Iterator<Item = [u8; 3]>) -> Vec<[u8; 3]> {
    let mut all = Vec::new();
    for colour in colours {
        if !all.contains(&colour) {
            all.push(colour);
        }
    }
    all
}

/// Brings the pictures down to one palette within `limits`. Those of a file that has a fault are left out, as are those with
/// half transparent pixels, which is among the `faults` of their files then. Some are left as they are where the work is
/// cancelled.
pub(in super::super) fn limit(
    limits: &Limits,
    pictures: &mut [Taken],
    content: &dyn ContentStore,
    faults: &mut [Faults<'_>],
) {
    let mut convertible: Vec<_> = pictures
        .iter_mut()
        .filter(|taken| {
            let faults = &mut faults[taken.file];
            !faults.has_error() && faults.in_frame(taken.frame, |faults| is_hard(&taken.image, faults))
        })
        .collect();
    let histogram = histogram(convertible.iter().map(|taken| &taken.image));
    let target = match limits.target(&histogram, convertible.iter().map(|taken| &taken.image), content) {
        Ok(Some(target)) => target,
        Ok(None) => return,
        Err(count) => {
            // Once a file: they all need the same.
            convertible.dedup_by_key(|taken| taken.file);
            return convertible.iter().for_each(|taken| refuse(count, limits.shared, &mut faults[taken.file]));
        }
    };
    for taken in convertible {
        let faults = &mut faults[taken.file];
        faults.in_frame(taken.frame, |faults| apply(&mut taken.image, &target, limits.dither, content, faults));
    }
}

/// Whether all pixels have a colour and are opaque or transparent. Where one is not, the picture cannot be packed: what is
/// wrong is told here, or when that is tried.
fn is_hard(image: &Image, faults: &mut Faults<'_>) -> bool {
    match &image.pixels {
        Pixels::Rgba(pixels) => {
            let alphas = (0..).zip(pixels).map(|(number, pixel)| (number, pixel[3]));
            let soft: Repeated<_> = alphas.filter(|(_, alpha)| !matches!(alpha, 0 | 255)).collect();
            report_soft(&soft, image.width, faults);
            soft.count() == 0
        }
        Pixels::Indexed { indices, palette } => {
            used(indices).into_iter().all(|entry| matches!(palette.get(entry), Some([.., 0 | 255])))
        }
    }
}

fn histogram<'i>(images: impl Iterator<Item = &'i Image> + Clone) -> Histogram {
    let total = |image: &Image| match &image.pixels {
        Pixels::Rgba(pixels) => pixels.len(),
        Pixels::Indexed { .. } => 0,
    };
    let mut numbers = Vec::with_capacity(images.clone().map(total).sum());
    let mut counted = Vec::new();
    for image in images {
        match &image.pixels {
            Pixels::Rgba(pixels) => {
                numbers.extend(pixels.iter().filter(|pixel| pixel[3] != 0).map(|&[r, g, b, _]| number([r, g, b])));
            }
            Pixels::Indexed { indices, palette } => {
                let mut counts = [0; 256];
                indices.iter().for_each(|index| counts[usize::from(*index)] += 1);
                let entries = palette.iter().zip(counts).filter(|(entry, count)| entry[3] != 0 && *count > 0);
                counted.extend(entries.map(|(&[r, g, b, _], count)| Counted { rgb: [r, g, b], count }));
            }
        }
    }
    Histogram::of(numbers, counted)
}

impl Limits {
    /// The palette for pictures with these colours; none where they can stay as they are. An error where they need too many
    /// colours of the imposed palette, which are not to be reduced.
    fn target<'i>(
        &self,
        histogram: &Histogram,
        mut pictures: impl Iterator<Item = &'i Image>,
        content: &dyn ContentStore,
    ) -> Result<Option<Target>, usize> {
        let mut colours = histogram.colours.clone();
        let Some(imposed) = &self.imposed else {
            if histogram.values > self.most {
                let reduced = reduce(&mut colours, self.most, content).into_iter().map(shown);
                return Ok(Some(Target { colours: ascending(reduced), is_whole: self.shared }));
            }
            if !self.shared && pictures.all(can_be_packed) {
                return Ok(None);
            }
            let all = colours.iter().map(|counted| shown(counted.rgb));
            return Ok(Some(Target { colours: ascending(all), is_whole: self.shared }));
        };
        if imposed.len() <= self.most {
            return Ok(Some(Target { colours: imposed.clone(), is_whole: true }));
        }
        let mut wanted = chosen(imposed, colours.iter().map(|counted| counted.rgb));
        if wanted.len() > self.most {
            if !self.reduces {
                return Err(wanted.len());
            }
            wanted = chosen(imposed, reduce(&mut colours, self.most, content).into_iter());
        }
        Ok(Some(Target { colours: wanted, is_whole: self.shared }))
    }
}

/// The colours in the order of their RGB565 values, each once.
fn ascending(colours: impl Iterator<Item = [u8; 3]>) -> Vec<[u8; 3]> {
    let mut colours: Vec<_> = colours.collect();
    colours.sort_unstable_by_key(|colour| rgb565(*colour));
    colours.dedup();
    colours
}

/// Those of `imposed`, in their order, that are the nearest to one of `colours`.
fn chosen(imposed: &[[u8; 3]], colours: impl Iterator<Item = [u8; 3]>) -> Vec<[u8; 3]> {
    let mut is_chosen = [false; 256];
    colours.for_each(|colour| is_chosen[nearest(colour, imposed)] = true);
    imposed.iter().zip(is_chosen).filter(|(_, chosen)| *chosen).map(|(colour, _)| *colour).collect()
}

/// Whether the indices of a picture, if it has any, are those of the console already.
fn can_be_packed(image: &Image) -> bool {
    match &image.pixels {
        Pixels::Rgba(_) => true,
        Pixels::Indexed { indices, palette } => {
            let is_fine = |entry: usize| entry == 0 || entry <= usize::from(MOST_COLOURS) && palette[entry][3] != 0;
            used(indices).into_iter().all(is_fine)
        }
    }
}

/// Gives `image` the palette of `target`, behind an entry that is transparent; unless the work is cancelled.
fn apply(image: &mut Image, target: &Target, dither: Dither, content: &dyn ContentStore, faults: &mut Faults<'_>) {
    let width = image.width;
    let mut mapper = Mapper::new(&target.colours, dither);
    let mut loss = Loss::default();
    let mut is_cancelled = false;
    let mut map = |number: u32, [r, g, b, alpha]: [u8; 4]| {
        let column = number % width;
        if column == 0 {
            is_cancelled = is_cancelled || content.is_cancelled();
        }
        if alpha == 0 || is_cancelled {
            return 0;
        }
        let position = mapper.map([r, g, b], column, number / width);
        loss.add(number, [r, g, b], position + 1, target.colours[usize::from(position)]);
        // The palette has at most 15 colours.
        position + 1
    };
    let mut indices: Vec<u8> = match &image.pixels {
        Pixels::Rgba(pixels) => (0..).zip(pixels).map(|(number, pixel)| map(number, *pixel)).collect(),
        Pixels::Indexed { indices, palette } => {
            (0..).zip(indices).map(|(number, index)| map(number, palette[usize::from(*index)])).collect()
        }
    };
    if is_cancelled {
        return;
    }
    loss.report(target.colours.len(), width, faults);
    let mut palette = vec![[0; 4]];
    if target.is_whole {
        palette.extend(target.colours.iter().map(|&[r, g, b]| [r, g, b, 255]));
    } else {
        let mut numbers = [0; 256];
        for (number, entry) in (1..).zip(used(&indices).into_iter().filter(|entry| *entry != 0)) {
            numbers[entry] = number;
            let [r, g, b] = target.colours[entry - 1];
            palette.push([r, g, b, 255]);
        }
        indices.iter_mut().for_each(|index| *index = numbers[usize::from(*index)]);
    }
    image.pixels = Pixels::Indexed { indices, palette };
}

/// What pixels lose that get another colour.
#[derive(Default)]
struct Loss {
    opaque: u64,
    /// The sum of the squares of what the channels differ by.
    squares: u64,
    /// The pixels that become another colour on the console than by themselves, with their indices.
    changed: Repeated<(u32, u8)>,
}

impl Loss {
    fn add(&mut self, pixel: u32, old: [u8; 3], index: u8, new: [u8; 3]) {
        self.opaque += 1;
        if rgb565(old) != rgb565(new) {
            self.squares += u64::from(distance(old, new));
            self.changed.push((pixel, index));
        }
    }

    fn report(&self, colours: usize, width: u32, faults: &mut Faults<'_>) {
        let Some((first, _)) = self.changed.first() else { return };
        let (count, opaque) = (self.changed.count(), self.opaque);
        // Of three channels each.
        let error = self.squares / (3 * opaque);
        let message = format!(
            "{count} of {opaque} opaque pixels change their colour to one of {colours}, the first at {}; the mean squared error of a \
             channel is {error}",
            place(*first, width)
        );
        let places = self.changed.places().map(|(pixel, index)| pixel_at(*pixel, width, *index)).collect();
        let data = Data::Pixels { count, places, max: None };
        faults.push(Diagnostic::info(Code::TilesReduced, message).with_data(data));
    }
}

fn refuse(count: usize, is_shared: bool, faults: &mut Faults<'_>) {
    let what = if is_shared { "the pictures need" } else { "the picture needs" };
    let message = format!("{what} {count} colours of the imposed palette; at most {MOST_COLOURS} are allowed");
    let help = "set \"colors\" in \"metadata\" to have the best of them chosen, or impose a smaller palette";
    let data = Data::limit(Some(count as u64), 0, MOST_COLOURS.into(), Unit::Colours);
    faults.push(Diagnostic::error(Code::TilesColours, message).with_help(help).with_data(data));
}
