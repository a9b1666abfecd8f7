//! A PNG as a picture in memory.

use super::canvas::unpack;
use super::image::{Image, Pixels};
use super::pixels::greys;
use super::png::rows::Row;
use super::png::{ColourType, Png};
use crate::diagnostic::Code;
use crate::formats::faults::Faults;

/// The picture of `png`, whose size was checked; none where its data are damaged, which is among `faults` then.
pub(in super::super) fn decode(png: &Png<'_>, faults: &mut Faults<'_>) -> Option<Image> {
    let pixels = png.check_data().and_then(|()| match png.header.colour {
        ColourType::Indexed => indexed(png),
        _ => coloured(png),
    });
    match pixels {
        Ok(pixels) => Some(Image { width: png.header.width, height: png.header.height, pixels }),
        Err(fault) => {
            faults.damaged(Code::PngInvalid, fault);
            None
        }
    }
}

fn indexed(png: &Png<'_>) -> Result<Pixels, String> {
    let mut indices = vec![0; png.header.pixels() as usize];
    let mut samples = Vec::new();
    png.rows(|row| {
        let samples = unpack(png.header.depth, row, &mut samples);
        store(row, samples.iter().copied(), png.header.width, &mut indices);
    })?;
    let alphas = png.transparency.unwrap_or_default().iter().copied().chain(std::iter::repeat(255));
    let colours = png.palette.unwrap_or_default().as_chunks::<3>().0;
    let palette = colours.iter().zip(alphas).map(|(&[r, g, b], alpha)| [r, g, b, alpha]).collect();
    Ok(Pixels::Indexed { indices, palette })
}

fn coloured(png: &Png<'_>) -> Result<Pixels, String> {
    let width = png.header.width;
    let mut pixels = vec![[0; 4]; png.header.pixels() as usize];
    let transparency = png.transparency.unwrap_or_default();
    let greys = greys(png.header.depth, transparency);
    let mut samples = Vec::new();
    png.rows(|row| match png.header.colour {
        ColourType::Grey | ColourType::Indexed => {
            let samples = unpack(png.header.depth, row, &mut samples);
            store(row, samples.iter().map(|sample| greys[usize::from(*sample)]), width, &mut pixels);
        }
        ColourType::GreyAlpha => {
            store(row, row.samples.as_chunks().0.iter().map(|&[v, a]| [v, v, v, a]), width, &mut pixels);
        }
        ColourType::Rgb => {
            let alpha = |[r, g, b]: [u8; 3]| if *transparency == [0, r, 0, g, 0, b] { 0 } else { 255 };
            let colours = row.samples.as_chunks().0.iter();
            store(row, colours.map(|&[r, g, b]| [r, g, b, alpha([r, g, b])]), width, &mut pixels);
        }
        ColourType::Rgba => store(row, row.samples.as_chunks().0.iter().copied(), width, &mut pixels),
    })?;
    Ok(Pixels::Rgba(pixels))
}

/// Puts the pixels of a row where they belong in a picture of this width.
fn store<T>(row: &Row<'_>, values: impl Iterator<Item = T>, width: u32, pixels: &mut [T]) {
    let start = row.y as usize * width as usize + row.x as usize;
    let line = pixels.get_mut(start..).unwrap_or_default();
    for (pixel, value) in line.iter_mut().step_by(row.step as usize).zip(values) {
        *pixel = value;
    }
}
