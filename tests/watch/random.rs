//! Anything done to a workspace, in any order and in bursts.

use std::fs;
use std::path::Path;
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::space::{TestSpace, entry, manifest};
use crate::watching::Watch;

/// What is done to the workspace.
#[derive(Debug, Clone)]
enum Deed {
    Write(String, u8),
    Save(String, u8),
    Remove(String),
    Rename(String, String),
    MakeFolder(String),
    Registry(Vec<bool>),
    Manifest(usize, bool),
    DeleteBuild,
    AlterOutput(usize),
    Pause(u64),
}

/// Paths that meet often.
fn path() -> impl Strategy<Value = String> {
    let name = prop_oneof![Just("x"), Just("y"), Just("f")];
    (0..4usize, prop::collection::vec(name, 0..4)).prop_map(|(root, names)| {
        let root = ["assets/a", "assets/deep/b", "assets/c", "assets/new"][root];
        std::iter::once(root).chain(names).collect::<Vec<_>>().join("/")
    })
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        6 => (path(), any::<u8>()).prop_map(|(path, byte)| Deed::Write(path, byte)),
        3 => (path(), any::<u8>()).prop_map(|(path, byte)| Deed::Save(path, byte)),
        3 => path().prop_map(Deed::Remove),
        6 => (path(), path()).prop_map(|(from, to)| Deed::Rename(from, to)),
        3 => path().prop_map(Deed::MakeFolder),
        1 => prop::collection::vec(any::<bool>(), 3).prop_map(Deed::Registry),
        2 => (0..3usize, prop::bool::weighted(0.8)).prop_map(|(asset, is_sound)| Deed::Manifest(asset, is_sound)),
        1 => Just(Deed::DeleteBuild),
        1 => (0..4usize).prop_map(Deed::AlterOutput),
        2 => (0..120u64).prop_map(Deed::Pause),
    ]
}

const ROOTS: [&str; 3] = ["a", "deep/b", "c"];

fn restore(space: &TestSpace, asset: usize) {
    let text = manifest(asset + 1, ROOTS[asset], r#"{"glob": "**/*"}"#);
    write(space, &format!("assets/{}/asset.json", ROOTS[asset]), text.as_bytes());
}

fn write_registry(space: &TestSpace, included: &[bool]) {
    let entry = |(index, root): (usize, &&str)| {
        entry(index + 1, root).replace("true", if included[index] { "true" } else { "false" })
    };
    space.write_registry(&ROOTS.iter().enumerate().map(entry).collect::<Vec<_>>());
}

/// Writes where that is possible: something else may be in the way.
fn write(space: &TestSpace, path: &str, content: &[u8]) {
    let path = space.path().join(path);
    drop(fs::create_dir_all(path.parent().unwrap()));
    drop(fs::write(path, content));
}

fn remove(path: &Path) {
    drop(fs::remove_file(path));
    drop(fs::remove_dir_all(path));
}

impl Deed {
    fn of(&self, space: &TestSpace) {
        let at = |path: &str| space.path().join(path);
        match self {
            Self::Write(path, byte) => write(space, path, &[*byte; 3]),
            Self::Save(path, byte) => {
                write(space, &format!("{path}.tmp"), &[*byte; 3]);
                drop(fs::rename(at(&format!("{path}.tmp")), at(path)));
            }
            Self::Remove(path) => remove(&at(path)),
            Self::Rename(from, to) => drop(fs::rename(at(from), at(to))),
            Self::MakeFolder(path) => drop(fs::create_dir_all(at(path))),
            Self::Registry(included) => write_registry(space, included),
            Self::Manifest(asset, true) => restore(space, *asset),
            Self::Manifest(asset, false) => write(space, &format!("assets/{}/asset.json", ROOTS[*asset]), b"{"),
            Self::DeleteBuild => remove(&at("build")),
            Self::AlterOutput(output) => {
                let names = ["assets.pa", "asset_table.json", "preload.json", "asset_table_metadata.json"];
                drop(fs::write(at("build").join(names[*output]), "altered"));
            }
            Self::Pause(ms) => std::thread::sleep(Duration::from_millis(*ms)),
        }
    }
}

fn run(cases: u32) {
    let mut runner =
        TestRunner::new(Config { cases, failure_persistence: None, max_shrink_iters: 30, ..Config::default() });
    let bursts = prop::collection::vec(prop::collection::vec(deed(), 1..25), 1..6);
    runner
        .run(&bursts, |bursts| {
            let space = TestSpace::empty();
            write_registry(&space, &[true; 3]);
            (0..3).for_each(|asset| restore(&space, asset));
            for root in ROOTS {
                space.write(&format!("assets/{root}/f"), root);
            }
            let watch = Watch::start(&space);
            for burst in bursts {
                burst.iter().for_each(|deed| deed.of(&space));
                watch.settle(&space);
            }
            // Now that all is sound, the folders are watched where they ended up.
            (0..3).for_each(|asset| restore(&space, asset));
            write_registry(&space, &[true; 3]);
            watch.settle(&space);
            Ok(())
        })
        .unwrap();
}

#[test]
fn bursts_of_anything_settle() {
    run(12);
}

#[test]
#[ignore = "takes minutes"]
fn many_bursts_of_anything_settle() {
    run(400);
}
