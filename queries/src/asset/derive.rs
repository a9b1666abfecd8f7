//! The queries that derive a payload, or recall it from an earlier operation.

use super::declared::derivation;
use super::parse::manifest;
use super::pictures::{owner, pictures};
use crate::content::{Outcome, Payload};
use crate::db::{Db, Query, executing};
use crate::diagnostic::Diagnostic;
use crate::formats::tilemap::{AskedTileset, TilesetFault};
use crate::formats::{Format, Source};
use crate::inputs::{Asset, File, FileState};
use crate::record::bank::{Bank, BankFile, picture_path, place_in};
use crate::record::{InputFile, PayloadInputs, Tilesets};

/// What deriving an asset gave.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Derived {
    /// The payload, unless something is wrong.
    pub payload: Option<Payload>,
    /// What is wrong with the artifact files, which are named by their paths below the asset root.
    pub diagnostics: Vec<Diagnostic>,
    /// Why the content could not be read. This says nothing about the asset, and is tried again in the next operation.
    pub failure: Option<String>,
}

/// Derives the payload, or recalls it.
#[salsa::tracked(returns(ref))]
pub fn payload(db: &dyn Db, asset: Asset) -> Derived {
    executing(db, Query::Payload, asset);
    if let Some(outcome) = PayloadInputs::of(db, asset).and_then(|inputs| inputs.recall(db)) {
        return Derived { payload: outcome.payload, diagnostics: outcome.diagnostics, failure: None };
    }
    asset.failures(db);
    let derived = derive(db, asset);
    if derived.failure.is_some() {
        db.retry(asset);
    }
    derived
}

/// What is known of the tilesets that the files of `asset` ask for; nothing where they ask for none, or are not determined. The error is
/// why its content could not be read.
///
/// Here one asset depends on another: a map on the banks with its tiles. Of a bank it is told where the tiles of a picture are; so no
/// other change of the bank derives the map again. Only maps ask, and only tile assets are asked, whose payloads ask for nothing: there is
/// no way in a circle.
#[salsa::tracked(returns(as_ref))]
pub fn tilesets(db: &dyn Db, asset: Asset) -> Result<Vec<AskedTileset>, String> {
    executing(db, Query::Tilesets, asset);
    let root = &asset.entry(db).root;
    let found = |picture: &String| {
        let place = picture_path(root, picture).ok_or(TilesetFault::Outside)?;
        let owner = owner(db, &place).ok_or(TilesetFault::Unowned)?;
        place_in(owner.entry(db), bank(db, owner).as_ref().map_err(|fault| *fault), &place)
    };
    let pictures = pictures(db, asset).map_err(Clone::clone)?;
    Ok(pictures.iter().map(|picture| AskedTileset { picture: picture.clone(), found: found(picture) }).collect())
}

/// The bank that an asset has.
#[salsa::tracked(returns(ref))]
fn bank(db: &dyn Db, asset: Asset) -> Result<Bank, TilesetFault> {
    executing(db, Query::Bank, asset);
    let asset_id = asset.entry(db).asset_id;
    if let Some(record) = asset.recorded(db) {
        return Bank::of(asset_id, record);
    }
    // As the record will have it, so that it does not matter whether the asset is loaded.
    let fields = &manifest(db, asset).manifest;
    let options = match fields.format {
        Some(Format::TilesIndexedV1(options)) => options,
        Some(_) => return Err(TilesetFault::NotTiles(asset_id)),
        None => return Err(TilesetFault::Faulty(asset_id)),
    };
    let derivation = derivation(db, asset).filter(|_| fields.name.is_some()).ok_or(TilesetFault::Faulty(asset_id))?;
    let file =
        |(number, file): (usize, &File)| BankFile::new(derivation.relative(file.path(db)), derivation.part(number));
    let files = derivation.files.iter().enumerate().map(file).collect();
    let payload = payload(db, asset).payload.as_ref();
    payload.and_then(|payload| Bank::new(options, files, &payload.metadata)).ok_or(TilesetFault::Faulty(asset_id))
}

/// Derives the payload anew, without a memo: for a payload whose memo is valid but whose bytes were evicted.
pub fn derive(db: &dyn Db, asset: Asset) -> Derived {
    let Some(derivation) = derivation(db, asset) else { return Derived::default() };
    let mut sources = Vec::with_capacity(derivation.files.len());
    let mut derived = Derived::default();
    for (number, file) in derivation.files.iter().enumerate() {
        let location = file.path(db).as_str();
        let path = derivation.relative(location);
        match file.state(db) {
            FileState::Content(content) => {
                sources.push(Source { path, content: *content, part: derivation.part(number) });
            }
            FileState::Refused(fault) => derived.diagnostics.push(fault.diagnostic(path)),
            FileState::Unread => derived.failure = Some(format!("{location} was not read")),
        }
    }
    if derived.failure.is_some() || !derived.diagnostics.is_empty() {
        return derived;
    }
    executing(db, Query::Format, asset);
    let asks = derivation.format.asks_for_tilesets();
    let asked = if asks { tilesets(db, asset).map(Vec::as_slice) } else { Ok(&[][..]) };
    let asked = match asked {
        Ok(asked) => asked,
        Err(reason) => return Derived { failure: Some(reason.clone()), ..Derived::default() },
    };
    match derivation.format.derive(&sources, asked, db.content()) {
        Ok(outcome) => Derived { payload: outcome.payload, diagnostics: outcome.diagnostics, failure: None },
        Err(error) => Derived { failure: Some(error.to_string()), ..Derived::default() },
    }
}

/// Why the content of `asset` could not be read, where that is so.
pub fn failure(db: &dyn Db, asset: Asset) -> Option<&str> {
    if asset.recorded(db).is_some() { None } else { payload(db, asset).failure.as_deref() }
}

impl PayloadInputs {
    /// The inputs of a loaded `asset`; `None` where its files are not determined, or one of them has no content.
    pub fn of(db: &dyn Db, asset: Asset) -> Option<Self> {
        let inputs = Self::of_files(db, asset)?;
        let asks = inputs.format.asks_for_tilesets();
        let tilesets = if asks { Tilesets::of(tilesets(db, asset).ok()?) } else { None };
        Some(Self { tilesets, ..inputs })
    }

    /// As [`of`](Self::of), without the tilesets that the files ask for: to tell those, other assets are derived.
    pub fn of_files(db: &dyn Db, asset: Asset) -> Option<Self> {
        let derivation = derivation(db, asset)?;
        let file = |(number, file): (usize, &File)| match *file.state(db) {
            FileState::Content(content) => {
                let part = derivation.part(number).cloned().map(Box::new);
                Some(InputFile { path: derivation.relative(file.path(db)).into(), content, part })
            }
            FileState::Unread | FileState::Refused(_) => None,
        };
        let files = derivation.files.iter().enumerate().map(file).collect::<Option<_>>()?;
        Some(Self { format: derivation.format, files, tilesets: None })
    }

    /// The outcome that these inputs had in an earlier operation, where it is stored with its bytes. Then no format
    /// runs.
    pub fn recall(&self, db: &dyn Db) -> Option<Outcome> {
        db.content().recall(self.key())
    }
}
