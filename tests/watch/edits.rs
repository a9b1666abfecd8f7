//! What people and their tools do to files.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use crate::space::{TestSpace, entry, manifest};
use crate::watching::{Watch, count};

fn space() -> TestSpace {
    let space =
        TestSpace::with_assets(&[("a", &[("f", "one")]), ("deep/b", &[("f", "two")]), ("c", &[("f", "three")])]);
    // This one takes whatever is there.
    space.write("assets/c/asset.json", manifest(3, "c", r#"{"glob": "**/*"}"#));
    space
}

fn rename(space: &TestSpace, from: &str, to: &str) {
    fs::rename(space.path().join(from), space.path().join(to)).unwrap();
}

#[test]
fn content_comes_changes_and_goes() {
    let space = space();
    let watch = Watch::start(&space);
    watch.settle(&space);
    space.write("assets/a/f", "changed");
    watch.settle(&space);
    // The same length, and at once again.
    space.write("assets/a/f", "CHANGED");
    watch.settle(&space);
    File::options().append(true).open(space.path().join("assets/a/f")).unwrap().write_all(b" and more").unwrap();
    watch.settle(&space);
    space.write("assets/c/new", "new");
    watch.settle(&space);
    fs::remove_file(space.path().join("assets/c/new")).unwrap();
    watch.settle(&space);
    rename(&space, "assets/c/f", "assets/c/g");
    watch.settle(&space);
    // Nothing is wrong with an asset that is not in the build; then it is.
    space.write_registry(&[entry(1, "a"), entry(3, "c")]);
    watch.settle(&space);
    space.write_registry(&[entry(1, "a"), entry(2, "deep/b"), entry(3, "c")]);
    watch.settle(&space);
    let (code, lines) = watch.end();
    assert_eq!(code, 0);
    assert_eq!(count(&lines, "RESCAN") + count(&lines, "POLLING"), 0);
}

/// Editors write beside the file and rename, or move the file away first.
#[test]
fn files_are_saved_as_editors_do() {
    let space = space();
    let watch = Watch::start(&space);
    for round in 0..5 {
        space.write("assets/a/.f.swp", format!("saved {round}"));
        rename(&space, "assets/a/.f.swp", "assets/a/f");
        watch.settle(&space);

        rename(&space, "assets/deep/b/f", "assets/deep/b/f~");
        space.write("assets/deep/b/f", format!("saved again {round}"));
        fs::remove_file(space.path().join("assets/deep/b/f~")).unwrap();
        watch.settle(&space);

        // From outside: a temporary folder on the same disk.
        space.write("temporary", format!("from outside {round}"));
        rename(&space, "temporary", "assets/c/f");
        watch.settle(&space);
    }
}

#[test]
fn folders_come_move_and_go() {
    let space = space();
    let watch = Watch::start(&space);
    // An asset is moved, which is an error until the registry knows.
    rename(&space, "assets/deep", "assets/moved");
    watch.settle(&space);
    space.write_registry(&[entry(1, "a"), entry(2, "moved/b"), entry(3, "c")]);
    watch.settle(&space);
    // Its folders are watched at the new place.
    space.write("assets/moved/b/f", "there");
    watch.settle(&space);
    // A new folder takes the name of one that was there, and is another one.
    rename(&space, "assets/moved", "assets/aside");
    rename(&space, "assets/a", "assets/moved");
    rename(&space, "assets/aside", "assets/a");
    watch.settle(&space);
    space.write_registry(&[entry(1, "moved"), entry(2, "a/b"), entry(3, "c")]);
    watch.settle(&space);
    space.write("assets/moved/f", "one of two");
    watch.settle(&space);
    space.write("assets/a/b/f", "two of two");
    watch.settle(&space);
    // Away from the workspace, changed there, and back.
    rename(&space, "assets/c", "elsewhere");
    watch.settle(&space);
    space.write("elsewhere/f", "changed elsewhere");
    rename(&space, "elsewhere", "assets/c");
    watch.settle(&space);
    space.write("assets/c/f", "and here");
    watch.settle(&space);
    fs::remove_dir_all(space.path().join("assets/c")).unwrap();
    watch.settle(&space);
}

#[test]
fn two_folders_are_exchanged() {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    let space = space();
    let watch = Watch::start(&space);
    let path = |root: &str| space.path().join("assets").join(root);
    space.write("assets/c/in/f", "c");
    space.write("assets/deep/in/f", "deep");
    if renameat_with(CWD, path("c"), CWD, path("deep"), RenameFlags::EXCHANGE).is_err() {
        return;
    }
    watch.settle(&space);
    space.write_registry(&[entry(1, "a"), entry(2, "c/b"), entry(3, "deep")]);
    watch.settle(&space);
    space.write("assets/deep/in/f", "was c");
    watch.settle(&space);
    space.write("assets/c/b/f", "was deep");
    watch.settle(&space);
}

/// A file that is written right after its folder is made is seen, however deep.
#[test]
fn new_nested_folders_are_seen_with_what_is_in_them() {
    let space = space();
    let watch = Watch::start(&space);
    for round in 0..20 {
        space.write(&format!("assets/c/{round}/x/y/z/f"), "nested");
        if round % 4 == 0 {
            watch.settle(&space);
        }
    }
    watch.settle(&space);
    space.write("assets/c/13/x/y/z/f", "later");
    watch.settle(&space);
    fs::remove_dir_all(space.path().join("assets/c/13")).unwrap();
    space.write("assets/c/13/x/f", "another");
    watch.settle(&space);
    space.write("assets/c/13/x/f", "another one");
    watch.settle(&space);
}

#[test]
fn a_burst_is_one_build() {
    let space = TestSpace::with_many(200, |id| vec![1; id]);
    let watch = Watch::start(&space);
    let before = watch.results().len();
    for id in 1..=200 {
        space.write(&format!("assets/g{}/a{id}/f", id % 100), vec![2; id]);
    }
    watch.settle(&space);
    let (_, lines) = watch.end();
    let after = lines.iter().filter(|line| line["type"] == "result").count();
    // On a busy machine a burst may look like several.
    assert!(after - before <= 5, "{} builds", after - before);
    let derived: u64 = lines
        .iter()
        .filter(|line| line["type"] == "result")
        .skip(before)
        .map(|line| line["derived_asset_count"].as_u64().unwrap())
        .sum();
    assert!(derived >= 200, "{derived}");
}

/// As git does: thousands of files and folders replaced, removed and made in one go, there and back.
#[test]
fn checkouts_of_thousands_of_files() {
    let space = TestSpace::with_many(1000, |id| vec![1; id]);
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=t", "-c", "user.email=t@t", "-c", "core.hooksPath=/dev/null"]).args(arguments);
        let output = command.current_dir(space.path()).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    git(&["init", "-q", "-b", "one"]);
    space.write(".gitignore", "build/\n");
    git(&["add", "-A"]);
    git(&["commit", "-q", "-m", "one"]);
    git(&["checkout", "-q", "-b", "two"]);
    let other = TestSpace::with_many(2000, |id| vec![2; id % 700]);
    fs::remove_dir_all(space.path().join("assets")).unwrap();
    rename_from(&other, "assets", &space);
    git(&["add", "-A"]);
    git(&["commit", "-q", "-m", "two"]);

    let watch = Watch::start(&space);
    for branch in ["one", "two", "one"] {
        git(&["checkout", "-q", branch]);
        watch.settle(&space);
    }
    // Every folder that came is watched.
    space.write("assets/g99/a99/f", "after the checkout");
    watch.settle(&space);
    let (code, _) = watch.end();
    assert_eq!(code, 0);
}

fn rename_from(other: &TestSpace, name: &str, space: &TestSpace) {
    let status = Command::new("mv").arg(other.path().join(name)).arg(space.path().join(name)).status().unwrap();
    assert!(status.success());
}

#[test]
fn the_workspace_breaks_and_heals() {
    let space = space();
    let watch = Watch::start(&space);
    let registry = space.read("assets/.prometeu/index.json");
    for broken in ["{", "", "{}"] {
        space.write("assets/a/asset.json", broken);
        watch.settle(&space);
        assert_eq!(watch.results().pop().unwrap()["status"], "GATE_FAILED");
        space.write("assets/a/asset.json", manifest(1, "a", r#"{"file": "f"}"#));
        watch.settle(&space);

        space.write("assets/.prometeu/index.json", broken);
        watch.settle(&space);
        space.write("assets/.prometeu/index.json", &registry);
        watch.settle(&space);
    }
    fs::remove_file(space.path().join("assets/.prometeu/index.json")).unwrap();
    watch.until("the failure", |lines| {
        let last = lines.iter().rev().find(|line| line["type"] == "result").unwrap();
        last["status"] == "GATE_FAILED" && last["diagnostics"].to_string().contains("index.json")
    });
    space.write("assets/.prometeu/index.json", &registry);
    watch.settle(&space);
    // The folder of the registry, and then of all assets.
    for folder in ["assets/.prometeu", "assets"] {
        rename(&space, folder, "aside");
        watch.until("the failure", |lines| {
            lines.last().is_some_and(|line| line["type"] == "watch" && line["kind"] == "RETRYING")
        });
        rename(&space, "aside", folder);
        watch.settle(&space);
        space.write("assets/a/f", format!("after {folder} came back"));
        watch.settle(&space);
    }
}

/// Links and other things in the place of files and folders; what they lead to is nobody's business.
#[test]
fn links_are_not_followed() {
    let space = space();
    let outside = TestSpace::empty();
    outside.write("folder/f", "outside");
    let watch = Watch::start(&space);
    symlink(outside.path().join("folder"), space.path().join("assets/c/link")).unwrap();
    watch.settle(&space);
    let builds = watch.results().len();
    outside.write("folder/f", "changed outside");
    outside.write("folder/g", "new outside");
    rename(&space, "assets/c", "aside");
    symlink(outside.path(), space.path().join("assets/c")).unwrap();
    watch.settle(&space);
    outside.write("f", "changed outside");
    fs::remove_file(space.path().join("assets/c")).unwrap();
    rename(&space, "aside", "assets/c");
    watch.settle(&space);
    let told = watch.lines().iter().filter(|line| line["kind"] == "CHANGED").cloned().collect::<Vec<_>>();
    assert!(told.iter().all(|line| !line.to_string().contains("link/")), "{told:?}");
    assert!(watch.results().len() - builds <= 6);
}

#[test]
fn permissions_change() {
    let space = space();
    let is_obeyed = {
        let probe = space.path().join("probe");
        fs::write(&probe, "").unwrap();
        fs::set_permissions(&probe, fs::Permissions::from_mode(0o0)).unwrap();
        File::open(&probe).is_err()
    };
    let watch = Watch::start(&space);
    let set = |path: &str, mode: u32| {
        fs::set_permissions(Path::new(space.path()).join(path), fs::Permissions::from_mode(mode)).unwrap();
    };
    let builds = watch.results().len();
    for (path, open) in [("assets/a/f", 0o644), ("assets/c", 0o755)] {
        set(path, 0o0);
        watch.until("a build", |lines| lines.iter().filter(|line| line["type"] == "result").count() > builds);
        if is_obeyed {
            watch.until("the failure", |lines| {
                lines
                    .iter()
                    .rev()
                    .find(|line| line["type"] == "result")
                    .is_some_and(|last| last["status"] == "GATE_FAILED")
            });
        }
        set(path, open);
        watch.settle(&space);
    }
    space.write("assets/c/f", "allowed again");
    watch.settle(&space);
}
