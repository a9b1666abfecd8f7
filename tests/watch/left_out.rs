//! The ignore file and folders that no asset takes in, with real events.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::{Value, json};

use crate::space::{TestSpace, manifest};
use crate::watching::{Watch, is};

const IGNORE: &str = "assets/.papackignore";

#[test]
fn the_ignore_file_comes_changes_breaks_and_goes() {
    let space = TestSpace::with_assets(&[("a", &[("f", "1"), ("g", "2")]), ("b", &[("f", "3")])]);
    space.write("assets/a/asset.json", manifest(1, "a", r#"{"glob": "*"}"#));
    let watch = Watch::start(&space);
    watch.settle(&space);
    space.write(IGNORE, "g\n");
    watch.settle(&space);
    let result = watch.results().pop().unwrap();
    assert_eq!(
        (&result["derived_asset_count"], &result["diagnostics"][0]["code"]),
        (&json!(1), &json!("FILES_LEFT_OUT"))
    );
    // The same length, at once.
    space.write(IGNORE, "f\n");
    watch.settle(&space);
    space.write(IGNORE, "[\n");
    watch.settle(&space);
    assert_eq!(watch.results().pop().unwrap()["status"], "GATE_FAILED");
    // As editors save.
    space.write("assets/.papackignore.new", "# all\n");
    fs::rename(space.path().join("assets/.papackignore.new"), space.path().join(IGNORE)).unwrap();
    watch.settle(&space);
    fs::remove_file(space.path().join(IGNORE)).unwrap();
    symlink("a/f", space.path().join(IGNORE)).unwrap();
    watch.settle(&space);
    fs::remove_file(space.path().join(IGNORE)).unwrap();
    watch.settle(&space);
    assert_eq!(watch.results().pop().unwrap()["diagnostics"], json!([]));
    assert_eq!(watch.end().0, 0);
}

/// The folders that the watch told last.
fn unmanaged(lines: &[Value]) -> Option<Value> {
    lines.iter().rev().find(|line| is(line, "UNMANAGED")).map(|line| line["folders"].clone())
}

#[test]
fn folders_that_no_asset_takes_in_are_told_once_until_they_are_others() {
    let space = TestSpace::with_assets(&[("a", &[("f", "1")])]);
    let watch = Watch::start(&space);
    watch.settle(&space);
    assert_eq!(unmanaged(&watch.lines()), None);
    space.write("assets/ui/my icons/a.png", "no picture yet");
    let told = json!([{
        "root": "ui/my icons", "pictures": 1, "sounds": 0, "command": "papack new 'ui/my icons'", "reason": null,
    }]);
    watch.until("the folder", |lines| unmanaged(lines) == Some(told.clone()));
    // What concerns no folder is told of none.
    space.write("assets/a/f", "2");
    watch.settle(&space);
    assert_eq!(watch.lines().iter().filter(|line| is(line, "UNMANAGED")).count(), 1);
    space.write(IGNORE, "/ui/\n");
    watch.until("none any more", |lines| unmanaged(lines) == Some(json!([])));
    fs::remove_file(space.path().join(IGNORE)).unwrap();
    watch.until("the folder again", |lines| unmanaged(lines) == Some(told.clone()));
    assert_eq!(space.run(&["new", "ui/my icons", "--format", "data"]).code, 0);
    watch.until("it is taken in", |lines| unmanaged(lines) == Some(json!([])));
    watch.settle(&space);
    assert_eq!(watch.end().0, 0);
}

/// A watch that finds nothing changed since the last pack reads nothing, and knows of the folders all the same.
#[test]
fn folders_that_were_there_before_are_told_by_each_watch() {
    let space = TestSpace::with_assets(&[("a", &[("f", "1")])]);
    space.write("assets/ui/icons/a.png", "no picture yet");
    let told = json!([{
        "root": "ui/icons", "pictures": 1, "sounds": 0, "command": "papack new ui/icons", "reason": null,
    }]);
    for _ in 0..3 {
        // The second pack finds the clock past what the first one read.
        space.pack();
        std::thread::sleep(std::time::Duration::from_millis(50));
        space.pack();
        let watch = Watch::start(&space);
        watch.until("the folder", |lines| unmanaged(lines) == Some(told.clone()));
        assert_eq!(watch.end().0, 0);
    }
}
