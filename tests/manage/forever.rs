//! Ids are for ever: whatever is done to a workspace, and wherever a process dies in it, no id is given twice; only a
//! merge may have to, and tells so.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use papack_engine::fs::RealFs;
use papack_engine::{Cancel, Levels, ManageRequest, Status, Task};
use papack_queries::diagnostic::Diagnostic;
use papack_queries::formats::FormatChoice;
use papack_queries::schema::registry::{self, RegistryEntry};
use proptest::prelude::*;

use crate::hooked::{self, HookedFs};
use crate::registry as registry_of;
use crate::space::{TestSpace, manifest};

/// What somebody does.
#[derive(Clone, Debug)]
enum Deed {
    Call(Task),
    /// Puts the manifest of a new asset somewhere, or a copy of another.
    Copy {
        from: String,
        to: String,
    },
    /// Moves a folder by hand.
    Carry {
        from: String,
        to: String,
    },
    /// Goes to another branch of the repository as it is now, and merges both after the next deeds.
    Branch(Vec<Task>, Vec<Task>),
}

fn root() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b", "c", "in/d", "in/e"]).prop_map(str::to_owned)
}

/// A root, an id that may be given, or a pattern.
fn asset() -> impl Strategy<Value = String> {
    prop_oneof![root(), (1_u32..9).prop_map(|id| id.to_string()), Just("in/*".to_owned())]
}

fn task() -> impl Strategy<Value = Task> {
    let assets = || prop::collection::vec(asset(), 1..3);
    let format = Some(FormatChoice::DataRawV1);
    prop_oneof![
        3 => root().prop_map(move |root| Task::New { root, format, files: Vec::new() }),
        2 => prop::collection::vec(root(), 1..3).prop_map(|roots| Task::Add { roots }),
        1 => Just(Task::AddAll),
        2 => (asset(), root()).prop_map(|(asset, root)| Task::Move { asset, root }),
        1 => assets().prop_map(|assets| Task::Include { assets }),
        1 => assets().prop_map(|assets| Task::Exclude { assets }),
        1 => (asset(), "[a-c]").prop_map(|(asset, name)| Task::Rename { asset, name }),
        2 => (assets(), any::<bool>()).prop_map(|(assets, delete_files)| Task::Remove { assets, delete_files }),
        1 => Just(Task::Migrate),
    ]
}

fn deed() -> impl Strategy<Value = Deed> {
    let tasks = || prop::collection::vec(task(), 1..4);
    prop_oneof![
        8 => task().prop_map(Deed::Call),
        1 => (root(), root()).prop_map(|(from, to)| Deed::Copy { from, to }),
        1 => (root(), root()).prop_map(|(from, to)| Deed::Carry { from, to }),
        2 => (tasks(), tasks()).prop_map(|(ours, theirs)| Deed::Branch(ours, theirs)),
    ]
}

/// The ids that were ever seen with the asset that each belongs to, and the highest counter.
#[derive(Clone, Default)]
struct History {
    owners: HashMap<u32, String>,
    next: u32,
}

impl History {
    /// Holds the registry against all that was before.
    fn witness(&mut self, space: &TestSpace, context: &str) {
        let now = registry_of(space);
        let next = now.next_asset_id.unwrap();
        assert!(next >= self.next, "{context}: next_asset_id fell from {} to {next}", self.next);
        for RegistryEntry { asset_id, asset_uuid, .. } in now.entries {
            assert!(asset_id < next, "{context}");
            let uuid = asset_uuid.to_string();
            let owner = self.owners.entry(asset_id).or_insert_with(|| uuid.clone());
            assert_eq!(*owner, uuid, "{context}: the id {asset_id} was given twice");
        }
        self.next = next;
    }
}

/// Does the task; from the call number `dies_at` on nothing is done any more. Tells whether it succeeded.
fn call(space: &TestSpace, task: &Task, dies_at: Option<usize>) -> bool {
    if let Task::New { root, .. } = task {
        // Without a file there is no new asset.
        space.write(&format!("assets/{root}/f"), "f");
    }
    let next = AtomicUsize::new(0);
    let fs = HookedFs::new(Arc::new(RealFs::new(space.path()).unwrap()), move |_| {
        let is_dead = dies_at.is_some_and(|at| next.fetch_add(1, Ordering::Relaxed) >= at);
        if is_dead { Err(io::Error::other("injected")) } else { Ok(()) }
    });
    let request = ManageRequest {
        task: task.clone(),
        dry_run: false,
        no_wait: false,
        levels: Levels::default(),
        cancel: Cancel::default(),
    };
    hooked::session(fs).manage(&request, &|_| {}).status == Status::Success
}

const REGISTRY: &str = "assets/.prometeu/index.json";

/// Goes two ways from here, and merges them as version control does: with the driver, on three files. Tells whether that
/// could be merged.
fn branch(space: &TestSpace, history: &mut History, ours: &[Task], theirs: &[Task]) -> bool {
    let base = space.read(REGISTRY);
    let files = crate::files(space);
    let mut other = history.clone();
    for task in theirs {
        call(space, task, None);
        other.witness(space, &format!("their {task:?}"));
    }
    let their_registry = space.read(REGISTRY);
    std::fs::remove_dir_all(space.path().join("assets")).unwrap();
    for (path, content) in files {
        space.write(&path, content);
    }
    for task in ours {
        call(space, task, None);
        history.witness(space, &format!("our {task:?}"));
    }
    let before = space.read(REGISTRY);
    space.write("base", base);
    space.write("theirs", their_registry);
    // An id that both gave is a conflict that is told, and solved in the file all the same: theirs gets another one.
    let run = space.run(&["merge-registry", "base", REGISTRY, "theirs"]);
    let is_whole = !registry::parse(&space.read(REGISTRY)).diagnostics.iter().any(Diagnostic::is_error);
    if run.code > 1 || !is_whole {
        // What cannot be merged is left to people, who take ours here.
        space.write(REGISTRY, before);
        return false;
    }
    // Our own assets keep their ids in a merge; theirs may get others, but none that was spent before the branches.
    let now = registry_of(space);
    assert!(now.next_asset_id.unwrap() >= history.next.max(other.next), "{ours:?} {theirs:?}");
    // What we spent on an asset that is gone, they may have given to theirs: nobody can know, so it is told.
    for RegistryEntry { asset_id, asset_uuid, .. } in &now.entries {
        if run.stderr.contains(&format!("gave asset_id {asset_id} to ")) {
            history.owners.insert(*asset_id, asset_uuid.to_string());
        }
    }
    history.witness(space, &format!("the merge of {ours:?} and {theirs:?}"));
    true
}

fn by_hand(space: &TestSpace, deed: &Deed, number: usize) {
    let place = |root: &str| space.path().join("assets").join(root);
    match deed {
        Deed::Copy { from, to } if !place(to).join("asset.json").exists() => {
            let copied = std::fs::read(place(from).join("asset.json"))
                .unwrap_or_else(|_| manifest(100 + number, &format!("n{number}"), r#"{"file": "f"}"#).into_bytes());
            space.write(&format!("assets/{to}/asset.json"), copied);
        }
        Deed::Carry { from, to } if !place(to).exists() => drop(std::fs::rename(place(from), place(to))),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_id_is_given_twice(deeds in prop::collection::vec((deed(), prop::option::weighted(0.4, 0_usize..90)), 1..16)) {
        let space = TestSpace::empty();
        assert!(call(&space, &Task::Init { demo: false }, None));
        space.write("assets/in/keep", "");
        let mut history = History::default();
        for (number, (deed, dies_at)) in deeds.iter().enumerate() {
            match deed {
                Deed::Call(task) => drop(call(&space, task, *dies_at)),
                Deed::Branch(ours, theirs) => drop(branch(&space, &mut history, ours, theirs)),
                other => by_hand(&space, other, number),
            }
            history.witness(&space, &format!("{deed:?} dead at {dies_at:?}"));
        }
    }
}

/// The deeds of the property are done, not only refused: ids are given, spent and given on.
#[test]
fn the_deeds_do_something() {
    let space = TestSpace::empty();
    let mut history = History::default();
    call(&space, &Task::Init { demo: false }, None);
    let new = |root: &str| Task::New { root: root.into(), format: Some(FormatChoice::DataRawV1), files: Vec::new() };
    for task in [new("a"), new("b"), Task::Remove { assets: vec!["b".into()], delete_files: true }, new("b")] {
        assert!(call(&space, &task, None), "{task:?}");
        history.witness(&space, &format!("{task:?}"));
    }
    assert!(branch(&space, &mut history, &[new("c")], &[new("d")]));
    let ids: Vec<_> = registry_of(&space).entries.iter().map(|entry| entry.asset_id).collect();
    assert_eq!(ids, [1, 3, 4, 5]);
    assert_eq!(history.owners.len(), 5, "of which one is spent");
}
