//! Compressed sounds: made by `ffmpeg`, and decoded by `symphonia` alone, as a lower bound.

use std::hint::black_box;
use std::io::Cursor;
use std::path::Path;
use std::process::Command;

use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::AudioDecoderOptions;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions, ReadOnlySource};
use symphonia::default::formats::{FlacReader, MpaReader, OggReader};

/// The extension of each kind, and what `ffmpeg` is told to make it.
pub const KINDS: [(&str, &[&str]); 3] = [
    ("flac", &["-c:a", "flac"]),
    ("ogg", &["-c:a", "libvorbis", "-q:a", "4"]),
    ("mp3", &["-c:a", "libmp3lame", "-q:a", "4"]),
];

/// Whether there is an `ffmpeg`.
pub fn can_be_made() -> bool {
    Command::new("ffmpeg").arg("-version").output().is_ok_and(|output| output.status.success())
}

/// Writes the `number`-th sound to `path`, whose extension says the kind: ten seconds of pink noise.
pub fn write(path: &Path, number: usize, encoder: &[&str]) {
    let noise = format!("anoisesrc=duration=10:color=pink:amplitude=0.5:seed={number}:sample_rate=44100");
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-f", "lavfi", "-i", &noise, "-ac", "2"]).args(encoder).arg(path);
    assert!(command.status().unwrap().success());
}

/// Decodes `file`, with the checks that papack asks for.
pub fn decode(file: &[u8]) {
    let (seekable, options) = (
        || MediaSourceStream::new(Box::new(Cursor::new(file)), MediaSourceStreamOptions::default()),
        FormatOptions::default(),
    );
    let mut reader: Box<dyn FormatReader> = match file {
        [b'f', ..] => Box::new(FlacReader::try_new(seekable(), options).unwrap()),
        [b'O', ..] => Box::new(OggReader::try_new(seekable(), options).unwrap()),
        _ => {
            // `ffmpeg` puts tags of 45 bytes or so before the frames; the reader looks for the first of them.
            let source =
                MediaSourceStream::new(Box::new(ReadOnlySource::new(file)), MediaSourceStreamOptions::default());
            Box::new(MpaReader::try_new(source, options).unwrap())
        }
    };
    let track = reader.default_track(TrackType::Audio).unwrap();
    let Some(CodecParameters::Audio(parameters)) = &track.codec_params else { panic!("no sound") };
    let options = AudioDecoderOptions::default().verify(true);
    let mut decoder = symphonia::default::get_codecs().make_audio_decoder(parameters, &options).unwrap();
    while let Some(packet) = reader.next_packet().unwrap() {
        black_box(decoder.decode(&packet).unwrap());
    }
}
