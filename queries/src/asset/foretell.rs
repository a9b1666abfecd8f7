//! What a pack will take from an asset, told before its files are read.

use serde_json::{Map, Value};
use smol_str::SmolStr;

use super::parse::manifest;
use super::record::with_user;
use crate::content::ContentStore;
use crate::db::Db;
use crate::formats::{FileOutline, Format};
use crate::inputs::Asset;
use crate::record::Row;

/// What the manifest of an asset says of its row in the table.
#[derive(Debug, Clone)]
pub struct Announced {
    name: SmolStr,
    format: Format,
    user: Option<Box<Map<String, Value>>>,
    preload_slot: Option<u8>,
}

/// What a pack will take from an asset, if its files are what they seem. It is a guess: only deriving tells.
#[derive(Debug, Clone)]
pub struct Foretold {
    name: SmolStr,
    format: Format,
    metadata: SmolStr,
    preload_slot: Option<u8>,
    /// Bytes of the payload.
    pub size: u64,
}

/// What the manifest of `asset` says of its row, where it has a name and a format.
pub fn announced(db: &dyn Db, asset: Asset) -> Option<Announced> {
    let fields = &manifest(db, asset).manifest;
    Some(Announced {
        name: fields.name.as_ref()?.0.as_str().into(),
        format: fields.format?,
        user: fields.user.clone().map(Box::new),
        preload_slot: fields.preload_slot.as_ref().map(|(slot, _)| *slot),
    })
}

impl Announced {
    /// What a pack will take from the asset with these `files`, in artifact order; none where that cannot be told.
    pub fn foretell(self, files: &[FileOutline<'_>], content: &dyn ContentStore) -> Option<Foretold> {
        let Self { name, format, user, preload_slot } = self;
        let (size, metadata) = format.foretell(files, content)?;
        let metadata = with_user(user.as_deref(), &metadata)?;
        Some(Foretold { name, format, metadata, preload_slot, size })
    }
}

impl Foretold {
    /// Its row in the table. The values of its metadata need not be right, only as long as the real ones.
    pub fn row(&self) -> Row<'_> {
        let Self { name, format, metadata, preload_slot, .. } = self;
        Row { name, bank: format.bank(), metadata, preload_slot: *preload_slot }
    }
}
