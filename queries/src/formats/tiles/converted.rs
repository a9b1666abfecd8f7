//! A sheet of pictures that are converted first.

use std::io;

use super::convert::{self, Limits};
use super::image::Image;
use super::options::{Conversions, Key, Options};
use super::png::{Png, chunks};
use super::size::{self, Size};
use super::stack::Stack;
use crate::content::{ContentStore, Outcome};
use crate::diagnostic::{Code, Data, Diagnostic};
use crate::formats::faults::Faults;
use crate::formats::source::Source;

/// Stacks `sources` into one sheet, each as `options` have it converted.
///
/// A picture is decoded whole, and takes at most 8 bytes a pixel while it is converted. One after the other is, unless they
/// share their colours; together they have no more pixels than a sheet may have.
pub(super) fn derive(options: Options, sources: &[Source<'_>], content: &dyn ContentStore) -> io::Result<Outcome> {
    let files =
        sources.iter().map(|source| chunks::PNG.read(source.content, content)).collect::<io::Result<Vec<_>>>()?;
    let mut faults: Vec<_> = sources.iter().map(|source| Faults::new(source.path)).collect();
    let palettes = usize::from(options.conversions.palette.is_some()).min(sources.len());
    let imposed = match (&files[..palettes], &mut faults[..palettes]) {
        ([file], [faults]) => imposed(file, options.conversions, sources.len(), faults),
        _ => None,
    };
    let limits = Limits::of(options.conversions, imposed);
    let mut stack = Stack::new(options);
    convert_all(
        options,
        limits.as_ref(),
        &sources[palettes..],
        &files[palettes..],
        &mut faults[palettes..],
        &mut stack,
    );
    stack.outcome(faults, content)
}

/// The colours of the palette file of these bytes, which is the first of so many files.
fn imposed(file: &[u8], conversions: Conversions, files: usize, faults: &mut Faults<'_>) -> Option<Vec<[u8; 3]>> {
    if files == 1 {
        let message = "the only artifact file is the palette, so there is no picture";
        let help = "list a picture behind it, or take \"palette\" out of \"metadata\"";
        faults
            .push(Diagnostic::error(Code::PaletteInvalid, message).with_help(help).with_data(Data::missing("picture")));
        return None;
    }
    let mut colours = convert::imposed(file, faults)?;
    if let Some(Key::Colour(key)) = conversions.transparent {
        colours.retain(|colour| *colour != key);
        if colours.is_empty() {
            let message = "the only colour of the palette is the one that \"transparent\" names";
            let help = "give the palette a colour that is not transparent";
            faults.push(
                Diagnostic::error(Code::PaletteInvalid, message).with_help(help).with_data(Data::missing("colour")),
            );
            return None;
        }
    }
    Some(colours)
}

/// Adds all files to `stack` whose sizes are right.
fn convert_all(
    options: Options,
    limits: Option<&Limits>,
    sources: &[Source<'_>],
    files: &[Vec<u8>],
    faults: &mut [Faults<'_>],
    stack: &mut Stack,
) {
    let pngs: Vec<_> = files.iter().zip(&mut *faults).map(|(bytes, faults)| chunks::parse(bytes, faults)).collect();
    let mut sizes: Vec<_> = pngs.iter().map(|png| Some(Size::from(png.as_ref()?.header))).collect();
    if options.conversions.pad.is_some() {
        sizes = convert::filled_up(&sizes, options.tile_size);
    }
    if !size::check(options.tile_size, sources, &sizes, faults) {
        return;
    }
    let whole = pngs.iter().zip(&sizes).filter(|(png, _)| png.as_ref().is_some_and(|png| png.check_data().is_ok()));
    stack.reserve(whole.filter_map(|(_, size)| *size).map(Size::pixels).sum());
    let pictures = pngs.iter().zip(&sizes).zip(faults).filter_map(|((png, size), faults)| {
        let image = prepared(png.as_ref()?, options, faults)?;
        Some(Picture { image, size: (*size)?, faults })
    });
    if let Some(limits) = limits.filter(|limits| limits.are_shared()) {
        let mut all: Vec<_> = pictures.collect();
        let mut shared: Vec<_> = all.iter_mut().map(|picture| (&mut picture.image, &mut *picture.faults)).collect();
        convert::limit(limits, &mut shared);
        all.into_iter().for_each(|picture| picture.finish(options.conversions, stack));
    } else {
        pictures.for_each(|mut picture| {
            if let Some(limits) = limits {
                convert::limit(limits, &mut [(&mut picture.image, picture.faults)]);
            }
            picture.finish(options.conversions, stack);
        });
    }
}

/// The picture of `png` with what is to be transparent; none where it has a fault.
fn prepared(png: &Png<'_>, options: Options, faults: &mut Faults<'_>) -> Option<Image> {
    if faults.has_error() {
        return None;
    }
    let mut image = convert::decode(png, options.entry_zero, faults)?;
    if let Some(key) = options.conversions.transparent {
        convert::make_transparent(&mut image, key, faults);
    }
    if let Some(least) = options.conversions.alpha {
        convert::harden(&mut image, least, faults);
    }
    Some(image)
}

/// A picture on its way into the sheet, and the size that it is to have there.
struct Picture<'a, 'f> {
    image: Image,
    size: Size,
    faults: &'a mut Faults<'f>,
}

impl Picture<'_, '_> {
    fn finish(mut self, conversions: Conversions, stack: &mut Stack) {
        if conversions.renumber {
            convert::renumber(&mut self.image, self.faults);
        }
        if let Some(pad) = conversions.pad {
            convert::fill_up(&mut self.image, self.size, pad, self.faults);
        }
        stack.add_image(&self.image, self.faults);
    }
}
