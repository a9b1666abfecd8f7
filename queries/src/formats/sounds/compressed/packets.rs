//! From packets to samples.

use std::io::Cursor;

use symphonia::core::audio::{Audio, AudioBuffer, Channels, GenericAudioBufferRef};
use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::well_known::{CODEC_ID_FLAC, CODEC_ID_MP3, CODEC_ID_VORBIS};
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions, ReadOnlySource};
use symphonia::default::codecs::{FlacDecoder, MpaDecoder, VorbisDecoder};
use symphonia::default::formats::{FlacReader, MpaReader, OggReader};

use super::codebooks;
use crate::content::ContentStore;
use crate::formats::sounds::container::{Compression, behind_tags};
use crate::formats::sounds::convert::{Stop, Writer, Written};
use crate::formats::sounds::fmt::{MAX_CHANNELS, MAX_SAMPLE_RATE};
use crate::formats::sounds::options::Options;
use crate::formats::sounds::pcm;

/// How far a file was decoded.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    /// Packets of sound.
    pub(super) packets: u64,
    /// Frames in them.
    pub(super) frames: u64,
}

/// A file that was decoded to its end.
pub(super) struct Decoded {
    /// How many frames the file says that it has, where it does.
    pub(super) told: Option<u64>,
    pub(super) written: Written,
    /// Whether the samples are those that the encoder was given, as far as a checksum of them tells. FLAC has one, and the
    /// decoder looks at no other.
    pub(super) is_intact: bool,
}

/// Why a file was not decoded.
pub(super) enum Failure {
    /// No more frames are taken.
    Stopped(Stop),
    /// So many channels are not taken.
    Channels(usize),
    /// Such a rate is not taken.
    SampleRate(u32),
    /// It has something in it that is not read.
    Kind(String),
    /// It is broken.
    Damage(String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Unsupported(why) => Self::Kind(why.to_owned()),
            Error::DecodeError(why) | Error::LimitError(why) => Self::Damage(why.to_owned()),
            other => Self::Damage(other.to_string()),
        }
    }
}

impl From<Stop> for Failure {
    fn from(stop: Stop) -> Self {
        Self::Stopped(stop)
    }
}

/// Decodes the file in `bytes`, packet by packet, and writes its frames to `payload`. `place` is how far it came, also
/// where it fails.
pub(super) fn decode(
    compression: Compression,
    bytes: &[u8],
    options: Options,
    payload: &mut Vec<u8>,
    content: &dyn ContentStore,
    place: &mut Place,
) -> Result<Decoded, Failure> {
    let mut reader = open(compression, bytes)?;
    let track = reader.default_track(TrackType::Audio).ok_or_else(|| Failure::Kind("it has no sound".to_owned()))?;
    let (track_id, told) = (track.id, track.num_frames);
    let Some(CodecParameters::Audio(parameters)) = &track.codec_params else {
        return Err(Failure::Kind("it has no sound".to_owned()));
    };
    let (channels, sample_rate) = shape(parameters)?;
    let mut decoder = decoder(parameters)?;
    let mut writer = Writer::new(options, channels, sample_rate, payload, content);
    let mut samples = Vec::new();
    while let Some(packet) = reader.next_packet()? {
        if packet.track_id != track_id {
            continue;
        }
        let decoded = decoder.decode(&packet)?;
        if (decoded.num_planes(), decoded.spec().rate()) != (channels.into(), sample_rate) {
            return Err(Failure::Damage("channels or sample rate change".to_owned()));
        }
        samples.clear();
        match decoded {
            GenericAudioBufferRef::F32(buffer) => interleave(buffer, pcm::from_float, &mut samples),
            // However wide they are, samples are in the highest bits.
            GenericAudioBufferRef::S32(buffer) => interleave(buffer, |sample| (sample >> 16) as i16, &mut samples),
            _ => return Err(Failure::Kind("its samples are of another type".to_owned())),
        }
        writer.push(&samples)?;
        place.packets += 1;
        place.frames += (samples.len() / usize::from(channels)) as u64;
    }
    let is_intact = decoder.finalize().verify_ok != Some(false);
    Ok(Decoded { told, written: writer.finish()?, is_intact })
}

fn open(compression: Compression, bytes: &[u8]) -> Result<Box<dyn FormatReader + '_>, Error> {
    let stream = |bytes| MediaSourceStream::new(Box::new(Cursor::new(bytes)), MediaSourceStreamOptions::default());
    let options = FormatOptions::default();
    Ok(match compression {
        Compression::Flac => Box::new(FlacReader::try_new(stream(behind_tags(bytes)), options)?),
        Compression::Ogg => Box::new(OggReader::try_new(stream(bytes), options)?),
        Compression::Mp3 => {
            // Where it can seek, the reader estimates the length from the size of the file, and cuts the end off there.
            let source = ReadOnlySource::new(behind_tags(bytes));
            let stream = MediaSourceStream::new(Box::new(source), MediaSourceStreamOptions::default());
            Box::new(MpaReader::try_new(stream, options)?)
        }
    })
}

/// Channels and sample rate.
fn shape(parameters: &AudioCodecParameters) -> Result<(u16, u32), Failure> {
    let channels = parameters.channels.as_ref().map_or(0, Channels::count);
    let sample_rate = parameters.sample_rate.unwrap_or(0);
    match u16::try_from(channels) {
        Ok(1..=MAX_CHANNELS) if (1..=MAX_SAMPLE_RATE).contains(&sample_rate) => Ok((channels as u16, sample_rate)),
        Ok(1..=MAX_CHANNELS) => Err(Failure::SampleRate(sample_rate)),
        _ => Err(Failure::Channels(channels)),
    }
}

fn decoder(parameters: &AudioCodecParameters) -> Result<Box<dyn AudioDecoder>, Failure> {
    let options = AudioDecoderOptions::default().verify(true);
    Ok(match parameters.codec {
        CODEC_ID_FLAC => Box::new(FlacDecoder::try_new(parameters, &options)?),
        CODEC_ID_VORBIS => {
            let values = codebooks::values(parameters.extra_data.as_deref().unwrap_or_default());
            if values > codebooks::MOST_VALUES {
                return Err(Failure::Damage(format!("its codebooks have more than {} values", codebooks::MOST_VALUES)));
            }
            Box::new(VorbisDecoder::try_new(parameters, &options)?)
        }
        CODEC_ID_MP3 => Box::new(MpaDecoder::try_new(parameters, &options)?),
        _ => return Err(Failure::Kind("its compression is another one".to_owned())),
    })
}

/// Appends the samples of `buffer`, frame by frame.
fn interleave<S: symphonia::core::audio::sample::Sample>(
    buffer: &AudioBuffer<S>,
    convert: impl Fn(S) -> i16,
    samples: &mut Vec<i16>,
) {
    match (buffer.plane(0), buffer.plane(1)) {
        (Some(left), Some(right)) => {
            samples.extend(left.iter().zip(right).flat_map(|(left, right)| [convert(*left), convert(*right)]));
        }
        (Some(only), None) => samples.extend(only.iter().map(|sample| convert(*sample))),
        (None, _) => {}
    }
}
