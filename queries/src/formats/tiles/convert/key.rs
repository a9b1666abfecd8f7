//! A colour or an entry that becomes transparent.

use super::super::image::{Image, Pixels};
use super::super::options::Key;
use super::super::palette::{pixel_at, place};
use crate::diagnostic::{Code, Data, Diagnostic};
use crate::formats::faults::Faults;
use crate::repeated::Repeated;

/// Makes what `key` says transparent.
pub(in super::super) fn make_transparent(image: &mut Image, key: Key, faults: &mut Faults<'_>) {
    let width = image.width;
    let keyed: Repeated<u32> = match (&mut image.pixels, key) {
        (Pixels::Rgba(pixels), Key::Colour(colour)) => {
            let matches = |[r, g, b, alpha]: [u8; 4]| [r, g, b] == colour && alpha != 0;
            let matching = (0..).zip(pixels).filter(|(_, pixel)| matches(**pixel));
            matching
                .map(|(number, pixel)| {
                    *pixel = [0; 4];
                    number
                })
                .collect()
        }
        (Pixels::Indexed { indices, palette }, Key::Colour(colour)) => {
            let entries: Vec<u8> = (0..=u8::MAX)
                .zip(&*palette)
                .filter(|(_, [r, g, b, _])| [*r, *g, *b] == colour)
                .map(|(entry, _)| entry)
                .collect();
            let Some((first, others)) = entries.split_first() else { return };
            if let Some(alpha) = palette.get(usize::from(*first)).map(|entry| entry[3])
                && *first == 0
                && alpha == 0
                && others.is_empty()
            {
                return;
            }
            indices.iter_mut().filter(|index| others.contains(index)).for_each(|index| *index = *first);
            exchange(indices, palette, *first);
            (0..).zip(&*indices).filter(|(_, index)| **index == 0).map(|(number, _)| number).collect()
        }
        (Pixels::Indexed { indices, palette }, Key::Entry(entry)) if usize::from(entry) < palette.len() => {
            exchange(indices, palette, entry);
            if entry != 0 {
                let message = format!("palette entries 0 and {entry} change places, and entry 0 is transparent");
                let data = Data::Pixels { count: 2, places: Vec::new(), max: None };
                faults.push(Diagnostic::info(Code::TilesRenumbered, message).with_data(data));
            }
            return;
        }
        (pixels, Key::Entry(entry)) => return refuse_entry(pixels, entry, faults),
    };
    report(&keyed, width, faults);
}

/// Lets `entry` and entry 0 change places, and makes entry 0 transparent.
fn exchange(indices: &mut [u8], palette: &mut [[u8; 4]], entry: u8) {
    for index in indices {
        if *index == entry {
            *index = 0;
        } else if *index == 0 {
            *index = entry;
        }
    }
    palette.swap(0, entry.into());
    palette[0][3] = 0;
}

fn refuse_entry(pixels: &Pixels, entry: u8, faults: &mut Faults<'_>) {
    let found = match pixels {
        Pixels::Rgba(_) => "this picture has no palette".to_owned(),
        Pixels::Indexed { palette, .. } => format!("the palette of this picture has {} entries", palette.len()),
    };
    let message = format!("\"transparent\" names palette entry {entry}, and {found}");
    let help = "name a colour, such as \"#ff00ff\", or another entry; or make the picture an asset of its own";
    faults.push(Diagnostic::error(Code::TilesIndex, message).with_help(help).with_data(Data::value(entry.to_string())));
}

fn report(keyed: &Repeated<u32>, width: u32, faults: &mut Faults<'_>) {
    let message = keyed.message(
        |pixel| format!("the pixel at {} has the colour of \"transparent\" and becomes so", place(*pixel, width)),
        |count, list| format!("{count} pixels have the colour of \"transparent\" and become so: {list}"),
        |pixel| place(*pixel, width),
    );
    if let Some(message) = message {
        let places = keyed.places().map(|pixel| pixel_at(*pixel, width, 0)).collect();
        let data = Data::Pixels { count: keyed.count(), places, max: None };
        faults.push(Diagnostic::info(Code::TilesKeyed, message).with_data(data));
    }
}
