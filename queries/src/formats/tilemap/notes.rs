//! What is found while a map is read, and how much it may have.

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Data, Diagnostic};
use crate::formats::faults::Faults;
use crate::json::shortened;

/// The largest map file, in bytes.
pub(super) const MAX_FILE: u64 = 16 << 20;

/// The most bytes of all map files of an asset.
pub(super) const MAX_FILES: u64 = 64 << 20;

/// The most cells of all layers of an asset.
pub(super) const MAX_CELLS: u64 = 1 << 22;

/// The most tiles of LDtk in a cell.
pub(super) const MAX_STACKED: usize = 256;

/// The most groups that a layer is in. Files have to stay below the levels that their parsers read.
const MAX_GROUPS: usize = 32;

/// The most layers of an asset.
const MAX_LAYERS: usize = 4096;

/// The most objects of an asset, and the most properties.
pub(super) const MAX_OBJECTS: usize = 1 << 16;

/// The longest name of a layer with its groups, of a level, and of a tileset or its picture, in bytes.
const MAX_NAME: usize = 1024;

/// The most tilesets of a map.
pub(super) const MAX_TILESETS: usize = 255;

/// Where the reading of a map ends: what is wrong is among the faults.
#[derive(Debug)]
pub(super) struct Refused;

pub(super) type Read<T> = Result<T, Refused>;

/// How much the maps of an asset have.
#[derive(Default)]
pub(super) struct Counts {
    cells: u64,
    objects: usize,
    properties: usize,
    layers: usize,
}

/// What is found in one file: its faults, what is left out of it, and how much there is.
pub(super) struct Notes<'n, 'p> {
    pub(super) faults: &'n mut Faults<'p>,
    /// What is left out, and the first of each kind.
    left_out: Vec<(&'static str, String, usize)>,
    counts: &'n mut Counts,
    /// Of each tileset of which a fault is reported: the number of its first tile, and the edge of the cells.
    unbound: BTreeSet<(u32, u32)>,
}

/// The cells or objects of a layer that have a tile which there is not.
#[derive(Default)]
pub(super) struct MissingTiles {
    /// Where the first is, and what is wrong with it.
    first: Option<String>,
    count: usize,
}

impl MissingTiles {
    /// Adds one. What it is is only put together for the first.
    pub(super) fn add(&mut self, what: impl FnOnce() -> String) {
        self.first.get_or_insert_with(what);
        self.count += 1;
    }

    /// Reports those of `layer`.
    pub(super) fn finish(self, layer: &str, notes: &mut Notes<'_, '_>) {
        let Some(first) = self.first else { return };
        let more = if self.count > 1 { format!(", and {} more like it", self.count - 1) } else { String::new() };
        let layer = shortened(layer);
        let help = "draw it again in the editor of the map, or put the tile back into the picture of the bank";
        let fault = Diagnostic::error(Code::MapTile, format!("layer {layer:?}, {first}{more}")).with_help(help);
        notes.faults.push(fault.with_data(Data::value(layer)));
    }
}

impl<'n, 'p> Notes<'n, 'p> {
    pub(super) fn new(faults: &'n mut Faults<'p>, counts: &'n mut Counts) -> Self {
        Self { faults, left_out: Vec::new(), counts, unbound: BTreeSet::new() }
    }

    /// Reports that the file is not what a program saves.
    pub(super) fn invalid(&mut self, message: impl Into<String>) -> Refused {
        self.faults.damaged(Code::MapInvalid, message);
        Refused
    }

    /// Reports that the map has something that is not read.
    pub(super) fn unsupported(&mut self, message: impl Into<String>, help: &str) -> Refused {
        self.faults.error(Code::MapUnsupported, message, help);
        Refused
    }

    /// Reports that a `level` or `layer` is not there.
    pub(super) fn missing(&mut self, field: &'static str, wanted: &str, names: &[String]) -> Refused {
        /// How many of those that are there are named.
        const NAMED: usize = 20;
        let mut listed: Vec<String> = Vec::new();
        for name in names.iter().map(|name| format!("{:?}", shortened(name))) {
            if listed.len() <= NAMED && !listed.contains(&name) {
                listed.push(name);
            }
        }
        let has = match &*listed {
            [] => format!("it has no {field}s"),
            [listed @ .., _] if listed.len() == NAMED => format!("it has {} and more", listed.join(", ")),
            listed => format!("it has {}", listed.join(", ")),
        };
        let message = format!("the file has no {field} {:?}; {has}", shortened(wanted));
        let help = format!("name one that the file has as {field:?} in the manifest");
        let fault = Diagnostic::error(Code::PartMissing, message).with_help(help);
        self.faults.push(fault.with_data(Data::missing(field)));
        Refused
    }

    /// Reports what is wrong with the tileset whose first tile has this number, once for all maps of the file with this
    /// edge of a cell.
    pub(super) fn tileset_unbound(&mut self, first: u32, edge: u32, fault: &Diagnostic) {
        if self.unbound.insert((first, edge)) {
            self.faults.push(fault.clone());
        }
    }

    /// Notes that something is left out: what, and in what, of which it is which part. Only the first is put together.
    pub(super) fn leave_out_of(&mut self, what: &'static str, of: &str, part: &str) {
        if self.left_out.iter().any(|(known, _, _)| *known == what) {
            self.leave_out(what, "");
        } else {
            self.leave_out(what, &format!("{}: {}", shortened(of), shortened(part)));
        }
    }

    /// Notes that something is left out: what, and which.
    pub(super) fn leave_out(&mut self, what: &'static str, which: &str) {
        match self.left_out.iter_mut().find(|(known, _, _)| *known == what) {
            Some((_, _, count)) => *count += 1,
            None => self.left_out.push((what, shortened(which).into_owned(), 1)),
        }
    }

    /// Notes that objects which show a tile of the tileset `name` stand otherwise than they do where nothing is said.
    pub(super) fn check_alignment(&mut self, alignment: &str, name: &str) {
        if !matches!(alignment, "unspecified" | "bottomleft") {
            self.leave_out("object alignments of tilesets", name);
        }
    }

    /// Counts the cells of one more layer.
    pub(super) fn count_cells(&mut self, width: u32, height: u32) -> Read<usize> {
        let cells = u64::from(width) * u64::from(height);
        self.counts.cells = self.counts.cells.saturating_add(cells);
        if self.counts.cells > MAX_CELLS {
            let message = format!("the layers of the asset have more than {MAX_CELLS} cells together");
            return Err(self.unsupported(message, "make several assets of the map"));
        }
        usize::try_from(cells).map_err(|_| Refused)
    }

    /// Refuses a name that is too long: it may be repeated for whatever is in what has it.
    pub(super) fn check_name(&mut self, name: &str) -> Read<()> {
        if name.len() <= MAX_NAME {
            return Ok(());
        }
        let message = format!("the name {:?} has {} bytes, more than {MAX_NAME}", shortened(name), name.len());
        Err(self.unsupported(message, "give it a shorter one"))
    }

    /// Counts one more layer, which is called `name` with its `groups`.
    pub(super) fn count_layer(&mut self, name: &str, groups: usize) -> Read<()> {
        self.check_name(name)?;
        self.counts.layers += 1;
        if self.counts.layers > MAX_LAYERS {
            let message = format!("the maps of the asset have more than {MAX_LAYERS} layers");
            return Err(self.unsupported(message, "make several assets of the map"));
        }
        if groups > MAX_GROUPS {
            let message = format!("the layer {:?} is in more than {MAX_GROUPS} groups", shortened(name));
            return Err(self.unsupported(message, "take it out of some"));
        }
        Ok(())
    }

    /// Counts one more object with so many properties.
    pub(super) fn count_object(&mut self, properties: usize) -> Read<()> {
        self.counts.objects += 1;
        self.counts.properties += properties;
        if self.counts.objects > MAX_OBJECTS || self.counts.properties > MAX_OBJECTS {
            let message =
                format!("the maps of the asset have more than {MAX_OBJECTS} objects, or properties of objects");
            return Err(self.unsupported(message, "make several assets of the map"));
        }
        Ok(())
    }

    /// A position or size in pixels, as programs save it.
    pub(super) fn whole(&mut self, value: f64, which: &str) -> Read<i32> {
        let rounded = (value + 0.5).floor();
        if !(f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&rounded) {
            return Err(self.invalid(format!("{value:e} is no position or size in pixels")));
        }
        if (rounded - value).abs() > 1e-9 {
            self.leave_out("parts of pixels", which);
        }
        Ok(rounded as i32)
    }

    /// A size in pixels.
    pub(super) fn size(&mut self, value: f64, which: &str) -> Read<u32> {
        let whole = self.whole(value, which)?;
        u32::try_from(whole).map_err(|_| self.invalid(format!("{value} is no size in pixels")))
    }

    /// Reports what is left out.
    pub(super) fn finish(self) {
        for (what, first, count) in self.left_out {
            let more = if count > 1 { format!(", and {} more", count - 1) } else { String::new() };
            let message = format!("{what} are left out: {first:?}{more}");
            self.faults.push(Diagnostic::info(Code::MapLeftOut, message));
        }
    }
}
