//! Workspaces to pack, the same in every run.

use std::cell::Cell;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::time::SystemTime;

use tempfile::TempDir;

use crate::machine;

/// A workspace of assets of one kind, in a folder that goes with it.
pub struct Workspace {
    folder: TempDir,
    count: usize,
    /// Bytes of a `data.bin`.
    size: usize,
    edits: Cell<u32>,
}

/// Whether an edit changes the size of the file.
#[derive(Clone, Copy)]
pub enum Edit {
    SameSize,
    OtherSize,
}

impl Workspace {
    /// DATA assets of one file, `data.bin`.
    pub fn of_data(count: usize, size: usize) -> Self {
        let mut noise = Noise(1);
        let rest = r#""artifacts": [{"file": "data.bin"}], "output": {"format": "DATA/raw_v1"}"#;
        Self::make(count, size, rest, |root| fs::write(root.join("data.bin"), noise.bytes(size)).unwrap())
    }

    /// TILES assets of one RGBA sheet, `edge` pixels wide and high.
    pub fn of_sheets(count: usize, edge: u32) -> Self {
        let mut noise = Noise(2);
        let output = r#"{"format": "TILES/indexed_v1", "metadata": {"tile_size": 16}}"#;
        let rest = format!(r#""artifacts": [{{"file": "sheet.png"}}], "output": {output}"#);
        Self::make(count, 0, &rest, |root| write_sheet(&root.join("sheet.png"), edge, &mut noise))
    }

    fn make(count: usize, size: usize, rest: &str, fill: impl FnMut(&Path)) -> Self {
        eprintln!("… making a workspace of {count} assets");
        let folder = tempfile::tempdir_in(machine::PLACE).unwrap();
        write_assets(folder.path(), count, rest, fill).unwrap();
        Self { folder, count, size, edits: Cell::new(0) }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Removes the outputs and the cache.
    pub fn forget(&self) {
        for made in ["build", "assets/.prometeu/cache"] {
            drop(fs::remove_dir_all(self.path().join(made)));
        }
    }

    /// Writes new bytes to the file of the middle asset, different ones each time.
    pub fn edit(&self, edit: Edit) {
        let number = self.edits.get() + 1;
        self.edits.set(number);
        let more = if matches!(edit, Edit::OtherSize) { number as usize % 1024 } else { 0 };
        let mut content = Noise(number).bytes(self.size + more);
        content[..4].copy_from_slice(&number.to_le_bytes());
        fs::write(self.path().join("assets").join(root_of(self.count / 2)).join("data.bin"), content).unwrap();
    }

    /// When the published pack was written.
    pub fn published(&self) -> Option<SystemTime> {
        let pack = fs::metadata(self.path().join("build/assets.pa"));
        pack.and_then(|metadata| metadata.modified()).ok()
    }
}

/// The root of an asset, relative to the folder of assets.
pub fn root_of(index: usize) -> String {
    format!("a{index:05}")
}

/// Registers `count` assets, with the fields `rest` beside the fixed ones and the files that `fill` writes.
fn write_assets(workspace: &Path, count: usize, rest: &str, mut fill: impl FnMut(&Path)) -> io::Result<()> {
    let assets = workspace.join("assets");
    fs::create_dir_all(assets.join(".prometeu"))?;
    let mut registry = BufWriter::new(File::create(assets.join(".prometeu/index.json"))?);
    write!(registry, r#"{{"schema_version": 2, "next_asset_id": {}, "assets": ["#, count + 1)?;
    for index in 0..count {
        let uuid = format!("00000000-0000-4000-8000-{index:012x}");
        let root = root_of(index);
        let folder = assets.join(&root);
        fs::create_dir(&folder)?;
        let manifest = format!(r#"{{"schema_version": 2, "asset_uuid": "{uuid}", "name": "asset {index}", {rest}}}"#);
        fs::write(folder.join("asset.json"), manifest)?;
        fill(&folder);
        let entry = format!(r#""asset_id": {}, "asset_uuid": "{uuid}", "root": "{root}""#, index + 1);
        write!(registry, "{}\n{{{entry}, \"included_in_build\": true}}", if index == 0 { "" } else { "," })?;
    }
    write!(registry, "]}}")?;
    registry.flush()
}

/// A sheet of 15 colours and transparency that compresses as pixel art does.
pub fn write_sheet(path: &Path, edge: u32, noise: &mut Noise) {
    let mut pixels = Vec::new();
    for y in 0..edge {
        for x in 0..edge {
            let colour = (x / 8 * 7 + y / 8 * 13 + noise.next() % 3) % 16;
            let level = (colour * 17) as u8;
            pixels.extend(if colour == 0 { [0, 0, 0, 0] } else { [level, 255 - level, level, 255] });
        }
    }
    let mut encoder = png::Encoder::new(File::create(path).unwrap(), edge, edge);
    encoder.set_color(png::ColorType::Rgba);
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
}

/// A pseudo-random generator: the same numbers in every run.
pub struct Noise(pub u32);

impl Noise {
    pub fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        self.0 >> 16
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next() as u8).collect()
    }
}
