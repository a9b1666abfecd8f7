//! Pictures as Aseprite, GIF and BMP files, the same pixel art as the PNGs.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use crate::noise::Noise;
use crate::pictures::{draw, palette};

/// An Aseprite file of one frame: two layers of RGBA with the same colours, one above the other.
pub fn aseprite(edge: u16, noise: &mut Noise) -> Vec<u8> {
    const HEADER: usize = 128;
    let palette = palette(noise);
    let mut chunks = [0, 1].map(|_| layer()).concat();
    for number in 0..2 {
        let indices = draw(edge.into(), noise);
        let pixels: Vec<u8> = indices.iter().flat_map(|index| palette[usize::from(*index)]).collect();
        chunks.extend(cel(number, edge, &pixels));
    }
    let frame = chunks.len() as u32 + 16;
    let mut file = Vec::new();
    file.extend((HEADER as u32 + frame).to_le_bytes());
    // The magic number, the number of frames, width and height, bits of a pixel, and that the opacity of layers counts.
    file.extend([0xa5e0, 1, edge, edge, 32, 1, 0].map(u16::to_le_bytes).concat());
    file.resize(HEADER, 0);
    file.extend(frame.to_le_bytes());
    // The magic number, the number of chunks, and how long the frame is shown.
    file.extend([0xf1fa, 4, 100, 0].map(u16::to_le_bytes).concat());
    file.extend(4_u32.to_le_bytes());
    file.extend(chunks);
    file
}

/// A visible, opaque layer.
fn layer() -> Vec<u8> {
    let mut content = [1, 0, 0, 0, 0, 0].map(u16::to_le_bytes).concat();
    content.extend([255, 0, 0, 0]);
    content.extend([1, 0, b'l']);
    chunk(0x2004, &content)
}

/// The compressed pixels of a layer.
fn cel(layer: u16, edge: u16, pixels: &[u8]) -> Vec<u8> {
    let mut content = [layer, 0, 0].map(u16::to_le_bytes).concat();
    content.extend([255, 2, 0, 0, 0, 0, 0, 0, 0, 0]);
    content.extend([edge, edge].map(u16::to_le_bytes).concat());
    let mut encoder = ZlibEncoder::new(content, Compression::default());
    encoder.write_all(pixels).unwrap();
    chunk(0x2005, &encoder.finish().unwrap())
}

fn chunk(kind: u16, content: &[u8]) -> Vec<u8> {
    let mut chunk = (content.len() as u32 + 6).to_le_bytes().to_vec();
    chunk.extend(kind.to_le_bytes());
    chunk.extend(content);
    chunk
}

/// A GIF of one frame.
pub fn gif(edge: u16, noise: &mut Noise) -> Vec<u8> {
    let palette = palette(noise).map(|[r, g, b, _]| [r, g, b]).concat();
    let mut frame = gif::Frame::from_indexed_pixels(edge, edge, draw(edge.into(), noise), Some(0));
    frame.make_lzw_pre_encoded();
    let mut file = Vec::new();
    let mut encoder = gif::Encoder::new(&mut file, edge, edge, &palette).unwrap();
    encoder.write_lzw_pre_encoded_frame(&frame).unwrap();
    drop(encoder);
    file
}

/// A BMP of 24 bits a pixel. It has no transparent pixels: their place has the first colour.
pub fn bmp(edge: u16, noise: &mut Noise) -> Vec<u8> {
    const HEADERS: u32 = 14 + 40;
    let palette = palette(noise);
    let colour = |index: u8| {
        let [red, green, blue, _] = palette[usize::from(index.max(1))];
        [blue, green, red]
    };
    let row = (usize::from(edge) * 3).next_multiple_of(4);
    let size = HEADERS + (row * usize::from(edge)) as u32;
    let mut file = b"BM".to_vec();
    file.extend([size, 0, HEADERS, 40, edge.into(), edge.into()].map(u32::to_le_bytes).concat());
    file.extend([1, 24].map(u16::to_le_bytes).concat());
    file.resize(HEADERS as usize, 0);
    for indices in draw(edge.into(), noise).chunks(edge.into()) {
        let end = file.len() + row;
        file.extend(indices.iter().flat_map(|index| colour(*index)));
        file.resize(end, 0);
    }
    file
}
