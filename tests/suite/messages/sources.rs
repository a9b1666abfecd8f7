//! Pictures and sounds.

use super::{sounds, tiles};
use crate::pictures::{indexed, png, rgba, rgba_of};
use crate::wav::Wav;

#[test]
fn pictures() {
    insta::assert_snapshot!(tiles(&[("photo.png", b"\xff\xd8\xff\xe0 a JPEG".to_vec())]), @r#"
    error[PNG_INVALID]: the file is no PNG: it is a JPEG; a PNG begins with its signature (byte 0)
    --> assets/ui/source/photo.png
     = note: in asset 1 "ui"
     = help: export it as PNG from the drawing itself, since a JPEG has mixed its colours; renaming a file does not convert it
    "#);
    let deep = png(8, 8, png::ColorType::Grayscale, png::BitDepth::Sixteen, None, &[0; 128]);
    insta::assert_snapshot!(tiles(&[("deep.png", deep)]), @r#"
    error[PNG_UNSUPPORTED]: the picture has 16 bits a channel (IHDR chunk at byte 8); up to 8 are read
    --> assets/ui/source/deep.png
     = note: in asset 1 "ui"
     = help: export it with 8 bits a channel
    "#);
    insta::assert_snapshot!(tiles(&[("a.png", rgba(20, 4, [0; 4])), ("b.png", rgba(16, 8, [0; 4]))]), @r#"
    error[TILES_SIZE]: the width of 20 pixels is no positive multiple of the tile size 8
    --> assets/ui/source/a.png
     = note: in asset 1 "ui"
     = help: give the canvas a width of 24, without scaling the picture; or set "pad" to "BOTTOM_RIGHT" in "metadata" to have transparent pixels added; or correct "tile_size"

    error[TILES_SIZE]: the height of 4 pixels is no positive multiple of the tile size 8
    --> assets/ui/source/a.png
     = note: in asset 1 "ui"
     = help: give the canvas a height of 8, without scaling the picture; or set "pad" to "BOTTOM_RIGHT" in "metadata" to have transparent pixels added; or correct "tile_size"

    error[TILES_SIZE]: the width of 16 pixels differs from that of source/a.png, the asset's first image: 20
    --> assets/ui/source/b.png
     = note: in asset 1 "ui"
     = help: all images of an asset are stacked, so give them one width, or make them assets of their own; or set "pad" to "BOTTOM_RIGHT" in "metadata" to have all made as wide as the widest
    "#);
    insta::assert_snapshot!(tiles(&[("soft.png", rgba_of(8, 8, |pixel| [0, 0, 0, if pixel == 19 { 128 } else { 255 }]))]), @r#"
    error[TILES_ALPHA]: the pixel at (3, 2) has alpha 128; only 0 and 255 are allowed
    --> assets/ui/source/soft.png
     = note: in asset 1 "ui"
     = help: turn off soft edges; or set "alpha" to 128 in "metadata", by which such pixels become opaque from 128 on, and transparent below
    "#);
    insta::assert_snapshot!(tiles(&[("many.png", indexed(32, 17))]), @r#"
    error[TILES_INDEX]: the pixel at (5, 1) has palette index 17; only 0 to 15 are allowed
    --> assets/ui/source/many.png
     = note: in asset 1 "ui"
     = help: move the colours that are used to the first 16 entries, or save the picture as RGB; or set "renumber" to true in "metadata", if it uses no more than 15, else "colors" to 15
    "#);
    insta::assert_snapshot!(tiles(&[("odd.png", indexed(4, 5))]), @r#"
    error[PNG_INDEX_BEYOND_PALETTE]: the pixel at (5, 1) has palette index 5, but the palette (PLTE) has 4 entries
    --> assets/ui/source/odd.png
     = note: in asset 1 "ui"
     = help: export the picture again: the program that wrote it made a mistake
    "#);
    insta::assert_snapshot!(tiles(&[("photo.png", rgba_of(16, 16, |pixel| [pixel as u8, 0, 0, 255]))]), @r#"
    error[TILES_COLOURS]: the image has 32 distinct colours in RGB565, at most 15 are allowed; too many are the 16th, first at (8, 7); the 17th, first at (0, 8); the 18th, first at (8, 8); and 14 more
    --> assets/ui/source/photo.png
     = note: in asset 1 "ui"
     = help: reduce the colours, or split the picture: each file has a palette of its own; or set "colors" to 15 in "metadata" to have them reduced to the best 15
    "#);
    insta::assert_snapshot!(tiles(&[("soft.png", rgba_of(8, 8, |pixel| [0, 0, 0, pixel as u8 + 1]))]), @r#"
    error[TILES_ALPHA]: 64 pixels have an alpha other than 0 and 255: 1 at (0, 0); 2 at (1, 0); 3 at (2, 0); and 61 more
    --> assets/ui/source/soft.png
     = note: in asset 1 "ui"
     = help: turn off soft edges; or set "alpha" to 128 in "metadata", by which such pixels become opaque from 128 on, and transparent below
    "#);
    insta::assert_snapshot!(tiles(&[("shades.png", rgba_of(16, 8, |pixel| [pixel as u8 % 50, 0, 0, 255]))]), @r#"
    warning[TILES_COLOURS_MERGED]: colours become one RGB565 value, 7 times: #000000 (first at (0, 0)) and #010000 (first at (1, 0)) become 0x0000; #050000 (first at (5, 0)) and #060000 (first at (6, 0)) become 0x0800; #0d0000 (first at (13, 0)) and #0e0000 (first at (14, 0)) become 0x1000; and 4 more
    --> assets/ui/source/shades.png
     = note: in asset 1 "ui"
    "#);
    insta::assert_snapshot!(tiles(&[("sky.png", indexed(2, 1))]), @r#"
    warning[TILES_ENTRY_ZERO]: 63 of 64 pixels have palette entry 0, #000000, which the console shows as transparent; the first is at (0, 0)
    --> assets/ui/source/sky.png
     = note: in asset 1 "ui"
     = help: move the colour to another entry; or, where these pixels are to be transparent, set "entry_zero" to "TRANSPARENT" in "metadata"
    "#);
    insta::assert_snapshot!(tiles(&[("near.png", rgba_of(8, 8, |pixel| [16, u8::from(pixel == 1), 16, 255]))]), @r#"
    warning[TILES_COLOURS_MERGED]: #100010 (first at (0, 0)) and #100110 (first at (1, 0)) become one RGB565 value, 0x1002
    --> assets/ui/source/near.png
     = note: in asset 1 "ui"
    "#);
    insta::assert_snapshot!(tiles(&[("tail.png", [rgba(8, 8, [0; 4]), b"made by me".to_vec()].concat())]), @r#"
    warning[PNG_TRAILING_BYTES]: the bytes after IEND are ignored: 10, from byte 72
    --> assets/ui/source/tail.png
     = note: in asset 1 "ui"
    "#);
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn recordings() {
    insta::assert_snapshot!(sounds(&[("song.wav", b"\0\0\0\x20ftypM4A , renamed".to_vec())]), @r#"
    error[WAV_INVALID]: the file is no WAVE: it is an M4A; a WAVE begins with `RIFF` (byte 0)
    --> assets/ui/source/song.wav
     = note: in asset 1 "ui"
     = help: convert it to WAV, as by `mv song.wav song.m4a && ffmpeg -i song.m4a -c:a pcm_s16le song.wav` in its folder; renaming alone does not convert it
    "#);
    insta::assert_snapshot!(sounds(&[("packed.wav", Wav { tag: 2, ..Wav::default() }.bytes())]), @r#"
    error[WAV_UNSUPPORTED]: format tag 0x0002 (Microsoft ADPCM) (byte 20) is not read
    --> assets/ui/source/packed.wav
     = note: in asset 1 "ui"
     = help: save the sound as integer PCM of 8, 16, 24 or 32 bits, or as 32-bit float
    "#);
    let whole = Wav::default().bytes();
    insta::assert_snapshot!(sounds(&[("short.wav", whole[..whole.len() - 3].to_vec())]), @r#"
    error[WAV_INVALID]: the `data` chunk at byte 36 runs past the file: it has 8 bytes, and 5 are left
    --> assets/ui/source/short.wav
     = note: in asset 1 "ui"
     = help: the file is cut short or damaged: copy it again, or export it again from the program that made it

    warning[WAV_INCONSISTENT]: the RIFF size (byte 4) makes the file end at byte 52, but it has 49 bytes
    --> assets/ui/source/short.wav
     = note: in asset 1 "ui"
    "#);
    insta::assert_snapshot!(sounds(&[("cut.wav", Wav { data: vec![0; 7], ..Wav::default() }.bytes())]), @r#"
    error[WAV_INVALID]: the `data` chunk at byte 36 has 7 bytes, which is no whole number of frames of 2 bytes
    --> assets/ui/source/cut.wav
     = note: in asset 1 "ui"
     = help: the file was probably cut off: export the sound again
    "#);
    insta::assert_snapshot!(sounds(&[("long.wav", Wav { riff_size: Some(4), ..Wav::default() }.bytes())]), @r#"
    error[WAV_INVALID]: the file has no `fmt ` chunk
    --> assets/ui/source/long.wav
     = note: in asset 1 "ui"
     = help: chunks are only read up to byte 12 of 52, where the RIFF size (byte 4) ends them: export the sound again

    error[WAV_INVALID]: the file has no `data` chunk
    --> assets/ui/source/long.wav
     = note: in asset 1 "ui"
     = help: chunks are only read up to byte 12 of 52, where the RIFF size (byte 4) ends them: export the sound again

    warning[WAV_INCONSISTENT]: the RIFF size (byte 4) makes the file end at byte 12, but it has 52 bytes
    --> assets/ui/source/long.wav
     = note: in asset 1 "ui"
    "#);
    let unfinished = Wav { riff_size: Some(0), data: Vec::new(), ..Wav::default() }.bytes();
    insta::assert_snapshot!(sounds(&[("killed.wav", [unfinished, vec![1; 9]].concat())]), @r#"
    warning[WAV_INCONSISTENT]: the size of the `data` chunk at byte 36 was never written: it is 0, and the 9 bytes up to the end of the file are taken for it
    --> assets/ui/source/killed.wav
     = note: in asset 1 "ui"
     = help: the recorder was cut short, or wrote to a pipe: listen to the end, and export it again if something is missing

    warning[WAV_INCONSISTENT]: the `data` chunk at byte 36 ends after 1 of the 2 bytes of a frame, which is left out
    --> assets/ui/source/killed.wav
     = note: in asset 1 "ui"
    "#);
    let with = |at: usize, value: u16| {
        let mut bytes = Wav::default().bytes();
        bytes[at..at + 2].copy_from_slice(&value.to_le_bytes());
        bytes
    };
    insta::assert_snapshot!(sounds(&[("careless.wav", with(32, 0))]), @r#"
    warning[WAV_INCONSISTENT]: the block alignment is 0 (byte 32), which cannot be true: a frame of 1 × 16 bits has 2 bytes, and that is taken
    --> assets/ui/source/careless.wav
     = note: in asset 1 "ui"
    "#);
    insta::assert_snapshot!(sounds(&[("torn.wav", with(32, 4))]), @r#"
    warning[WAV_INCONSISTENT]: the block alignment is 4 (byte 32), which contradicts the byte rate: a frame of 1 × 16 bits has 2 bytes, and that is taken
    --> assets/ui/source/torn.wav
     = note: in asset 1 "ui"
    "#);
    let mut roomy = with(32, 4);
    let rate = u32::from_le_bytes(*roomy[24..28].first_chunk().unwrap());
    roomy[28..32].copy_from_slice(&(rate * 4).to_le_bytes());
    insta::assert_snapshot!(sounds(&[("roomy.wav", roomy)]), @r#"
    error[WAV_INVALID]: the block alignment is 4 (byte 32), which is 4 bytes a sample, but samples have 16 bits; which of the two is true cannot be told
    --> assets/ui/source/roomy.wav
     = note: in asset 1 "ui"
     = help: export the sound again, such that samples of 16 bits take no more bytes than that
    "#);
    let nan = [0.0_f32, f32::NAN].iter().flat_map(|sample| sample.to_le_bytes()).collect();
    insta::assert_snapshot!(sounds(&[("nan.wav", Wav { tag: 3, bits: 32, data: nan, ..Wav::default() }.bytes())]), @r#"
    error[SOUNDS_SAMPLE]: frame 1, channel 0 (both from 0; byte 48) is NaN, not a number
    --> assets/ui/source/nan.wav
     = note: in asset 1 "ui"
     = help: export the sound again, as integer PCM, or mend what computed these samples
    "#);
    insta::assert_snapshot!(sounds(&[("back.wav", Wav { smpl: Some((1, 3, 9)), ..Wav::default() }.bytes())]), @r#"
    error[SOUNDS_LOOP]: the loop at byte 100 has type 1 (alternating); only 0 (forward) is allowed
    --> assets/ui/source/back.wav
     = note: in asset 1 "ui"
     = help: make it one forward loop within the sound, or set "loops" to "OFF"

    error[SOUNDS_LOOP]: the loop at byte 104 goes from frame 3 to 9, but the file has 4 frames
    --> assets/ui/source/back.wav
     = note: in asset 1 "ui"
     = help: make it one forward loop within the sound, or set "loops" to "OFF"
    "#);
    insta::assert_snapshot!(sounds(&[("tracker.wav", Wav { smpl: Some((0, 1, 4)), ..Wav::default() }.bytes())]), @r#"
    warning[SOUNDS_LOOP]: the loop at byte 104 ends at frame 4, but the file has 4 frames, counted from 0; it is taken to end at the last of them
    --> assets/ui/source/tracker.wav
     = note: in asset 1 "ui"
    "#);
    insta::assert_snapshot!(sounds(&[("a/jump.wav", Wav::default().bytes()), ("b/jump.wav", Wav::default().bytes())]), @r#"
    error[SOUNDS_NAME_TAKEN]: the sample name `jump` is already taken by `source/a/jump.wav` of the same asset
    --> assets/ui/source/b/jump.wav
     = note: in asset 1 "ui"
     = note: takes the name `jump` first: assets/ui/source/a/jump.wav
     = help: rename one of the files: a sample is named after its file, without folder and extension
    "#);
}
