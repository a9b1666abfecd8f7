//! `SOUNDS/pcm_v1` on files made at random: nothing panics, and samples equal a naive reference.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

mod memory;

use memory::Memory;
use papack_queries::content::{ContentId, ContentStore};
use papack_queries::diagnostic::Diagnostic;
use papack_queries::formats::sounds::{Loops, Options};
use papack_queries::formats::{FileOutline, Format, Source};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// What is foretold of one file, and what is derived from it: the size of the payload, and the metadata.
fn foretold_and_derived(loops: Loops, file: &[u8]) -> [Option<(u64, Box<str>)>; 2] {
    let memory = Memory::default();
    let (path, content) = ("a/s.wav", memory.put(file).unwrap());
    let format = Format::SoundsPcmV1(Options::with_loops(loops));
    let foretold = format.foretell(&[FileOutline { path, size: content.size, content: Some(content) }], &memory);
    let outcome = format.derive(&[Source { path, content, part: None }], &[], &memory).unwrap();
    [foretold, outcome.payload.map(|payload| (payload.id.size, payload.metadata))]
}

/// The payload of one file, after a check that there is one exactly when there is no error, and that the
/// metadata describes it.
fn derive(loops: Loops, file: &[u8]) -> Option<Vec<u8>> {
    let memory = Memory::default();
    let source = Source { path: "s.wav", content: memory.put(file).unwrap(), part: None };
    let outcome = Format::SoundsPcmV1(Options::with_loops(loops)).derive(&[source], &[], &memory).unwrap();
    assert_eq!(outcome.payload.is_none(), outcome.diagnostics.iter().any(Diagnostic::is_error), "{outcome:?}");
    let payload = outcome.payload?;
    let bytes: Vec<u8> = payload.slices.iter().flat_map(|slice| memory.read(*slice).unwrap()).collect();
    assert_eq!(payload.id, ContentId::of(&bytes));
    let metadata: serde_json::Value = serde_json::from_str(&payload.metadata).unwrap();
    let sample = &metadata["samples"][0];
    let number = |key: &str| sample[key].as_u64();
    let (channels, frames) = (number("channels").unwrap(), number("frames").unwrap());
    assert_eq!(2 * channels * frames, bytes.len() as u64);
    assert!((1..=192_000).contains(&number("sample_rate").unwrap()));
    if let Some(start) = number("loop_start") {
        let end = number("loop_end").unwrap();
        assert!(start < end && end <= frames);
    }
    Some(bytes)
}

fn derive_both(file: &[u8]) {
    for loops in Loops::ALL {
        derive(loops, file);
        // It may be anything.
        foretold_and_derived(loops, file);
    }
}

/// A way to store samples: tag, bits, and whether as an extensible format.
#[derive(Debug, Clone, Copy)]
struct Kind(u16, u16, bool);

const KINDS: [(u16, u16); 5] = [(1, 8), (1, 16), (1, 24), (1, 32), (3, 32)];

fn kind() -> impl Strategy<Value = Kind> {
    (select(&KINDS), any::<bool>()).prop_map(|((tag, bits), extensible)| Kind(tag, bits, extensible))
}

impl Kind {
    fn bytes(self) -> usize {
        usize::from(self.1 / 8)
    }

    fn chunk(self, channels: u16, rate: u32) -> Vec<u8> {
        let Self(tag, bits, extensible) = self;
        let frame = channels * (bits / 8);
        let mut body = Vec::new();
        body.extend(if extensible { 0xFFFE } else { tag }.to_le_bytes());
        body.extend(channels.to_le_bytes());
        body.extend(rate.to_le_bytes());
        body.extend((rate * u32::from(frame)).to_le_bytes());
        body.extend(frame.to_le_bytes());
        body.extend(bits.to_le_bytes());
        if extensible {
            body.extend(22u16.to_le_bytes());
            body.extend(bits.to_le_bytes());
            body.extend([0; 4]);
            body.extend(tag.to_le_bytes());
            body.extend([0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71]);
        }
        chunk(b"fmt ", &body)
    }

    /// The sample in `bytes`, computed from its value; nothing for NaN.
    fn reference(self, bytes: &[u8]) -> Option<i16> {
        let unsigned = bytes.iter().rev().fold(0i64, |value, byte| value << 8 | i64::from(*byte));
        let signed = if unsigned >> (self.1 - 1) == 1 { unsigned - (1i64 << self.1) } else { unsigned };
        Some(match self {
            Self(3, ..) => {
                let value = f32::from_bits(u32::try_from(unsigned).unwrap());
                if value.is_nan() {
                    return None;
                }
                // The product is rounded to f32; what comes after it is exact in f64.
                let scaled = f64::from(value.clamp(-1.0, 1.0) * 32767.0);
                let magnitude = (scaled.abs() + 0.5).floor() as i16;
                if scaled < 0.0 { -magnitude } else { magnitude }
            }
            Self(_, 8, _) => i16::try_from((unsigned - 128) * 256).unwrap(),
            Self(_, bits, _) => i16::try_from(signed.div_euclid(1 << (bits - 16))).unwrap(),
        })
    }
}

fn chunk(id: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let size = u32::try_from(body.len()).unwrap();
    [&id[..], &size.to_le_bytes(), body, &[0][..body.len() % 2]].concat()
}

fn riff(chunks: &[Vec<u8>]) -> Vec<u8> {
    chunk(b"RIFF", &[b"WAVE".to_vec(), chunks.concat()].concat())
}

fn smpl(count: u32, [kind, first, last]: [u32; 3]) -> Vec<u8> {
    let mut body = vec![0; 60];
    for (at, value) in [(28, count), (40, kind), (44, first), (48, last)] {
        body[at..at + 4].copy_from_slice(&value.to_le_bytes());
    }
    chunk(b"smpl", &body)
}

/// Files that are valid, but for floats that are NaN and loops beyond the end.
fn wave() -> impl Strategy<Value = Vec<u8>> {
    let smpl = (0u32..3, [0u32..2, 0u32..9, 0u32..9]).prop_map(|(count, loops)| smpl(count, loops));
    let other = vec(any::<u8>(), 0..9).prop_map(|body| chunk(b"LIST", &body));
    let between = prop_oneof![Just(Vec::new()), smpl.clone(), other];
    let samples = vec(any::<u8>(), 0..64);
    (kind(), 1u16..=2, 1u32..=192_000, samples, between, prop_oneof![Just(Vec::new()), smpl]).prop_map(
        |(kind, channels, rate, mut samples, between, after)| {
            samples.truncate(samples.len() - samples.len() % (usize::from(channels) * kind.bytes()));
            riff(&[kind.chunk(channels, rate), between, chunk(b"data", &samples), after])
        },
    )
}

/// Values that break things where a size or a count is expected.
fn number() -> impl Strategy<Value = u32> {
    prop_oneof![0u32..64, Just(u32::MAX), Just(u32::MAX - 7), Just(1 << 31), any::<u32>()]
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in vec(any::<u8>(), 0..200)) {
        derive_both(&bytes);
        derive_both(&[b"RIFF\xFF\0\0\0WAVE", &bytes[..]].concat());
    }

    #[test]
    fn any_chunks_are_survived(
        chunks in vec((select(&[b"fmt ", b"data", b"smpl", b"LIST"][..]), vec(any::<u8>(), 0..70)), 0..6)
    ) {
        derive_both(&riff(&chunks.iter().map(|(id, body)| chunk(id, body)).collect::<Vec<_>>()));
    }

    #[test]
    fn mutations_are_survived(
        mut file in wave(),
        bytes in vec((any::<Index>(), any::<u8>()), 0..4),
        numbers in vec((any::<Index>(), number()), 0..3),
    ) {
        for (at, byte) in bytes {
            *at.get_mut(&mut file) = byte;
        }
        for (at, number) in numbers {
            // Every field lies at an even place.
            let at = at.index(file.len() - 4) / 2 * 2;
            file[at..at + 4].copy_from_slice(&number.to_le_bytes());
        }
        derive_both(&file);
    }

    #[test]
    fn truncations_are_survived(file in wave(), more in vec(any::<u8>(), 0..12)) {
        for length in 0..file.len() {
            derive_both(&file[..length]);
        }
        derive_both(&[file, more].concat());
    }

    #[test]
    fn what_is_foretold_of_a_valid_file_comes_true(file in wave()) {
        for loops in Loops::ALL {
            let [foretold, derived] = foretold_and_derived(loops, &file);
            prop_assert!(derived.is_none() || foretold == derived, "{:?} {:?}", foretold, derived);
        }
    }

    /// Whatever stands for its sizes, a sound that ends with its samples is the same.
    #[test]
    fn unfinished_files_are_what_they_would_be(
        kind in kind(),
        channels in 1u16..=2,
        samples in vec(any::<u8>(), 1..400),
        riff_size in select(&[0, 0x7FFF_0000, 0x7FFF_F024, u32::MAX][..]),
        data_size in select(&[0x7FFF_0000, 0x7FFF_F000, u32::MAX - 36, u32::MAX][..]),
    ) {
        let front = riff(&[kind.chunk(channels, 8000), chunk(b"data", &[])]);
        let mut unfinished = [front.clone(), samples.clone()].concat();
        unfinished[front.len() - 4..front.len()].copy_from_slice(&data_size.to_le_bytes());
        unfinished[4..8].copy_from_slice(&u32::to_le_bytes(riff_size));
        let frame = usize::from(channels) * kind.bytes();
        let whole = &samples[..samples.len() - samples.len() % frame];
        let finished = riff(&[kind.chunk(channels, 8000), chunk(b"data", whole)]);
        prop_assert_eq!(derive(Loops::Off, &unfinished), derive(Loops::Off, &finished));
    }

    #[test]
    fn sixteen_bits_come_back(frames in vec(any::<[i16; 2]>(), 0..200), extensible: bool) {
        let samples: Vec<u8> = frames.iter().flatten().flat_map(|sample| sample.to_le_bytes()).collect();
        let file = riff(&[Kind(1, 16, extensible).chunk(2, 44_100), chunk(b"data", &samples)]);
        prop_assert_eq!(derive(Loops::Off, &file), Some(samples));
    }

    #[test]
    fn samples_equal_the_reference(kind in kind(), mut samples in vec(any::<u8>(), 0..400)) {
        samples.truncate(samples.len() / kind.bytes() * kind.bytes());
        let file = riff(&[kind.chunk(1, 8000), chunk(b"data", &samples)]);
        let expected: Option<Vec<i16>> =
            samples.chunks_exact(kind.bytes()).map(|sample| kind.reference(sample)).collect();
        let expected = expected.map(|samples| samples.iter().flat_map(|sample| sample.to_le_bytes()).collect());
        prop_assert_eq!(derive(Loops::Detect, &file), expected);
    }

    #[test]
    fn floats_equal_the_reference(values in vec(-1.01f32..1.01, 0..200)) {
        let samples: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let float = Kind(3, 32, false);
        let expected = samples.chunks_exact(4).flat_map(|sample| float.reference(sample).unwrap().to_le_bytes());
        let expected: Vec<u8> = expected.collect();
        let file = riff(&[float.chunk(1, 8000), chunk(b"data", &samples)]);
        prop_assert_eq!(derive(Loops::Off, &file), Some(expected));
    }
}
