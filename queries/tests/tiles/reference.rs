//! The rules of the format, told once more over the pixels that another PNG decoder yields.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;

use papack_queries::diagnostic::Code;
use png::{ColorType, Decoder, Transformations};

/// Indices and palette of a valid image, or the codes of what is wrong with it.
pub type Expected = Result<(Vec<u8>, Vec<u16>), BTreeSet<Code>>;

/// What is warned of.
#[derive(Debug, Default)]
pub struct Warned {
    /// How many RGB565 values stand for several colours.
    pub merged: usize,
    /// How many pixels have an opaque entry 0, and the first of them.
    pub entry_zero: Option<(usize, usize)>,
}

/// What a file becomes, and what is warned of.
pub fn expect(file: &[u8]) -> (Expected, Warned) {
    let mut decoder = Decoder::new(Cursor::new(file));
    let info = decoder.read_header_info().unwrap();
    let indexed = info.color_type == ColorType::Indexed;
    decoder.set_transformations(if indexed { Transformations::IDENTITY } else { Transformations::EXPAND });
    let mut reader = decoder.read_info().unwrap();
    let mut buffer = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut buffer).unwrap();
    if indexed {
        let depth = frame.bit_depth as usize;
        let indices = buffer
            .chunks(frame.line_size)
            .flat_map(|line| (0..frame.width as usize).map(move |x| bits(line, x * depth, depth)))
            .collect();
        let alphas = reader.info().trns.as_deref().unwrap_or_default().to_vec();
        let expected = expect_indexed(indices, reader.info().palette.as_deref().unwrap(), &alphas);
        let is_opaque = alphas.first().is_none_or(|alpha| *alpha == 255);
        let zeros = |indices: &[u8]| {
            let at: Vec<_> = indices.iter().enumerate().filter(|(_, index)| **index == 0).map(|(at, _)| at).collect();
            Some((at.len(), *at.first()?))
        };
        let entry_zero = expected.as_ref().ok().filter(|_| is_opaque).and_then(|(indices, _)| zeros(indices));
        (expected, Warned { merged: 0, entry_zero })
    } else {
        let pixels: Vec<_> = buffer[..frame.buffer_size()]
            .chunks(frame.color_type.samples())
            .map(|pixel| match *pixel {
                [v] => [v, v, v, 255],
                [v, a] => [v, v, v, a],
                [r, g, b] => [r, g, b, 255],
                [r, g, b, a] => [r, g, b, a],
                _ => unreachable!(),
            })
            .collect();
        expect_coloured(&pixels)
    }
}

fn bits(line: &[u8], first: usize, count: usize) -> u8 {
    (first..first + count).fold(0, |value, bit| value << 1 | line[bit / 8] >> (7 - bit % 8) & 1)
}

fn expect_indexed(indices: Vec<u8>, palette: &[u8], alphas: &[u8]) -> Expected {
    let mut codes = BTreeSet::new();
    for &index in &indices {
        let alpha = alphas.get(usize::from(index)).copied().unwrap_or(255);
        if usize::from(index) >= palette.len() / 3 {
            codes.insert(Code::PngIndexBeyondPalette);
        } else if index > 15 {
            codes.insert(Code::TilesIndex);
        } else if alpha != 255 && (index != 0 || alpha != 0) {
            codes.insert(Code::TilesAlpha);
        }
    }
    let mut entries: Vec<_> = palette.chunks(3).take(16).map(|rgb| rgb565(rgb[0], rgb[1], rgb[2])).collect();
    entries.resize(16, 0);
    if codes.is_empty() { Ok((indices, entries)) } else { Err(codes) }
}

fn expect_coloured(pixels: &[[u8; 4]]) -> (Expected, Warned) {
    let mut codes = BTreeSet::new();
    let mut colours: BTreeMap<u16, BTreeSet<[u8; 3]>> = BTreeMap::new();
    for &[r, g, b, a] in pixels {
        match a {
            0 => {}
            255 => {
                colours.entry(rgb565(r, g, b)).or_default().insert([r, g, b]);
            }
            _ => {
                codes.insert(Code::TilesAlpha);
            }
        }
    }
    let merged = colours.values().filter(|sources| sources.len() > 1).count();
    let mut warned = Warned { merged, entry_zero: None };
    if colours.len() > 15 {
        codes.insert(Code::TilesColours);
        warned.merged = 0;
    }
    if !codes.is_empty() {
        return (Err(codes), warned);
    }
    let mut palette = vec![0];
    palette.extend(colours.keys());
    let index = |&[r, g, b, a]: &[u8; 4]| {
        if a == 0 { 0 } else { 1 + colours.keys().position(|value| *value == rgb565(r, g, b)).unwrap() as u8 }
    };
    let indices = pixels.iter().map(index).collect();
    palette.resize(16, 0);
    (Ok((indices, palette)), warned)
}

fn rgb565(r: u8, g: u8, b: u8) -> u16 {
    let (r, g, b) = (u32::from(r), u32::from(g), u32::from(b));
    (((r * 31 + 127) / 255) << 11 | ((g * 63 + 127) / 255) << 5 | ((b * 31 + 127) / 255)) as u16
}

/// The payload of one sheet with one palette.
pub fn payload(indices: &[u8], palette: &[u16]) -> Vec<u8> {
    let mut payload: Vec<_> = indices.chunks(2).map(|pair| pair[0] * 16 + pair[1]).collect();
    payload.extend(palette.iter().flat_map(|entry| entry.to_le_bytes()));
    payload.resize(indices.len() / 2 + 2048, 0);
    payload
}
