#![allow(clippy::unwrap_used, reason = "tests")]

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::time::Duration;

use papack_queries::content::ContentId;
use smol_str::SmolStr;
use tempfile::TempDir;

use super::index::{FileIndex, Read};
use super::listing::ListingChanges;
use super::survey::DirtySet;
use crate::fs::{FileSystem, RealFs};
use crate::workspace::layout::ASSETS;
use crate::workspace::{Changes, walk};

/// A workspace with some folders, and its file index.
struct Space {
    folder: TempDir,
    fs: RealFs,
    file_index: FileIndex,
}

impl Space {
    fn new(files: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            write(&folder.path().join(ASSETS).join(file));
        }
        let fs = RealFs::new(folder.path()).unwrap();
        let mut space = Self { folder, fs, file_index: FileIndex::default() };
        wait_until_conclusive();
        space.list_dirty();
        space
    }

    fn path(&self, path: &str) -> std::path::PathBuf {
        self.folder.path().join(ASSETS).join(path)
    }

    fn survey(&self) -> DirtySet {
        self.file_index.survey(&self.fs, &Changes::Anything).unwrap()
    }

    /// Lists what changed. The file index is then what a walk of everything finds.
    fn list_dirty(&mut self) -> ListingChanges {
        let dirty = self.survey();
        let mut changes = ListingChanges::default();
        self.file_index.list(&self.fs, dirty.folders, &mut changes).unwrap();
        assert_eq!(self.file_index.walk(), walk(&self.fs).unwrap());
        changes
    }

    fn changed_by(&mut self, change: impl FnOnce(&dyn Fn(&str) -> std::path::PathBuf)) -> (Vec<String>, bool) {
        change(&|path| self.path(path));
        wait_until_conclusive();
        let changes = self.list_dirty();
        assert_eq!(self.survey().folders, Vec::<String>::new(), "all is known now");
        (changes.changed.into_iter().map(String::from).collect(), changes.affects_other_assets)
    }

    fn remember(&mut self, path: &str) {
        let (_, stamp) = self.fs.open(&camino::Utf8Path::new(ASSETS).join(path)).unwrap();
        self.file_index.remember(path, Some(Read { content: ContentId::of(b""), stamp: Some(stamp) }));
    }
}

fn write(path: &Path) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, "content").unwrap();
}

/// Waits until all stamps are conclusive.
fn wait_until_conclusive() {
    std::thread::sleep(Duration::from_millis(25));
}

#[test]
fn listing_again_finds_what_changed_and_nothing_else() {
    let mut space = Space::new(&["a/asset.json", "a/f", "b/asset.json", "b/deep/er/f", "g/f"]);
    let none: [String; 0] = [];
    let changed = |(folders, affects_other_assets): (Vec<String>, bool)| (folders.join(" "), affects_other_assets);

    assert_eq!(space.changed_by(|_| {}), (none.to_vec(), false));
    let overwrite = |at: &dyn Fn(&str) -> std::path::PathBuf| std::fs::write(at("a/f"), "other").unwrap();
    assert_eq!(changed(space.changed_by(overwrite)), (String::new(), false), "a content is no name");
    // As editors save: afterwards, the names are the same.
    let save = |at: &dyn Fn(&str) -> std::path::PathBuf| {
        std::fs::write(at("a/f.tmp"), "new").unwrap();
        std::fs::rename(at("a/f.tmp"), at("a/f")).unwrap();
    };
    assert_eq!(changed(space.changed_by(save)), (String::new(), false));
    assert_eq!(changed(space.changed_by(|at| write(&at("a/g")))), ("a".into(), false));
    assert_eq!(changed(space.changed_by(|at| write(&at("b/deep/new/f")))), ("b/deep b/deep/new".into(), false));
    assert_eq!(changed(space.changed_by(|at| write(&at("c/asset.json")))), (" c".into(), true), "a manifest came");
    assert_eq!(changed(space.changed_by(|at| std::fs::remove_file(at("b/asset.json")).unwrap())), ("b".into(), true));
    assert_eq!(changed(space.changed_by(|at| symlink("f", at("a/link")).unwrap())), ("a".into(), true));
    let rename = |at: &dyn Fn(&str) -> std::path::PathBuf| std::fs::rename(at("b"), at("d")).unwrap();
    let (folders, _) = space.changed_by(rename);
    assert!(
        ["b", "b/deep", "b/deep/er", "d", "d/deep", "d/deep/er"].iter().all(|path| folders.contains(&(*path).into()))
    );
    let replace = |at: &dyn Fn(&str) -> std::path::PathBuf| {
        std::fs::remove_dir_all(at("d")).unwrap();
        write(&at("d"));
    };
    let (folders, _) = space.changed_by(replace);
    assert!(folders.contains(&"d/deep/er".to_owned()) && folders.contains(&String::new()), "{folders:?}");
}

#[test]
fn folders_that_swap_places_are_listed() {
    let mut space = Space::new(&["a/one", "b/two"]);
    let swap = |at: &dyn Fn(&str) -> std::path::PathBuf| {
        std::fs::rename(at("a"), at("c")).unwrap();
        std::fs::rename(at("b"), at("a")).unwrap();
        std::fs::rename(at("c"), at("b")).unwrap();
    };
    assert_eq!(space.changed_by(swap).0, ["a", "b"]);
}

#[test]
fn files_that_changed_are_dirty() {
    let mut space = Space::new(&["a/f", "a/g", "b/f"]);
    for path in ["a/f", "a/g", "b/f"] {
        space.remember(path);
    }
    assert_eq!(space.survey(), DirtySet { registry: true, ..DirtySet::default() }, "the registry was never read");
    std::fs::write(space.path("a/g"), "CONTENT").unwrap();
    assert_eq!(space.survey().files, ["a/g"]);
    // The same size, and the same modification time.
    let modified = std::fs::metadata(space.path("b/f")).unwrap().modified().unwrap();
    std::fs::write(space.path("b/f"), "CONTENT").unwrap();
    std::fs::File::options().write(true).open(space.path("b/f")).unwrap().set_modified(modified).unwrap();
    assert_eq!(space.survey().files, ["a/g", "b/f"]);
    // Two files in each other's place.
    space.remember("a/g");
    std::fs::rename(space.path("a/g"), space.path("a/h")).unwrap();
    std::fs::rename(space.path("a/f"), space.path("a/g")).unwrap();
    std::fs::rename(space.path("a/h"), space.path("a/f")).unwrap();
    assert_eq!(space.survey().files, ["a/f", "a/g", "b/f"]);
    // A file that was never read is not compared.
    space.file_index.remember("b/f", None);
    assert_eq!(space.survey().files, ["a/f", "a/g"]);
}

#[test]
fn the_youngest_stamps_may_be_forgotten() {
    let mut space = Space::new(&["a/f", "b/f"]);
    space.remember("a/f");
    space.remember("b/f");
    let between = space.file_index.read("b/f").unwrap().stamp.unwrap().changed_ns;
    std::fs::write(space.path("a/f"), "young").unwrap();
    space.remember("a/f");
    assert_eq!((space.survey().folders, space.survey().files), (vec![], vec![]));
    space.file_index.forget_stamps_after(between);
    assert_eq!((space.survey().folders, space.survey().files), (vec![], vec!["a/f".to_owned()]));
    space.file_index.forget_stamps_after(0);
    assert_eq!(space.survey(), space.file_index.everything());
}

#[test]
fn only_what_may_have_changed_is_compared() {
    let mut space = Space::new(&["a/deep/f", "a/g", "b/f"]);
    for path in ["a/deep/f", "a/g", "b/f"] {
        space.remember(path);
        std::fs::write(space.path(path), "other").unwrap();
    }
    write(&space.path("new/deep/f"));
    let look = |paths: &[&str]| {
        let paths = Changes::Paths(paths.iter().map(Into::into).collect());
        let mut dirty = space.file_index.survey(&space.fs, &paths).unwrap();
        dirty.files.sort();
        (dirty.folders.join(" "), dirty.files.join(" "))
    };
    assert_eq!(look(&[]), (String::new(), String::new()));
    assert_eq!(look(&["assets/b/f"]), (String::new(), "b/f".into()));
    assert_eq!(look(&["assets/a"]), (String::new(), "a/deep/f a/g".into()), "a folder stands for all below it");
    assert_eq!(look(&["assets/a/deep/f"]), (String::new(), "a/deep/f".into()));
    assert_eq!(look(&["assets/new/deep/f"]).0, "", "found by the nearest folder that is known");
    assert_eq!(look(&["assets"]).1, "a/deep/f a/g b/f");
    assert_eq!(look(&["build/assets.pa"]), (String::new(), String::new()));
}

#[test]
fn what_may_not_be_read_is_listed_again_when_it_may() {
    let mut space = Space::new(&["a/f", "b/f"]);
    let permit = |mode: u32| {
        move |at: &dyn Fn(&str) -> std::path::PathBuf| {
            std::fs::set_permissions(at("a"), PermissionsExt::from_mode(mode)).unwrap();
        }
    };
    if std::fs::read_dir("/root").is_ok() {
        eprintln!("skipped: this user may read everything");
        return;
    }
    permit(0o000)(&|path| space.path(path));
    let changes = space.list_dirty();
    let changed: Vec<_> = changes.changed.into_iter().collect();
    assert_eq!((changed, changes.affects_other_assets), (vec![SmolStr::from("a")], true));
    assert_eq!(space.survey().folders, ["a"], "no stamp tells when it may be read: another user may read it now");
    assert_eq!(space.changed_by(permit(0o755)), (vec!["a".to_owned()], true));
}
