//! Folders of pictures and sounds that no asset takes in: what a developer has put below `assets/` and not registered.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

use crate::asset::is_visible;
use crate::diagnostic::{Code, Data, Diagnostic, command_word};
use crate::formats::{FileKind, KindCounts};
use crate::glob::Effort;
use crate::left_out::{Judge, Rules};
use crate::schema::MANIFEST_NAME;
use crate::schema::registry::{RegistryEntry, check_root};
use crate::tree::{Kind, Tree, TreeEntry};

/// A folder that holds pictures or sounds, by their names, and is no part of an asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnmanagedFolder {
    /// The folder, relative to `assets/`.
    pub root: String,
    /// How many pictures are in it, at any depth.
    pub pictures: usize,
    /// How many sounds are in it, at any depth.
    pub sounds: usize,
    /// The command that makes it an asset; null where none does.
    pub command: Option<String>,
    /// Why there is no such command.
    #[serde(rename = "reason")]
    pub obstacle: Option<Diagnostic>,
}

impl UnmanagedFolder {
    /// The kind of the files that its asset would take.
    pub fn kind(&self) -> FileKind {
        if self.pictures > 0 { FileKind::Picture } else { FileKind::Sound }
    }
}

/// The limit for finding out which files are left out: about a second. Beyond it, none is.
const EFFORT: u64 = 1 << 28;

/// The folders in `tree`, which has the names below `assets/`, that directly hold pictures or sounds which no asset could
/// take: outside the roots of `entries`, and of manifests that are not registered. What `rules` leave out does not
/// count. A folder below another one of these belongs to that, if that can become an asset with it. They are in the order
/// of their names.
pub fn unmanaged_folders(tree: &Tree, entries: &[RegistryEntry], rules: &Rules) -> Vec<UnmanagedFolder> {
    let manifests = tree.entries().iter().filter(|entry| entry.kind == Kind::File);
    let manifests = manifests.filter_map(|entry| entry.path.strip_suffix(MANIFEST_NAME)?.strip_suffix('/'));
    let roots: HashSet<&str> = entries.iter().map(|entry| &*entry.root).chain(manifests).collect();
    let (mut judge, mut effort) = (Judge::new(rules, ""), Effort::new(EFFORT));
    let mut is_loose = |entry: &&TreeEntry| {
        entry.kind == Kind::File
            && is_visible(&entry.path)
            && !folders_around(&entry.path).any(|folder| roots.contains(folder))
            && judge.verdict(&entry.path, |path| tree.is_file(path), &mut effort).is_none()
    };
    let loose: Vec<&str> = tree.entries().iter().filter(&mut is_loose).map(|entry| &*entry.path).collect();
    let holding: HashSet<&str> = roots.iter().flat_map(|root| folders_around(root)).collect();
    let media = MediaBelow::of(&loose);
    let is_whole = |folder: &str| media.is_direct(folder) && media.is_of_one_kind(folder) && !holding.contains(folder);
    let mut found: BTreeMap<&str, KindCounts> = BTreeMap::new();
    for path in loose {
        let innermost = || path.rsplit_once('/').map(|(folder, _)| folder).filter(|folder| media.is_direct(folder));
        if let Some(folder) = folders_around(path).find(|folder| is_whole(folder)).or_else(innermost) {
            let below = path.get(folder.len() + 1..).unwrap_or_default();
            found.entry(folder).or_default().add(FileKind::of_name(path), below);
        }
    }
    let obstacle = |root: &str, counts: &KindCounts| obstacle(root, counts, holding.contains(root), is_whole(root));
    found.into_iter().map(|(root, counts)| unmanaged_folder(root, &counts, obstacle(root, &counts))).collect()
}

/// The pictures and sounds, by their names, that lie directly in `assets/`, where no asset can be. What `rules` leave out
/// does not count. `tree` has the names below `assets/`.
pub fn loose_files(tree: &Tree, rules: &Rules) -> Vec<String> {
    let (mut judge, mut effort) = (Judge::new(rules, ""), Effort::new(EFFORT));
    let is_loose = |entry: &&TreeEntry| {
        entry.kind == Kind::File
            && !entry.path.contains('/')
            && is_visible(&entry.path)
            && FileKind::of_name(&entry.path) != FileKind::Other
            && judge.verdict(&entry.path, |path| tree.is_file(path), &mut effort).is_none()
    };
    tree.entries().iter().filter(is_loose).map(|entry| entry.path.to_string()).collect()
}

/// Which folders have pictures and sounds in them.
#[derive(Default)]
struct MediaBelow<'t> {
    /// Those in which some lie directly.
    direct: HashSet<&'t str>,
    /// Those in which, at any depth, some of each kind lie.
    pictures: HashSet<&'t str>,
    sounds: HashSet<&'t str>,
}

impl<'t> MediaBelow<'t> {
    fn of(files: &[&'t str]) -> Self {
        let mut media = Self::default();
        for path in files {
            match FileKind::of_name(path) {
                FileKind::Picture => media.pictures.extend(folders_around(path)),
                FileKind::Sound => media.sounds.extend(folders_around(path)),
                FileKind::Other => continue,
            }
            media.direct.extend(path.rsplit_once('/').map(|(folder, _)| folder));
        }
        media
    }

    fn is_direct(&self, folder: &str) -> bool {
        self.direct.contains(folder)
    }

    fn is_of_one_kind(&self, folder: &str) -> bool {
        !(self.pictures.contains(folder) && self.sounds.contains(folder))
    }
}

/// The folders that `path` lies in, the outermost first.
fn folders_around(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(end, _)| &path[..end])
}

/// The folder `root` with these files.
fn unmanaged_folder(root: &str, counts: &KindCounts, obstacle: Option<Diagnostic>) -> UnmanagedFolder {
    let (pictures, sounds) = (counts.count(FileKind::Picture), counts.count(FileKind::Sound));
    let obstacle = obstacle.map(|fault| fault.at(format!("assets/{root}")));
    let command = obstacle.is_none().then(|| {
        // Beside other files the format must be named.
        let format = match (counts.count(FileKind::Other), pictures) {
            (0, _) => "",
            (_, 0) => " --format sounds",
            (_, _) => " --format tiles",
        };
        format!("papack new{format} {}", command_word(root))
    });
    UnmanagedFolder { root: root.to_owned(), pictures, sounds, command, obstacle }
}

/// Why the folder `root` as it is can become no asset.
fn obstacle(root: &str, counts: &KindCounts, holds_asset: bool, is_whole: bool) -> Option<Diagnostic> {
    if let Err(fault) = check_root(root) {
        let fault = Diagnostic::error(Code::PathInvalid, fault).with_help("rename the folder");
        return Some(fault.with_data(Data::value(root)));
    }
    if holds_asset {
        let message = "the folder holds pictures or sounds, but can be no asset: another asset is in it";
        let fault = Diagnostic::error(Code::RegistryConflict, message);
        return Some(fault.with_help("move them into a folder of their own"));
    }
    if counts.count(FileKind::Picture) > 0 && counts.count(FileKind::Sound) > 0 {
        return Some(counts.unclear());
    }
    (!is_whole).then(|| {
        let (here, below) = if counts.count(FileKind::Picture) > 0 {
            (FileKind::Picture, "sounds")
        } else {
            (FileKind::Sound, "pictures")
        };
        let message = format!(
            "the folder holds {}, but can be no asset: {below} are in the folders below it",
            here.counted(counts.count(here))
        );
        Diagnostic::error(Code::FormatUnclear, message).with_help("move them into a folder of their own")
    })
}
