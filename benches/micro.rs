//! The parts of a pack that work on bytes: formats, documents, canonical JSON.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "a benchmark may stop at any fault")]

#[path = "micro/memory.rs"]
mod memory;
#[path = "micro/revalidation.rs"]
mod revalidation;

use std::hint::black_box;
use std::io;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use papack_queries::content::ContentStore;
use papack_queries::envelope::{self, Prelude, Reader};
use papack_queries::formats::sounds;
use papack_queries::formats::tiles::{Options, TileSize};
use papack_queries::formats::{Format, Source};
use papack_queries::json::canonical;
use papack_queries::schema::{manifest, registry};

use crate::memory::Memory;

fn format(criterion: &mut Criterion, name: &str, format: Format, file: &[u8]) {
    let memory = Memory::default();
    let content = memory.put(file).unwrap();
    let sources = [Source { path: "f", content, part: None }];
    let payload = format.derive(&sources, &[], &memory).unwrap().payload.expect("a good file");
    let mut group = criterion.benchmark_group("formats");
    group.throughput(Throughput::Bytes(payload.id.size));
    group.bench_function(name, |bencher| bencher.iter(|| format.derive(black_box(&sources), &[], &memory)));
    group.finish();
}

fn formats(criterion: &mut Criterion) {
    let tiles = Format::TilesIndexedV1(Options::new(TileSize::Sixteen));
    format(criterion, "tiles, 256 × 256 RGBA", tiles, &picture(256));
    format(criterion, "tiles, 2048 × 2048 RGBA", tiles, &picture(2048));
    format(
        criterion,
        "sounds, 10 s of 16-bit stereo",
        Format::SoundsPcmV1(sounds::Options::default()),
        &sound(441_000),
    );
}

/// For comparison: the `png` crate decodes the same picture, without checks and without mapping colours.
fn png_peer(criterion: &mut Criterion) {
    for edge in [256, 2048] {
        let file = picture(edge);
        criterion.bench_function(&format!("peer: png crate decodes {edge} × {edge} RGBA"), |bencher| {
            bencher.iter(|| {
                let mut reader = png::Decoder::new(io::Cursor::new(black_box(&file))).read_info().unwrap();
                let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
                reader.next_frame(&mut pixels).unwrap();
                pixels
            });
        });
    }
}

fn documents(criterion: &mut Criterion) {
    let text = include_bytes!("../demo/assets/world/terrain/asset.json");
    criterion.bench_function("manifest", |bencher| bencher.iter(|| manifest::parse("m", black_box(text))));
    let entries: Vec<_> = (1..=10_000)
        .map(|id| {
            format!(
                r#"{{"asset_id": {id}, "asset_uuid": "00000000-0000-4000-8000-{id:012x}", "root": "a/b{id}", "included_in_build": true}}"#
            )
        })
        .collect();
    let text = format!(r#"{{"schema_version": 2, "next_asset_id": 20000, "assets": [{}]}}"#, entries.join(","));
    let mut group = criterion.benchmark_group("registry");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("10,000 entries", |bencher| bencher.iter(|| registry::parse(black_box(text.as_bytes()))));
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    group.bench_function("the same, canonicalized", |bencher| bencher.iter(|| canonical::to_vec(black_box(&value))));
    group.finish();
}

/// A pack without its payloads: the prelude and the header, which are all that its reader reads, and the size of the
/// whole.
struct Front {
    bytes: Vec<u8>,
    size: u64,
}

impl Front {
    /// The front of a pack of `count` DATA assets.
    fn of(count: u64) -> Self {
        const SIZE: u64 = 16 << 10;
        let entry = |index: u64| {
            let metadata = format!(r#"{{"entries":[{{"name":"data.bin","offset":0,"size":{SIZE}}}]}}"#);
            let front = format!(r#""asset_id":{},"asset_name":"asset {index}","bank_type":"DATA""#, index + 1);
            let place = format!(r#""offset":{},"size":{SIZE}"#, index * SIZE);
            format!(r#"{{{front},"codec":"NONE","decoded_size":{SIZE},"metadata":{metadata},{place}}}"#)
        };
        let table = (0..count).map(entry).collect::<Vec<_>>().join(",");
        let header = format!(r#"{{"asset_table":[{table}],"preload":[]}}"#);
        let prelude = Prelude { header_len: u32::try_from(header.len()).unwrap() };
        let bytes = [&prelude.to_bytes(), header.as_bytes()].concat();
        Self { bytes, size: prelude.payload_offset() + count * SIZE }
    }
}

impl envelope::Source for Front {
    fn size(&self) -> io::Result<u64> {
        Ok(self.size)
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.bytes.read_exact_at(offset, buffer)
    }
}

fn reader(criterion: &mut Criterion) {
    let front = Front::of(10_000);
    let mut group = criterion.benchmark_group("strict reader");
    group.throughput(Throughput::Bytes(front.bytes.len() as u64));
    group.bench_function("10,000 assets", |bencher| bencher.iter(|| Reader::open(black_box(&front), "p").unwrap()));
    group.finish();
}

/// A picture of 15 colours and transparency.
fn picture(edge: u32) -> Vec<u8> {
    let pixels: Vec<u8> = (0..edge * edge)
        .flat_map(|pixel| {
            let (x, y) = (pixel % edge, pixel / edge);
            let colour = (x / 8 * 7 + y / 8 * 13 + x * y % 3) % 16;
            let level = (colour * 17) as u8;
            if colour == 0 { [0, 0, 0, 0] } else { [level, 255 - level, level, 255] }
        })
        .collect();
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, edge, edge);
    encoder.set_color(png::ColorType::Rgba);
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
    file
}

fn sound(frames: u32) -> Vec<u8> {
    let data: Vec<u8> = (0..frames * 2).flat_map(|sample| (sample as i16).to_le_bytes()).collect();
    let mut file = b"RIFF".to_vec();
    file.extend((36 + data.len() as u32).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x02\0");
    file.extend(44_100_u32.to_le_bytes());
    file.extend(176_400_u32.to_le_bytes());
    file.extend([4, 0, 16, 0]);
    file.extend(b"data");
    file.extend((data.len() as u32).to_le_bytes());
    file.extend(data);
    file
}

criterion_group!(benches, formats, png_peer, documents, reader, revalidation::benches);
criterion_main!(benches);
