//! Reading maps: Tiled's XML and JSON, and LDtk's projects.

mod cells;
mod json;
mod ldtk;
mod tiled;
mod tmj;
mod tmx;
mod xml;

use std::cell::OnceCell;

use super::map::{Map, Tileset};
use super::notes::{Notes, Read};
use crate::formats::part::Part;
use crate::json::shortened;

/// What a file is, by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    TiledXml,
    TiledJson,
    Ldtk,
    TilesetXml,
    TilesetJson,
}

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
        Self { path, kind: Kind::of(&bytes), bytes, part, tileset: OnceCell::new() }
    }

    /// The tileset in it. It is read once, however many maps ask for it.
    fn tileset(&self, notes: &mut Notes<'_, '_>) -> Read<Tileset> {
        if let Some(known) = self.tileset.get() {
            let refused = || notes.invalid(format!("the tileset in {:?} cannot be read", self.path));
            return known.clone().ok_or_else(refused);
        }
        let tileset = match self.kind {
            Some(Kind::TilesetXml) => tmx::read_tileset(&self.bytes, notes),
            Some(Kind::TilesetJson) => tmj::read_tileset(&self.bytes, notes),
            _ => Err(notes.invalid(format!("{:?} is no tileset of Tiled", self.path))),
        };
        self.tileset.get_or_init(|| tileset.as_ref().ok().cloned());
        tileset
    }
}

impl Kind {
    /// The kind of the file with these bytes.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
        let has = |word: &[u8]| memchr::memmem::find(text, word).is_some();
        match text.first()? {
            b'<' if has(b"<map") => Some(Self::TiledXml),
            b'<' if has(b"<tileset") => Some(Self::TilesetXml),
            b'{' if has(b"\"__header__\"") || has(b"\"jsonVersion\"") => Some(Self::Ldtk),
            b'{' if has(b"\"layers\"") => Some(Self::TiledJson),
            b'{' if has(b"\"tilecount\"") => Some(Self::TilesetJson),
            _ => None,
        }
    }

    /// Whether the file is a map, and no tileset.
    pub(super) fn is_map(self) -> bool {
        matches!(self, Self::TiledXml | Self::TiledJson | Self::Ldtk)
    }
}

/// Reads the maps in `file`, which may have its tilesets in others of `files`.
pub(super) fn maps(file: &MapFile<'_>, files: &[MapFile<'_>], notes: &mut Notes<'_, '_>) -> Read<Vec<Map>> {
    let bytes = file.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&file.bytes);
    let external = |source: &str, notes: &mut Notes<'_, '_>| tileset(file.path, source, files, notes);
    let part = file.part;
    let level = part.and_then(|part| part.level.as_deref());
    let mut maps = match file.kind {
        Some(Kind::Ldtk) => ldtk::read(bytes, level, notes)?,
        Some(Kind::TiledXml) => vec![tmx::read(bytes, &external, notes)?],
        Some(Kind::TiledJson) => vec![tmj::read(bytes, &external, notes)?],
        Some(Kind::TilesetXml | Kind::TilesetJson) => Vec::new(),
        None => return Err(notes.invalid("the file is no map of Tiled and no project of LDtk")),
    };
    if let Some(level) = level.filter(|_| file.kind != Some(Kind::Ldtk)) {
        return Err(notes.missing("level", level, &[]));
    }
    if let Some(part) = part.filter(|part| !part.layers.is_empty()) {
        choose_layers(&mut maps, &part.layers, notes)?;
    }
    Ok(maps)
}

/// Keeps the layers with these names, and those of groups with these names.
fn choose_layers(maps: &mut [Map], wanted: &[String], notes: &mut Notes<'_, '_>) -> Read<()> {
    let names: Vec<String> = maps.iter().flat_map(|map| &map.layers).map(|layer| layer.name.clone()).collect();
    let is_in = |name: &str, wanted: &str| {
        name.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if let Some(absent) = wanted.iter().find(|wanted| !names.iter().any(|name| is_in(name, wanted))) {
        return Err(notes.missing("layer", absent, &names));
    }
    for map in maps {
        map.layers.retain(|layer| wanted.iter().any(|wanted| is_in(&layer.name, wanted)));
    }
    Ok(())
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
