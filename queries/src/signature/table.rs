//! Kinds of files that begin with fixed bytes, or have them at a fixed place.

use super::kind::{Media, NOT_MEANT, RESTORE, Signature};

/// A kind, and what is at which places of its files: one row for each way to begin.
type Row = (&'static [(usize, &'static [u8])], Signature);

const fn picture(name: &'static str, advice: &'static str) -> Signature {
    Signature { name, media: Media::Picture, advice }
}

const fn sound(name: &'static str, advice: &'static str) -> Signature {
    Signature { name, media: Media::Sound, advice }
}

const fn other(name: &'static str, advice: &'static str) -> Signature {
    Signature { name, media: Media::Other, advice }
}

const EDITOR: &str = "open it in a picture editor and export it as PNG; renaming a file does not convert it";
const FFMPEG: &str = "convert it to WAV, as by `ffmpeg -i song.mp3 -c:a pcm_s16le song.wav`; renaming a file does not \
                      convert it";
const PLAYER: &str = "the console plays samples, not modules: render it, as by `openmpt123 --render song.xm`";
const SYNTHESIZER: &str = "notes have no sound yet: render them, as by `fluidsynth -F song.wav sounds.sf2 song.mid`";
const UNPACK: &str = "unpack it, and take the files that are in it";
const VIDEO: &str = "take the sound or the frames out of it, as by `ffmpeg -i film.mp4 sound.wav` or `ffmpeg -i film.mp4 \
                     frame%03d.png`";
const LINE_ENDS: &str = "take the original file again, and put the line `*.png binary` into .gitattributes, so that \
                         version control leaves pictures as they are";
const BITS: &str = "take the original file again, and transfer it as binary, not as text";

/// The first row that fits counts.
const ROWS: &[Row] = &[
    (&[(0, b"\x89PNG\r\n\x1a\n")], picture("a PNG", EDITOR)),
    (&[(0, b"\x89PNG\n\x1a\n")], picture("a PNG whose line ends were converted (CRLF became LF)", LINE_ENDS)),
    (&[(0, b"\x89PNG\r\r\n\x1a\r\n")], picture("a PNG whose line ends were converted (LF became CRLF)", LINE_ENDS)),
    (&[(0, b"\x89PNG\r\n\x1a\r\n")], picture("a PNG whose line ends were converted (LF became CRLF)", LINE_ENDS)),
    (&[(0, b"\x89PNG\r\r\x1a\r")], picture("a PNG whose line ends were converted (LF became CR)", LINE_ENDS)),
    (&[(0, b"\x89PNG\n\n\x1a\n")], picture("a PNG whose line ends were converted (CR became LF)", LINE_ENDS)),
    (&[(0, b"\tPNG\r\n\x1a\n")], picture("a PNG that lost the highest bit of each byte", BITS)),
    (&[(0, b"\xef\xbf\xbdPNG")], picture("a PNG that was saved as text", BITS)),
    (&[(0, b"\xc2\x89PNG")], picture("a PNG that was saved as text", BITS)),
    (
        &[(0, b"\xff\xd8\xff")],
        picture(
            "a JPEG",
            "export it as PNG from the drawing itself, since a JPEG has mixed its colours; renaming a file does not \
             convert it",
        ),
    ),
    (
        &[(0, b"GIF8")],
        picture("a GIF", "export each of its frames as PNG, as by `magick hero.gif -coalesce hero%02d.png`"),
    ),
    (
        &[(4, b"\xe0\xa5"), (132, b"\xfa\xf1")],
        picture("an Aseprite file", "export it as PNG, as by `aseprite -b hero.aseprite --save-as hero.png`"),
    ),
    (
        &[(0, b"PK\x03\x04"), (30, b"mimetypeapplication/x-krita")],
        picture("a Krita file", "export it as PNG, as by `krita hero.kra --export --export-filename hero.png`"),
    ),
    (&[(0, b"PK\x03\x04"), (30, b"mimetypeimage/openraster")], picture("an OpenRaster file", EDITOR)),
    (
        &[(0, b"8BPS")],
        picture(
            "a Photoshop file (PSD)",
            "export it as PNG, in Photoshop by File > Export, in GIMP by File > Export As",
        ),
    ),
    (&[(0, b"gimp xcf ")], picture("a GIMP file (XCF)", "export it as PNG, in GIMP by File > Export As")),
    (&[(0, b"RIFF"), (8, b"WEBP")], picture("a WebP", EDITOR)),
    (&[(4, b"ftypavif")], picture("an AVIF", EDITOR)),
    (&[(4, b"ftypavis")], picture("an AVIF", EDITOR)),
    (&[(4, b"ftyphei")], picture("a HEIF", EDITOR)),
    (&[(4, b"ftyphev")], picture("a HEIF", EDITOR)),
    (&[(4, b"ftypmif1")], picture("a HEIF", EDITOR)),
    (&[(4, b"ftypmsf1")], picture("a HEIF", EDITOR)),
    // The size of the second header, which is one of a few.
    (&[(0, b"BM"), (14, b"\x0c\0\0\0")], picture("a BMP", EDITOR)),
    (&[(0, b"BM"), (14, b"\x28\0\0\0")], picture("a BMP", EDITOR)),
    (&[(0, b"BM"), (14, b"\x38\0\0\0")], picture("a BMP", EDITOR)),
    (&[(0, b"BM"), (14, b"\x40\0\0\0")], picture("a BMP", EDITOR)),
    (&[(0, b"BM"), (14, b"\x6c\0\0\0")], picture("a BMP", EDITOR)),
    (&[(0, b"BM"), (14, b"\x7c\0\0\0")], picture("a BMP", EDITOR)),
    (&[(0, b"II*\0")], picture("a TIFF", EDITOR)),
    (&[(0, b"MM\0*")], picture("a TIFF", EDITOR)),
    (&[(0, b"\0\0\x01\0")], picture("an icon (ICO)", EDITOR)),
    (&[(0, b"qoif")], picture("a QOI", EDITOR)),
    (&[(0, b"DDS ")], picture("a DDS", EDITOR)),
    (&[(0, b"\xff\x0a")], picture("a JPEG XL", EDITOR)),
    (&[(0, b"\0\0\0\x0cJXL \r\n\x87\n")], picture("a JPEG XL", EDITOR)),
    (&[(0, b"FORM"), (8, b"ILBM")], picture("an IFF picture (ILBM)", EDITOR)),
    (&[(0, b"RIFF"), (8, b"WAVE")], sound("a WAV", FFMPEG)),
    (&[(0, b"RF64"), (8, b"WAVE")], sound("a WAV of more than 4 GiB (RF64)", FFMPEG)),
    (&[(0, b"ID3")], sound("an MP3", FFMPEG)),
    (&[(0, b"OggS")], sound("an Ogg", FFMPEG)),
    (&[(0, b"fLaC")], sound("a FLAC", FFMPEG)),
    (&[(0, b"FORM"), (8, b"AIFF")], sound("an AIFF", FFMPEG)),
    (&[(0, b"FORM"), (8, b"AIFC")], sound("an AIFF", FFMPEG)),
    (&[(0, b"FORM"), (8, b"8SVX")], sound("an IFF sound (8SVX)", FFMPEG)),
    (&[(0, b"caff")], sound("a Core Audio file (CAF)", FFMPEG)),
    (&[(0, b".snd")], sound("an AU", FFMPEG)),
    (&[(0, b"wvpk")], sound("a WavPack", FFMPEG)),
    (&[(0, b"\xff\xf1")], sound("an AAC", FFMPEG)),
    (&[(0, b"\xff\xf9")], sound("an AAC", FFMPEG)),
    (&[(4, b"ftypM4A ")], sound("an M4A", FFMPEG)),
    (&[(0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11")], sound("a WMA", FFMPEG)),
    (&[(0, b"MThd")], sound("a MIDI file", SYNTHESIZER)),
    (&[(0, b"RIFF"), (8, b"RMID")], sound("a MIDI file", SYNTHESIZER)),
    (&[(0, b"Extended Module: ")], sound("a module of a tracker (XM)", PLAYER)),
    (&[(0, b"IMPM")], sound("a module of a tracker (IT)", PLAYER)),
    (&[(28, b"\x1a"), (44, b"SCRM")], sound("a module of a tracker (S3M)", PLAYER)),
    (&[(1080, b"M.K.")], sound("a module of a tracker (MOD)", PLAYER)),
    (&[(1080, b"M!K!")], sound("a module of a tracker (MOD)", PLAYER)),
    (&[(1080, b"FLT4")], sound("a module of a tracker (MOD)", PLAYER)),
    (&[(1080, b"FLT8")], sound("a module of a tracker (MOD)", PLAYER)),
    (&[(1081, b"CHN")], sound("a module of a tracker (MOD)", PLAYER)),
    (&[(1080, b"10CH")], sound("a module of a tracker (MOD)", PLAYER)),
    (&[(1080, b"16CH")], sound("a module of a tracker (MOD)", PLAYER)),
    (&[(1080, b"32CH")], sound("a module of a tracker (MOD)", PLAYER)),
    (&[(4, b"ftyp")], other("a video (MP4)", VIDEO)),
    (&[(0, b"RIFF"), (8, b"AVI ")], other("a video (AVI)", VIDEO)),
    (&[(0, b"\x1a\x45\xdf\xa3")], other("a video (WebM or Matroska)", VIDEO)),
    (&[(0, b"PK\x03\x04")], other("a ZIP", UNPACK)),
    (&[(0, b"PK\x05\x06")], other("a ZIP with nothing in it", RESTORE)),
    (&[(0, b"\x1f\x8b")], other("a gzip", UNPACK)),
    (&[(0, b"7z\xbc\xaf\x27\x1c")], other("a 7z archive", UNPACK)),
    (&[(0, b"Rar!\x1a\x07")], other("a RAR archive", UNPACK)),
    (&[(0, b"%PDF-")], other("a PDF", NOT_MEANT)),
];

/// A TGA has nothing at its beginning. Those of the second version end with this.
const TGA_END: &[u8] = b"TRUEVISION-XFILE.\0";
const TGA: Signature = picture("a TGA", EDITOR);
const MP3: Signature = sound("an MP3", FFMPEG);

/// The kind of the file with these bytes, none of which is text.
pub(super) fn signature(bytes: &[u8]) -> Option<&'static Signature> {
    let has = |(at, expected): &(usize, &[u8])| bytes.get(*at..).is_some_and(|rest| rest.starts_with(expected));
    if let Some((_, signature)) = ROWS.iter().find(|(places, _)| places.iter().all(has)) {
        return Some(signature);
    }
    if bytes.ends_with(TGA_END) {
        return Some(&TGA);
    }
    is_mpeg_frame(bytes).then_some(&MP3)
}

/// Whether `bytes` begin with the header of a frame of MPEG audio, layer III, in which no field has a reserved value.
fn is_mpeg_frame(bytes: &[u8]) -> bool {
    let [0xff, kind, rates, _, ..] = *bytes else { return false };
    let is_layer_three = kind & 0b1110_0110 == 0b1110_0010;
    let is_known_version = kind & 0b0001_1000 != 0b0000_1000;
    let (bit_rate, sample_rate) = (rates >> 4, rates >> 2 & 0b11);
    is_layer_three && is_known_version && (1..15).contains(&bit_rate) && sample_rate != 0b11
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file that has what a row says, and bytes of no kind between.
    fn file_of((places, _): &Row) -> Vec<u8> {
        let mut file = vec![1; 1100];
        for (at, bytes) in *places {
            file[*at..at + bytes.len()].copy_from_slice(bytes);
        }
        file
    }

    #[test]
    fn no_row_hides_another_one() {
        for row in ROWS {
            assert_eq!(signature(&file_of(row)), Some(&row.1));
        }
        assert_eq!(signature(&[1; 1100]), None);
    }

    #[test]
    fn each_advice_is_one_sentence() {
        for (_, Signature { name, advice, .. }) in ROWS {
            assert!(!advice.ends_with('.') && !advice.contains(". ") && !advice.contains("  "), "{name}: {advice}");
        }
    }

    #[test]
    fn a_frame_of_an_mp3_has_no_reserved_field() {
        for (head, is_frame) in [
            ([0xff, 0xfb, 0x90, 0x00], true),
            ([0xff, 0xf3, 0x40, 0xc4], true),
            ([0xff, 0xe3, 0x18, 0xc4], true),
            ([0xff, 0xfb, 0xf0, 0x00], false),
            ([0xff, 0xfb, 0x00, 0x00], false),
            ([0xff, 0xfb, 0x9c, 0x00], false),
            ([0xff, 0xeb, 0x90, 0x00], false),
            ([0xff, 0xfd, 0x90, 0x00], false),
            ([0xff, 0xff, 0x90, 0x00], false),
            ([0xfe, 0xfb, 0x90, 0x00], false),
        ] {
            assert_eq!(is_mpeg_frame(&head), is_frame, "{head:x?}");
        }
        assert!(!is_mpeg_frame(&[0xff, 0xfb, 0x90]));
    }
}
