//! `TILES/indexed_v1` from outside: pictures in, payload and diagnostics out.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

mod aseprite;
mod bmp;
mod broken;
mod converted;
mod encoder;
mod faults;
mod gif;
mod limits;
#[path = "../memory/mod.rs"]
mod memory;
mod pixels;
mod reference;
mod sprite;
mod totality;

use memory::Memory;
use papack_queries::content::{ContentStore, Outcome};
use papack_queries::diagnostic::{Code, Diagnostic, Severity};
use papack_queries::formats::tiles::{EntryZero, Options, TileSize};
use papack_queries::formats::{FileOutline, Format, Part, Source};
use serde_json::Value;

/// What was derived.
struct Derived {
    outcome: Outcome,
    /// The payload's bytes and metadata.
    payload: Option<(Vec<u8>, Value)>,
}

impl Derived {
    fn with(&self, severity: Severity) -> Vec<&Diagnostic> {
        self.outcome.diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).collect()
    }

    fn errors(&self) -> Vec<&Diagnostic> {
        self.with(Severity::Error)
    }

    fn warnings(&self) -> Vec<&Diagnostic> {
        self.with(Severity::Warning)
    }

    /// The payload and its metadata, of an asset without errors.
    fn payload(&self) -> &(Vec<u8>, Value) {
        self.payload.as_ref().unwrap_or_else(|| panic!("no payload: {:#?}", self.outcome.diagnostics))
    }

    /// The palette with this number.
    fn palette(&self, number: usize) -> Vec<u16> {
        let (bytes, _) = self.payload();
        let palettes = &bytes[bytes.len() - 2048..];
        palettes[number * 32..][..32].chunks(2).map(|entry| u16::from_le_bytes([entry[0], entry[1]])).collect()
    }
}

/// Derives an asset of the files `0.png`, `1.png` and so on.
fn derive_files(tile_size: i64, files: &[Vec<u8>]) -> Derived {
    derive_with(tile_size, EntryZero::Warn, files)
}

fn derive_with(tile_size: i64, entry_zero: EntryZero, files: &[Vec<u8>]) -> Derived {
    derive_by(Options { entry_zero, ..Options::new(TileSize::new(tile_size).unwrap()) }, files)
}

fn derive_by(options: Options, files: &[Vec<u8>]) -> Derived {
    derive_options(options, files, None)
}

/// Derives an asset of `part` of each of `files`.
fn derive_part(tile_size: i64, entry_zero: EntryZero, files: &[Vec<u8>], part: Option<&Part>) -> Derived {
    derive_options(Options { entry_zero, ..Options::new(TileSize::new(tile_size).unwrap()) }, files, part)
}

fn derive_options(options: Options, files: &[Vec<u8>], part: Option<&Part>) -> Derived {
    let memory = Memory::default();
    let names: Vec<_> = (0..files.len()).map(|index| format!("{index}.png")).collect();
    let sources: Vec<_> = files
        .iter()
        .zip(&names)
        .map(|(bytes, path)| Source { path, content: memory.put(bytes).unwrap(), part })
        .collect();
    let format = Format::TilesIndexedV1(options);
    let outcome = format.derive(&sources, &[], &memory).unwrap();
    let payload = outcome
        .payload
        .as_ref()
        .map(|payload| (memory.read(payload.id).unwrap(), serde_json::from_str(&payload.metadata).unwrap()));
    if options.conversions.pad.is_none() && options.conversions.palette.is_none() {
        check_foretold(format, &sources, &memory, &outcome);
    }
    let derived = Derived { outcome, payload };
    assert_eq!(derived.payload.is_none(), !derived.errors().is_empty(), "{:#?}", derived.outcome.diagnostics);
    derived
}

/// Asserts that what is foretold of `sources` comes true, where they are PNG and have a payload; of others, it may be
/// anything.
fn check_foretold(format: Format, sources: &[Source<'_>], memory: &Memory, outcome: &Outcome) {
    let outline =
        |source: &Source<'_>| FileOutline { size: source.content.size, content: Some(source.content), path: "" };
    let foretold = format.foretell(&sources.iter().map(outline).collect::<Vec<_>>(), memory);
    let is_png = |source: &Source<'_>| memory.read(source.content).unwrap().starts_with(b"\x89PNG");
    if let Some(payload) = &outcome.payload
        && sources.iter().all(is_png)
    {
        let (size, metadata) = foretold.expect("headers tell the size of a picture");
        assert_eq!(size, payload.id.size);
        // The number of a palette is taken to be a digit.
        assert!(metadata.len() == payload.metadata.len() || sources.len() > 9, "{metadata} {}", payload.metadata);
    }
}

/// Derives an asset of one file with tiles of 8 pixels.
fn derive(file: &[u8]) -> Derived {
    derive_files(8, &[file.to_vec()])
}

/// Asserts that one of `diagnostics` has this code and a message that contains `fragment`.
#[track_caller]
fn assert_says(diagnostics: &[&Diagnostic], code: Code, fragment: &str) {
    assert!(
        diagnostics.iter().any(|diagnostic| diagnostic.code == code && diagnostic.message.contains(fragment)),
        "no {code:?} with {fragment:?} in {diagnostics:#?}"
    );
}
