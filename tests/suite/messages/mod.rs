//! How faults read: in the words of somebody who draws and composes, with the place, the figures, and what to do.

mod assets;
mod documents;
mod files;
mod foreign;
mod sources;
mod values;

use crate::space::{TestSpace, manifest};

/// What `check` shows of a workspace of two assets that `spoil` changed, without the last line.
fn shown(spoil: impl FnOnce(&TestSpace)) -> String {
    let space = TestSpace::with_assets(&[
        ("ui", &[("atlas.txt", "a"), ("icons.txt", "i"), ("frames/f1.txt", "1"), ("frames/f2.txt", "2")]),
        ("music", &[("title.txt", "t")]),
    ]);
    spoil(&space);
    let shown = space.run(&["check"]).stderr;
    let (faults, hint) = shown.trim_end().rsplit_once('\n').unwrap();
    assert!(hint.starts_with("For more about a code: papack explain "), "{shown}");
    faults.trim_end().to_owned()
}

/// The same, of a manifest in which `from` became `to`.
fn edited(from: &str, to: &str) -> String {
    shown(|space| edit(space, "assets/music/asset.json", from, to))
}

fn edit(space: &TestSpace, path: &str, from: &str, to: &str) {
    let text = String::from_utf8(space.read(path)).unwrap();
    assert!(text.contains(from), "{from} is not in {text}");
    space.write(path, text.replacen(from, to, 1));
}

/// The same, of an artifact list.
fn listed(artifacts: &str) -> String {
    shown(|space| space.write("assets/ui/asset.json", manifest(1, "ui", artifacts)))
}

/// The same, of files in a format.
fn derived(output: &str, files: &[(&str, Vec<u8>)]) -> String {
    shown(|space| {
        let text = manifest(1, "ui", r#"{"glob": "source/**"}"#).replace(r#""DATA/raw_v1""#, output);
        space.write("assets/ui/asset.json", text);
        for (name, bytes) in files {
            space.write(&format!("assets/ui/source/{name}"), bytes);
        }
    })
}

fn tiles(files: &[(&str, Vec<u8>)]) -> String {
    derived(r#""TILES/indexed_v1", "metadata": { "tile_size": 8 }"#, files)
}

fn sounds(files: &[(&str, Vec<u8>)]) -> String {
    derived(r#""SOUNDS/pcm_v1", "metadata": { "loops": "DETECT" }"#, files)
}
