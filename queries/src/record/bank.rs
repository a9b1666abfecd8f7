//! What a map may know of a bank of tiles: where the tiles of each picture are, and nothing else.

use super::Record;
use crate::formats::tilemap::{TilesetFault, TilesetPlace};
use crate::formats::{Format, Part, tiles};
use crate::path;
use crate::schema::registry::RegistryEntry;

/// What a map may know of a bank of tiles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bank {
    options: tiles::Options,
    files: Vec<BankFile>,
    metadata: tiles::Metadata,
}

/// An artifact file of a bank, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankFile {
    /// The path below the asset root.
    pub path: String,
    /// Whether only a slice of the picture is taken, so that its tiles are not those of the picture.
    pub is_sliced: bool,
}

impl BankFile {
    /// The file at `path` below the asset root, of which `part` is taken.
    pub fn new(path: &str, part: Option<&Part>) -> Self {
        Self { path: path.to_owned(), is_sliced: part.is_some_and(|part| part.slice.is_some()) }
    }
}

impl Bank {
    /// The bank that the asset with this id and `record` has.
    ///
    /// # Errors
    ///
    /// When it has none, or something is wrong with it.
    pub fn of(asset_id: u32, record: &Record) -> Result<Self, TilesetFault> {
        let options = match record.format() {
            Some(Format::TilesIndexedV1(options)) => options,
            Some(_) => return Err(TilesetFault::NotTiles(asset_id)),
            None => return Err(TilesetFault::Faulty(asset_id)),
        };
        let complete = record.payload.as_ref().zip(record.metadata.as_deref()).zip(record.inputs.as_ref());
        let ((_, metadata), inputs) = complete.ok_or(TilesetFault::Faulty(asset_id))?;
        let files = inputs.files.iter().map(|file| BankFile::new(&file.path, file.part.as_deref()));
        Self::new(options, files.collect(), metadata).ok_or(TilesetFault::Faulty(asset_id))
    }

    /// The bank with these artifact files and this runtime metadata.
    pub fn new(options: tiles::Options, files: Vec<BankFile>, metadata: &str) -> Option<Self> {
        let mut metadata: tiles::Metadata = serde_json::from_str(metadata).ok()?;
        // What says nothing of where tiles are is of no concern.
        metadata.tags.clear();
        metadata.palette_authored = 0;
        for sheet in &mut metadata.sheets {
            (sheet.palette, sheet.duration_ms) = (0, None);
        }
        Some(Self { options: tiles::Options { entry_zero: tiles::EntryZero::default(), ..options }, files, metadata })
    }
}

/// Where the tiles of the picture at `place`, a path below `assets/`, are in the asset with this `entry`.
///
/// # Errors
///
/// When they are in no bank, or it cannot be told where.
pub fn place_in(
    entry: &RegistryEntry,
    bank: Result<&Bank, TilesetFault>,
    place: &str,
) -> Result<TilesetPlace, TilesetFault> {
    if !entry.included_in_build {
        return Err(TilesetFault::Excluded(entry.asset_id));
    }
    let bank = bank?;
    let path = place.get(entry.root.len() + 1..).unwrap_or_default();
    let number = bank.files.iter().position(|file| file.path == path).ok_or(TilesetFault::Unowned)?;
    if bank.files[number].is_sliced {
        return Err(TilesetFault::Sliced(entry.asset_id));
    }
    TilesetPlace::of(entry.asset_id, bank.options, &bank.metadata, (number, bank.files.len()))
}

/// The path below `assets/` of a picture that the asset at `root` asks for; none where it leads out of that.
pub fn picture_path(root: &str, picture: &str) -> Option<String> {
    path::beside(&format!("{root}/-"), picture)
}

/// The folders that `path` lies in, the innermost first.
pub fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(path.rsplit_once('/'), |(folder, _)| folder.rsplit_once('/')).map(|(folder, _)| folder)
}
