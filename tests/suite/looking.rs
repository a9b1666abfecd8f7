//! An editor's look, after whatever was typed, saved and cancelled: what it shows is what a clean check says of a workspace
//! in which all texts are saved. And it writes nothing.

use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use papack_engine::fs::{FileSystem, RealFs};
use papack_engine::{Cancel, CheckRequest, Diagnostic, Editor, Session};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::hooked::{Call, HookedFs, Operation};
use crate::space::{CACHE, TestSpace, entry, files_below, manifest};

const REGISTRY: &str = "assets/.prometeu/index.json";
const ROOTS: [&str; 4] = ["a", "b", "c/inner", "d"];

/// Documents that an editor may have open.
const DOCUMENTS: [&str; 7] = [
    "assets/a/asset.json",
    "assets/b/asset.json",
    "assets/c/inner/asset.json",
    "assets/new/asset.json",
    REGISTRY,
    "papack.toml",
    "assets/.papackignore",
];

/// Something that happens to a workspace or to its editor.
#[derive(Debug, Clone)]
enum Deed {
    /// A text is set in the editor; it may be cut short, as while one types.
    Type { document: Index, text: Index, cut: Option<Index> },
    /// The editor closes a document without saving.
    Close(Index),
    /// The same text is saved by the editor, or something else by another program.
    Save { document: Index, text: Index },
    /// An artifact file is written.
    Write { root: Index, file: Index, text: u8 },
    /// A file is removed: a document or an artifact file.
    Remove(Index),
    /// A folder is renamed, or back.
    Move(Index),
    /// The editor looks, and is cancelled after this many calls of the file system.
    LookInVain(usize),
    /// The editor looks.
    Look,
}

fn deed() -> impl Strategy<Value = Deed> {
    let index = any::<Index>;
    prop_oneof![
        6 => (index(), index(), proptest::option::weighted(0.3, index()))
            .prop_map(|(document, text, cut)| Deed::Type { document, text, cut }),
        2 => index().prop_map(Deed::Close),
        3 => (index(), index()).prop_map(|(document, text)| Deed::Save { document, text }),
        2 => (index(), index(), any::<u8>()).prop_map(|(root, file, text)| Deed::Write { root, file, text }),
        1 => index().prop_map(Deed::Remove),
        1 => index().prop_map(Deed::Move),
        3 => (0_usize..60).prop_map(Deed::LookInVain),
        3 => Just(Deed::Look),
    ]
}

/// The texts that a document may have.
fn texts(document: &str) -> Vec<String> {
    match document {
        REGISTRY => registries(),
        "papack.toml" => [
            "schema_version = 1\n",
            "schema_version = 1\n[diagnostics]\ndeny = [\"GLOB_EMPTY\"]\n",
            "schema_version = 1\n[diagnostics]\nallow = [\"ASSET_UNREGISTERED\"]\n",
            "schema_version = ",
        ]
        .map(String::from)
        .to_vec(),
        "assets/.papackignore" => ["", "*.bin\n", "[", "more*\n"].map(String::from).to_vec(),
        _ => manifests(),
    }
}

fn manifests() -> Vec<String> {
    let mut texts = Vec::new();
    for id in [1, 2, 3, 9] {
        texts.push(manifest(id, "hero", r#"{"file": "f.bin"}"#));
        texts.push(manifest(id, &format!("n{id}"), r#"{"glob": "*.bin"}"#));
        texts.push(manifest(id, "other", r#"{"file": "more.bin"}, {"file": "f.bin"}"#));
    }
    let slot = |id| {
        manifest(id, &format!("s{id}"), r#"{"file": "f.bin"}"#)
            .replace("\"output\"", "\"preload\": {\"enabled\": true, \"slot\": 3}, \"output\"")
    };
    texts.extend([slot(1), slot(2), slot(3)]);
    texts.extend([
        manifest(2, "tiles", r#"{"file": "f.bin"}"#).replace("DATA/raw_v1", "TILES/indexed_v1"),
        String::new(),
    ]);
    texts
}

fn registries() -> Vec<String> {
    let of = |entries: &[String]| {
        format!(r#"{{"schema_version": 2, "next_asset_id": 1000, "assets": [{}]}}"#, entries.join(",\n"))
    };
    let all = [entry(1, "a"), entry(2, "b"), entry(3, "c/inner")];
    vec![
        of(&all),
        of(&all[1..]),
        of(&[entry(1, "a"), entry(2, "moved"), entry(3, "c/inner")]),
        of(&[entry(1, "a"), entry(2, "a")]),
        of(&[all[0].clone(), all[1].replace("true", "false"), all[2].clone()]),
        of(&[]),
        "{".to_owned(),
    ]
}

/// A workspace, the editor that has it open, and the texts in it.
struct World {
    space: TestSpace,
    editor: Editor,
    open: BTreeMap<&'static str, String>,
    /// Cancels the look that runs after so many calls.
    fuse: Arc<AtomicUsize>,
    cancel: Arc<Mutex<Cancel>>,
}

impl World {
    fn new() -> Self {
        let space = TestSpace::with_assets(&ROOTS[..3].iter().map(|root| (*root, FILES)).collect::<Vec<_>>());
        let (fuse, cancel) = (Arc::new(AtomicUsize::new(usize::MAX)), Arc::new(Mutex::new(Cancel::new())));
        let disk: Arc<dyn FileSystem> = Arc::new(RealFs::new(space.path()).unwrap());
        let hook = {
            let (fuse, cancel) = (Arc::clone(&fuse), Arc::clone(&cancel));
            move |call: Call<'_>| {
                assert!(!call.operation.changes(), "a look writes: {call:?}");
                let left = fuse.load(Ordering::Relaxed);
                fuse.store(left.saturating_sub(1), Ordering::Relaxed);
                if left == 0 {
                    cancel.lock().unwrap().cancel();
                }
                Ok(())
            }
        };
        let editor = Editor::with_file_system(HookedFs::new(disk, hook));
        Self { space, editor, open: BTreeMap::new(), fuse, cancel }
    }

    fn play(&mut self, deed: &Deed) {
        match deed {
            Deed::Type { document, text, cut } => {
                let document = DOCUMENTS[document.index(DOCUMENTS.len())];
                let mut text = text.get(&texts(document)).clone();
                if let Some(cut) = cut {
                    text.truncate(cut.index(text.len() + 1));
                }
                self.editor.set_text(document, Some(text.as_bytes().into()));
                self.open.insert(document, text);
            }
            Deed::Close(document) => {
                let document = DOCUMENTS[document.index(DOCUMENTS.len())];
                self.editor.set_text(document, None);
                self.open.remove(document);
            }
            Deed::Save { document, text } => {
                let document = DOCUMENTS[document.index(DOCUMENTS.len())];
                self.space.write(document, text.get(&texts(document)));
                self.editor.note_changed([document.to_owned()]);
            }
            Deed::Write { root, file, text } => {
                let path = format!("assets/{}/{}", root.get(&ROOTS), file.get(&["f.bin", "more.bin", "f.png"]));
                self.space.write(&path, [*text]);
                self.editor.note_changed([path]);
            }
            Deed::Remove(file) => {
                let files: Vec<String> = files_below(&self.space.path().join("assets")).into_keys().collect();
                let path = format!("assets/{}", file.get(&files));
                if path != REGISTRY {
                    fs::remove_file(self.space.path().join(&path)).unwrap();
                    self.editor.note_changed([path]);
                }
            }
            Deed::Move(root) => {
                let (from, to) = (format!("assets/{}", root.get(&ROOTS)), "assets/moved".to_owned());
                let place = |path: &str| self.space.path().join(path);
                let (from, to) = if place(&to).exists() { (to, from) } else { (from, to) };
                if fs::rename(place(&from), place(&to)).is_ok() {
                    self.editor.note_changed([from, to]);
                }
            }
            Deed::LookInVain(calls) => {
                self.fuse.store(*calls, Ordering::Relaxed);
                self.look();
                self.fuse.store(usize::MAX, Ordering::Relaxed);
            }
            Deed::Look => self.look(),
        }
    }

    fn look(&mut self) {
        let cancel = Cancel::new();
        *self.cancel.lock().unwrap() = cancel.clone();
        self.editor.look(&cancel);
    }

    /// What the editor shows, in a fixed order.
    fn shown(&mut self) -> Vec<String> {
        self.look();
        let marked = self.editor.last_look().documents.values().flat_map(|marked| marked.iter());
        sorted(marked.map(|marked| &marked.diagnostic))
    }

    /// What a clean check says of a copy in which all texts are saved.
    fn expected(&self) -> Vec<String> {
        let copy = TestSpace::empty();
        for (path, content) in files_below(self.space.path()) {
            copy.write(&path, content);
        }
        // Folders count, too.
        let folders = ROOTS.iter().chain(&["moved", "new", ""]).map(|root| format!("assets/{root}"));
        for folder in folders.filter(|folder| self.space.path().join(folder).is_dir()) {
            fs::create_dir_all(copy.path().join(folder)).unwrap();
        }
        for (document, text) in &self.open {
            // A text is in a folder that exists.
            if self.space.path().join(document).parent().unwrap().is_dir() {
                copy.write(document, text);
            }
        }
        let mut session = Session::ephemeral(Arc::new(RealFs::new(copy.path()).unwrap()));
        sorted(session.check(&CheckRequest::default(), &|_| {}).diagnostics.iter())
    }
}

const FILES: &[(&str, &str)] = &[("f.bin", "content")];

fn sorted<'d>(diagnostics: impl Iterator<Item = &'d Diagnostic>) -> Vec<String> {
    let mut lines: Vec<String> = diagnostics.map(|found| serde_json::to_string(found).unwrap()).collect();
    lines.sort();
    lines
}

fn play(deeds: &[Deed]) -> Result<(), TestCaseError> {
    let mut world = World::new();
    for deed in deeds {
        world.play(deed);
    }
    let (shown, expected) = (world.shown(), world.expected());
    prop_assert_eq!(shown, expected);
    // All is at the places where an editor shows it that was opened now.
    let mut opened = Editor::open(world.space.path()).unwrap();
    world.open.iter().for_each(|(document, text)| opened.set_text(document, Some(text.as_bytes().into())));
    let look = opened.look(&Cancel::new()).unwrap();
    prop_assert_eq!(&world.editor.last_look().documents, &look.documents);
    // And a look after it finds the same, and nothing new.
    let revision = world.editor.last_look().revision;
    world.look();
    prop_assert_eq!(world.editor.last_look().revision, revision);
    prop_assert!(!world.space.path().join("build").exists());
    prop_assert!(!world.space.path().join(CACHE).exists());
    Ok(())
}

proptest! {
    // A history of deeds takes as long as a few cases of another property.
    #![proptest_config(ProptestConfig { cases: (ProptestConfig::default().cases / 4).max(1), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_editor_shows_what_a_clean_check_says(deeds in proptest::collection::vec(deed(), 1..14)) {
        play(&deeds)?;
    }
}

#[test]
fn typing_in_one_manifest_opens_no_other_input() {
    let space = TestSpace::with_assets(&[("a", FILES), ("b", FILES)]);
    // What is wrong with a file is shown where the manifest names it.
    let tiles = manifest(1, "a", r#"{"file": "f.bin"}"#)
        .replace("DATA/raw_v1\"", "TILES/indexed_v1\", \"metadata\": {\"tile_size\": 8}");
    space.write("assets/a/asset.json", &tiles);
    let opened = Arc::new(Mutex::new(Vec::new()));
    let hook = {
        let opened = Arc::clone(&opened);
        move |call: Call<'_>| {
            if call.operation == Operation::Open {
                opened.lock().unwrap().push(call.path.to_string());
            }
            Ok(())
        }
    };
    let disk: Arc<dyn FileSystem> = Arc::new(RealFs::new(space.path()).unwrap());
    let mut editor = Editor::with_file_system(HookedFs::new(disk, hook));
    let places = |editor: &mut Editor| {
        let look = editor.look(&Cancel::new()).unwrap();
        look.documents["assets/a/asset.json"]
            .iter()
            .map(|marked| (marked.range.start, marked.range.end))
            .collect::<Vec<_>>()
    };
    let start = tiles.find("\"f.bin").unwrap();
    assert_eq!(places(&mut editor), [(start, start + 7)]);
    opened.lock().unwrap().clear();
    let typed = manifest(2, "longer", r#"{"file": "f.bin"}"#);
    editor.set_text("assets/b/asset.json", Some(typed.as_bytes().into()));
    assert_eq!(places(&mut editor), [(start, start + 7)]);
    let opened = opened.lock().unwrap().clone();
    assert!(opened.iter().all(|path| path == "papack.toml" || path.starts_with(CACHE)), "{opened:?}");
    // A place moves with the text before it.
    editor.set_text("assets/a/asset.json", Some(format!(" {tiles}").as_bytes().into()));
    assert_eq!(places(&mut editor), [(start + 1, start + 8)]);
}
