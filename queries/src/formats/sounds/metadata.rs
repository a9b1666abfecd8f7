//! The manifest fields of sounds, and their runtime metadata.

use std::borrow::Cow;

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use super::smpl::Loop;

/// Whether loops are taken from the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Loops {
    /// No sample loops.
    #[default]
    Off,
    /// The first loop of the first `smpl` chunk counts.
    Detect,
}

impl Loops {
    /// Every value.
    pub const ALL: [Self; 2] = [Self::Off, Self::Detect];

    /// The name that manifests use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "OFF",
            Self::Detect => "DETECT",
        }
    }
}

/// The runtime metadata of a sound bank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata<'a> {
    /// One for each file, in artifact order.
    #[serde(borrow)]
    pub samples: Vec<Sample<'a>>,
}

/// The part of one file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Sample<'a> {
    /// The file's name without folder and extension.
    #[serde(borrow)]
    pub name: Cow<'a, str>,
    /// Bytes from the asset's payload start.
    pub offset: u64,
    /// Its samples.
    #[serde(flatten)]
    pub sound: Sound,
}

/// The fields of all its parts, in canonical order.
impl Serialize for Sample<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { name, offset, sound } = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("channels", &sound.channels)?;
        map.serialize_entry("frames", &sound.frames)?;
        if let Some(points) = sound.points {
            map.serialize_entry("loop_end", &points.end)?;
            map.serialize_entry("loop_start", &points.start)?;
        }
        map.serialize_entry("name", name)?;
        map.serialize_entry("offset", offset)?;
        map.serialize_entry("sample_rate", &sound.sample_rate)?;
        map.end()
    }
}

/// What one file contributes to the metadata, apart from its name and place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sound {
    /// 1 or 2.
    pub channels: u16,
    /// Samples of each channel.
    pub frames: u64,
    /// Frames a second.
    pub sample_rate: u32,
    /// Its loop.
    #[serde(flatten)]
    pub points: Option<Loop>,
}

impl Sound {
    /// Bytes of a frame in the payload: two for each channel.
    pub fn frame_bytes(self) -> u64 {
        u64::from(self.channels) * 2
    }

    /// Bytes of all frames in the payload.
    pub fn bytes(self) -> u64 {
        self.frames.saturating_mul(self.frame_bytes())
    }
}

/// The name of the sample in the file at `path`: the last component of `path` without its last extension. A dot at the start begins no extension.
pub(super) fn sample_name(path: &str) -> &str {
    let file = path.rsplit_once('/').map_or(path, |(_, file)| file);
    match file.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => file,
    }
}
