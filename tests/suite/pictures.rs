//! Small PNG files.

/// A picture of these samples.
pub fn png(
    width: u32,
    height: u32,
    colour: png::ColorType,
    depth: png::BitDepth,
    palette: Option<Vec<u8>>,
    samples: &[u8],
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(colour);
    encoder.set_depth(depth);
    if let Some(palette) = palette {
        encoder.set_palette(palette);
    }
    encoder.write_header().unwrap().write_image_data(samples).unwrap();
    bytes
}

/// An RGBA picture, whose pixels `colour` gives, counted row by row.
pub fn rgba_of(width: u32, height: u32, colour: impl Fn(u32) -> [u8; 4]) -> Vec<u8> {
    let samples: Vec<u8> = (0..width * height).flat_map(colour).collect();
    png(width, height, png::ColorType::Rgba, png::BitDepth::Eight, None, &samples)
}

/// An RGBA picture of one colour.
pub fn rgba(width: u32, height: u32, colour: [u8; 4]) -> Vec<u8> {
    rgba_of(width, height, |_| colour)
}

/// An indexed picture of 8 × 8 with so many palette entries, whose pixel at (5, 1) is `index`, and all others 0.
pub fn indexed(entries: usize, index: u8) -> Vec<u8> {
    let mut samples = [0; 64];
    samples[8 + 5] = index;
    png(8, 8, png::ColorType::Indexed, png::BitDepth::Eight, Some(vec![0; entries * 3]), &samples)
}
