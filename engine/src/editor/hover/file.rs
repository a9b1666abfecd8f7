//! What is told of one file: its size, and what a format makes of it.

use std::io;

use camino::Utf8Path;
use data_encoding::BASE64;
use papack_queries::content::{ContentStore, Outcome};
use papack_queries::formats::sounds;
use papack_queries::formats::tiles::{Conversions, Options, TileSize, dimensions, preview};
use papack_queries::formats::{Bank, Described, FileKind, Format, Frames, Part, Source, tiles};
use papack_queries::path;
use papack_queries::schema::manifest;

use crate::content::MemoryStore;
use crate::editor::Editor;
use crate::editor::document::Here;
use crate::editor::known::{code, escaped};
use crate::workspace::layout::ASSETS;
use crate::workspace::{read_head, read_text};

/// The largest file that is looked into, in bytes: a person waits for it.
const MAX_FILE: usize = 8 * 1024 * 1024;

/// The largest picture that is looked into, in pixels.
const MAX_PIXELS: u64 = 1 << 20;

/// The largest PNG in a hover, in bytes: as a `data:` URI it has less than 64 KiB.
const MAX_PNG: usize = 48_000;

impl Editor {
    /// What is to be told of the file at `file`, a path below the asset root.
    pub(super) fn file_facts(&self, here: &Here<'_>, file: &str) -> Option<String> {
        path::check(file).ok()?;
        let place = format!("{ASSETS}/{}/{file}", here.document.root);
        let (place, fs) = (Utf8Path::new(&place), &**self.session.fs());
        let size = match fs.open(place) {
            Ok((_, stamp)) => format!("{} bytes", stamp.size),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Some(format!("There is no file {}.", code(file)));
            }
            Err(error) => {
                return Some(format!("The file {} cannot be read: {}", code(file), escaped(&error.to_string())));
            }
        };
        let Ok(bytes) = read_text(fs, place, MAX_FILE) else {
            let head = read_head(fs, place, 1024).unwrap_or_default();
            return Some(
                dimensions(&head).map_or(size.clone(), |(w, h)| format!("Picture of {w} × {h} pixels, {size}")),
            );
        };
        let found = match FileKind::of(file, &bytes) {
            FileKind::Picture => picture(here, file, &bytes),
            FileKind::Sound => sound(here, file, &bytes),
            FileKind::Other => None,
        };
        Some(found.map_or(size.clone(), |found| format!("{found}\n\n{size}")))
    }
}

/// The options of the manifest as they are for one picture by itself; where they cannot be read, those of its tile size.
fn options(here: &Here<'_>) -> Options {
    let (manifest, _) = manifest::parse_new("", here.document.bytes());
    let options = match manifest.format {
        Some(Format::TilesIndexedV1(options)) => options,
        _ => {
            let tile_size = here.values.at(&["output", "metadata", "tile_size"]);
            let tile_size = tile_size.and_then(|size| TileSize::new(here.values.written(size).parse().ok()?));
            Options::new(tile_size.unwrap_or(TileSize::Eight))
        }
    };
    let conversions = Conversions { palette: None, ..options.conversions };
    Options { conversions, ..options }
}

/// A picture: its size, tiles and colours, and a small picture of it.
fn picture(here: &Here<'_>, file: &str, bytes: &[u8]) -> Option<String> {
    let (width, height) = dimensions(bytes)?;
    let text = format!("Picture of {width} × {height} pixels");
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Some(text);
    }
    let options = options(here);
    // Of an animation, one frame is enough to look at.
    let first = Part { frames: Some(Frames::Range(0, 0)), ..Part::default() };
    let (outcome, store) = derived(Format::TilesIndexedV1(options), file, bytes, Some(&first))?;
    let Some(payload) = outcome.payload else { return Some(with_fault(text, &outcome)) };
    let Ok(Described::Tiles(metadata)) = Described::read(Bank::Tiles, &payload.metadata) else {
        return Some(text);
    };
    let bytes = store.read(payload.id).ok()?;
    let (tiles, edge, colours) = (metadata.tile_count(), options.tile_size.pixels(), colours(&metadata, &bytes));
    let shown = preview(&metadata, &bytes, MAX_PNG);
    let shown = shown.map(|png| format!("\n\n![tiles and palette](data:image/png;base64,{})", BASE64.encode(&png)));
    Some(format!("{text}: {tiles} tiles of {edge} × {edge}, {colours} colours{}", shown.unwrap_or_default()))
}

/// How many colours the pixels of a sheet use, without the transparent one.
fn colours(metadata: &tiles::Metadata, payload: &[u8]) -> usize {
    let pixels = metadata.width as usize * metadata.height as usize / 2;
    let mut is_used = [false; 16];
    for pair in payload.iter().take(pixels) {
        is_used[usize::from(pair >> 4)] = true;
        is_used[usize::from(pair & 15)] = true;
    }
    is_used.iter().skip(1).filter(|is_used| **is_used).count()
}

/// A sound, as the manifest has it packed: its channels, rate and length.
fn sound(here: &Here<'_>, file: &str, bytes: &[u8]) -> Option<String> {
    let (manifest, _) = manifest::parse_new("", here.document.bytes());
    let options = match manifest.format {
        Some(Format::SoundsPcmV1(options)) => options,
        _ => sounds::Options::default(),
    };
    let (outcome, _) = derived(Format::SoundsPcmV1(options), file, bytes, None)?;
    let Some(payload) = &outcome.payload else { return Some(with_fault("Sound".into(), &outcome)) };
    let described = Described::read(Bank::Sounds, &payload.metadata).ok()?;
    let Described::Sounds(metadata) = described else { return None };
    let sound = metadata.samples.first()?.sound;
    let channels = if sound.channels == 1 { "mono" } else { "stereo" };
    let ms = (sound.frames * 1000).checked_div(u64::from(sound.sample_rate))?;
    Some(format!(
        "Sound, {channels}, {} Hz, {}.{:03} s ({} frames)",
        sound.sample_rate,
        ms / 1000,
        ms % 1000,
        sound.frames
    ))
}

/// `text`, and the first thing that is wrong.
fn with_fault(text: String, outcome: &Outcome) -> String {
    match outcome.diagnostics.iter().find(|found| found.is_error()) {
        Some(fault) => format!("{text}. {}", escaped(&fault.message)),
        None => text,
    }
}

/// What `format` makes of `part` of one file, and the store that has the payload.
fn derived(format: Format, file: &str, bytes: &[u8], part: Option<&Part>) -> Option<(Outcome, MemoryStore)> {
    let store = MemoryStore::default();
    let content = store.put(bytes).ok()?;
    let outcome = format.derive(&[Source { path: file, content, part }], &[], &store).ok()?;
    Some((outcome, store))
}
