//! All formats, as one type.

use std::io;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::bank::Bank;
use super::source::{FileOutline, Source};
use super::tilemap::AskedTileset;
use super::{data, sounds, tilemap, tiles};
use crate::content::{ContentStore, Outcome};
use crate::diagnostic::{Code, Data, Diagnostic};

/// A format, without the manifest fields that it declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormatName {
    /// `TILES/indexed_v1`
    TilesIndexedV1,
    /// `SOUNDS/pcm_v1`
    SoundsPcmV1,
    /// `DATA/raw_v1`
    DataRawV1,
    /// `DATA/tilemap_v1`
    DataTilemapV1,
}

impl FormatName {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::TilesIndexedV1, Self::SoundsPcmV1, Self::DataRawV1, Self::DataTilemapV1];

    /// The format that manifests call `text`.
    pub fn of(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.text() == text)
    }

    /// What manifests call it.
    pub fn text(self) -> &'static str {
        match self {
            Self::TilesIndexedV1 => "TILES/indexed_v1",
            Self::SoundsPcmV1 => "SOUNDS/pcm_v1",
            Self::DataRawV1 => "DATA/raw_v1",
            Self::DataTilemapV1 => "DATA/tilemap_v1",
        }
    }

    /// The bank that the payload is made for.
    pub fn bank(self) -> Bank {
        match self {
            Self::TilesIndexedV1 => Bank::Tiles,
            Self::SoundsPcmV1 => Bank::Sounds,
            Self::DataRawV1 | Self::DataTilemapV1 => Bank::Data,
        }
    }
}

/// A format together with the manifest fields that it declares as inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Format {
    /// `TILES/indexed_v1`
    TilesIndexedV1(tiles::Options),
    /// `SOUNDS/pcm_v1`
    SoundsPcmV1(sounds::Options),
    /// `DATA/raw_v1`
    DataRawV1,
    /// `DATA/tilemap_v1`
    DataTilemapV1,
}

impl Format {
    fn without_fields(self) -> FormatName {
        match self {
            Self::TilesIndexedV1(_) => FormatName::TilesIndexedV1,
            Self::SoundsPcmV1(_) => FormatName::SoundsPcmV1,
            Self::DataRawV1 => FormatName::DataRawV1,
            Self::DataTilemapV1 => FormatName::DataTilemapV1,
        }
    }

    /// The name that manifests use.
    pub fn name(self) -> &'static str {
        self.without_fields().text()
    }

    /// The bank that the payload is made for.
    pub fn bank(self) -> Bank {
        self.without_fields().bank()
    }

    /// The decoders of other projects that the payload depends on, with their versions; empty where there are none.
    pub fn decoders(self) -> &'static str {
        match self {
            Self::SoundsPcmV1(_) => sounds::DECODERS,
            Self::TilesIndexedV1(_) | Self::DataRawV1 | Self::DataTilemapV1 => "",
        }
    }

    /// The manifest fields that it declares as inputs, as a manifest may write them: those that it always has, and
    /// those that are set.
    pub fn fields(self) -> Vec<(&'static str, Value)> {
        match self {
            Self::TilesIndexedV1(options) => options.fields(),
            Self::SoundsPcmV1(options) => options.fields(),
            Self::DataRawV1 | Self::DataTilemapV1 => Vec::new(),
        }
    }

    /// What it is to do to the files before it packs them, as the manifest fields that ask for it. Most do nothing.
    pub fn conversions(self) -> Vec<(&'static str, Value)> {
        match self {
            Self::TilesIndexedV1(options) => options.conversions.fields().collect(),
            Self::SoundsPcmV1(options) => options.conversions().collect(),
            Self::DataRawV1 | Self::DataTilemapV1 => Vec::new(),
        }
    }

    /// The fields of an entry of `artifacts` that choose a part of a file.
    fn part_fields(self) -> &'static [&'static str] {
        match self {
            Self::TilesIndexedV1(_) => tiles::PART_FIELDS,
            Self::DataTilemapV1 => tilemap::PART_FIELDS,
            Self::SoundsPcmV1(_) | Self::DataRawV1 => &[],
        }
    }

    /// Whether what it makes depends on where the tiles of pictures are: it asks for [tilesets](Self::tilesets).
    pub fn asks_for_tilesets(self) -> bool {
        matches!(self, Self::DataTilemapV1)
    }

    /// The pictures that `sources` ask for, as seen from the asset root, in ascending order.
    ///
    /// # Errors
    ///
    /// Only when `content` fails.
    pub fn tilesets(self, sources: &[Source<'_>], content: &dyn ContentStore) -> io::Result<Vec<String>> {
        if self.asks_for_tilesets() { tilemap::pictures(sources, content) } else { Ok(Vec::new()) }
    }

    /// Derives the payload of `sources`, in artifact order, with what is known of the [tilesets](Self::tilesets) that they
    /// ask for.
    ///
    /// # Errors
    ///
    /// When `content` fails, and when the work is cancelled; what is wrong with the sources is in the [`Outcome`].
    pub fn derive(
        self,
        sources: &[Source<'_>],
        tilesets: &[AskedTileset],
        content: &dyn ContentStore,
    ) -> io::Result<Outcome> {
        let refused = self.refused(sources);
        if !refused.is_empty() {
            return Ok(Outcome { payload: None, diagnostics: refused });
        }
        let outcome = match self {
            Self::TilesIndexedV1(options) => tiles::derive(options, sources, content),
            Self::SoundsPcmV1(options) => sounds::derive(options, sources, content),
            Self::DataRawV1 => data::derive(sources, content),
            Self::DataTilemapV1 => tilemap::derive(sources, tilesets, content),
        };
        content.check_cancelled()?;
        outcome
    }

    /// Whether the payload consists of the files as they are.
    pub fn takes_files_as_they_are(self) -> bool {
        matches!(self, Self::DataRawV1)
    }

    /// The size of the payload of `files`, in artifact order, and metadata as long as those that it will have; none
    /// where that cannot be told. What is told is true of most files, and a guess all the same: it takes the headers of
    /// files at their word, and little time.
    ///
    /// A format that does not [take files as they are](Self::takes_files_as_they_are) looks into their contents.
    pub fn foretell(self, files: &[FileOutline<'_>], content: &dyn ContentStore) -> Option<(u64, Box<str>)> {
        match self {
            Self::TilesIndexedV1(options) => tiles::foretell(options, files, content),
            Self::SoundsPcmV1(options) => sounds::foretell(options, files, content),
            Self::DataRawV1 => Some(data::foretell(files)),
            Self::DataTilemapV1 => None,
        }
    }

    /// The faults of those of `sources` of which a part is to be taken that the format cannot take.
    fn refused(self, sources: &[Source<'_>]) -> Vec<Diagnostic> {
        /// How many files are named.
        const NAMED: usize = 20;
        let fault = |source: &Source<'_>| {
            let field = source.part?.beside(self.part_fields())?;
            let (message, help) = if field == "level" {
                let message = "only maps have levels: \"level\" is for the format DATA/tilemap_v1".to_owned();
                (message, "take the field out of the entry of the file in the manifest")
            } else if self.part_fields().is_empty() {
                let fields = tiles::PART_FIELDS.iter().map(|field| format!("{field:?}")).collect::<Vec<_>>().join(", ");
                let message =
                    format!("the format takes whole files: {fields} are for pictures of the format TILES/indexed_v1");
                (message, "take these fields out of the entry of the file in the manifest")
            } else {
                let message = format!("{field:?} is for pictures of the format TILES/indexed_v1, and no part of a map");
                (message, "choose a \"level\" or a \"layer\" of the map")
            };
            let fault = Diagnostic::error(Code::PartMissing, message).with_help(help).at(source.path);
            Some(fault.with_data(Data::missing(field)))
        };
        sources.iter().filter_map(fault).take(NAMED).collect()
    }
}
