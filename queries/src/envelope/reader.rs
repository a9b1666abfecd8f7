//! The strict reader of `assets.pa`.

use std::fmt;
use std::io;
use std::ops::Range;

use super::preload::PreloadEntry;
use super::prelude::PRELUDE_SIZE;
use super::source::Source;
use super::survey::Survey;
use super::table::Entry;
use crate::diagnostic::Diagnostic;
use crate::formats::{Bank, Described};

/// One asset of a pack. Its codec is `NONE`, so what is stored is what was packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// The stable id.
    pub asset_id: u32,
    /// The logical name.
    pub asset_name: String,
    /// The bank to load it into.
    pub bank_type: Bank,
    /// Bytes from the start of the payload region.
    pub offset: u64,
    /// Bytes of the payload.
    pub size: u64,
    metadata: Range<usize>,
}

/// Why a source was not opened.
#[derive(Debug)]
pub enum OpenError {
    /// It cannot be read.
    Io(io::Error),
    /// It is no `assets.pa` as papack writes it. There is at least one fault.
    Refused(Vec<Diagnostic>),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Refused(faults) => match faults.first() {
                Some(first) => f.write_str(&first.message),
                None => f.write_str("the pack is refused"),
            },
        }
    }
}

impl std::error::Error for OpenError {}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// An open `assets.pa` whose prelude and header keep every rule. The payload region is read on request only.
///
/// ```
/// use papack_queries::envelope::{Prelude, Reader};
///
/// let header = br#"{"asset_table":[],"preload":[]}"#;
/// let mut pack = Prelude { header_len: 31 }.to_bytes().to_vec();
/// pack.extend_from_slice(header);
/// let reader = Reader::open(pack, "assets.pa")?;
/// assert!(reader.assets().is_empty());
/// # Ok::<(), papack_queries::envelope::OpenError>(())
/// ```
#[derive(Debug)]
pub struct Reader<S> {
    source: S,
    header: Vec<u8>,
    entry_list: Range<usize>,
    preload_list: Range<usize>,
    assets: Vec<Asset>,
    /// Indices of `assets`, sorted by name.
    by_name: Vec<usize>,
    preload: Vec<PreloadEntry>,
}

impl<S: Source> Reader<S> {
    /// Opens `source`, which faults call `path`. Reads the prelude and the header, and nothing else.
    ///
    /// # Errors
    ///
    /// When `source` cannot be read, or is refused.
    pub fn open(source: S, path: &str) -> Result<Self, OpenError> {
        let survey = Survey::new(&source, path)?;
        Self::from_survey(source, survey).map_err(|survey| OpenError::Refused(survey.faults))
    }

    /// The reader of `source`, of which `survey` was made.
    ///
    /// # Errors
    ///
    /// The survey, when it has faults.
    pub fn from_survey(source: S, survey: Survey) -> Result<Self, Survey> {
        if !survey.faults.is_empty() {
            return Err(survey);
        }
        // Without faults every entry is complete.
        let Survey { header, entry_list, preload_list, entries, preload, .. } = survey;
        let mut assets: Vec<_> = entries.into_iter().filter_map(complete).collect();
        // They lie where the larger entries were.
        assets.shrink_to_fit();
        let mut by_name: Vec<_> = (0..assets.len()).collect();
        by_name.sort_unstable_by_key(|index| assets[*index].asset_name.as_str());
        Ok(Self { source, header, entry_list, preload_list, assets, by_name, preload })
    }

    /// Every asset, in ascending id.
    pub fn assets(&self) -> &[Asset] {
        &self.assets
    }

    /// The asset with the id `asset_id`.
    pub fn asset(&self, asset_id: u32) -> Option<&Asset> {
        self.assets.binary_search_by_key(&asset_id, |asset| asset.asset_id).ok().map(|index| &self.assets[index])
    }

    /// The asset with the name `asset_name`.
    pub fn asset_named(&self, asset_name: &str) -> Option<&Asset> {
        let at = self.by_name.binary_search_by_key(&asset_name, |index| self.assets[*index].asset_name.as_str());
        at.ok().map(|at| &self.assets[self.by_name[at]])
    }

    /// What to load before the game starts, and into which slot of its bank, in ascending id.
    pub fn preloads(&self) -> impl Iterator<Item = (&Asset, u8)> {
        self.preload.iter().filter_map(|entry| Some((self.asset(entry.asset_id)?, entry.slot)))
    }

    /// The metadata of `asset`, an asset of this reader: a JSON object in canonical form.
    pub fn metadata(&self, asset: &Asset) -> &str {
        text(&self.header, &asset.metadata)
    }

    /// What the metadata of `asset`, an asset of this reader, says of its payload.
    ///
    /// # Errors
    ///
    /// None for a pack that was opened: its metadata were checked.
    pub fn described(&self, asset: &Asset) -> io::Result<Described<'_>> {
        Ok(Described::read(asset.bank_type, self.metadata(asset))?)
    }

    /// The payload of `asset`, in one read.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or does not fit in memory.
    pub fn read(&self, asset: &Asset) -> io::Result<Vec<u8>> {
        self.read_part(asset, 0..asset.size)
    }

    /// The bytes `part` of the payload of `asset`, in one read.
    ///
    /// # Errors
    ///
    /// When they cannot be read or do not fit in memory; of kind `InvalidInput` when the payload has no such part.
    pub fn read_part(&self, asset: &Asset, part: Range<u64>) -> io::Result<Vec<u8>> {
        let size = part.end.checked_sub(part.start).filter(|_| part.end <= asset.size);
        let size = size.ok_or(io::ErrorKind::InvalidInput)?;
        self.source.read(self.start_of(asset).saturating_add(part.start), size)
    }

    /// Where the bytes come from.
    pub fn source(&self) -> &S {
        &self.source
    }

    /// The header, in canonical JSON.
    pub fn header(&self) -> &[u8] {
        &self.header
    }

    /// The canonical bytes of the header's `asset_table`.
    pub fn asset_table(&self) -> &[u8] {
        &self.header[self.entry_list.clone()]
    }

    /// The canonical bytes of the header's `preload`.
    pub fn preload(&self) -> &[u8] {
        &self.header[self.preload_list.clone()]
    }

    /// Where the payload region begins in the file.
    pub fn payload_offset(&self) -> u64 {
        PRELUDE_SIZE as u64 + self.header.len() as u64
    }

    /// Where the payload of `asset` begins in the file.
    pub fn start_of(&self, asset: &Asset) -> u64 {
        self.payload_offset().saturating_add(asset.offset)
    }

    /// Bytes of the payload region.
    pub fn payload_size(&self) -> u64 {
        self.assets.last().map_or(0, |last| last.offset + last.size)
    }
}

fn complete(entry: Entry) -> Option<Asset> {
    Some(Asset {
        asset_id: entry.asset_id?,
        asset_name: entry.asset_name?,
        bank_type: entry.bank_type?,
        offset: entry.offset?,
        size: entry.size?,
        metadata: entry.metadata?,
    })
}

/// A part of the header, which was parsed as a text.
fn text<'h>(header: &'h [u8], range: &Range<usize>) -> &'h str {
    header.get(range.clone()).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
}
