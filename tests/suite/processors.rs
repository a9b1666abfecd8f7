//! The long tier: another processor packs the same bytes.

use std::path::Path;
use std::process::Command;

use crate::pictures::rgba_of;
use crate::space::{KEY, Run, TestSpace, entry, manifest};

/// The words of a command that runs papack, built for another processor.
const COMMAND: &str = "PAPACK_TEST_EMULATED";

macro_rules! fixture {
    ($path:literal) => {
        include_bytes!(concat!("../../", $path))
    };
}

/// What an asset is made of: the fields of `output`, and files.
type Made = (&'static str, Vec<(&'static str, Vec<u8>)>);

/// An AIFF of mono samples of 16 bits at 22,050 Hz.
fn aiff() -> Vec<u8> {
    let samples: Vec<u8> = (0..4_000_u16).flat_map(|frame| frame.wrapping_mul(977).to_be_bytes()).collect();
    let size = samples.len() as u32;
    let common = [&[0, 1][..], &4_000_u32.to_be_bytes(), &[0, 16, 0x40, 0x0d, 0xac, 0x44, 0, 0, 0, 0, 0, 0]].concat();
    let sound = [b"SSND".as_slice(), &(size + 8).to_be_bytes(), &[0; 8], &samples].concat();
    [b"FORM".as_slice(), &(size + 46).to_be_bytes(), b"AIFFCOMM\0\0\0\x12", &common, &sound].concat()
}

/// A soft picture of many colours, of a size that is no whole tiles.
fn photo() -> Vec<u8> {
    rgba_of(61, 43, |pixel| {
        let mixed = pixel.wrapping_mul(0x9e37_79b1);
        [(mixed >> 24) as u8, (pixel / 11) as u8, (mixed >> 16) as u8 / 2, (pixel % 256) as u8]
    })
}

/// Sources and conversions of every kind.
fn every_kind() -> Vec<Made> {
    let sounds = || {
        vec![
            ("a.flac", fixture!("queries/tests/audio/stereo.flac").to_vec()),
            ("b.flac", fixture!("queries/tests/audio/wide.flac").to_vec()),
            ("c.ogg", fixture!("queries/tests/audio/flac.ogg").to_vec()),
            ("d.ogg", fixture!("queries/tests/audio/stereo.ogg").to_vec()),
            ("e.ogg", fixture!("queries/tests/audio/mono.ogg").to_vec()),
            ("f.mp3", fixture!("queries/tests/audio/stereo.mp3").to_vec()),
            ("g.mp3", fixture!("queries/tests/audio/mono.mp3").to_vec()),
            ("h.aiff", aiff()),
        ]
    };
    let pictures = || {
        vec![
            ("a.aseprite", fixture!("queries/tests/aseprite/transparency.aseprite").to_vec()),
            ("b.aseprite", fixture!("queries/tests/aseprite/tilemap.aseprite").to_vec()),
            ("c.aseprite", fixture!("tests/fuzz/seeds/sprites/rich.aseprite").to_vec()),
            ("d.gif", fixture!("tests/fuzz/seeds/sprites/halves.gif").to_vec()),
            ("e.bmp", fixture!("tests/fuzz/seeds/sprites/indices.bmp").to_vec()),
            ("f.png", photo()),
        ]
    };
    let mut with_palette = pictures();
    with_palette.insert(0, ("0.hex", b"000000\nff8040\n4080ff\n80c040\nfff0e0\n".to_vec()));
    vec![
        (r#""SOUNDS/pcm_v1""#, sounds()),
        (
            r#""SOUNDS/pcm_v1", "metadata": {"channels": 1, "sample_rate": 11025, "trim": 100, "normalize": 20000}"#,
            sounds(),
        ),
        (r#""SOUNDS/pcm_v1", "metadata": {"sample_rate": 44101, "gain": 150}"#, sounds()),
        (
            r#""TILES/indexed_v1", "metadata": {"tile_size": 8, "pad": "AROUND", "alpha": 100, "colors": 7, "dither": "ORDERED"}"#,
            pictures(),
        ),
        (
            r#""TILES/indexed_v1", "metadata": {"tile_size": 8, "pad": "TOP", "alpha": 100, "colors": 15, "colors_of": "SHEET"}"#,
            pictures(),
        ),
        (
            r#""TILES/indexed_v1", "metadata": {"tile_size": 8, "pad": "BOTTOM_RIGHT", "alpha": 1, "palette": "FIRST_FILE"}"#,
            with_palette,
        ),
    ]
}

fn space_of_every_kind() -> TestSpace {
    let space = TestSpace::empty();
    let mut entries = Vec::new();
    for (id, (output, files)) in (1..).zip(every_kind()) {
        let root = format!("a{id}");
        let list: Vec<_> = files.iter().map(|(name, _)| format!(r#"{{"file": "{name}"}}"#)).collect();
        let manifest = manifest(id, &root, &list.join(", ")).replace(r#""DATA/raw_v1""#, output);
        space.write(&format!("assets/{root}/asset.json"), manifest);
        for (name, bytes) in files {
            space.write(&format!("assets/{root}/{name}"), bytes);
        }
        entries.push(entry(id, &root));
    }
    space.write_registry(&entries);
    space
}

/// The command that packs `workspace` on another processor; none where there is no such.
fn emulated(workspace: &Path) -> Option<Command> {
    let words = std::env::var(COMMAND).ok()?;
    let mut words = words.split_whitespace();
    let mut command = Command::new(words.next()?);
    command.args(words).arg("pack").current_dir(workspace).env("NO_COLOR", "1").env("PAPACK_CACHE_KEY", KEY);
    Some(command)
}

/// Every source and every conversion.
#[test]
fn every_kind_of_source_and_conversion_is_packed() {
    let space = space_of_every_kind();
    space.pack();
    assert_eq!(space.run(&["verify"]).code, 0);
}

#[test]
#[ignore = "long tier"]
fn another_processor_packs_the_same_bytes() {
    for make in [space_of_every_kind, || TestSpace::copy_of("demo")] {
        let (here, there) = (make(), make());
        let Some(command) = emulated(there.path()) else {
            println!("skipped: {COMMAND} names no command that runs papack on another processor");
            return;
        };
        let run = Run::of(command);
        assert_eq!(run.code, 0, "{}", run.stderr);
        here.pack();
        let (here, there) = (here.build(), there.build());
        assert_eq!(here.len(), 4, "{:?}", here.keys());
        assert_eq!(here.keys().collect::<Vec<_>>(), there.keys().collect::<Vec<_>>());
        for (name, bytes) in &here {
            assert!(*bytes == there[name], "{name} differs");
        }
        println!("{} bytes in assets.pa are the same", here["assets.pa"].len());
    }
}
