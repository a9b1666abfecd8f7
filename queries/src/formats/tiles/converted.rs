//! A sheet of pictures that are converted first.

use std::io;

use super::convert::{self, Filling, Limits};
use super::file::{self, File};
use super::image::{Pixels, Taken};
use super::metadata::EntryZero;
use super::options::{Conversions, Key, Options};
use super::size;
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
    let files = sources.iter().map(|source| file::read(source.content, content)).collect::<io::Result<Vec<_>>>()?;
    let mut faults: Vec<_> = sources.iter().map(|source| Faults::new(source.path)).collect();
    let palettes = usize::from(options.conversions.palette.is_some()).min(sources.len());
    let imposed = match (&files[..palettes], &mut faults[..palettes]) {
        ([file], [faults]) => {
            file::check_plain(sources[0].part, "a palette", faults);
            imposed(file, options.conversions, sources.len(), faults)
        }
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
        content,
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

/// Adds all files to `stack` whose sizes are right, as long as the work is not cancelled.
fn convert_all(
    options: Options,
    limits: Option<&Limits>,
    sources: &[Source<'_>],
    files: &[Vec<u8>],
    faults: &mut [Faults<'_>],
    stack: &mut Stack,
    content: &dyn ContentStore,
) {
    let opened = sources.iter().zip(files).zip(&mut *faults);
    let opened: Vec<_> = opened.map(|((source, bytes), faults)| File::open(bytes, source.part, faults)).collect();
    let mut sizes: Vec<_> = opened.iter().map(|file| file.as_ref().map(File::sizes).unwrap_or_default()).collect();
    let pad = options.conversions.pad;
    let filling = pad.map(|pad| Filling::of(pad, options.tile_size, sizes.iter().flatten()));
    if let Some(filling) = &filling {
        sizes.iter_mut().flatten().for_each(|size| *size = filling.size(*size));
    }
    if !size::check(options.tile_size, sources, &sizes, faults) {
        return;
    }
    let held = opened.iter().zip(&sizes).filter_map(|(file, sizes)| Some(file.as_ref()?.held_pixels(sizes)));
    stack.reserve(held.sum());
    let mut converting = Converting { options, filling, stack };
    let mut all = Vec::new();
    for (number, file) in opened.iter().enumerate() {
        if content.is_cancelled() {
            return;
        }
        let Some(file) = file.as_ref().filter(|_| !faults[number].has_error()) else { continue };
        match limits {
            // Without limits, no picture has to wait for another.
            None => {
                converting.stack.add_tags(file);
                file.pictures(number, &mut faults[number], |mut taken, faults| {
                    converting.prepare(&mut taken, faults);
                    converting.finish(taken, faults);
                });
            }
            Some(limits) => {
                let mut pictures = Vec::new();
                file.pictures(number, &mut faults[number], |mut taken, faults| {
                    converting.prepare(&mut taken, faults);
                    pictures.push(taken);
                });
                if limits.are_shared() {
                    all.extend(pictures);
                } else {
                    convert::limit(limits, &mut pictures, content, faults);
                    converting.stack.add_tags(file);
                    pictures.into_iter().for_each(|taken| converting.finish(taken, &mut faults[number]));
                }
            }
        }
    }
    if let Some(limits) = limits.filter(|limits| limits.are_shared()) {
        convert::limit(limits, &mut all, content, faults);
        let mut all = all.into_iter().peekable();
        for (number, file) in opened.iter().enumerate() {
            file.iter().for_each(|file| converting.stack.add_tags(file));
            while let Some(taken) = all.next_if(|taken| taken.file == number) {
                converting.finish(taken, &mut faults[number]);
            }
        }
    }
}

/// The steps before and after colours are looked at.
struct Converting<'s> {
    options: Options,
    filling: Option<Filling>,
    stack: &'s mut Stack,
}

impl Converting<'_> {
    /// Makes transparent what is to be.
    fn prepare(&self, taken: &mut Taken, faults: &mut Faults<'_>) {
        let image = &mut taken.image;
        if let (EntryZero::Transparent, Pixels::Indexed { palette, .. }) = (self.options.entry_zero, &mut image.pixels)
            && let Some(zero) = palette.first_mut()
        {
            zero[3] = 0;
        }
        faults.in_frame(taken.frame, |faults| {
            if let Some(key) = self.options.conversions.transparent {
                convert::make_transparent(image, key, faults);
            }
            if let Some(least) = self.options.conversions.alpha {
                convert::harden(image, least, faults);
            }
        });
    }

    /// Brings into form what is left, and adds it to the sheet. Leaves it out where the file has a fault.
    fn finish(&mut self, mut taken: Taken, faults: &mut Faults<'_>) {
        if faults.has_error() {
            return;
        }
        faults.in_frame(taken.frame, |faults| {
            if self.options.conversions.renumber {
                convert::renumber(&mut taken.image, faults);
            }
            if let Some(filling) = &self.filling {
                filling.fill_up(&mut taken.image, faults);
            }
        });
        self.stack.add_picture(&taken, faults);
    }
}
