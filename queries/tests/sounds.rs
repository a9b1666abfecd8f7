//! `SOUNDS/pcm_v1` on files made by hand: every rule of the format, valid and broken.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

mod memory;
mod wave;

use memory::Memory;
use papack_queries::content::{ContentId, ContentStore, Outcome, Payload};
use papack_queries::diagnostic::{Code, Diagnostic, Severity};
use papack_queries::formats::sounds::{Loops, Options};
use papack_queries::formats::{Format, Source};
use serde_json::{Value, json};

use wave::{base, broken, chunk, data, extensible, fmt, mono, riff, smpl, with};

/// Derives the files, given as paths and bytes, and returns the payload's bytes too.
fn derive(loops: Loops, files: &[(&str, &[u8])]) -> (Outcome, Vec<u8>) {
    let memory = Memory::default();
    let contents: Vec<_> = files.iter().map(|(_, bytes)| memory.put(bytes).unwrap()).collect();
    let sources =
        files.iter().zip(&contents).map(|((path, _), content)| Source { path, content: *content, part: None });
    let sources: Vec<_> = sources.collect();
    let outcome = Format::SoundsPcmV1(Options::with_loops(loops)).derive(&sources, &[], &memory).unwrap();
    assert_eq!(outcome.payload.is_none(), outcome.diagnostics.iter().any(Diagnostic::is_error), "{outcome:?}");
    let payload = outcome.payload.as_ref().map_or_else(Vec::new, |payload| {
        let bytes: Vec<u8> = payload.slices.iter().flat_map(|slice| memory.read(*slice).unwrap()).collect();
        assert_eq!(payload.id, ContentId::of(&bytes));
        bytes
    });
    (outcome, payload)
}

/// The one file `s.wav`; the metadata of its sample, and `null` if there is none.
fn derive_one(loops: Loops, file: &[u8]) -> (Value, Vec<u8>, Vec<Diagnostic>) {
    let (outcome, payload) = derive(loops, &[("s.wav", file)]);
    let sample = outcome.payload.map_or(Value::Null, |payload| metadata(&payload)["samples"][0].clone());
    (sample, payload, outcome.diagnostics)
}

fn metadata(payload: &Payload) -> Value {
    serde_json::from_str(&payload.metadata).unwrap()
}

/// What is compared of diagnostics.
fn seen(diagnostics: &[Diagnostic]) -> Vec<(Severity, Code)> {
    diagnostics.iter().map(|diagnostic| (diagnostic.severity, diagnostic.code)).collect()
}

fn without_last(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.pop();
    bytes
}

fn text(id: &[u8; 4], size: usize) -> Vec<u8> {
    chunk(id, &vec![b'x'; size])
}

#[test]
fn every_encoding_converts_exactly() {
    let float = |values: &[f32]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>();
    let wide = |values: &[i32]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>();
    let tiny = f32::from_bits(1);
    // A name, tag and bits, and the samples before and after.
    type Case<'a> = (&'a str, u16, u16, Vec<u8>, &'a [i16]);
    let cases: &[Case<'_>] = &[
        ("8", 1, 8, vec![0, 1, 127, 128, 129, 255], &[-32768, -32512, -256, 0, 256, 32512]),
        ("16", 1, 16, vec![0, 0x80, 0xFF, 0xFF, 0, 0, 1, 0, 0xFF, 0x7F], &[-32768, -1, 0, 1, 32767]),
        (
            "24",
            1,
            24,
            [[0, 0, 0x80], [0xFF; 3], [0xFF, 0, 0], [0, 1, 0], [0xFF, 0xFF, 0x7F], [0, 0xFF, 0xFF]].concat(),
            &[-32768, -1, 0, 1, 32767, -1],
        ),
        (
            "32",
            1,
            32,
            wide(&[i32::MIN, -1, -65536, -65537, 0, 65535, 65536, i32::MAX]),
            &[-32768, -1, -1, -2, 0, 0, 1, 32767],
        ),
        ("float", 3, 32, float(&[0.0, -0.0, 1.0, -1.0, tiny, -tiny]), &[0, 0, 32767, -32767, 0, 0]),
        (
            "float, clamped",
            3,
            32,
            float(&[1.000_001, -1.000_001, f32::MAX, f32::MIN, f32::INFINITY, f32::NEG_INFINITY]),
            &[32767, -32767, 32767, -32767, 32767, -32767],
        ),
        // 0.5 × 32767 = 16383.5 exactly, which goes away from zero; 0.25 × 32767 = 8191.75.
        ("float, rounded", 3, 32, float(&[0.5, -0.5, 0.25, -0.25]), &[16384, -16384, 8192, -8192]),
        // One step of f32 below 0.5, × 32767, is 16383.499 in f32.
        ("float, below a half", 3, 32, float(&[0.499_999_97, -0.499_999_97]), &[16383, -16383]),
        // The product of 0x37800100 (2^-16 + 2^-31) and 32767 is 0.5 - 2^-31, which f32 rounds to 0.5.
        ("float, a half of f32", 3, 32, float(&[f32::from_bits(0x3780_0100)]), &[1]),
    ];
    for (name, tag, bits, samples, expected) in cases {
        let file = riff(&[fmt(*tag, 1, 8000, *bits), chunk(b"data", samples)]);
        let (sample, payload, diagnostics) = derive_one(Loops::Off, &file);
        assert_eq!(diagnostics, [], "{name}");
        assert_eq!(sample["frames"], expected.len(), "{name}");
        let values: Vec<_> = payload.as_chunks().0.iter().map(|bytes| i16::from_le_bytes(*bytes)).collect();
        assert_eq!(values, *expected, "{name}");
    }
}

#[test]
fn oddities_are_read() {
    let plain = riff(&[mono(), data(&[1, -2])]);
    let short_fmt = |size: usize| chunk(b"fmt ", &[base(1, 1, 8000, 16), vec![0; size]].concat());
    let size = |size: u32| with(plain.clone(), 4, &size.to_le_bytes());
    let odd_tail = riff(&[mono(), data(&[1, -2]), text(b"id3 ", 3)]);
    let with_bytes = |bytes: &[u8]| [plain.clone(), bytes.to_vec()].concat();
    // `riff` pads an odd size, so an odd count makes the file one byte longer than it says.
    let inside = |count: usize| riff(&[mono(), data(&[1, -2]), vec![b'd'; count]]);
    // Each reads as the frames 1 and -2; the flag tells whether there is a warning.
    let cases: Vec<(&str, Vec<u8>, bool)> = vec![
        ("plain", plain.clone(), false),
        ("fmt of 18 bytes", riff(&[short_fmt(2), data(&[1, -2])]), false),
        ("fmt of 17 bytes and padding", riff(&[short_fmt(1), data(&[1, -2])]), false),
        ("fmt of 50 bytes", riff(&[short_fmt(34), data(&[1, -2])]), false),
        ("extensible", riff(&[chunk(b"fmt ", &extensible(1, 16, 16)), data(&[1, -2])]), false),
        (
            "LIST, fact and id3 chunks, odd ones padded",
            riff(&[text(b"LIST", 5), mono(), text(b"fact", 4), text(b"id3 ", 1), data(&[1, -2]), text(b"LIST", 0)]),
            false,
        ),
        ("missing last pad byte, counted", without_last(odd_tail.clone()), false),
        ("missing last pad byte, not counted", with(without_last(odd_tail.clone()), 4, &[51]), false),
        ("last pad byte, not counted", with(odd_tail.clone(), 4, &[51]), true),
        ("RIFF size beyond a missing pad byte", with(without_last(odd_tail), 4, &[53]), true),
        ("RIFF size of a file without data", size(36), true),
        ("RIFF size one too small", size(39), true),
        ("RIFF size one too large", size(41), true),
        ("RIFF size all ones", size(u32::MAX), true),
        ("RIFF size 0", size(0), true),
        ("7 bytes after the last chunk", without_last(inside(7)), false),
        ("6 bytes after the last chunk", inside(6), false),
        ("bytes after the RIFF end", with_bytes(b"junk"), true),
        ("no chunk after the RIFF end", with_bytes(b"data\xFF\xFF\xFF\xFF"), true),
        ("no second data after the RIFF end", with_bytes(&data(&[3])), true),
        ("byte rate", riff(&[with(mono(), 16, &[1]), data(&[1, -2])]), true),
        ("no block alignment", riff(&[with(mono(), 20, &[0]), data(&[1, -2])]), true),
        ("block alignment below a frame", riff(&[with(mono(), 20, &[1]), data(&[1, -2])]), true),
        ("block alignment that no sample fills", riff(&[with(mono(), 20, &[16]), data(&[1, -2])]), true),
        ("block alignment all ones", riff(&[with(mono(), 20, &[0xFF; 2]), data(&[1, -2])]), true),
    ];
    for (name, file, warned) in cases {
        let (sample, payload, diagnostics) = derive_one(Loops::Off, &file);
        let expected: &[_] = if warned { &[(Severity::Warning, Code::WavInconsistent)] } else { &[] };
        assert_eq!(seen(&diagnostics), expected, "{name}: {diagnostics:?}");
        assert_eq!(payload, [1, 0, 0xFE, 0xFF], "{name}");
        let expected = json!({ "channels": 1, "frames": 2, "name": "s", "offset": 0, "sample_rate": 8000 });
        assert_eq!(sample, expected, "{name}");
    }
}

/// `fmt` with another block alignment.
fn aligned(fmt: Vec<u8>, alignment: u16) -> Vec<u8> {
    with(fmt, 20, &alignment.to_le_bytes())
}

#[test]
fn a_block_alignment_that_cannot_be_true_is_computed() {
    const UNTRUE: &str = "cannot be true";
    let contradicts = "contradicts the byte rate";
    for (name, format, alignment, samples, why) in [
        ("8 bits, stereo", fmt(1, 2, 8000, 8), 0, vec![128; 2], UNTRUE),
        ("8 bits, one channel's", fmt(1, 2, 8000, 8), 1, vec![128; 2], UNTRUE),
        ("16 bits, one channel's", fmt(1, 2, 8000, 16), 2, vec![0; 4], UNTRUE),
        ("16 bits, stereo, in bits", fmt(1, 2, 8000, 16), 32, vec![0; 4], UNTRUE),
        ("24 bits, stereo, between samples", fmt(1, 2, 8000, 24), 7, vec![0; 6], UNTRUE),
        ("24 bits", fmt(1, 1, 8000, 24), 0, vec![0; 3], UNTRUE),
        ("32 bits", fmt(1, 1, 8000, 32), 0, vec![0; 4], UNTRUE),
        // Samples may lie in as many bytes, but the byte rate says that these do not.
        ("16 bits in 4 bytes", fmt(1, 1, 8000, 16), 4, vec![0; 2], contradicts),
        ("24 bits in 4 bytes, stereo", fmt(1, 2, 8000, 24), 8, vec![0; 6], contradicts),
        ("float", fmt(3, 2, 8000, 32), 4, vec![0; 8], UNTRUE),
        ("extensible", chunk(b"fmt ", &extensible(1, 16, 16)), 0, vec![0; 2], UNTRUE),
    ] {
        let right = derive_one(Loops::Off, &riff(&[format.clone(), chunk(b"data", &samples)]));
        let file = riff(&[aligned(format, alignment), chunk(b"data", &samples)]);
        let (sample, payload, diagnostics) = derive_one(Loops::Off, &file);
        assert_eq!(seen(&diagnostics), [(Severity::Warning, Code::WavInconsistent)], "{name}");
        let says = format!("the block alignment is {alignment} (byte 32), which {why}");
        assert!(diagnostics[0].message.starts_with(&says), "{name}: {}", diagnostics[0].message);
        assert_eq!((sample, payload), (right.0, right.1), "{name}");
    }
}

/// A file whose sizes are as given, with these bytes behind the header of its `data`.
fn unfinished(riff_size: u32, size: u32, samples: &[u8]) -> Vec<u8> {
    let file = [riff(&[mono(), data(&[])]), samples.to_vec()].concat();
    with(with(file, 40, &size.to_le_bytes()), 4, &riff_size.to_le_bytes())
}

#[test]
fn sizes_that_were_never_written_are_those_of_the_file() {
    let warning = (Severity::Warning, Code::WavInconsistent);
    let sound = [1, 0, 0xFE, 0xFF];
    let list = text(b"LIST", 3);
    // What stands for the size of the file, and of the samples. Each reads as the frames 1 and -2, with as many warnings.
    for (name, file, warnings) in [
        ("a recorder that was killed", unfinished(0, 0, &sound), 1),
        ("one that wrote the size of the header", unfinished(36, 0, &sound), 1),
        ("FFmpeg", unfinished(u32::MAX, u32::MAX, &sound), 1),
        ("SoX", unfinished(0x7FFF_F024, 0x7FFF_F000, &sound), 1),
        ("sndio", unfinished(0x7FFF_0024, 0x7FFF_0000, &sound), 1),
        ("Oboe", unfinished(0x7FFF_FFFF, 0x7FFF_FFFF, &sound), 1),
        ("RIFF alone", unfinished(0, 4, &sound), 1),
        ("data alone", unfinished(40, u32::MAX, &sound), 1),
        ("data alone, and the RIFF size wrong", unfinished(41, u32::MAX, &sound), 2),
        ("0 and all ones", unfinished(u32::MAX, 0, &sound), 1),
        ("half a frame more", unfinished(0, 0, &[1, 0, 0xFE, 0xFF, 7]), 2),
        ("all ones, and half a frame more", unfinished(u32::MAX, u32::MAX, &[1, 0, 0xFE, 0xFF, 7]), 2),
    ] {
        let (sample, payload, diagnostics) = derive_one(Loops::Off, &file);
        assert_eq!(seen(&diagnostics), vec![warning; warnings], "{name}: {diagnostics:?}");
        assert_eq!((&sample["frames"], payload.as_slice()), (&json!(2), &sound[..]), "{name}");
    }
    let (_, _, diagnostics) = derive_one(Loops::Off, &unfinished(0, 0, &[1, 0, 0xFE, 0xFF, 7]));
    let told = diagnostics.iter().map(|diagnostic| diagnostic.message.as_str()).collect::<Vec<_>>();
    let expected = [
        "the size of the `data` chunk at byte 36 was never written: it is 0, and the 5 bytes up to the end of the file are \
         taken for it",
        "the `data` chunk at byte 36 ends after 1 of the 2 bytes of a frame, which is left out",
    ];
    assert_eq!(told, expected);
    // Without samples, with warnings: there is nothing, or there are chunks, or something that nothing tells of.
    for (name, file, warnings) in [
        ("nothing", unfinished(0, 0, &[]), 1),
        ("nothing at all", unfinished(36, 0, &[]), 0),
        ("a chunk", unfinished(0, 0, &list), 1),
        ("a chunk that the RIFF size counts", unfinished(36 + list.len() as u32, 0, &list), 0),
        ("silence that the RIFF size counts", unfinished(36 + 16, 0, &[0; 16]), 1),
        ("less than a chunk", unfinished(36 + 4, 0, &sound), 1),
    ] {
        let (sample, _, diagnostics) = derive_one(Loops::Off, &file);
        assert_eq!(seen(&diagnostics), vec![warning; warnings], "{name}: {diagnostics:?}");
        assert_eq!(sample["frames"], 0, "{name}");
    }
    // NaN in what is left out of the last frame is none.
    let float = riff(&[fmt(3, 2, 8000, 32), data(&[])]);
    let float = [with(with(float, 40, &[0xFF; 4]), 4, &[0xFF; 4]), vec![0; 8], vec![0xFF; 4]].concat();
    let (sample, _, diagnostics) = derive_one(Loops::Off, &float);
    assert_eq!((seen(&diagnostics), &sample["frames"]), (vec![warning; 2], &json!(1)));
}

#[test]
fn a_file_that_is_cut_off_stays_an_error() {
    for size in [6, 100, 1 << 20, 0x7FFE_FFFF] {
        let (_, _, diagnostics) = derive_one(Loops::Off, &unfinished(36 + size, size, &[1, 0, 0xFE, 0xFF]));
        let errors: Vec<_> = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).collect();
        let [error] = *errors else { panic!("{diagnostics:?}") };
        let says = format!("the `data` chunk at byte 36 runs past the file: it has {size} bytes, and 4 are left");
        assert_eq!((error.code, error.message.as_str()), (Code::WavInvalid, says.as_str()));
    }
}

#[test]
fn limits_are_inclusive() {
    for (channels, rate, frames) in [(1, 1, 0), (2, 192_000, 0), (2, 11_000, 3), (1, 22_100, 6)] {
        let file = riff(&[fmt(1, channels, rate, 16), data(&[7; 6][..usize::from(channels) * frames])]);
        let (sample, payload, diagnostics) = derive_one(Loops::Detect, &file);
        assert_eq!(diagnostics, []);
        assert_eq!(payload.len(), 2 * usize::from(channels) * frames);
        assert_eq!(
            sample,
            json!({ "channels": channels, "frames": frames, "name": "s", "offset": 0, "sample_rate": rate })
        );
    }
}

#[test]
fn files_follow_each_other() {
    let first = riff(&[fmt(1, 2, 8000, 8), chunk(b"data", &[128, 129])]);
    let second = riff(&[fmt(3, 1, 44_100, 32), chunk(b"data", &1f32.to_le_bytes())]);
    let files = [("z/.wav", &first[..]), ("a/b.c/x", &second), ("y.", &first), ("a.tar.gz", &first), ("b/..w", &first)];
    let (outcome, payload) = derive(Loops::Off, &files);
    assert_eq!(payload, [0, 0, 0, 1, 0xFF, 0x7F, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1]);
    let sample =
        |name, offset| json!({ "channels": 2, "frames": 1, "name": name, "offset": offset, "sample_rate": 8000 });
    let float = json!({ "channels": 1, "frames": 1, "name": "x", "offset": 4, "sample_rate": 44_100 });
    let samples = json!([sample(".wav", 0), float, sample("y", 6), sample("a.tar", 10), sample(".", 14)]);
    assert_eq!(metadata(&outcome.payload.unwrap()), json!({ "samples": samples }));
    let (outcome, payload) = derive(Loops::Off, &[]);
    assert!(payload.is_empty());
    assert_eq!(metadata(&outcome.payload.unwrap()), json!({ "samples": [] }));
}

#[test]
fn names_are_unique() {
    let file = riff(&[mono(), data(&[])]);
    let (outcome, _) = derive(Loops::Off, &[("a/x.wav", &file), ("b/x.WAV", &file), ("X.wav", &file), ("x", b"?")]);
    let diagnostics = outcome.diagnostics;
    let error = |code| (Severity::Error, code);
    assert_eq!(
        seen(&diagnostics),
        [error(Code::SoundsNameTaken), error(Code::SoundsNameTaken), error(Code::WavInvalid)]
    );
    let paths: Vec<_> = diagnostics.iter().map(|diagnostic| diagnostic.path.as_deref().unwrap()).collect();
    assert_eq!(paths, ["b/x.WAV", "x", "x"]);
    for diagnostic in &diagnostics[..2] {
        assert!(diagnostic.message.contains("`a/x.wav`"), "{diagnostic:?}");
        assert_eq!(diagnostic.related[0].path.as_deref(), Some("a/x.wav"));
    }
}

#[test]
fn faults_are_named() {
    for (name, file, code, fragment) in broken() {
        let (_, _, diagnostics) = derive_one(Loops::Detect, &file);
        let errors: Vec<_> = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).collect();
        let [error] = *errors else { panic!("{name}: {diagnostics:?}") };
        assert_eq!(error.code, code, "{name}: {error:?}");
        assert!(error.message.contains(fragment), "{name}: {}", error.message);
        assert_eq!(error.path.as_deref(), Some("s.wav"), "{name}");
    }
}

#[test]
fn faults_are_collected() {
    let invalid = (Severity::Error, Code::WavInvalid);
    let unsupported = (Severity::Error, Code::WavUnsupported);
    // A RIFF size of 4 puts every chunk beyond the RIFF end.
    let plain = riff(&[mono(), data(&[1])]);
    let (_, _, diagnostics) = derive_one(Loops::Off, &with(plain, 4, &[4]));
    assert_eq!(seen(&diagnostics), [invalid, invalid, (Severity::Warning, Code::WavInconsistent)]);
    assert!(diagnostics[0].help.as_deref().unwrap().contains("byte 12 of 46"), "{diagnostics:?}");
    let (_, _, diagnostics) = derive_one(Loops::Off, &riff(&[fmt(9, 3, 0, 16), data(&[])]));
    assert_eq!(seen(&diagnostics), [unsupported; 3]);
    let body = with(with(extensible(1, 24, 20), 16, &[0]), 39, &[0]);
    let (_, _, diagnostics) = derive_one(Loops::Off, &riff(&[chunk(b"fmt ", &body)]));
    assert_eq!(seen(&diagnostics), [invalid, invalid, unsupported, unsupported]);
    let noise = riff(&[fmt(3, 1, 8000, 32), chunk(b"data", &[0xFF; 4 * 30])]);
    let (outcome, _) = derive(Loops::Off, &[("a.wav", &noise), ("b.wav", &noise)]);
    assert_eq!(seen(&outcome.diagnostics), [(Severity::Error, Code::SoundsSample); 2]);
    assert_eq!(outcome.diagnostics[1].path.as_deref(), Some("b.wav"));
    let full = riff(&[mono(), data(&[]), data(&[]).repeat(30)]);
    let (_, _, diagnostics) = derive_one(Loops::Off, &full);
    assert_eq!(seen(&diagnostics), [invalid; 20]);
    assert!(diagnostics[19].help.as_deref().unwrap().contains("10 more"));
}

#[test]
fn loops_are_found() {
    let first = (0, 1, 2);
    // The `smpl` chunks of a file with 4 frames, the loop with `DETECT`, and the notices with `OFF`.
    type Case<'a> = (&'a str, Vec<Vec<u8>>, Result<Option<(u32, u32)>, &'a str>, usize);
    let cases: Vec<Case<'_>> = vec![
        ("none", vec![], Ok(None), 0),
        ("count 0", vec![smpl(0, &[])], Ok(None), 0),
        ("count 0 with a loop", vec![smpl(0, &[(9, 9, 9)])], Ok(None), 0),
        ("one", vec![smpl(1, &[first])], Ok(Some((1, 3))), 1),
        ("one frame", vec![smpl(1, &[(0, 2, 2)])], Ok(Some((2, 3))), 1),
        ("all frames", vec![smpl(1, &[(0, 0, 3)])], Ok(Some((0, 4))), 1),
        ("first of two", vec![smpl(2, &[first, (1, 9, 0)])], Ok(Some((1, 3))), 1),
        ("count beyond the chunk", vec![smpl(u32::MAX, &[first])], Ok(Some((1, 3))), 1),
        ("sampler data", vec![[smpl(1, &[first]), vec![1; 5]].concat()], Ok(Some((1, 3))), 1),
        ("first of two chunks", vec![smpl(1, &[first]), smpl(1, &[(1, 9, 0)])], Ok(Some((1, 3))), 2),
        ("only in the second chunk", vec![smpl(0, &[]), smpl(1, &[first])], Ok(None), 1),
        ("broken second chunk", vec![smpl(1, &[first]), vec![]], Ok(Some((1, 3))), 1),
        ("empty", vec![vec![]], Err("has 0 bytes; at least 36"), 0),
        ("35 bytes", vec![smpl(0, &[])[..35].to_vec()], Err("has 35 bytes; at least 36"), 0),
        ("no loop", vec![smpl(1, &[])], Err("1 loops but has 36 bytes; at least 60"), 0),
        ("59 bytes", vec![smpl(5, &[first])[..59].to_vec()], Err("has 59 bytes; at least 60"), 0),
        ("alternating", vec![smpl(1, &[(1, 1, 2)])], Err("type 1 (alternating)"), 1),
        ("backward", vec![smpl(1, &[(2, 1, 2)])], Err("type 2 (backward)"), 1),
        ("unknown type", vec![smpl(1, &[(32, 1, 2)])], Err("type 32;"), 1),
        ("reversed", vec![smpl(1, &[(0, 2, 1)])], Err("starts at frame 2, after its last frame 1"), 1),
        ("too long", vec![smpl(1, &[(0, 0, 5)])], Err("from frame 0 to 5, but the file has 4 frames"), 1),
        ("behind the last frame", vec![smpl(1, &[(0, 4, 4)])], Err("from frame 4 to 4, but the file has 4 frames"), 1),
        ("far too long", vec![smpl(1, &[(0, 0, u32::MAX)])], Err("to 4294967295"), 1),
    ];
    for (name, bodies, detected, ignored) in cases {
        let chunks: Vec<_> = bodies.iter().flat_map(|body| chunk(b"smpl", body)).collect();
        let frames = data(&[1, 2, 3, 4]);
        let after = riff(&[mono(), frames.clone(), chunks.clone()]);
        let between = riff(&[mono(), chunks.clone(), frames.clone()]);
        for file in [after, between, riff(&[chunks, mono(), frames])] {
            let (sample, _, diagnostics) = derive_one(Loops::Detect, &file);
            match detected {
                Ok(expected) => {
                    assert_eq!(diagnostics, [], "{name}");
                    assert_eq!(sample.get("loop_start"), expected.map(|(start, _)| json!(start)).as_ref(), "{name}");
                    assert_eq!(sample.get("loop_end"), expected.map(|(_, end)| json!(end)).as_ref(), "{name}");
                }
                Err(fragment) => {
                    assert_eq!(seen(&diagnostics), [(Severity::Error, Code::SoundsLoop)], "{name}");
                    assert!(diagnostics[0].message.contains(fragment), "{name}: {}", diagnostics[0].message);
                }
            }
            let (sample, _, diagnostics) = derive_one(Loops::Off, &file);
            assert_eq!(seen(&diagnostics), vec![(Severity::Info, Code::SoundsLoopIgnored); ignored], "{name}");
            // What is advised works: the first loop is only called usable where `DETECT` uses it.
            if let Some(first) = diagnostics.first() {
                let advises =
                    first.help.as_deref() == Some("set \"loops\" in \"output.metadata\" to \"DETECT\" to use it");
                let reason = detected.err().unwrap_or_default();
                assert!(
                    advises == matches!(detected, Ok(Some(_))) && first.message.contains(reason),
                    "{name}: {first:?}"
                );
            }
            assert_eq!((sample.get("loop_start"), sample.get("loop_end")), (None, None), "{name}");
        }
    }
}

#[test]
fn a_loop_to_the_number_of_frames_ends_at_the_last_one() {
    let looped = |kind| riff(&[mono(), data(&[1, 2, 3, 4]), chunk(b"smpl", &smpl(1, &[(kind, 1, 4)]))]);
    let (sample, _, diagnostics) = derive_one(Loops::Detect, &looped(0));
    assert_eq!(seen(&diagnostics), [(Severity::Warning, Code::SoundsLoop)]);
    assert!(diagnostics[0].message.contains("ends at frame 4, but the file has 4 frames"), "{diagnostics:?}");
    assert_eq!((&sample["loop_start"], &sample["loop_end"]), (&json!(1), &json!(4)));
    let (_, _, diagnostics) = derive_one(Loops::Detect, &looped(1));
    assert_eq!(seen(&diagnostics), [(Severity::Error, Code::SoundsLoop)], "nothing is read of a loop with a fault");
}

#[test]
fn loop_faults_add_up() {
    let file = riff(&[fmt(3, 1, 8000, 32), chunk(b"data", &[0xFF; 8]), chunk(b"smpl", &smpl(1, &[(2, 9, 8)]))]);
    let (_, _, diagnostics) = derive_one(Loops::Detect, &file);
    let codes: Vec<_> = diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    assert_eq!(codes, [vec![Code::SoundsLoop; 3], vec![Code::SoundsSample]].concat());
    let empty = riff(&[mono(), data(&[]), chunk(b"smpl", &smpl(1, &[(0, 0, 0)]))]);
    let (_, _, diagnostics) = derive_one(Loops::Detect, &empty);
    assert!(diagnostics[0].message.contains("the file has 0 frames"), "{diagnostics:?}");
}
