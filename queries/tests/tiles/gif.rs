//! GIF files: their frames, how they are taken away again, and what is wrong with them.

use std::borrow::Cow;

use gif::{DisposalMethod, Encoder, Frame};
use papack_queries::diagnostic::Code;
use papack_queries::formats::tiles::EntryZero;
use papack_queries::formats::{Frames, Part};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;

use super::{assert_says, derive, derive_part};

/// Red, green and blue, of which the last is the transparent one where a frame has such.
const PALETTE: [u8; 9] = [255, 0, 0, 0, 255, 0, 0, 0, 255];

fn frame(left: u16, width: u16, index: u8, dispose: DisposalMethod) -> Frame<'static> {
    let buffer = Cow::Owned(vec![index; usize::from(width) * 8]);
    Frame { left, width, height: 8, delay: 7, dispose, transparent: Some(2), buffer, ..Frame::default() }
}

fn encode(frames: &[Frame<'_>]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, 8, 8, &PALETTE).unwrap();
    frames.iter().for_each(|frame| encoder.write_frame(frame).unwrap());
    drop(encoder);
    file
}

fn taken(frames: Frames, file: &[u8]) -> super::Derived {
    let part = Part { frames: Some(frames), ..Part::default() };
    derive_part(8, EntryZero::Warn, &[file.to_vec()], Some(&part))
}

/// A red screen; green on its left half, which is taken away as `dispose` says; and green on its right half.
fn halves(dispose: DisposalMethod) -> Vec<u8> {
    let keep = DisposalMethod::Keep;
    encode(&[frame(0, 8, 0, keep), frame(0, 4, 1, dispose), frame(4, 4, 1, keep)])
}

#[test]
fn the_first_frame_is_taken_or_those_that_are_named() {
    let file = halves(DisposalMethod::Keep);
    let first = derive(&file);
    assert_eq!(
        first.payload().1["sheets"],
        json!([{"duration_ms": 70, "first_tile": 0, "palette": 0, "tile_count": 1}])
    );
    assert_eq!(first.palette(0)[..2], [0, 0xf800]);
    let all = taken(Frames::All, &file);
    assert_eq!(all.payload().1["sheets"].as_array().unwrap().len(), 3);
    assert_eq!(taken(Frames::Range(1, 2), &file).payload().1["height"], 16);
    assert_says(
        &taken(Frames::Range(3, 3), &file).errors(),
        Code::PartMissing,
        "the file has no frame 3: its 3 frames are 0 to 2",
    );
    let tag = Part { tag: Some("run".into()), ..Part::default() };
    let derived = derive_part(8, EntryZero::Warn, &[file], Some(&tag));
    assert_says(&derived.errors(), Code::PartMissing, "a GIF has no tags: only an Aseprite file does");
}

#[test]
fn frames_are_taken_away_as_they_say() {
    // Index 1 is green where both colours are there, since values ascend.
    for (dispose, row) in [
        (DisposalMethod::Keep, [0x11; 4]),
        (DisposalMethod::Background, [0, 0, 0x11, 0x11]),
        (DisposalMethod::Previous, [0x22, 0x22, 0x11, 0x11]),
    ] {
        let derived = taken(Frames::Range(2, 2), &halves(dispose));
        assert_eq!(derived.payload().0[..4], row, "{dispose:?}");
    }
}

#[test]
fn transparent_pixels_show_what_was_there() {
    let file = encode(&[frame(0, 8, 2, DisposalMethod::Keep), frame(6, 9, 1, DisposalMethod::Keep)]);
    let derived = taken(Frames::All, &file);
    let (bytes, _) = derived.payload();
    assert_eq!((&bytes[..4], &bytes[32..36]), (&[0; 4][..], &[0, 0, 0, 0x11][..]), "cut at the edge of the screen");
}

#[test]
fn what_is_wrong_is_told_with_its_frame() {
    let file = halves(DisposalMethod::Keep);
    assert_says(&derive(&file[..12]).errors(), Code::GifInvalid, "");
    let colours = encode(&[frame(0, 8, 0, DisposalMethod::Keep), frame(0, 8, 3, DisposalMethod::Keep)]);
    // The palette is written with four entries; one of two is not enough.
    let small =
        Frame { palette: Some(PALETTE[..6].to_vec()), transparent: None, ..frame(0, 8, 3, DisposalMethod::Keep) };
    assert!(taken(Frames::All, &colours).errors().is_empty());
    let file = encode(&[frame(0, 8, 0, DisposalMethod::Keep), small]);
    let derived = taken(Frames::All, &file);
    assert_says(
        &derived.errors(),
        Code::GifInvalid,
        "frame 1: the pixel at (0, 0) has index 3, but the palette has 2 entries",
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files_have_an_answer(
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut file = halves(DisposalMethod::Previous);
        for (at, value) in damage {
            let at = at.index(file.len());
            file[at] = value;
        }
        if let Some(cut) = cut {
            file.truncate(cut.index(file.len()));
        }
        // Sizes are checked before anything is drawn; that there is a payload or an error is asserted.
        taken(Frames::All, &file);
    }
}
