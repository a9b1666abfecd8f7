//! Workspaces whose bytes are known: whatever the folder, the threads and the history.

use std::fs;
use std::path::Path;

use crate::space::{Run, TestSpace};

const GOLDEN: [&str; 5] = ["empty", "w101", "w102", "w103", "w104"];
const OUTPUTS: [&str; 3] = ["assets.pa", "asset_table.json", "preload.json"];

#[track_caller]
fn assert_expected(space: &TestSpace, name: &str) {
    for output in OUTPUTS {
        let expected = fs::read(golden(name).join("expected").join(output)).unwrap();
        assert!(space.read(&format!("build/{output}")) == expected, "{name}: {output} differs");
    }
    let names: Vec<_> = space.build().into_keys().collect();
    assert_eq!(names, ["asset_table.json", "asset_table_metadata.json", "assets.pa", "preload.json"]);
}

fn golden(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

fn space(name: &str) -> TestSpace {
    let space = TestSpace::copy_of(&format!("tests/golden/{name}"));
    fs::create_dir_all(space.path().join("assets")).unwrap();
    space
}

#[test]
fn packing_gives_the_expected_bytes_twice_and_after_build_was_deleted() {
    for name in GOLDEN {
        let space = space(name);
        space.pack();
        assert_expected(&space, name);
        let first = space.build();

        let again = space.pack();
        assert!(again.stdout.contains("Up to date"), "{}", again.stdout);
        assert_eq!(space.build(), first);

        fs::remove_dir_all(space.path().join("build")).unwrap();
        space.pack();
        assert_eq!(space.build(), first, "{name}");
    }
}

#[test]
fn the_number_of_threads_does_not_show() {
    for name in GOLDEN {
        let space = space(name);
        space.pack();
        let sidecar = space.read("build/asset_table_metadata.json");
        for jobs in ["1", "2", "3", "16"] {
            fs::remove_dir_all(space.path().join("build")).unwrap();
            let run = space.run(&["pack", "--jobs", jobs]);
            assert_eq!(run.code, 0, "{}", run.stderr);
            assert_expected(&space, name);
            assert!(space.read("build/asset_table_metadata.json") == sidecar, "{name} with {jobs} threads");
        }
    }
}

#[test]
fn the_current_folder_does_not_show() {
    let space = space("w104");
    let elsewhere = TestSpace::empty();
    let mut from_elsewhere = elsewhere.command(&["pack", "--workspace"]);
    from_elsewhere.arg(space.path());
    let mut from_the_folder_above = space.command(&["pack", "--workspace"]);
    let name = space.path().file_name().unwrap();
    from_the_folder_above.current_dir(space.path().parent().unwrap()).arg(name);
    // The workspace is found from any folder in it, as deep as an asset's.
    let mut from_an_asset = space.command(&["pack"]);
    from_an_asset.current_dir(space.path().join("assets/deep/er"));
    for command in [from_elsewhere, from_the_folder_above, from_an_asset] {
        drop(fs::remove_dir_all(space.path().join("build")));
        let run = Run::of(command);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert_expected(&space, "w104");
    }
}

#[test]
fn the_folder_and_the_order_of_its_names_do_not_show() {
    // Another folder, and files made in the opposite order.
    let one = space("w102");
    let other = TestSpace::empty();
    for (name, content) in crate::space::files_below(one.path()).into_iter().rev() {
        other.write(&name, content);
    }
    one.pack();
    other.pack();
    assert_eq!(one.build(), other.build());
}
