//! Workspaces to pack, the same in every run.

use std::cell::Cell;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::time::SystemTime;

use tempfile::TempDir;

use crate::noise::Noise;
use crate::{compressed, machine, pictures, sounds};

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

    /// TILES assets of one picture, `edge` pixels wide and high.
    pub fn of_pictures(count: usize, edge: u32) -> Self {
        let (mut noise, mut number) = (Noise(2), 0..);
        let output = r#"{"format": "TILES/indexed_v1", "metadata": {"tile_size": 16}}"#;
        let rest = format!(r#""artifacts": [{{"file": "sheet.png"}}], "output": {output}"#);
        Self::make(count, 0, &rest, |root| {
            pictures::write(&root.join("sheet.png"), number.next().unwrap(), edge, &mut noise);
        })
    }

    /// SOUNDS assets of one file.
    pub fn of_sounds(count: usize) -> Self {
        let (mut noise, mut number) = (Noise(3), 0..);
        let rest = r#""artifacts": [{"file": "sound.wav"}], "output": {"format": "SOUNDS/pcm_v1"}"#;
        Self::make(count, 0, rest, |root| {
            sounds::write(&root.join("sound.wav"), number.next().unwrap(), &mut noise);
        })
    }

    /// SOUNDS assets of one compressed file, which the arguments `encoder` of `ffmpeg` make.
    pub fn of_compressed_sounds(count: usize, extension: &str, encoder: &[&str]) -> Self {
        let mut number = 0..;
        let rest =
            format!(r#""artifacts": [{{"file": "sound.{extension}"}}], "output": {{"format": "SOUNDS/pcm_v1"}}"#);
        Self::make(count, 0, &rest, |root| {
            compressed::write(&root.join(format!("sound.{extension}")), number.next().unwrap(), encoder);
        })
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
