//! Workspaces to pack, the same in every run.

use std::cell::Cell;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::time::SystemTime;

use tempfile::TempDir;

use crate::measure::Run;
use crate::noise::Noise;
use crate::{machine, maps, pictures, process, sounds};

/// A workspace of assets of one kind, in a folder that goes with it.
pub struct Workspace {
    folder: TempDir,
    count: usize,
    /// Bytes of a `data.bin`, where there is one.
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
        let workspace = Self::make(count, rest, |root, _| fs::write(root.join("data.bin"), noise.bytes(size)).unwrap());
        Self { size, ..workspace }
    }

    /// TILES assets of one PNG, `edge` pixels wide and high.
    pub fn of_pictures(count: usize, edge: u32) -> Self {
        let mut noise = Noise(2);
        Self::make(count, &tiles("sheet.png"), |root, number| {
            pictures::write(&root.join("sheet.png"), number, edge, &mut noise);
        })
    }

    /// TILES assets of one picture that `make` makes.
    pub fn of_sprites(count: usize, extension: &str, make: impl Fn(&mut Noise) -> Vec<u8>) -> Self {
        let mut noise = Noise(4);
        let file = format!("sheet.{extension}");
        Self::make(count, &tiles(&file), |root, _| fs::write(root.join(&file), make(&mut noise)).unwrap())
    }

    /// SOUNDS assets of one WAVE file.
    pub fn of_sounds(count: usize) -> Self {
        let mut noise = Noise(3);
        Self::of_coded_sounds(count, "wav", |path, number| sounds::write(path, number, &mut noise))
    }

    /// SOUNDS assets of one file, which `write` writes to a path, given the number of the asset.
    pub fn of_coded_sounds(count: usize, extension: &str, mut write: impl FnMut(&Path, usize)) -> Self {
        let file = format!("sound.{extension}");
        let rest = format!(r#""artifacts": [{{"file": "{file}"}}], "output": {{"format": "SOUNDS/pcm_v1"}}"#);
        Self::make(count, &rest, |root, number| write(&root.join(&file), number))
    }

    /// DATA assets of one map each, and before them the bank of their tiles.
    pub fn of_maps(count: usize) -> Self {
        let (mut noise, bank) = (Noise(5), tiles("sheet.png"));
        let map = r#""artifacts": [{"file": "level.tmx"}], "output": {"format": "DATA/tilemap_v1"}"#;
        let rest = |number| if number == 0 { bank.as_str() } else { map };
        Self::make_with(count + 1, rest, |root, number| match number {
            0 => pictures::write(&root.join("sheet.png"), 0, maps::PICTURE_EDGE, &mut noise),
            _ => fs::write(root.join("level.tmx"), maps::map(&mut noise)).unwrap(),
        })
    }

    fn make(count: usize, rest: &str, fill: impl FnMut(&Path, usize)) -> Self {
        Self::make_with(count, |_| rest, fill)
    }

    fn make_with<'r>(count: usize, rest: impl Fn(usize) -> &'r str, fill: impl FnMut(&Path, usize)) -> Self {
        eprintln!("… making a workspace of {count} assets");
        let folder = tempfile::tempdir_in(machine::PLACE).unwrap();
        write_assets(folder.path(), count, rest, fill).unwrap();
        Self { folder, count, size: 0, edits: Cell::new(0) }
    }

    /// Packs without outputs and without a cache, with `words`.
    pub fn pack_cold(&self, words: &[&str]) -> Run {
        self.forget();
        process::run(&mut process::papack(self.path(), &[&["pack"], words].concat()))
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

/// What the manifest of a TILES asset of one file has beside the fixed fields.
fn tiles(file: &str) -> String {
    let output = r#"{"format": "TILES/indexed_v1", "metadata": {"tile_size": 16}}"#;
    format!(r#""artifacts": [{{"file": "{file}"}}], "output": {output}"#)
}

/// Registers `count` assets. Each has, by its number, the fields `rest` beside the fixed ones and the files that `fill`
/// writes below its root.
fn write_assets<'r>(
    workspace: &Path,
    count: usize,
    rest: impl Fn(usize) -> &'r str,
    mut fill: impl FnMut(&Path, usize),
) -> io::Result<()> {
    let assets = workspace.join("assets");
    fs::create_dir_all(assets.join(".prometeu"))?;
    let mut registry = BufWriter::new(File::create(assets.join(".prometeu/index.json"))?);
    write!(registry, r#"{{"schema_version": 2, "next_asset_id": {}, "assets": ["#, count + 1)?;
    for index in 0..count {
        let uuid = format!("00000000-0000-4000-8000-{index:012x}");
        let root = root_of(index);
        let folder = assets.join(&root);
        fs::create_dir(&folder)?;
        let manifest =
            format!(r#"{{"schema_version": 2, "asset_uuid": "{uuid}", "name": "asset {index}", {}}}"#, rest(index));
        fs::write(folder.join("asset.json"), manifest)?;
        fill(&folder, index);
        let entry = format!(r#""asset_id": {}, "asset_uuid": "{uuid}", "root": "{root}""#, index + 1);
        write!(registry, "{}\n{{{entry}, \"included_in_build\": true}}", if index == 0 { "" } else { "," })?;
    }
    write!(registry, "]}}")?;
    registry.flush()
}
