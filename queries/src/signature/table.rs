//! Kinds of files that begin with fixed bytes, or have them at a fixed place.

use super::conversion::Conversion;
use super::kind::{Advice, Media, NOT_MEANT, RESTORE, Signature};

/// A kind, and what is at which places of its files: one row for each way to begin.
type Row = (&'static [(usize, &'static [u8])], Signature);

const fn picture(name: &'static str, advice: &'static str) -> Signature {
    Signature { name, media: Media::Picture, taken_by: None, advice: Advice::Words(advice) }
}

/// A kind of picture that `command` exports as PNG, as `task` says.
const fn exported(name: &'static str, extension: &'static str, task: &'static str, command: &'static str) -> Signature {
    let conversion = Conversion { task, command, note: "", extension, made: "png" };
    Signature { name, media: Media::Picture, taken_by: None, advice: Advice::Convert(conversion) }
}

/// A kind of sound that `ffmpeg` converts.
const fn sound(name: &'static str, extension: &'static str) -> Signature {
    let conversion = Conversion {
        task: "convert it to WAV",
        command: "ffmpeg -i <from> -c:a pcm_s16le <to>",
        note: "; renaming alone does not convert it",
        extension,
        made: "wav",
    };
    Signature { name, media: Media::Sound, taken_by: None, advice: Advice::Convert(conversion) }
}

const fn notes(name: &'static str, extension: &'static str) -> Signature {
    let conversion = Conversion {
        task: "notes have no sound yet: render them",
        command: "fluidsynth -F <to> sounds.sf2 <from>",
        note: ", with a sound font of yours for sounds.sf2",
        extension,
        made: "wav",
    };
    Signature { name, media: Media::Sound, taken_by: None, advice: Advice::Convert(conversion) }
}

const fn module(name: &'static str, extension: &'static str) -> Signature {
    let conversion = Conversion {
        task: "the console plays samples, not modules: render it",
        command: "openmpt123 --render <from> && mv <from>.wav <to>",
        note: "",
        extension,
        made: "wav",
    };
    Signature { name, media: Media::Sound, taken_by: None, advice: Advice::Convert(conversion) }
}

const fn video(name: &'static str, extension: &'static str) -> Signature {
    let (picture, sound) = (
        Conversion {
            task: "take the frames out of it",
            command: "ffmpeg -i <from> <frames>",
            note: "",
            extension,
            made: "png",
        },
        Conversion {
            task: "take the sound out of it",
            command: "ffmpeg -i <from> -c:a pcm_s16le <to>",
            note: "",
            extension,
            made: "wav",
        },
    );
    Signature { name, media: Media::Other, taken_by: None, advice: Advice::ConvertToEither { picture, sound } }
}

const fn other(name: &'static str, advice: &'static str) -> Signature {
    Signature { name, media: Media::Other, taken_by: None, advice: Advice::Words(advice) }
}

/// The same, which the format of tiles takes.
const fn tiles(signature: Signature) -> Signature {
    Signature { taken_by: Some("TILES/indexed_v1"), ..signature }
}

/// The same, which the format of sounds takes.
const fn sounds(signature: Signature) -> Signature {
    Signature { taken_by: Some("SOUNDS/pcm_v1"), ..signature }
}

const EDITOR: &str = "open it in a picture editor and export it as PNG; renaming a file does not convert it";
const UNPACK: &str = "unpack it, and take the files that are in it";
const LINE_ENDS: &str = "take the original file again, and put the line `*.png binary` into .gitattributes, so that \
                         version control leaves pictures as they are";
const BITS: &str = "take the original file again, and transfer it as binary, not as text";

/// The first row that fits counts.
const ROWS: &[Row] = &[
    (&[(0, b"\x89PNG\r\n\x1a\n")], tiles(picture("a PNG", EDITOR))),
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
        tiles(exported("a GIF", "gif", "export each of its frames as PNG", "magick <from> -coalesce <frames>")),
    ),
    (
        &[(4, b"\xe0\xa5"), (132, b"\xfa\xf1")],
        tiles(exported("an Aseprite file", "aseprite", "export it as PNG", "aseprite -b <from> --save-as <to>")),
    ),
    (
        &[(0, b"PK\x03\x04"), (30, b"mimetypeapplication/x-krita")],
        exported("a Krita file", "kra", "export it as PNG", "krita <from> --export --export-filename <to>"),
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
    (&[(0, b"BM"), (14, b"\x0c\0\0\0")], tiles(picture("a BMP", EDITOR))),
    (&[(0, b"BM"), (14, b"\x28\0\0\0")], tiles(picture("a BMP", EDITOR))),
    (&[(0, b"BM"), (14, b"\x38\0\0\0")], tiles(picture("a BMP", EDITOR))),
    (&[(0, b"BM"), (14, b"\x40\0\0\0")], tiles(picture("a BMP", EDITOR))),
    (&[(0, b"BM"), (14, b"\x6c\0\0\0")], tiles(picture("a BMP", EDITOR))),
    (&[(0, b"BM"), (14, b"\x7c\0\0\0")], tiles(picture("a BMP", EDITOR))),
    (&[(0, b"II*\0")], picture("a TIFF", EDITOR)),
    (&[(0, b"MM\0*")], picture("a TIFF", EDITOR)),
    (&[(0, b"\0\0\x01\0")], picture("an icon (ICO)", EDITOR)),
    (&[(0, b"qoif")], picture("a QOI", EDITOR)),
    (&[(0, b"DDS ")], picture("a DDS", EDITOR)),
    (&[(0, b"\xff\x0a")], picture("a JPEG XL", EDITOR)),
    (&[(0, b"\0\0\0\x0cJXL \r\n\x87\n")], picture("a JPEG XL", EDITOR)),
    (&[(0, b"FORM"), (8, b"ILBM")], picture("an IFF picture (ILBM)", EDITOR)),
    (&[(0, b"RIFF"), (8, b"WAVE")], sounds(sound("a WAV", "wav"))),
    (&[(0, b"RF64"), (8, b"WAVE")], sound("a WAV of more than 4 GiB (RF64)", "rf64")),
    (&[(0, b"ID3")], sounds(sound("an MP3", "mp3"))),
    (&[(0, b"OggS")], sounds(sound("an Ogg", "ogg"))),
    (&[(0, b"fLaC")], sounds(sound("a FLAC", "flac"))),
    (&[(0, b"FORM"), (8, b"AIFF")], sounds(sound("an AIFF", "aiff"))),
    (&[(0, b"FORM"), (8, b"AIFC")], sounds(sound("an AIFF", "aiff"))),
    (&[(0, b"FORM"), (8, b"8SVX")], sound("an IFF sound (8SVX)", "8svx")),
    (&[(0, b"caff")], sound("a Core Audio file (CAF)", "caf")),
    (&[(0, b".snd")], sound("an AU", "au")),
    (&[(0, b"wvpk")], sound("a WavPack", "wv")),
    (&[(0, b"\xff\xf1")], sound("an AAC", "aac")),
    (&[(0, b"\xff\xf9")], sound("an AAC", "aac")),
    (&[(4, b"ftypM4A ")], sound("an M4A", "m4a")),
    (&[(0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11")], sound("a WMA", "wma")),
    (&[(0, b"MThd")], notes("a MIDI file", "mid")),
    (&[(0, b"RIFF"), (8, b"RMID")], notes("a MIDI file", "mid")),
    (&[(0, b"Extended Module: ")], module("a module of a tracker (XM)", "xm")),
    (&[(0, b"IMPM")], module("a module of a tracker (IT)", "it")),
    (&[(28, b"\x1a"), (44, b"SCRM")], module("a module of a tracker (S3M)", "s3m")),
    (&[(1080, b"M.K.")], module("a module of a tracker (MOD)", "mod")),
    (&[(1080, b"M!K!")], module("a module of a tracker (MOD)", "mod")),
    (&[(1080, b"FLT4")], module("a module of a tracker (MOD)", "mod")),
    (&[(1080, b"FLT8")], module("a module of a tracker (MOD)", "mod")),
    (&[(1081, b"CHN")], module("a module of a tracker (MOD)", "mod")),
    (&[(1080, b"10CH")], module("a module of a tracker (MOD)", "mod")),
    (&[(1080, b"16CH")], module("a module of a tracker (MOD)", "mod")),
    (&[(1080, b"32CH")], module("a module of a tracker (MOD)", "mod")),
    (&[(4, b"ftyp")], video("a video (MP4)", "mp4")),
    (&[(0, b"RIFF"), (8, b"AVI ")], video("a video (AVI)", "avi")),
    (&[(0, b"\x1a\x45\xdf\xa3")], video("a video (WebM or Matroska)", "mkv")),
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
const MP3: Signature = sounds(sound("an MP3", "mp3"));

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
pub(crate) fn is_mpeg_frame(bytes: &[u8]) -> bool {
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
        for (_, signature) in ROWS {
            for needed in [Media::Picture, Media::Sound] {
                let (name, advice) = (signature.name, signature.advice(needed, "a"));
                assert!(!advice.ends_with('.') && !advice.contains(". ") && !advice.contains("  "), "{name}: {advice}");
            }
        }
    }

    #[test]
    fn no_command_writes_the_file_that_it_reads() {
        for (_, signature) in ROWS {
            for (needed, path) in [(Media::Picture, "d/hero.png"), (Media::Sound, "d/hero.wav")] {
                let advice = signature.advice(needed, path);
                let (name, file) = (signature.name, &path[2..]);
                let conversion = advice.split('`').nth(1).filter(|command| command.contains("hero"));
                assert!(
                    conversion.is_none_or(|command| command.starts_with(&format!("mv {file} hero."))),
                    "{name}: {advice}"
                );
            }
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
