//! `SOUNDS/pcm_v1` on compressed files, against what independent decoders make of them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]
#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "numbers of tests are small"
)]

mod memory;

use std::f64::consts::{FRAC_PI_2, PI};
use std::process::Command;

use memory::Memory;
use papack_queries::content::{ContentStore, Outcome};
use papack_queries::diagnostic::Diagnostic;
use papack_queries::formats::sounds::{Options, is_guarded};
use papack_queries::formats::{Format, Source};
use serde_json::{Value, json};

/// A file, what another decoder makes of it, channels, sample rate, and how many steps a sample may differ.
type Fixture = (&'static str, &'static [u8], &'static [u8], u64, u64, u16);

macro_rules! fixture {
    ($name:literal, $channels:literal, $rate:literal, $steps:literal) => {
        (
            $name,
            include_bytes!(concat!("audio/", $name)),
            include_bytes!(concat!("audio/", $name, ".s16")),
            $channels,
            $rate,
            $steps,
        )
    };
}

const FIXTURES: [Fixture; 8] = [
    fixture!("stereo.flac", 2, 22_050, 0),
    fixture!("wide.flac", 1, 22_050, 0),
    fixture!("flac.ogg", 1, 8_000, 0),
    fixture!("mono.ogg", 1, 8_000, 1),
    fixture!("stereo.ogg", 2, 22_050, 1),
    fixture!("mono.mp3", 1, 8_000, 1),
    fixture!("stereo.mp3", 2, 22_050, 1),
    // Without a word on its length, behind other tags.
    fixture!("tagged.mp3", 1, 8_000, 1),
];

fn derive(options: Options, bytes: &[u8]) -> (Outcome, Vec<u8>) {
    let memory = Memory::default();
    let content = memory.put(bytes).unwrap();
    let sources = [Source { path: "a.x", content, part: None }];
    let outcome = Format::SoundsPcmV1(options).derive(&sources, &[], &memory).unwrap();
    assert_eq!(outcome.payload.is_none(), outcome.diagnostics.iter().any(Diagnostic::is_error), "{outcome:?}");
    let payload = outcome.payload.as_ref().map_or_else(Vec::new, |payload| memory.read(payload.id).unwrap());
    (outcome, payload)
}

fn sample(outcome: &Outcome) -> Value {
    let metadata: Value = serde_json::from_str(&outcome.payload.as_ref().unwrap().metadata).unwrap();
    metadata["samples"][0].clone()
}

/// The largest difference of two sounds, which have to be of one length.
fn difference(found: &[u8], expected: &[u8], name: &str) -> u16 {
    assert_eq!(found.len(), expected.len(), "{name}");
    let samples = |bytes: &[u8]| bytes.as_chunks().0.iter().map(|bytes| i16::from_le_bytes(*bytes)).collect::<Vec<_>>();
    samples(found).into_iter().zip(samples(expected)).map(|(a, b)| a.abs_diff(b)).max().unwrap_or(0)
}

#[test]
fn samples_are_those_of_other_decoders() {
    for (name, bytes, expected, channels, rate, steps) in FIXTURES {
        let (outcome, payload) = derive(Options::default(), bytes);
        assert_eq!(outcome.diagnostics, [], "{name}");
        assert!(difference(&payload, expected, name) <= steps, "{name}");
        let frames = expected.len() as u64 / 2 / channels;
        let expected = json!({ "channels": channels, "frames": frames, "name": "a", "offset": 0, "sample_rate": rate });
        assert_eq!(sample(&outcome), expected, "{name}");
    }
}

/// Longer sounds, made and decoded by the programs of others where they are there.
#[test]
#[expect(clippy::disallowed_methods, reason = "what another program wrote is read")]
fn longer_sounds_are_those_of_ffmpeg() {
    let folder = std::env::temp_dir().join(format!("papack-ffmpeg-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new("ffmpeg");
        command.args(["-v", "error", "-y"]).args(arguments).current_dir(&folder);
        command.status().is_ok_and(|status| status.success())
    };
    const TONES: &str = "sine=f=440:d=3[a];anoisesrc=d=3:c=pink:s=5:a=0.7[b];[a][b]amerge=inputs=2";
    if !run(&["-f", "lavfi", "-i", TONES, "-ar", "44100", "-c:a", "pcm_s24le", "tone.wav"]) {
        assert!(std::env::var_os("PAPACK_REQUIRE_FFMPEG").is_none(), "there is no ffmpeg");
        println!("skipped: there is no ffmpeg");
        return;
    }
    for (encoder, file, steps) in [
        (&["-c:a", "flac", "-sample_fmt", "s32"][..], "tone.flac", 0),
        (&["-c:a", "libvorbis", "-q:a", "5"], "tone.ogg", 1),
        (&["-c:a", "libmp3lame", "-q:a", "2"], "tone.mp3", 1),
        (&["-c:a", "libmp3lame", "-b:a", "96k", "-ac", "1", "-ar", "16000"], "low.mp3", 1),
        (&["-c:a", "pcm_s24be"], "tone.aiff", 0),
        (&["-c:a", "pcm_s16le", "-f", "aiff"], "small.aifc", 0),
        (&["-c:a", "pcm_f32be", "-f", "aiff"], "float.aifc", 1),
    ] {
        let made = run(&[&["-i", "tone.wav"], encoder, &[file]].concat())
            && run(&["-i", file, "-c:a", "pcm_s16le", "-f", "s16le", "expected"]);
        assert!(made, "{file}");
        let (outcome, payload) = derive(Options::default(), &std::fs::read(folder.join(file)).unwrap());
        assert_eq!(outcome.diagnostics, [], "{file}");
        assert!(difference(&payload, &std::fs::read(folder.join("expected")).unwrap(), file) <= steps, "{file}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Nothing that is cut off or changed may pass for what it was, and nothing may panic.
#[test]
fn damage_is_told() {
    for (name, bytes, ..) in FIXTURES {
        let (whole, _) = derive(Options::default(), bytes);
        for cut in (1..bytes.len()).step_by(97) {
            let (outcome, _) = derive(Options::default(), &bytes[..cut]);
            // An MP3 that does not tell its length may end behind any packet.
            assert!(name == "tagged.mp3" || outcome != whole && !outcome.diagnostics.is_empty(), "{name}, {cut} bytes");
        }
        for at in (0..bytes.len()).step_by(41) {
            let mut changed = bytes.to_vec();
            changed[at] ^= 0x55;
            let (outcome, _) = derive(Options::default(), &changed);
            // Every byte of an Ogg counts for a checksum, and those of a FLAC behind its metadata for its samples.
            let is_checked = name.contains("ogg") || (name.contains("flac") && at >= 160);
            assert!(!is_checked || outcome.diagnostics.iter().any(Diagnostic::is_error), "{name}, byte {at}");
        }
    }
}

/// `bytes`, an Ogg, with right checksums.
fn with_checksums(mut bytes: Vec<u8>) -> Vec<u8> {
    let mut at = 0;
    while at + 27 < bytes.len() {
        let segments = usize::from(bytes[at + 26]);
        let sizes: usize = bytes[at + 27..at + 27 + segments].iter().copied().map(usize::from).sum();
        let end = at + 27 + segments + sizes;
        if end > bytes.len() {
            break;
        }
        bytes[at + 22..at + 26].fill(0);
        let checksum =
            bytes[at..end].iter().fold(0_u32, |sum, byte| {
                (0..8).fold(sum ^ u32::from(*byte) << 24, |sum, _| {
                    if sum >> 31 == 1 { sum << 1 ^ 0x04c1_1db7 } else { sum << 1 }
                })
            });
        bytes[at + 22..at + 26].copy_from_slice(&checksum.to_le_bytes());
        at = end;
    }
    bytes
}

/// Headers that are changed on purpose have right checksums. The decoder panics at some.
#[test]
fn what_headers_say_is_not_believed() {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !is_guarded() {
            hook(panic);
        }
    }));
    let (_, bytes, ..) = FIXTURES[3];
    let start = bytes.windows(7).position(|window| window == b"\x05vorbis").unwrap();
    for at in (start..bytes.len() - 400).step_by(17) {
        let mut changed = bytes.to_vec();
        changed[at] ^= 1 << (at % 8);
        derive(Options::default(), &with_checksums(changed));
    }
    // A bit that makes it panic, also in a release build.
    let mut changed = bytes.to_vec();
    changed[503] ^= 1;
    let (outcome, _) = derive(Options::default(), &with_checksums(changed));
    let message = "the Ogg cannot be decoded: the decoder gave up on it";
    assert_eq!(outcome.diagnostics.iter().map(|told| told.message.as_str()).collect::<Vec<_>>(), [message]);
}

#[test]
fn the_version_of_the_decoders_is_the_one_that_is_built() {
    let lock = include_str!("../../Cargo.lock");
    let decoders = Format::SoundsPcmV1(Options::default()).decoders();
    let version = decoders.strip_prefix("symphonia ").unwrap();
    let packages: Vec<_> = lock.split("[[package]]").filter(|package| package.contains("name = \"symphonia")).collect();
    assert!(packages.len() > 5);
    for package in packages {
        assert!(package.contains(&format!("version = {version:?}")), "{package}");
    }
}

/// The decoders of Vorbis and MP3 fill tables by the functions of the system's C library, whose last bit may differ. What is
/// tested is that the tables, which have 32-bit floats, are those of the machine that the expected samples come from.
#[test]
fn the_tables_of_decoders_are_the_same_here() {
    let digest = |bits: &mut dyn Iterator<Item = u32>| {
        bits.fold(0xcbf2_9ce4_8422_2325_u64, |sum, bits| (sum ^ u64::from(bits)).wrapping_mul(0x0100_0000_01b3))
    };
    let powers = digest(&mut (0..8_207).map(|i| f32::powf(i as f32, 4.0 / 3.0).to_bits()));
    assert_eq!(powers, 0x8e95_2471_807c_79ce, "powf of MP3");
    let mut values: Vec<f64> = (-400..400).map(|step| f64::powf(2.0, 0.25 * f64::from(step))).collect();
    for i in (0..36).map(f64::from) {
        values.extend([(PI / 36.0 * (i + 0.5)).sin(), (PI / 12.0 * (i + 0.5)).sin(), (PI / 24.0 * i).cos()]);
    }
    values.extend((0..7).map(|i| (PI / 12.0 * f64::from(i)).tan()));
    for size in (6..=13).map(|bits| 1_u32 << bits) {
        let half = f64::from(size / 2);
        values.extend((0..size / 2).map(|i| {
            let place = FRAC_PI_2 * ((f64::from(i) + 0.5) / half);
            (FRAC_PI_2 * place.sin().powi(2)).sin()
        }));
        for i in (0..size).map(f64::from) {
            let (twiddle, angle) = (2.0 * PI / f64::from(size) * (i + 0.125), 2.0 * PI * i / f64::from(size));
            values.extend([twiddle.sin(), twiddle.cos(), angle.sin(), angle.cos()]);
        }
    }
    let tables = digest(&mut values.iter().map(|value| (*value as f32).to_bits()));
    assert_eq!(tables, 0xdacd_2ab1_8f37_ae8b, "sines, cosines, tangents and powers");
    // None of them is so near the middle between two floats that any function worth its name could round it otherwise.
    let middle = 1_i64 << 28;
    let nearest = values.iter().map(|value| ((value.to_bits() as i64 & (2 * middle - 1)) - middle).abs()).min();
    assert!(nearest > Some(10_000), "{nearest:?} units of the last place of 64 bits");
}
