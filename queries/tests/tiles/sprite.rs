//! A writer of Aseprite files that leaves every choice to the test, the wrong ones too.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

pub const RGBA: u16 = 32;
pub const GREY: u16 = 16;
pub const INDEXED: u16 = 8;

/// A sprite of frames with chunks.
#[derive(Debug, Clone)]
pub struct Sprite {
    pub width: u16,
    pub height: u16,
    pub depth: u16,
    pub flags: u32,
    pub transparent: u8,
    /// The duration and the chunks of each frame: a type, and the content.
    pub frames: Vec<(u16, Vec<Chunk>)>,
}

impl Sprite {
    /// A sprite of 8 × 8 pixels with one frame and no chunk.
    pub fn new(depth: u16) -> Self {
        Self { width: 8, height: 8, depth, flags: 1, transparent: 0, frames: vec![(100, Vec::new())] }
    }

    /// Adds a chunk to the last frame.
    pub fn with(mut self, (kind, content): (u16, Vec<u8>)) -> Self {
        self.frames.last_mut().unwrap().1.push((kind, content));
        self
    }

    /// Begins the next frame.
    pub fn then(mut self, duration: u16) -> Self {
        self.frames.push((duration, Vec::new()));
        self
    }

    pub fn encode(&self) -> Vec<u8> {
        let frame = |(duration, chunks): &(u16, Vec<Chunk>)| {
            let body: Vec<u8> = chunks
                .iter()
                .flat_map(|(kind, content)| {
                    [&(content.len() as u32 + 6).to_le_bytes(), &kind.to_le_bytes()[..], content].concat()
                })
                .collect();
            let count = chunks.len() as u32;
            let mut frame = (body.len() as u32 + 16).to_le_bytes().to_vec();
            frame.extend([0xfa, 0xf1]);
            frame.extend((count as u16).to_le_bytes());
            frame.extend(duration.to_le_bytes());
            frame.extend([0; 2]);
            frame.extend(count.to_le_bytes());
            frame.extend(body);
            frame
        };
        let frames: Vec<u8> = self.frames.iter().flat_map(frame).collect();
        let mut file = (frames.len() as u32 + 128).to_le_bytes().to_vec();
        for value in [0xa5e0, self.frames.len() as u16, self.width, self.height, self.depth] {
            file.extend(value.to_le_bytes());
        }
        file.extend(self.flags.to_le_bytes());
        file.extend([50, 0, 0, 0, 0, 0, 0, 0, 0, 0, self.transparent]);
        file.resize(128, 0);
        file.extend(frames);
        file
    }
}

/// A chunk: its type and content.
pub type Chunk = (u16, Vec<u8>);

fn text(text: &str) -> Vec<u8> {
    [&(text.len() as u16).to_le_bytes(), text.as_bytes()].concat()
}

/// A layer and how it is to be written.
#[derive(Debug, Clone, Copy)]
pub struct Layer {
    pub name: &'static str,
    pub flags: u16,
    pub kind: u16,
    pub level: u16,
    pub mode: u16,
    pub opacity: u8,
}

impl Layer {
    /// A visible image layer.
    pub const fn new(name: &'static str) -> Self {
        Self { name, flags: 1, kind: 0, level: 0, mode: 0, opacity: 255 }
    }

    pub fn chunk(self) -> Chunk {
        let mut content = Vec::new();
        for value in [self.flags, self.kind, self.level, 0, 0, self.mode] {
            content.extend(value.to_le_bytes());
        }
        content.extend([self.opacity, 0, 0, 0]);
        content.extend(text(self.name));
        if self.kind == 2 {
            content.extend([0; 4]);
        }
        (0x2004, content)
    }
}

/// A cel and how it is to be written.
#[derive(Debug, Clone, Copy)]
pub struct Cel {
    pub layer: u16,
    pub x: i16,
    pub y: i16,
    pub opacity: u8,
    pub z: i16,
}

impl Cel {
    pub const fn new(layer: u16) -> Self {
        Self { layer, x: 0, y: 0, opacity: 255, z: 0 }
    }

    fn head(self, kind: u16) -> Vec<u8> {
        let mut head = self.layer.to_le_bytes().to_vec();
        head.extend([self.x.to_le_bytes(), self.y.to_le_bytes()].concat());
        head.push(self.opacity);
        head.extend(kind.to_le_bytes());
        head.extend(self.z.to_le_bytes());
        head.extend([0; 5]);
        head
    }

    /// Compressed pixels.
    pub fn image(self, width: u16, height: u16, pixels: &[u8]) -> Chunk {
        (0x2005, [self.head(2), width.to_le_bytes().into(), height.to_le_bytes().into(), zlib(pixels)].concat())
    }

    /// Pixels as they are.
    pub fn raw(self, width: u16, height: u16, pixels: &[u8]) -> Chunk {
        (0x2005, [&self.head(0), &width.to_le_bytes()[..], &height.to_le_bytes(), pixels].concat())
    }

    /// What the layer has in that frame.
    pub fn linked(self, frame: u16) -> Chunk {
        (0x2005, [&self.head(1)[..], &frame.to_le_bytes()].concat())
    }

    /// Tiles, with Aseprite's own masks.
    pub fn tilemap(self, width: u16, height: u16, tiles: &[u32]) -> Chunk {
        let mut content = self.head(3);
        for value in [width, height, 32] {
            content.extend(value.to_le_bytes());
        }
        for mask in [0x1fff_ffff_u32, FLIP_X, FLIP_Y, DIAGONAL] {
            content.extend(mask.to_le_bytes());
        }
        content.extend([0; 10]);
        content.extend(zlib(&tiles.iter().flat_map(|tile| tile.to_le_bytes()).collect::<Vec<_>>()));
        (0x2005, content)
    }
}

pub const FLIP_X: u32 = 1 << 31;
pub const FLIP_Y: u32 = 1 << 30;
pub const DIAGONAL: u32 = 1 << 29;

/// A tileset of tiles that are in the file, and of which the first is empty.
pub fn tileset(number: u32, count: u32, width: u16, height: u16, pixels: &[u8]) -> Chunk {
    let mut content = Vec::new();
    for value in [number, 2 | 4, count] {
        content.extend(value.to_le_bytes());
    }
    content.extend([width.to_le_bytes(), height.to_le_bytes(), 1_u16.to_le_bytes()].concat());
    content.extend([0; 14]);
    content.extend(text("tiles"));
    let data = zlib(pixels);
    content.extend((data.len() as u32).to_le_bytes());
    content.extend(data);
    (0x2023, content)
}

/// A palette of these colours.
pub fn palette(colours: &[[u8; 4]]) -> Chunk {
    let mut content = Vec::new();
    for value in [colours.len() as u32, 0, colours.len() as u32 - 1, 0, 0] {
        content.extend(value.to_le_bytes());
    }
    for colour in colours {
        content.extend([0, 0]);
        content.extend(colour);
    }
    (0x2019, content)
}

/// A tag with name, first and last frame, and direction.
pub fn tags(tags: &[(&str, u16, u16, u8)]) -> Chunk {
    let mut content = (tags.len() as u16).to_le_bytes().to_vec();
    content.extend([0; 8]);
    for (name, first, last, direction) in tags {
        content.extend([first.to_le_bytes(), last.to_le_bytes()].concat());
        content.push(*direction);
        content.extend([0; 12]);
        content.extend(text(name));
    }
    (0x2018, content)
}

/// A slice with a name, and frame, column, row, width and height of each of its keys.
pub fn slice(name: &str, keys: &[(u32, i32, i32, u32, u32)]) -> Chunk {
    let mut content = (keys.len() as u32).to_le_bytes().to_vec();
    content.extend([0; 8]);
    content.extend(text(name));
    for (frame, x, y, width, height) in keys {
        content.extend([frame.to_le_bytes(), x.to_le_bytes(), y.to_le_bytes()].concat());
        content.extend([width.to_le_bytes(), height.to_le_bytes()].concat());
    }
    (0x2022, content)
}

pub fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
