//! Lower bounds: what the disk and the kernel need for the same files, by direct calls in one thread.

use std::ffi::CString;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rustix::fs::{AtFlags, Mode, OFlags, openat, statat};

use crate::measure::{Run, settle};

/// The inputs of a workspace, and a place to write to.
pub struct Floors {
    assets: File,
    entries: Vec<Entry>,
    pack: PathBuf,
    target: PathBuf,
}

/// A file or folder, relative to the folder of assets.
pub struct Entry {
    path: CString,
    is_file: bool,
}

impl Entry {
    /// Whether its name ends with a point and `extension`.
    pub fn has_extension(&self, extension: &str) -> bool {
        let name = self.path.as_bytes().strip_suffix(extension.as_bytes());
        name.is_some_and(|name| name.ends_with(b"."))
    }
}

impl Floors {
    pub fn of(workspace: &Path) -> Self {
        let root = workspace.join("assets");
        let mut floors = Self {
            assets: File::open(&root).unwrap(),
            entries: vec![Entry { path: CString::from(c"."), is_file: false }],
            pack: workspace.join("build/assets.pa"),
            target: workspace.join("floor"),
        };
        floors.add(&root, Path::new(""));
        floors
    }

    /// Adds what is in `folder`, relative to `root`. The cache is no input.
    fn add(&mut self, root: &Path, folder: &Path) {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let path = folder.join(entry.unwrap().file_name());
            if path == Path::new(".prometeu/cache") {
                continue;
            }
            let is_file = !root.join(&path).is_dir();
            self.entries.push(Entry { path: CString::new(path.as_os_str().as_bytes()).unwrap(), is_file });
            if !is_file {
                self.add(root, &path);
            }
        }
    }

    /// `stat` of every input and folder, each by one call below the open folder of assets.
    pub fn stat(&self) -> Run {
        timed(|| self.stat_all())
    }

    /// That, and a copy of the pack by the kernel, flushed.
    pub fn stat_and_copy(&self) -> Run {
        self.make_room();
        timed(|| {
            self.stat_all();
            self.copy_pack();
        })
    }

    /// That, and the copy put into the place of an older one, which has to be freed then.
    pub fn stat_copy_and_replace(&self) -> Run {
        let older = self.target.with_extension("older");
        self.make_room();
        self.copy_pack();
        fs::rename(&self.target, &older).unwrap();
        let run = timed(|| {
            self.stat_all();
            self.copy_pack();
            fs::rename(&self.target, &older).unwrap();
        });
        fs::remove_file(older).unwrap();
        run
    }

    /// A copy of the pack by the kernel, flushed.
    pub fn copy(&self) -> Run {
        self.make_room();
        timed(|| self.copy_pack())
    }

    /// Every file read once, and all of their bytes written to one file, which is flushed.
    pub fn read_and_write(&self) -> Run {
        self.make_room();
        timed(|| {
            let mut target = File::create(&self.target).unwrap();
            let mut content = Vec::new();
            for file in self.files() {
                self.read(file, &mut content);
                target.write_all(&content).unwrap();
            }
            target.sync_all().unwrap();
        })
    }

    /// Every file below the folder of assets.
    pub fn files(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.is_file)
    }

    /// Every folder of assets, and the folder of assets itself.
    pub fn folders(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| !entry.is_file)
    }

    /// The names in `folder`, which are counted.
    pub fn list(&self, folder: &Entry) -> usize {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY;
        let folder = openat(&self.assets, &folder.path, flags, Mode::empty()).unwrap();
        rustix::fs::Dir::read_from(&folder).unwrap().count()
    }

    /// Fills `content` with the bytes of `file`.
    pub fn read(&self, file: &Entry, content: &mut Vec<u8>) {
        let file = openat(&self.assets, &file.path, OFlags::RDONLY, Mode::empty()).unwrap();
        content.clear();
        File::from(file).read_to_end(content).unwrap();
    }

    /// A new file to write to.
    pub fn target(&self) -> File {
        File::create(&self.target).unwrap()
    }

    /// The size of the published pack in bytes.
    pub fn pack_size(&self) -> u64 {
        fs::metadata(&self.pack).unwrap().len()
    }

    fn stat_all(&self) {
        for entry in &self.entries {
            statat(&self.assets, &entry.path, AtFlags::SYMLINK_NOFOLLOW).unwrap();
        }
    }

    /// `io::copy` between two files leaves it to the kernel: `copy_file_range` on Linux.
    fn copy_pack(&self) {
        let mut target = File::create(&self.target).unwrap();
        io::copy(&mut File::open(&self.pack).unwrap(), &mut target).unwrap();
        target.sync_all().unwrap();
    }

    /// Removes the copy of the last round: freeing its blocks is not to be timed.
    pub fn make_room(&self) {
        drop(fs::remove_file(&self.target));
    }
}

/// Times `work`.
pub fn timed(work: impl FnOnce()) -> Run {
    settle();
    let started = Instant::now();
    work();
    Run { elapsed: started.elapsed(), peak: None }
}
