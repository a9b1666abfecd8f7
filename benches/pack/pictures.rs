//! Pictures to pack: pixel art as games have it, in the kinds of PNG that editors write.

use std::io::BufWriter;
use std::path::Path;

use crate::noise::Noise;

/// Colours of a picture, besides the transparent one.
const COLOURS: usize = 15;

/// The kinds of PNG, as often as they come: artists mostly save colours, and some save indices.
const KINDS: [Kind; 4] = [Kind::Rgba, Kind::Index4, Kind::Rgba, Kind::Index8];

#[derive(Clone, Copy)]
enum Kind {
    /// Colours with alpha, four bytes a pixel, each row with the filter that suits it.
    Rgba,
    /// Palette indices, two in a byte, without filters.
    Index4,
    /// Palette indices, one in a byte, without filters.
    Index8,
}

/// Writes the `number`-th picture, `edge` pixels wide and high, to `path`.
pub fn write(path: &Path, number: usize, edge: u32, noise: &mut Noise) {
    let kind = KINDS[number % KINDS.len()];
    let palette = palette(noise);
    let indices = draw(edge as usize, noise);
    let mut encoder = png::Encoder::new(BufWriter::new(std::fs::File::create(path).unwrap()), edge, edge);
    encoder.set_deflate_compression(png::DeflateCompression::Level(9));
    let data: Vec<u8> = match kind {
        Kind::Rgba => {
            encoder.set_color(png::ColorType::Rgba);
            encoder.set_filter(png::Filter::Adaptive);
            indices.iter().flat_map(|index| palette[usize::from(*index)]).collect()
        }
        Kind::Index4 => {
            encoder.set_depth(png::BitDepth::Four);
            indices.as_chunks().0.iter().map(|[left, right]| left << 4 | right).collect()
        }
        Kind::Index8 => indices,
    };
    if !matches!(kind, Kind::Rgba) {
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_filter(png::Filter::NoFilter);
        encoder.set_palette(palette.iter().flat_map(|[r, g, b, _]| [*r, *g, *b]).collect::<Vec<_>>());
        encoder.set_trns(vec![0]);
    }
    encoder.write_header().unwrap().write_image_data(&data).unwrap();
}

/// A transparent entry, and colours that stay distinct in 16 bits.
pub fn palette(noise: &mut Noise) -> [[u8; 4]; COLOURS + 1] {
    let mut palette = [[0; 4]; COLOURS + 1];
    for (colour, entry) in palette.iter_mut().enumerate().skip(1) {
        let [red, green] = [noise.next() as u8, noise.next() as u8];
        *entry = [red, green, (colour * 17) as u8, 255];
    }
    palette
}

/// The indices of a picture: shapes with an outline and a dithered shade, on transparent ground.
pub fn draw(edge: usize, noise: &mut Noise) -> Vec<u8> {
    let mut pixels = vec![0; edge * edge];
    let mut below = |limit: usize| noise.next() as usize % limit;
    // As many in each square of 16 pixels, whatever the size of the picture.
    for _ in 0..edge * edge / 256 {
        let (x, y, radius) = (below(edge), below(edge), 3 + below(13));
        let [outline, light, dark] = [(); 3].map(|()| 1 + below(COLOURS) as u8);
        let (roughness, is_round) = (1 + below(radius), below(3) > 0);
        let around = |middle: usize| middle.saturating_sub(radius)..=(middle + radius).min(edge - 1);
        for py in around(y) {
            for px in around(x) {
                let (dx, dy) = (px.abs_diff(x), py.abs_diff(y));
                let distance = if is_round { (dx * dx + dy * dy).isqrt() } else { dx.max(dy) };
                if distance > radius {
                    continue;
                }
                let (here, middle) = (px + py, x + y);
                let is_dark = here + below(roughness) > middle && here % 2 == 0 || here > middle + radius / 2;
                let colour = if is_dark { dark } else { light };
                pixels[py * edge + px] = if distance == radius { outline } else { colour };
            }
        }
    }
    pixels
}
