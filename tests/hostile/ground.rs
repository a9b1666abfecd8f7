//! A workspace in a folder of its own, with things beside it that nobody may touch, and the binary run in it.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::SystemTime;

use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::encoder::{Image, RGBA};
use crate::space::{TestSpace, entry, files_below, manifest};
use crate::wave::{data, mono, riff};

pub const REGISTRY: &str = "assets/.prometeu/index.json";
/// Manifests of the three assets of the workspace: `DATA`, `TILES` and `SOUNDS`.
pub const A: &str = "assets/a/asset.json";
pub const PIC: &str = "assets/pic/asset.json";
pub const SND: &str = "assets/snd/asset.json";
/// The pack that `verify` and `inspect` are given, as it is named from the workspace.
pub const PACK: &str = "../packs/assets.pa";

/// A workspace that was packed, in a folder with sentinels.
pub struct Ground {
    outer: TestSpace,
}

/// What is at a path: a file with its content and time, or something else. Folders change when outputs are staged.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    File {
        size: u64,
        content: Vec<u8>,
        modified: SystemTime,
        inode: u64,
    },
    Link(PathBuf),
    Folder,
    Special,
    /// Its path is too long for one call.
    Beyond,
}

impl Ground {
    pub fn new() -> Self {
        let ground = Self { outer: TestSpace::empty() };
        for (path, content) in good_workspace() {
            ground.write(path, content);
        }
        ground.write("../outside/secret.txt", "secret");
        ground.write("../outside/asset/asset.json", manifest(1, "outside", r#"{"file": "one.txt"}"#));
        ground.write("../outside/asset/one.txt", "not yours");
        ground
    }

    /// Everything, the sentinels included, lies below this folder.
    pub fn outer(&self) -> &Path {
        self.outer.path()
    }

    /// The workspace.
    pub fn path(&self) -> PathBuf {
        self.outer.path().join("ws")
    }

    /// Writes a file, in the place of whatever is there. Paths are below the workspace.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        fs::create_dir_all(self.path()).unwrap();
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Writes a file whose name is any bytes into `folder`.
    pub fn write_raw(&self, folder: &str, name: &[u8]) {
        fs::write(self.path().join(folder).join(OsStr::from_bytes(name)), "x").unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).unwrap()
    }

    /// Replaces the first `from` in the file, which must have one.
    pub fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "{path} has no {from}: {text}");
        self.write(path, text.replacen(from, to, 1));
    }

    /// Replaces the entries of the registry.
    pub fn register(&self, entries: &[String]) {
        let text = self.read(REGISTRY);
        let (front, _) = text.split_once("\"assets\": [").unwrap();
        self.write(REGISTRY, format!("{front}\"assets\": [{}]}}", entries.join(",")));
    }

    /// Replaces the list of artifacts of the `DATA` asset.
    pub fn list(&self, entries: &str) {
        self.write(A, manifest(1, "a", entries));
    }

    pub fn remove(&self, path: &str) {
        let path = self.path().join(path);
        if fs::symlink_metadata(&path).unwrap().is_dir() {
            fs::remove_dir_all(path).unwrap();
        } else {
            fs::remove_file(path).unwrap();
        }
    }

    /// Puts a link in the place of whatever is there.
    pub fn link(&self, path: &str, target: impl AsRef<Path>) {
        self.make_room(path);
        symlink(target, self.path().join(path)).unwrap();
    }

    /// Puts a FIFO in the place of whatever is there.
    pub fn fifo(&self, path: &str) {
        self.make_room(path);
        mknodat(CWD, self.path().join(path), FileType::Fifo, Mode::RWXU, 0).unwrap();
    }

    /// Puts a socket in the place of whatever is there.
    pub fn socket(&self, path: &str) {
        self.make_room(path);
        drop(UnixListener::bind(self.path().join(path)).unwrap());
    }

    /// Puts a folder with a file in it in the place of whatever is there.
    pub fn folder(&self, path: &str) {
        self.make_room(path);
        self.write(&format!("{path}/precious"), "precious");
    }

    /// Puts a file of `size` zeros, of which the disk holds none, in the place of whatever is there.
    pub fn sparse(&self, path: &str, size: u64) {
        self.make_room(path);
        fs::File::create(self.path().join(path)).unwrap().set_len(size).unwrap();
    }

    fn make_room(&self, path: &str) {
        let full = self.path().join(path);
        fs::create_dir_all(full.parent().unwrap()).unwrap();
        if fs::symlink_metadata(&full).is_ok() {
            self.remove(path);
        }
    }

    /// Bytes of all files that a run could read.
    pub fn size(&self) -> u64 {
        self.snapshot().values().map(|found| if let Found::File { size, .. } = found { *size } else { 0 }).sum()
    }

    /// Everything that there is. Contents of huge files are left out.
    pub fn snapshot(&self) -> BTreeMap<PathBuf, Found> {
        let mut all = BTreeMap::new();
        let mut folders = vec![self.outer().to_owned()];
        while let Some(folder) = folders.pop() {
            for path in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
                let found = look(&path);
                if found == Found::Folder {
                    folders.push(path.clone());
                }
                all.insert(path.strip_prefix(self.outer()).unwrap().to_owned(), found);
            }
        }
        all
    }
}

fn look(path: &Path) -> Found {
    let Ok(meta) = fs::symlink_metadata(path) else { return Found::Beyond };
    if meta.is_symlink() {
        Found::Link(fs::read_link(path).unwrap())
    } else if meta.is_dir() {
        Found::Folder
    } else if meta.is_file() {
        // Of a file that is huge, or may not be read, the stamp is enough.
        let content = if meta.len() > 1 << 20 { Vec::new() } else { fs::read(path).unwrap_or_default() };
        Found::File { size: meta.len(), content, modified: meta.modified().unwrap(), inode: meta.ino() }
    } else {
        Found::Special
    }
}

/// The files of a workspace with an asset of each format, and of the pack made from it.
fn good_workspace() -> &'static BTreeMap<String, Vec<u8>> {
    static GOOD: OnceLock<BTreeMap<String, Vec<u8>>> = OnceLock::new();
    GOOD.get_or_init(|| {
        let space = TestSpace::empty();
        let with_format = |text: String, format: &str| text.replace(r#""DATA/raw_v1""#, format);
        space.write_registry(&[entry(1, "a"), entry(2, "pic"), entry(3, "snd")]);
        space.write(A, manifest(1, "a", r#"{"file": "one.txt"}, {"file": "two.txt"}"#));
        space.write("assets/a/one.txt", "one");
        space.write("assets/a/two.txt", "two");
        let tiles = r#""TILES/indexed_v1", "metadata": {"tile_size": 8}"#;
        space.write(PIC, with_format(manifest(2, "pic", r#"{"file": "pic.png"}"#), tiles));
        space.write("assets/pic/pic.png", Image::new(RGBA, 8).encode());
        let sounds = r#""SOUNDS/pcm_v1", "metadata": {"loops": "DETECT"}"#;
        space.write(SND, with_format(manifest(3, "snd", r#"{"file": "snd.wav"}"#), sounds));
        space.write("assets/snd/snd.wav", riff(&[mono(), data(&[1, 2, 3, 4])]));
        space.pack();
        files_below(space.path())
    })
}
