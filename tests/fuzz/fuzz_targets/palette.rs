//! Any bytes are a palette that is imposed on a picture, or no palette.
#![no_main]

#[allow(dead_code)]
mod memory;

use libfuzzer_sys::fuzz_target;
use papack_queries::diagnostic::Code;
use papack_queries::formats::Format;
use papack_queries::formats::tiles::{Conversions, Dither, Options, PaletteFrom, TileSize};

/// A grey PNG of 8 × 8 pixels in two colours.
const PICTURE: &[u8] = include_bytes!("palette/picture.png");

fuzz_target!(|bytes: &[u8]| {
    let conversions =
        Conversions { palette: Some(PaletteFrom::FirstFile), dither: Dither::Ordered, ..Conversions::default() };
    let format = Format::TilesIndexedV1(Options { conversions, ..Options::new(TileSize::Eight) });
    let outcome = memory::derive_all(format, &[bytes, PICTURE]);
    let known = [Code::PaletteInvalid, Code::PngInvalid, Code::PngUnsupported, Code::FileLfsPointer];
    let errors = outcome.diagnostics.iter().filter(|fault| fault.is_error());
    assert!(errors.map(|fault| fault.code).all(|code| known.contains(&code)));
});
