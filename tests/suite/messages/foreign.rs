//! Files that are something else than their names say.

use std::fmt::Write as _;

use serde_json::Value;

use crate::pictures::rgba;
use crate::space::{TestSpace, entry, manifest};
use crate::wav::Wav;

const POINTER: &str = "version https://git-lfs.github.com/spec/v1\n\
    oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";

/// The beginnings of files as programs write them, each with its name.
fn samples() -> Vec<(&'static str, Vec<u8>)> {
    let png = rgba(8, 8, [0; 4]);
    let replaced = |from: &[u8], to: &[u8]| [to, &png[from.len()..]].concat();
    let at = |place: usize, bytes: &[u8]| [&vec![1; place], bytes, &[2; 40]].concat();
    let zip = |name: &[u8]| [b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\x13\0\0\0\x13\0\0\0\x08\0\0\0", name].concat();
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    vec![
        ("JPEG", b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01".to_vec()),
        ("GIF", b"GIF89a\x08\0\x08\0\xf0\0\0".to_vec()),
        ("BMP", b"BM\x36\x03\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x08\0\0\0".to_vec()),
        ("WebP", b"RIFF\x24\0\0\0WEBPVP8L\x18\0\0\0".to_vec()),
        ("AVIF", b"\0\0\0\x20ftypavif\0\0\0\0avifmif1".to_vec()),
        ("HEIF", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec()),
        ("TGA", [&[0, 0, 2, 0, 0][..], &[1; 60], b"TRUEVISION-XFILE.\0"].concat()),
        ("PSD", b"8BPS\0\x01\0\0\0\0\0\0\0\x04".to_vec()),
        ("Krita", zip(b"mimetypeapplication/x-kritaPK\x03\x04")),
        ("Aseprite", [&[0, 1, 0, 0, 0xe0, 0xa5][..], &[0; 122], &[16, 0, 0, 0, 0xfa, 0xf1, 0, 0]].concat()),
        ("GIMP", b"gimp xcf v011\0\0\0\0\x08".to_vec()),
        ("SVG", b"<?xml version=\"1.0\"?>\n<!-- drawn -->\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec()),
        ("HTML", b"\n<!DOCTYPE html><title>404 Not Found</title>".to_vec()),
        ("ZIP", zip(b"hero.png\x89PNG")),
        ("PDF", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec()),
        ("MP3 with ID3", b"ID3\x04\0\0\0\0\0\x23TSSE".to_vec()),
        ("MP3", b"\xff\xfb\x90\x64\0\x0f\xf0\0".to_vec()),
        ("Ogg", b"OggS\0\x02\0\0\0\0\0\0\0\0".to_vec()),
        ("FLAC", b"fLaC\0\0\0\x22\x10\0".to_vec()),
        ("AIFF", b"FORM\0\0\x08\x2eAIFFCOMM".to_vec()),
        ("M4A", b"\0\0\0\x20ftypM4A \0\0\x02\0".to_vec()),
        ("MIDI", b"MThd\0\0\0\x06\0\x01\0\x02".to_vec()),
        ("MOD", at(1080, b"M.K.")),
        ("XM", b"Extended Module: title\0\0\0\x1aFastTracker v2.00".to_vec()),
        ("S3M", [&[b'a'; 28][..], b"\x1a\x10\0\0", &[0; 12], b"SCRM\0"].concat()),
        ("IT", b"IMPMtitle\0\0\0".to_vec()),
        ("MP4", b"\0\0\0\x20ftypisom\0\0\x02\0".to_vec()),
        ("PNG", png.clone()),
        ("WAV", Wav::default().bytes()),
        ("PNG, CRLF to LF", replaced(b"\x89PNG\r\n\x1a\n", b"\x89PNG\n\x1a\n")),
        ("PNG, LF to CRLF", replaced(b"\x89PNG\r\n\x1a\n", b"\x89PNG\r\r\n\x1a\r\n")),
        ("PNG, 7 bits", replaced(b"\x89", b"\x09")),
        ("PNG as text", replaced(b"\x89", "\u{fffd}".as_bytes())),
        ("LFS", POINTER.as_bytes().to_vec()),
        ("empty", Vec::new()),
        ("zeros", vec![0; 4096]),
        ("UTF-16 with mark", utf16("\u{feff}width = 8\r\n")),
        ("UTF-16", utf16("width = 8\r\n")),
        ("text", b"width = 8\n".to_vec()),
        ("unknown", b"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e".to_vec()),
    ]
}

/// What stands for `ffmpeg`: it writes a sound where there is one to read, and cannot write what it reads.
#[cfg(unix)]
const FFMPEG: &str =
    "#!/bin/sh\nfor to; do :; done\ntest -f \"$2\" && test \"$2\" != \"$to\" && cp \"$SOUND\" \"$to\"\n";

#[cfg(unix)]
#[test]
fn the_command_that_converts_a_file_works() {
    use std::os::unix::fs::PermissionsExt as _;
    use std::process::Command;

    let tools = TestSpace::empty();
    tools.write("ffmpeg", FFMPEG);
    tools.write("sound.wav", Wav::default().bytes());
    let tool = tools.path().join("ffmpeg");
    std::fs::set_permissions(&tool, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", tools.path().display(), std::env::var("PATH").unwrap());

    for (file, made) in [
        ("b/song.wav", "b/song.wav"),
        ("song.wv", "song.wav"),
        ("my song's.WV", "my song's.wav"),
        ("-song.wav", "-song.wav"),
        ("song", "song.wav"),
    ] {
        let space = TestSpace::empty();
        let with = |file: &str| {
            let artifact = format!(r#"{{"file": "{file}"}}"#);
            let sounds = manifest(1, "bad", &artifact).replace("DATA/raw_v1", "SOUNDS/pcm_v1");
            space.write("assets/bad/asset.json", sounds);
        };
        space.write(&format!("assets/bad/{file}"), b"wvpk\x10\x04\0\0");
        space.write_registry(&[entry(1, "bad")]);
        with(file);
        let run = space.run(&["check"]);
        let command = run.stderr.split("as by `").nth(1).and_then(|rest| rest.split("` in its folder").next()).unwrap();
        let at = space.path().join("assets/bad").join(file);
        let mut shell = Command::new("sh");
        shell.args(["-c", command]).current_dir(at.parent().unwrap());
        let status = shell.env("PATH", &path).env("SOUND", tools.path().join("sound.wav")).status().unwrap();
        assert!(status.success(), "{command}");
        with(made);
        assert_eq!(space.run(&["check"]).code, 0, "{command}");
    }
}

/// What `check` says of each sample as the `file` of an asset of this `format`: code, message and help.
fn said(format: &str, file: &str) -> String {
    let space = TestSpace::empty();
    let samples = samples();
    let mut entries = Vec::new();
    for (index, (_, bytes)) in samples.iter().enumerate() {
        let (id, root) = (index + 1, format!("a{index}"));
        let manifest = manifest(id, &root, &format!(r#"{{"file": "{file}"}}"#)).replace(r#""DATA/raw_v1""#, format);
        space.write(&format!("assets/{root}/asset.json"), manifest);
        space.write(&format!("assets/{root}/{file}"), bytes);
        entries.push(entry(id, &root));
    }
    space.write_registry(&entries);
    let run = space.run(&["check", "--message-format", "json"]);
    let mut said = String::new();
    for line in run.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
        if line["type"] == "diagnostic" {
            let (name, _) = &samples[line["asset_id"].as_u64().unwrap() as usize - 1];
            let part = |name: &str| line[name].as_str().unwrap_or("-").to_owned();
            writeln!(said, "{name}: {}: {}\n    {}", part("code"), part("message"), part("help")).unwrap();
        }
    }
    said
}

#[test]
fn a_picture_that_is_none() {
    insta::assert_snapshot!(said(r#""TILES/indexed_v1", "metadata": { "tile_size": 8 }"#, "hero.png"), @r#"
    JPEG: PNG_INVALID: the file is no PNG: it is a JPEG; a PNG begins with its signature (byte 0)
        export it as PNG from the drawing itself, since a JPEG has mixed its colours; renaming a file does not convert it
    GIF: GIF_INVALID: the header cannot be read: Unexpected End of File
        the file is cut short or damaged: copy it again, or export it again from the program that made it
    BMP: BMP_INVALID: the header is cut off: the file has 22 bytes
        the file is cut short or damaged: copy it again, or export it again from the program that made it
    WebP: PNG_INVALID: the file is no PNG: it is a WebP; a PNG begins with its signature (byte 0)
        open it in a picture editor and export it as PNG; renaming a file does not convert it
    AVIF: PNG_INVALID: the file is no PNG: it is an AVIF; a PNG begins with its signature (byte 0)
        open it in a picture editor and export it as PNG; renaming a file does not convert it
    HEIF: PNG_INVALID: the file is no PNG: it is a HEIF; a PNG begins with its signature (byte 0)
        open it in a picture editor and export it as PNG; renaming a file does not convert it
    TGA: PNG_INVALID: the file is no PNG: it is a TGA; a PNG begins with its signature (byte 0)
        open it in a picture editor and export it as PNG; renaming a file does not convert it
    PSD: PNG_INVALID: the file is no PNG: it is a Photoshop file (PSD); a PNG begins with its signature (byte 0)
        export it as PNG, in Photoshop by File > Export, in GIMP by File > Export As
    Krita: PNG_INVALID: the file is no PNG: it is a Krita file; a PNG begins with its signature (byte 0)
        export it as PNG, as by `mv hero.png hero.kra && krita hero.kra --export --export-filename hero.png` in its folder
    Aseprite: ASE_INVALID: the header has 0 bits a pixel, not 8, 16 or 32
        the file is cut short or damaged: copy it again, or export it again from the program that made it
    GIMP: PNG_INVALID: the file is no PNG: it is a GIMP file (XCF); a PNG begins with its signature (byte 0)
        export it as PNG, in GIMP by File > Export As
    SVG: PNG_INVALID: the file is no PNG: it is an SVG; a PNG begins with its signature (byte 0)
        a drawing has no pixels yet: export it in the size that you need, as by `mv hero.png hero.svg && inkscape hero.svg --export-filename=hero.png --export-width=64` in its folder
    HTML: PNG_INVALID: the file is no PNG: it is a web page (HTML), probably of a download that failed; a PNG begins with its signature (byte 0)
        download it again, and look at it in a browser if that gives the same: the page says what went wrong
    ZIP: PNG_INVALID: the file is no PNG: it is a ZIP; a PNG begins with its signature (byte 0)
        unpack it, and take the files that are in it
    PDF: PNG_INVALID: the file is no PNG: it is a PDF; a PNG begins with its signature (byte 0)
        correct "artifacts" in asset.json, if this file was not meant; else export it again
    MP3 with ID3: PNG_INVALID: the file is an MP3, which TILES/indexed_v1 does not take
        take it out of this asset, and put it into one of the format SOUNDS/pcm_v1, which takes it
    MP3: PNG_INVALID: the file is an MP3, which TILES/indexed_v1 does not take
        take it out of this asset, and put it into one of the format SOUNDS/pcm_v1, which takes it
    Ogg: PNG_INVALID: the file is an Ogg, which TILES/indexed_v1 does not take
        take it out of this asset, and put it into one of the format SOUNDS/pcm_v1, which takes it
    FLAC: PNG_INVALID: the file is a FLAC, which TILES/indexed_v1 does not take
        take it out of this asset, and put it into one of the format SOUNDS/pcm_v1, which takes it
    AIFF: PNG_INVALID: the file is an AIFF, which TILES/indexed_v1 does not take
        take it out of this asset, and put it into one of the format SOUNDS/pcm_v1, which takes it
    M4A: PNG_INVALID: the file is no PNG: it is an M4A; a PNG begins with its signature (byte 0)
        take it out of this asset: a sound needs one of the format SOUNDS/pcm_v1
    MIDI: PNG_INVALID: the file is no PNG: it is a MIDI file; a PNG begins with its signature (byte 0)
        take it out of this asset: a sound needs one of the format SOUNDS/pcm_v1
    MOD: PNG_INVALID: the file is no PNG: it is a module of a tracker (MOD); a PNG begins with its signature (byte 0)
        take it out of this asset: a sound needs one of the format SOUNDS/pcm_v1
    XM: PNG_INVALID: the file is no PNG: it is a module of a tracker (XM); a PNG begins with its signature (byte 0)
        take it out of this asset: a sound needs one of the format SOUNDS/pcm_v1
    S3M: PNG_INVALID: the file is no PNG: it is a module of a tracker (S3M); a PNG begins with its signature (byte 0)
        take it out of this asset: a sound needs one of the format SOUNDS/pcm_v1
    IT: PNG_INVALID: the file is no PNG: it is a module of a tracker (IT); a PNG begins with its signature (byte 0)
        take it out of this asset: a sound needs one of the format SOUNDS/pcm_v1
    MP4: PNG_INVALID: the file is no PNG: it is a video (MP4); a PNG begins with its signature (byte 0)
        take the frames out of it, as by `mv hero.png hero.mp4 && ffmpeg -i hero.mp4 hero%03d.png` in its folder
    WAV: PNG_INVALID: the file is a WAV, which TILES/indexed_v1 does not take
        take it out of this asset, and put it into one of the format SOUNDS/pcm_v1, which takes it
    PNG, CRLF to LF: PNG_INVALID: the file is a damaged PNG, one whose line ends were converted (CRLF became LF); a PNG begins with its signature (byte 0)
        take the original file again, and put the line `*.png binary` into .gitattributes, so that version control leaves pictures as they are
    PNG, LF to CRLF: PNG_INVALID: the file is a damaged PNG, one whose line ends were converted (LF became CRLF); a PNG begins with its signature (byte 0)
        take the original file again, and put the line `*.png binary` into .gitattributes, so that version control leaves pictures as they are
    PNG, 7 bits: PNG_INVALID: the file is a damaged PNG, one that lost the highest bit of each byte; a PNG begins with its signature (byte 0)
        take the original file again, and transfer it as binary, not as text
    PNG as text: PNG_INVALID: the file is a damaged PNG, one that was saved as text; a PNG begins with its signature (byte 0)
        take the original file again, and transfer it as binary, not as text
    LFS: FILE_LFS_POINTER: this is a pointer of Git LFS: the file itself, of 12345 bytes, was not downloaded
        run git lfs pull, and then this command again; if git does not know lfs, install Git LFS first
    empty: PNG_INVALID: the file is no PNG: it is empty; a PNG begins with its signature (byte 0)
        export it again, or take it back from version control or from a backup
    zeros: PNG_INVALID: the file is no PNG: it is NUL bytes instead of content, as a disk leaves them that lost power; a PNG begins with its signature (byte 0)
        take it back from version control or from a backup
    UTF-16 with mark: PNG_INVALID: the file is no PNG: it is text in UTF-16, with a byte-order mark; a PNG begins with its signature (byte 0)
        correct "artifacts" in asset.json, if this file was not meant; else export it again
    UTF-16: PNG_INVALID: the file is no PNG: it is text in UTF-16, without a byte-order mark; a PNG begins with its signature (byte 0)
        correct "artifacts" in asset.json, if this file was not meant; else export it again
    text: PNG_INVALID: the file is no PNG: it is text; a PNG begins with its signature (byte 0)
        correct "artifacts" in asset.json, if this file was not meant; else export it again
    unknown: PNG_INVALID: the file is no PNG: it begins with `\x01\x02\x03\x04\x05\x06\x07\x08`; a PNG begins with its signature (byte 0)
        open it in a picture editor and export it as PNG; renaming a file does not convert it
    "#);
}

#[test]
fn a_sound_that_is_none() {
    insta::assert_snapshot!(said(r#""SOUNDS/pcm_v1""#, "my song.wav"), @r#"
    JPEG: WAV_INVALID: the file is no WAVE: it is a JPEG; a WAVE begins with `RIFF` (byte 0)
        take it out of this asset: a picture needs one of the format TILES/indexed_v1
    GIF: WAV_INVALID: the file is a GIF, which SOUNDS/pcm_v1 does not take
        take it out of this asset, and put it into one of the format TILES/indexed_v1, which takes it
    BMP: WAV_INVALID: the file is a BMP, which SOUNDS/pcm_v1 does not take
        take it out of this asset, and put it into one of the format TILES/indexed_v1, which takes it
    WebP: WAV_UNSUPPORTED: the file is RIFF of the form `WEBP` (byte 8), a WebP; only `WAVE` is read
        take it out of this asset: a picture needs one of the format TILES/indexed_v1
    AVIF: WAV_INVALID: the file is no WAVE: it is an AVIF; a WAVE begins with `RIFF` (byte 0)
        take it out of this asset: a picture needs one of the format TILES/indexed_v1
    HEIF: WAV_INVALID: the file is no WAVE: it is a HEIF; a WAVE begins with `RIFF` (byte 0)
        take it out of this asset: a picture needs one of the format TILES/indexed_v1
    TGA: WAV_INVALID: the file is no WAVE: it is a TGA; a WAVE begins with `RIFF` (byte 0)
        take it out of this asset: a picture needs one of the format TILES/indexed_v1
    PSD: WAV_INVALID: the file is no WAVE: it is a Photoshop file (PSD); a WAVE begins with `RIFF` (byte 0)
        take it out of this asset: a picture needs one of the format TILES/indexed_v1
    Krita: WAV_INVALID: the file is no WAVE: it is a Krita file; a WAVE begins with `RIFF` (byte 0)
        take it out of this asset: a picture needs one of the format TILES/indexed_v1
    Aseprite: WAV_INVALID: the file is an Aseprite file, which SOUNDS/pcm_v1 does not take
        take it out of this asset, and put it into one of the format TILES/indexed_v1, which takes it
    GIMP: WAV_INVALID: the file is no WAVE: it is a GIMP file (XCF); a WAVE begins with `RIFF` (byte 0)
        take it out of this asset: a picture needs one of the format TILES/indexed_v1
    SVG: WAV_INVALID: the file is no WAVE: it is an SVG; a WAVE begins with `RIFF` (byte 0)
        take it out of this asset: a picture needs one of the format TILES/indexed_v1
    HTML: WAV_INVALID: the file is no WAVE: it is a web page (HTML), probably of a download that failed; a WAVE begins with `RIFF` (byte 0)
        download it again, and look at it in a browser if that gives the same: the page says what went wrong
    ZIP: WAV_INVALID: the file is no WAVE: it is a ZIP; a WAVE begins with `RIFF` (byte 0)
        unpack it, and take the files that are in it
    PDF: WAV_INVALID: the file is no WAVE: it is a PDF; a WAVE begins with `RIFF` (byte 0)
        correct "artifacts" in asset.json, if this file was not meant; else export it again
    MP3 with ID3: AUDIO_INVALID: the MP3 cannot be decoded: unexpected end of file
        the file is cut short or damaged: copy it again, or export it again from the program that made it
    MP3: AUDIO_INVALID: the MP3 cannot be decoded: unexpected end of file
        the file is cut short or damaged: copy it again, or export it again from the program that made it
    Ogg: AUDIO_INVALID: the page of the Ogg at byte 0 runs past the end of the file
        the file is cut short or damaged: copy it again, or export it again from the program that made it
    FLAC: AUDIO_INVALID: the FLAC cannot be decoded: unexpected end of file
        the file is cut short or damaged: copy it again, or export it again from the program that made it
    AIFF: AUDIO_INVALID: the file has no `COMM` chunk
        the file is cut short or damaged: copy it again, or export it again from the program that made it
    AIFF: AUDIO_INVALID: the file has no `SSND` chunk
        the file is cut short or damaged: copy it again, or export it again from the program that made it
    M4A: WAV_INVALID: the file is no WAVE: it is an M4A; a WAVE begins with `RIFF` (byte 0)
        convert it to WAV, as by `mv 'my song.wav' 'my song.m4a' && ffmpeg -i 'my song.m4a' -c:a pcm_s16le 'my song.wav'` in its folder; renaming alone does not convert it
    MIDI: WAV_INVALID: the file is no WAVE: it is a MIDI file; a WAVE begins with `RIFF` (byte 0)
        notes have no sound yet: render them, as by `mv 'my song.wav' 'my song.mid' && fluidsynth -F 'my song.wav' sounds.sf2 'my song.mid'` in its folder, with a sound font of yours for sounds.sf2
    MOD: WAV_INVALID: the file is no WAVE: it is a module of a tracker (MOD); a WAVE begins with `RIFF` (byte 0)
        the console plays samples, not modules: render it, as by `mv 'my song.wav' 'my song.mod' && openmpt123 --render 'my song.mod' && mv 'my song.mod'.wav 'my song.wav'` in its folder
    XM: WAV_INVALID: the file is no WAVE: it is a module of a tracker (XM); a WAVE begins with `RIFF` (byte 0)
        the console plays samples, not modules: render it, as by `mv 'my song.wav' 'my song.xm' && openmpt123 --render 'my song.xm' && mv 'my song.xm'.wav 'my song.wav'` in its folder
    S3M: WAV_INVALID: the file is no WAVE: it is a module of a tracker (S3M); a WAVE begins with `RIFF` (byte 0)
        the console plays samples, not modules: render it, as by `mv 'my song.wav' 'my song.s3m' && openmpt123 --render 'my song.s3m' && mv 'my song.s3m'.wav 'my song.wav'` in its folder
    IT: WAV_INVALID: the file is no WAVE: it is a module of a tracker (IT); a WAVE begins with `RIFF` (byte 0)
        the console plays samples, not modules: render it, as by `mv 'my song.wav' 'my song.it' && openmpt123 --render 'my song.it' && mv 'my song.it'.wav 'my song.wav'` in its folder
    MP4: WAV_INVALID: the file is no WAVE: it is a video (MP4); a WAVE begins with `RIFF` (byte 0)
        take the sound out of it, as by `mv 'my song.wav' 'my song.mp4' && ffmpeg -i 'my song.mp4' -c:a pcm_s16le 'my song.wav'` in its folder
    PNG: WAV_INVALID: the file is a PNG, which SOUNDS/pcm_v1 does not take
        take it out of this asset, and put it into one of the format TILES/indexed_v1, which takes it
    PNG, CRLF to LF: WAV_INVALID: the file is no WAVE: it is a PNG whose line ends were converted (CRLF became LF); a WAVE begins with `RIFF` (byte 0)
        take it out of this asset: a picture needs one of the format TILES/indexed_v1
    PNG, LF to CRLF: WAV_INVALID: the file is no WAVE: it is a PNG whose line ends were converted (LF became CRLF); a WAVE begins with `RIFF` (byte 0)
        take it out of this asset: a picture needs one of the format TILES/indexed_v1
    PNG, 7 bits: WAV_INVALID: the file is no WAVE: it is a PNG that lost the highest bit of each byte; a WAVE begins with `RIFF` (byte 0)
        take it out of this asset: a picture needs one of the format TILES/indexed_v1
    PNG as text: WAV_INVALID: the file is no WAVE: it is a PNG that was saved as text; a WAVE begins with `RIFF` (byte 0)
        take it out of this asset: a picture needs one of the format TILES/indexed_v1
    LFS: FILE_LFS_POINTER: this is a pointer of Git LFS: the file itself, of 12345 bytes, was not downloaded
        run git lfs pull, and then this command again; if git does not know lfs, install Git LFS first
    empty: WAV_INVALID: the file is no WAVE: it is empty; a WAVE begins with `RIFF` (byte 0)
        export it again, or take it back from version control or from a backup
    zeros: WAV_INVALID: the file is no WAVE: it is NUL bytes instead of content, as a disk leaves them that lost power; a WAVE begins with `RIFF` (byte 0)
        take it back from version control or from a backup
    UTF-16 with mark: WAV_INVALID: the file is no WAVE: it is text in UTF-16, with a byte-order mark; a WAVE begins with `RIFF` (byte 0)
        correct "artifacts" in asset.json, if this file was not meant; else export it again
    UTF-16: WAV_INVALID: the file is no WAVE: it is text in UTF-16, without a byte-order mark; a WAVE begins with `RIFF` (byte 0)
        correct "artifacts" in asset.json, if this file was not meant; else export it again
    text: WAV_INVALID: the file is no WAVE: it is text; a WAVE begins with `RIFF` (byte 0)
        correct "artifacts" in asset.json, if this file was not meant; else export it again
    unknown: WAV_INVALID: the file is no WAVE: it begins with `\x01\x02\x03\x04`; a WAVE begins with `RIFF` (byte 0)
        open it in a sound editor and export it as WAV; renaming a file does not convert it
    "#);
}

#[test]
fn data_are_what_they_are() {
    insta::assert_snapshot!(said(r#""DATA/raw_v1""#, "source"), @r#"
    HTML: FILE_HTML: this is a web page (HTML), but not by its name: probably one of a download that failed
        download the file again; or if a page is meant, give it a name that ends in .html
    LFS: FILE_LFS_POINTER: this is a pointer of Git LFS: the file itself, of 12345 bytes, was not downloaded
        run git lfs pull, and then this command again; if git does not know lfs, install Git LFS first
    "#);
}
