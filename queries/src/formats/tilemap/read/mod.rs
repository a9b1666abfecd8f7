//! Reading maps: Tiled's XML and JSON, and LDtk's projects.

mod cells;
mod json;
mod kind;
mod ldtk;
mod selection;
mod tiled;
mod tmj;
mod tmx;
mod xml;

use std::cell::OnceCell;

pub(super) use self::kind::Kind;
use self::selection::Selection;
use super::map::{Map, Tileset};
use super::notes::{Notes, Read};
use crate::formats::part::Part;
use crate::json::shortened;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// An artifact file.
pub(super) struct MapFile<'f> {
    /// Its path below the asset root.
    pub(super) path: &'f str,
    pub(super) bytes: Vec<u8>,
    pub(super) part: Option<&'f Part>,
    pub(super) kind: Option<Kind>,
    /// The tileset in it, once a map asked for it; none where it cannot be read.
    tileset: OnceCell<Option<Tileset>>,
}

impl<'f> MapFile<'f> {
    /// The file at `path` with these bytes, of which `part` is taken.
    pub(super) fn new(path: &'f str, bytes: Vec<u8>, part: Option<&'f Part>) -> Self {
        let mut file = Self { path, bytes, part, kind: None, tileset: OnceCell::new() };
        file.kind = Kind::of(file.text());
        file
    }

    /// What is in it, without a byte-order mark.
    fn text(&self) -> &[u8] {
        self.bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&self.bytes)
    }

    /// The tileset in it. It is read once, however many maps ask for it.
    fn tileset(&self, notes: &mut Notes<'_, '_>) -> Read<Tileset> {
        if let Some(known) = self.tileset.get() {
            let refused = || notes.invalid(format!("the tileset in {:?} cannot be read", self.path));
            return known.clone().ok_or_else(refused);
        }
        let tileset = match self.kind {
            Some(Kind::TilesetXml) => tmx::read_tileset(self.text(), notes),
            Some(Kind::TilesetJson) => tmj::read_tileset(self.text(), notes),
            _ => Err(notes.invalid(format!("{:?} is no tileset of Tiled", self.path))),
        };
        self.tileset.get_or_init(|| tileset.as_ref().ok().cloned());
        tileset
    }
}

/// Reads the maps in `file`, which may have its tilesets in others of `files`.
pub(super) fn maps(file: &MapFile<'_>, files: &[MapFile<'_>], notes: &mut Notes<'_, '_>) -> Read<Vec<Map>> {
    let external = |source: &str, notes: &mut Notes<'_, '_>| tileset(file.path, source, files, notes);
    let part = file.part;
    let level = part.and_then(|part| part.level.as_deref());
    let mut selection = Selection::new(part.map_or(&[], |part| &part.layers));
    let maps = match file.kind {
        Some(Kind::Ldtk) => ldtk::read(file.text(), level, &mut selection, notes)?,
        Some(Kind::TiledXml) => vec![tmx::read(file.text(), &external, &mut selection, notes)?],
        Some(Kind::TiledJson) => vec![tmj::read(file.text(), &external, &mut selection, notes)?],
        Some(Kind::TilesetXml | Kind::TilesetJson) => Vec::new(),
        None => return Err(notes.invalid("the file is no map of Tiled and no project of LDtk")),
    };
    if let Some(level) = level.filter(|_| file.kind != Some(Kind::Ldtk)) {
        return Err(notes.missing("level", level, &[]));
    }
    selection.finish(notes)?;
    Ok(maps)
}

/// The tileset at `source`, which the map at `map` names, among `files`.
fn tileset(map: &str, source: &str, files: &[MapFile<'_>], notes: &mut Notes<'_, '_>) -> Read<Tileset> {
    let place = crate::path::beside(map, source);
    let found = place.as_ref().and_then(|place| files.iter().find(|file| file.path == place));
    let Some(file) = found else {
        let help = "put the file into the folder of the asset, list it in \"artifacts\", and have the map name it there; or embed \
                    the tileset in the map";
        let message = format!("the tileset {:?} is none of the artifacts of the asset", shortened(source));
        return Err(notes.unsupported(message, help));
    };
    let tileset = file.tileset(notes)?;
    Ok(Tileset { file: place, ..tileset })
}
