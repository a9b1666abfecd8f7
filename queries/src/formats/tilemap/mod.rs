//! `DATA/tilemap_v1`: maps of Tiled and LDtk, as layers of tile numbers and of objects.
//!
//! `read` makes a `Map` of what a program saved, `bind` the numbers of its tiles in the banks that `tileset`
//! describes, and this file the payload. Which banks there are is no matter of a format: it says which
//! [pictures] it asks for, and is told where they are.

mod bind;
mod map;
mod notes;
mod objects;
mod read;
mod tileset;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io;

use serde::Serialize;

pub use tileset::{AskedTileset, TilesetFault, TilesetPlace};

use self::bind::{Banks, Binding, layer_kind};
use self::map::{Content, Layer, Map};
use self::notes::{Counts, MAX_FILE, MAX_FILES, Notes, Read};
use self::read::{Kind, MapFile};
use super::data::Entry;
use super::faults::Faults;
use super::payload::{metadata, whole};
use super::source::Source;
use crate::content::{ContentStore, Outcome};
use crate::diagnostic::{Code, Diagnostic};
use crate::signature::LfsPointer;

/// The fields of an entry of `artifacts` that choose a part of a map.
pub(super) const PART_FIELDS: &[&str] = &["level", "layer"];

/// Whether the name of the file is one of a map or tileset.
pub(super) fn is_named_as_map(path: &str) -> bool {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    ["tmx", "tmj", "tsx", "tsj", "ldtk"].iter().any(|own| extension.eq_ignore_ascii_case(own))
}

/// The runtime metadata of maps, with its fields in canonical order.
#[derive(Serialize)]
struct Metadata<'m> {
    /// The ids of the assets with the tiles; cells name them by their place in this list, from 1.
    banks: Vec<u32>,
    entries: Vec<Entry<'m>>,
    maps: Vec<MapMetadata>,
}

#[derive(Serialize)]
struct MapMetadata {
    height: u32,
    layers: Vec<LayerMetadata>,
    name: String,
    tile_size: u32,
    width: u32,
}

#[derive(Serialize)]
struct LayerMetadata {
    /// The number of its entry.
    entry: usize,
    kind: &'static str,
    name: String,
}

/// The pictures that the maps among `sources` ask for, as seen from the asset root, in ascending order. Of maps that
/// cannot be read there are none.
///
/// # Errors
///
/// Only when `content` fails.
pub fn pictures(sources: &[Source<'_>], content: &dyn ContentStore) -> io::Result<Vec<String>> {
    let mut pictures = BTreeSet::new();
    let files = files(sources, content, &mut Vec::new())?;
    let mut counts = Counts::default();
    for file in &files {
        let mut faults = Faults::new(file.path);
        let mut notes = Notes::new(&mut faults, &mut counts);
        if let Ok(maps) = read::maps(file, &files, &mut notes) {
            let tilesets = maps.iter().flat_map(|map| map.tilesets.iter());
            pictures.extend(tilesets.filter_map(|tileset| tileset.picture_seen(file.path)));
        }
    }
    Ok(pictures.into_iter().collect())
}

/// Derives the payload of maps over the tilesets that were `asked` for.
///
/// # Errors
///
/// Only when `content` fails.
pub fn derive(sources: &[Source<'_>], asked: &[AskedTileset], content: &dyn ContentStore) -> io::Result<Outcome> {
    let mut diagnostics = Vec::new();
    let files = files(sources, content, &mut diagnostics)?;
    let mut payload = Packing::default();
    let mut counts = Counts::default();
    for file in &files {
        let mut faults = Faults::new(file.path);
        let mut notes = Notes::new(&mut faults, &mut counts);
        // What is wrong is among the faults.
        if let Ok(maps) = read::maps(file, &files, &mut notes)
            && maps.iter().try_for_each(|map| payload.add(map, file.path, asked, &mut notes)).is_ok()
        {
            notes.finish();
        }
        diagnostics.extend(faults.into_diagnostics());
    }
    if !diagnostics.iter().any(Diagnostic::is_error) && !files.iter().any(|file| file.kind.is_some_and(Kind::is_map)) {
        let message = "there is no map among the files of the asset, only tilesets";
        let fault = Diagnostic::error(Code::MapInvalid, message).with_help("list the map in \"artifacts\", too");
        diagnostics.extend(sources.first().map(|source| fault.at(source.path)));
    }
    let is_faulty = diagnostics.iter().any(Diagnostic::is_error);
    if !is_faulty && payload.entries.is_empty() {
        let fault = Diagnostic::error(Code::MapInvalid, "the maps of the asset have no layer");
        diagnostics.extend(sources.first().map(|source| fault.at(source.path)));
    }
    let is_faulty = diagnostics.iter().any(Diagnostic::is_error);
    let payload = if is_faulty { None } else { Some(payload.finish(content)?) };
    Ok(Outcome { payload, diagnostics })
}

/// Reads the files, as far as they are not too large.
fn files<'s>(
    sources: &[Source<'s>],
    content: &dyn ContentStore,
    diagnostics: &mut Vec<Diagnostic>,
) -> io::Result<Vec<MapFile<'s>>> {
    let mut files = Vec::with_capacity(sources.len());
    let mut total = 0_u64;
    for source in sources {
        let fault =
            |code, message: String, help: &str| Diagnostic::error(code, message).with_help(help).at(source.path);
        total = total.saturating_add(source.content.size);
        if source.content.size > MAX_FILE {
            let message = format!("the file has {} bytes; a map has at most {MAX_FILE}", source.content.size);
            diagnostics.push(fault(Code::MapUnsupported, message, "make several maps of it"));
            continue;
        }
        if total > MAX_FILES {
            let message = format!("the maps of the asset have more than {MAX_FILES} bytes, with this file");
            diagnostics.push(fault(Code::MapUnsupported, message, "make several assets of them"));
            break;
        }
        let bytes = content.read(source.content)?;
        if let Some(pointer) = LfsPointer::of(&bytes) {
            diagnostics.push(pointer.fault().at(source.path));
            continue;
        }
        files.push(MapFile::new(source.path, bytes, source.part));
    }
    Ok(files)
}

/// A payload under way.
#[derive(Default)]
struct Packing {
    banks: Banks,
    bytes: Vec<u8>,
    entries: Vec<Entry<'static>>,
    maps: Vec<MapMetadata>,
}

impl Packing {
    /// Adds a map of the file at `path`.
    fn add(&mut self, map: &Map, path: &str, asked: &[AskedTileset], notes: &mut Notes<'_, '_>) -> Read<()> {
        let binding = Binding::new(map, path, asked);
        let mut layers = Vec::with_capacity(map.layers.len());
        for layer in &map.layers {
            let kind = layer_kind(&layer.content);
            layers.push(LayerMetadata { entry: self.entries.len(), kind, name: layer.name.clone() });
            let bytes = self.layer(layer, &binding, notes)?;
            let name = format!("{}/{}.{}", self.maps.len(), layers.len() - 1, kind.to_ascii_lowercase());
            let entry = Entry { name: Cow::Owned(name), offset: self.bytes.len() as u64, size: bytes.len() as u64 };
            self.entries.push(entry);
            self.bytes.extend(bytes);
        }
        let stem = path.rsplit('/').next().unwrap_or(path);
        let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
        let name = map.name.clone().unwrap_or_else(|| stem.to_owned());
        let Map { width, height, tile_size, .. } = *map;
        self.maps.push(MapMetadata { height, layers, name, tile_size, width });
        Ok(())
    }

    /// The bytes of a layer.
    fn layer(&mut self, layer: &Layer, binding: &Binding<'_>, notes: &mut Notes<'_, '_>) -> Read<Vec<u8>> {
        match &layer.content {
            Content::Tiles(cells) => {
                let numbers = binding.tiles(&layer.name, cells, &mut self.banks, notes)?;
                Ok(numbers.into_iter().flat_map(u32::to_le_bytes).collect())
            }
            Content::Values(values) => Ok(values.iter().flat_map(|value| value.to_le_bytes()).collect()),
            Content::Objects(objects) => {
                let cells = binding.objects(&layer.name, objects, &mut self.banks, notes)?;
                Ok(objects::bytes(objects, &cells))
            }
        }
    }

    fn finish(self, content: &dyn ContentStore) -> io::Result<crate::content::Payload> {
        let metadata = metadata(&Metadata { banks: self.banks.0, entries: self.entries, maps: self.maps });
        whole(content, &self.bytes, metadata)
    }
}
