//! All formats, as one type.

use std::io;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::bank::Bank;
use super::part::Part;
use super::source::{FileOutline, Source};
use super::{data, sounds, tiles};
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
}

impl FormatName {
    /// Every format.
    pub const ALL: [Self; 3] = [Self::TilesIndexedV1, Self::SoundsPcmV1, Self::DataRawV1];

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
        }
    }

    /// The bank that the payload is made for.
    pub fn bank(self) -> Bank {
        match self {
            Self::TilesIndexedV1 => Bank::Tiles,
            Self::SoundsPcmV1 => Bank::Sounds,
            Self::DataRawV1 => Bank::Data,
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
}

impl Format {
    fn without_fields(self) -> FormatName {
        match self {
            Self::TilesIndexedV1(_) => FormatName::TilesIndexedV1,
            Self::SoundsPcmV1(_) => FormatName::SoundsPcmV1,
            Self::DataRawV1 => FormatName::DataRawV1,
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
            Self::TilesIndexedV1(_) | Self::DataRawV1 => "",
        }
    }

    /// The manifest fields that it declares as inputs, as a manifest may write them: those that it always has, and
    /// those that are set.
    pub fn fields(self) -> Vec<(&'static str, Value)> {
        match self {
            Self::TilesIndexedV1(options) => options.fields(),
            Self::SoundsPcmV1(options) => options.fields(),
            Self::DataRawV1 => Vec::new(),
        }
    }

    /// What it is to do to the files before it packs them, as the manifest fields that ask for it. Most do nothing.
    pub fn conversions(self) -> Vec<(&'static str, Value)> {
        match self {
            Self::TilesIndexedV1(options) => options.conversions.fields().collect(),
            Self::SoundsPcmV1(options) => options.conversions().collect(),
            Self::DataRawV1 => Vec::new(),
        }
    }

    /// Derives the payload of `sources`, in artifact order.
    ///
    /// # Errors
    ///
    /// When `content` fails, and when the work is cancelled; what is wrong with the sources is in the [`Outcome`].
    pub fn derive(self, sources: &[Source<'_>], content: &dyn ContentStore) -> io::Result<Outcome> {
        let outcome = match self {
            Self::SoundsPcmV1(_) | Self::DataRawV1 if sources.iter().any(|source| source.part.is_some()) => {
                Ok(Outcome { payload: None, diagnostics: refused(sources) })
            }
            Self::TilesIndexedV1(options) => tiles::derive(options, sources, content),
            Self::SoundsPcmV1(options) => sounds::derive(options, sources, content),
            Self::DataRawV1 => data::derive(sources, content),
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
        }
    }
}

/// The faults of a format that takes files as a whole, where of some of `sources` a part is to be taken.
fn refused(sources: &[Source<'_>]) -> Vec<Diagnostic> {
    /// How many files are named.
    const NAMED: usize = 20;
    let fault = |source: &Source<'_>| {
        let fields = Part::FIELDS.map(|field| format!("{field:?}")).join(", ");
        let message = format!("the format takes whole files: {fields} are for pictures of the format TILES/indexed_v1");
        let help = "take these fields out of the entry of the file in the manifest";
        let fault = Diagnostic::error(Code::PartMissing, message).with_help(help).at(source.path);
        fault.with_data(Data::missing(Part::FIELDS[0]))
    };
    sources.iter().filter(|source| source.part.is_some()).take(NAMED).map(fault).collect()
}
