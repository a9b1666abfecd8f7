//! Hard edges: alpha becomes 0 or 255.

use std::num::NonZeroU8;

use super::super::image::{Image, Pixels};
use super::super::palette::{pixel_at, place};
use crate::diagnostic::{Code, Data, Diagnostic};
use crate::formats::faults::Faults;
use crate::repeated::Repeated;

/// Makes what has an alpha of `least` or more opaque, and all else transparent.
pub(in super::super) fn harden(image: &mut Image, least: NonZeroU8, faults: &mut Faults<'_>) {
    let is_soft = |alpha: u8| !matches!(alpha, 0 | 255);
    let hard = |alpha: u8| if alpha >= least.get() { 255 } else { 0 };
    let mut soft = Repeated::default();
    match &mut image.pixels {
        Pixels::Rgba(pixels) => {
            for (number, pixel) in (0..).zip(pixels) {
                let alpha = pixel[3];
                if is_soft(alpha) {
                    soft.push((number, alpha));
                    pixel[3] = hard(alpha);
                }
            }
        }
        Pixels::Indexed { indices, palette } => {
            if palette.iter().any(|colour| is_soft(colour[3])) {
                let alphas =
                    (0..).zip(indices).filter_map(|(number, index)| Some((number, palette.get(*index as usize)?[3])));
                soft = alphas.filter(|(_, alpha)| is_soft(*alpha)).collect();
            }
            palette.iter_mut().for_each(|colour| colour[3] = hard(colour[3]));
        }
    }
    report(&soft, least, image.width, faults);
}

fn report(soft: &Repeated<(u32, u8)>, least: NonZeroU8, width: u32, faults: &mut Faults<'_>) {
    let item = |(pixel, alpha): &(u32, u8)| format!("{alpha} at {}", place(*pixel, width));
    let message = soft.message(
        |(pixel, alpha)| {
            let becomes = if *alpha >= least.get() { "opaque" } else { "transparent" };
            format!("the pixel at {} has alpha {alpha} and becomes {becomes}", place(*pixel, width))
        },
        |count, list| {
            format!("{count} pixels have an alpha other than 0 and 255, and become opaque from {least} on: {list}")
        },
        item,
    );
    if let Some(message) = message {
        let places = soft.places().map(|(pixel, alpha)| pixel_at(*pixel, width, *alpha)).collect();
        let data = Data::Pixels { count: soft.count(), places, max: None };
        faults.push(Diagnostic::info(Code::TilesHardened, message).with_data(data));
    }
}
