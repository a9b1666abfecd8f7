//! Readers of files by themselves, as lower bounds: those of papack, over a file that is in memory, and the `gif` crate.

use std::hint::black_box;
use std::io;

use papack_queries::content::{ContentId, ContentStore, Digest};
use papack_queries::formats::tiles::{self, TileSize};
use papack_queries::formats::{Format, Source, sounds};

/// Makes the payload of a picture, as a pack would.
pub fn derive_picture(file: &[u8]) {
    derive(Format::TilesIndexedV1(tiles::Options::new(TileSize::Sixteen)), file);
}

/// Makes the payload of a sound, as a pack would.
pub fn derive_sound(file: &[u8]) {
    derive(Format::SoundsPcmV1(sounds::Options::default()), file);
}

fn derive(format: Format, file: &[u8]) {
    let sources = [Source { path: "file", content: name_of(file), part: None }];
    let outcome = format.derive(&sources, &[], &InMemory(file)).unwrap();
    assert!(black_box(outcome).payload.is_some());
}

/// Reads every frame of a GIF.
pub fn decode_gif(file: &[u8]) {
    let mut decoder = gif::DecodeOptions::new().read_info(file).unwrap();
    while let Some(frame) = decoder.read_next_frame().unwrap() {
        black_box(frame);
    }
}

/// One file, the only content. What is put is dropped, and nothing is digested.
struct InMemory<'f>(&'f [u8]);

impl ContentStore for InMemory<'_> {
    fn read_at(&self, _id: ContentId, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let start = offset as usize;
        buffer.copy_from_slice(&self.0[start..start + buffer.len()]);
        Ok(())
    }

    fn put(&self, bytes: &[u8]) -> io::Result<ContentId> {
        Ok(name_of(black_box(bytes)))
    }
}

/// A name with the size of `bytes`.
fn name_of(bytes: &[u8]) -> ContentId {
    ContentId { digest: Digest::default(), size: bytes.len() as u64 }
}
