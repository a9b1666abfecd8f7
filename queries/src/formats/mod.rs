//! Formats: how the ordered artifact files of one asset become payload bytes and runtime metadata.
//!
//! A format is a pure function of those bytes and of the manifest fields it declares as inputs. It carries its
//! own version in its name; a change of output bytes is a new name. Formats are specified in
//! `docs/spec/formats.md`.

mod choice;
pub mod data;
mod described;
pub mod sounds;
pub mod tiles;

use std::io;

pub use choice::{FormatChoice, Settling};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::content::{Content, ContentId, Digest};
use crate::diagnostic::{Code, Diagnostic, stored};
use crate::json::canonical;

pub use described::Described;

/// What the runtime loads an asset into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Bank {
    /// Tile sheets and their palettes.
    Tiles,
    /// Samples.
    Sounds,
    /// Anything.
    Data,
}

impl Bank {
    /// Every bank.
    pub const ALL: [Self; 3] = [Self::Tiles, Self::Sounds, Self::Data];

    /// The name that the header holds.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tiles => "TILES",
            Self::Sounds => "SOUNDS",
            Self::Data => "DATA",
        }
    }
}

/// A format together with the manifest fields that it declares as inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Format {
    /// `TILES/indexed_v1`
    TilesIndexedV1 {
        /// Edge of a tile in pixels.
        tile_size: tiles::TileSize,
    },
    /// `SOUNDS/pcm_v1`
    SoundsPcmV1 {
        /// Whether loops are taken from `smpl` chunks.
        loops: sounds::Loops,
    },
    /// `DATA/raw_v1`
    DataRawV1,
}

impl Format {
    /// The names of all formats.
    pub const NAMES: [&str; 3] = ["TILES/indexed_v1", "SOUNDS/pcm_v1", "DATA/raw_v1"];

    /// The bank of the format with this name.
    pub fn bank_of(name: &str) -> Option<Bank> {
        match name {
            "TILES/indexed_v1" => Some(Bank::Tiles),
            "SOUNDS/pcm_v1" => Some(Bank::Sounds),
            "DATA/raw_v1" => Some(Bank::Data),
            _ => None,
        }
    }

    /// The name that manifests use.
    pub fn name(self) -> &'static str {
        match self {
            Self::TilesIndexedV1 { .. } => "TILES/indexed_v1",
            Self::SoundsPcmV1 { .. } => "SOUNDS/pcm_v1",
            Self::DataRawV1 => "DATA/raw_v1",
        }
    }

    /// The bank that the payload is made for.
    pub fn bank(self) -> Bank {
        match self {
            Self::TilesIndexedV1 { .. } => Bank::Tiles,
            Self::SoundsPcmV1 { .. } => Bank::Sounds,
            Self::DataRawV1 => Bank::Data,
        }
    }

    /// The manifest fields that it declares as inputs, as a manifest may write them.
    pub fn fields(self) -> Vec<(&'static str, Value)> {
        match self {
            Self::TilesIndexedV1 { tile_size } => vec![("tile_size", tile_size.pixels().into())],
            Self::SoundsPcmV1 { loops } => vec![("loops", loops.name().into())],
            Self::DataRawV1 => Vec::new(),
        }
    }

    /// Derives the payload of `sources`, in artifact order.
    ///
    /// # Errors
    ///
    /// Only when `content` fails; what is wrong with the sources is in the [`Outcome`].
    pub fn derive(self, sources: &[Source<'_>], content: &dyn Content) -> io::Result<Outcome> {
        match self {
            Self::TilesIndexedV1 { tile_size } => tiles::derive(tile_size, sources, content),
            Self::SoundsPcmV1 { loops } => sounds::derive(loops, sources, content),
            Self::DataRawV1 => data::derive(sources, content),
        }
    }
}

/// One artifact file as a format sees it.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Its path below the asset root.
    pub path: &'a str,
    /// Its bytes.
    pub content: ContentId,
}

/// A payload: its identity, where its bytes are, and what the runtime is told about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payload {
    /// Digest and size of the whole payload.
    pub id: ContentId,
    /// The contents that make up the payload, one after the other.
    pub slices: Box<[ContentId]>,
    /// The runtime metadata that the format promotes, as canonical JSON.
    pub metadata: Box<str>,
}

impl Payload {
    /// A payload that is kept as one piece in `content`.
    fn whole(content: &dyn Content, bytes: &[u8], metadata: Box<str>) -> io::Result<Self> {
        let id = content.put(bytes)?;
        Ok(Self { id, slices: Box::new([id]), metadata })
    }

    /// A payload that is the concatenation of contents that are kept already.
    fn concatenation(content: &dyn Content, slices: Box<[ContentId]>, metadata: Box<str>) -> io::Result<Self> {
        let id = match *slices {
            [only] => only,
            _ => concatenated(content, &slices)?,
        };
        Ok(Self { id, slices, metadata })
    }
}

/// The runtime metadata that a format writes, as canonical JSON.
fn metadata(value: &impl Serialize) -> Box<str> {
    // Formats serialize plain structs of strings and integers, which always have a form.
    canonical::to_string(value).unwrap_or_default().into()
}

/// The handle of the concatenation of `slices`, read piece by piece.
fn concatenated(content: &dyn Content, slices: &[ContentId]) -> io::Result<ContentId> {
    const PIECE: usize = 256 * 1024;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = Vec::new();
    for slice in slices {
        let mut offset = 0;
        while offset < slice.size {
            let length = usize::try_from(slice.size - offset).map_or(PIECE, |rest| rest.min(PIECE));
            buffer.resize(length, 0);
            content.read_at(*slice, offset, &mut buffer)?;
            hasher.update(&buffer);
            offset += length as u64;
        }
    }
    Ok(ContentId { digest: Digest(*hasher.finalize().as_bytes()), size: slices.iter().map(|slice| slice.size).sum() })
}

/// What a format made of its sources, and what it found wrong.
///
/// It is the same for the same inputs, wherever the asset is: its diagnostics name files by their path below the asset
/// root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The payload; absent exactly when a diagnostic is an error.
    pub payload: Option<Payload>,
    /// Faults and notices, in artifact order.
    #[serde(with = "stored")]
    pub diagnostics: Vec<Diagnostic>,
}

/// The faults of one source file: at most [`Faults::LIMIT`] errors, and as many warnings and notices.
///
/// A broken file can be wrong at every pixel. The first faults tell what is wrong; the rest are counted.
pub(crate) struct Faults<'a> {
    path: &'a str,
    errors: Collected,
    notices: Collected,
}

#[derive(Default)]
struct Collected {
    kept: Vec<Diagnostic>,
    suppressed: u64,
}

impl<'a> Faults<'a> {
    /// How many errors of one file are reported.
    pub(crate) const LIMIT: usize = 20;

    /// No faults yet, for the file at `path` below the asset root.
    pub(crate) fn new(path: &'a str) -> Self {
        Self { path, errors: Collected::default(), notices: Collected::default() }
    }

    /// Adds a fault; its place is filled in.
    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        let list = if diagnostic.is_error() { &mut self.errors } else { &mut self.notices };
        if list.kept.len() < Self::LIMIT {
            list.kept.push(diagnostic.at(self.path));
        } else {
            list.suppressed += 1;
        }
    }

    /// Adds an error.
    pub(crate) fn error(&mut self, code: Code, message: impl Into<String>) {
        self.push(Diagnostic::error(code, message));
    }

    /// Adds a warning.
    pub(crate) fn warning(&mut self, code: Code, message: impl Into<String>) {
        self.push(Diagnostic::warning(code, message));
    }

    /// Whether an error was added.
    pub(crate) fn has_error(&self) -> bool {
        !self.errors.kept.is_empty()
    }

    /// The faults kept, errors first. The last of each list says how many more there were.
    pub(crate) fn into_diagnostics(self) -> Vec<Diagnostic> {
        [self.errors, self.notices]
            .into_iter()
            .flat_map(|mut list| {
                if list.suppressed > 0
                    && let Some(last) = list.kept.last_mut()
                {
                    last.help = Some(format!("{} more like this in the file are not shown", list.suppressed));
                }
                list.kept
            })
            .collect()
    }
}
