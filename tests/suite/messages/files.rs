//! Files and patterns.

use std::fs;
use std::os::unix::fs::symlink;

use super::{listed, shown};
use crate::space::{TestSpace, manifest};

#[test]
fn files_that_are_named() {
    insta::assert_snapshot!(listed(r#"{"file": "iconz.txt"}"#), @r#"
    error[FILE_MISSING]: "iconz.txt": the file is not there
     --> assets/ui/asset.json:5:26
      |
    5 |   "artifacts": [{"file": "iconz.txt"}],
      |                          ^^^^^^^^^^^
      |
      = note: in asset 1 "ui"
      = help: did you mean "icons.txt"?
    "#);
    insta::assert_snapshot!(listed(r#"{"file": "f1.txt"}"#), @r#"
    error[FILE_MISSING]: "f1.txt": the file is not there
     --> assets/ui/asset.json:5:26
      |
    5 |   "artifacts": [{"file": "f1.txt"}],
      |                          ^^^^^^^^
      |
      = note: in asset 1 "ui"
      = help: a file of this name is at "frames/f1.txt": write its whole path below the asset's root
    "#);
    insta::assert_snapshot!(listed(r#"{"file": "boss/walk.txt"}"#), @r#"
    error[FILE_MISSING]: "boss/walk.txt": the file is not there
     --> assets/ui/asset.json:5:26
      |
    5 |   "artifacts": [{"file": "boss/walk.txt"}],
      |                          ^^^^^^^^^^^^^^^
      |
      = note: in asset 1 "ui"
      = help: papack looks for it at assets/ui/boss/walk.txt
    "#);
    insta::assert_snapshot!(listed(r#"{"file": "Atlas.txt"}"#), @r#"
    error[PATH_SPELLING]: "Atlas.txt": the name on disk is spelled "atlas.txt"
     --> assets/ui/asset.json:5:26
      |
    5 |   "artifacts": [{"file": "Atlas.txt"}],
      |                          ^^^^^^^^^^^
      |
      = note: in asset 1 "ui"
      = help: spell it exactly so; other operating systems would not find it
    "#);
    insta::assert_snapshot!(listed(r#"{"file": "frames"}"#), @r#"
    error[FILE_NOT_REGULAR]: "frames": this is a folder, not a file
     --> assets/ui/asset.json:5:26
      |
    5 |   "artifacts": [{"file": "frames"}],
      |                          ^^^^^^^^
      |
      = note: in asset 1 "ui"
      = help: to take the files in it, write {"glob": "frames/*"}
    "#);
    insta::assert_snapshot!(listed(r#"{"file": "../music/title.txt"}"#), @r#"
    error[PATH_INVALID]: "../music/title.txt" is no valid path: the path has a ".." component
     --> assets/ui/asset.json:5:26
      |
    5 |   "artifacts": [{"file": "../music/title.txt"}],
      |                          ^^^^^^^^^^^^^^^^^^^^
      |
      = note: in asset 1 "ui"
    "#);
    insta::assert_snapshot!(listed(r#"{"file": "frames\\f1.txt"}"#), @r#"
    error[PATH_INVALID]: "frames\\f1.txt" is no valid path: the path has a "\"; components are separated by "/"
     --> assets/ui/asset.json:5:26
      |
    5 |   "artifacts": [{"file": "frames\\f1.txt"}],
      |                          ^^^^^^^^^^^^^^^^
      |
      = note: in asset 1 "ui"
    "#);
    insta::assert_snapshot!(listed(r#"{"file": "atlas.txt"}, {"glob": "*.txt"}"#), @r#"
    error[ARTIFACT_REPEATED]: "atlas.txt" is listed twice: entry 1 of "artifacts" takes it already
     --> assets/ui/asset.json:5:49
      |
    5 |   "artifacts": [{"file": "atlas.txt"}, {"glob": "*.txt"}],
      |                                                 ^^^^^^^
      |
      = note: in asset 1 "ui"
      = help: take one of the two out, or leave the file out of a pattern with "except"
    "#);
    let linked = |space: &TestSpace| {
        fs::remove_dir_all(space.path().join("assets/ui/frames")).unwrap();
        symlink("/", space.path().join("assets/ui/frames")).unwrap();
        space.write("assets/ui/asset.json", manifest(1, "ui", r#"{"file": "frames/f1.txt"}"#));
    };
    insta::assert_snapshot!(shown(linked), @r#"
    warning[FILE_LINK]: a symbolic link below assets/ is skipped
    --> assets/ui/frames

    error[FILE_LINK]: "frames/f1.txt": the folder "frames" is a symbolic link
     --> assets/ui/asset.json:5:26
      |
    5 |   "artifacts": [{"file": "frames/f1.txt"}],
      |                          ^^^^^^^^^^^^^^^
      |
      = note: in asset 1 "ui"
      = help: links are not followed below assets/: put the file itself there
    "#);
}

#[test]
fn patterns() {
    insta::assert_snapshot!(listed(r#"{"glob": "frame/*.txt"}"#), @r#"
    error[GLOB_EMPTY]: the pattern "frame/*.txt" matches no file
     --> assets/ui/asset.json:5:26
      |
    5 |   "artifacts": [{"glob": "frame/*.txt"}],
      |                          ^^^^^^^^^^^^^
      |
      = note: in asset 1 "ui"
      = help: there is no folder "frame"; did you mean "frames"?
    "#);
    insta::assert_snapshot!(listed(r#"{"glob": "frames/*.png"}"#), @r#"
    error[GLOB_EMPTY]: the pattern "frames/*.png" matches no file
     --> assets/ui/asset.json:5:26
      |
    5 |   "artifacts": [{"glob": "frames/*.png"}],
      |                          ^^^^^^^^^^^^^^
      |
      = note: in asset 1 "ui"
      = help: the folder "frames" has 2 files; the first is "frames/f1.txt"
    "#);
    insta::assert_snapshot!(listed(r#"{"glob": "Frames/*.txt"}"#), @r#"
    error[PATH_SPELLING]: "Frames": the name on disk is spelled "frames"
     --> assets/ui/asset.json:5:26
      |
    5 |   "artifacts": [{"glob": "Frames/*.txt"}],
      |                          ^^^^^^^^^^^^^^
      |
      = note: in asset 1 "ui"
      = help: spell it exactly so; other operating systems would not find it
    "#);
    insta::assert_snapshot!(listed(r#"{"glob": "*.txt", "except": ["*"]}"#), @r#"
    error[GLOB_EMPTY]: "except" leaves out every file that "*.txt" matches
     --> assets/ui/asset.json:5:26
      |
    5 |   "artifacts": [{"glob": "*.txt", "except": ["*"]}],
      |                          ^^^^^^^
      |
      = note: in asset 1 "ui"
    "#);
    insta::assert_snapshot!(listed(r#"{"glob": "frames/a**"}"#), @r#"
    error[PATH_INVALID]: "frames/a**" is no valid pattern: "**" stands for whole components, not for a part of "a**"
     --> assets/ui/asset.json:5:26
      |
    5 |   "artifacts": [{"glob": "frames/a**"}],
      |                          ^^^^^^^^^^^^
      |
      = note: in asset 1 "ui"
    "#);
    insta::assert_snapshot!(shown(|space| {
        space.write("assets/ui/frames/f10.txt", "10");
        space.write("assets/ui/asset.json", manifest(1, "ui", r#"{"glob": "frames/*"}"#));
    }), @r#"
    warning[GLOB_ORDER]: files are taken in byte order: "frames/f10.txt" comes before "frames/f2.txt"
     --> assets/ui/asset.json:5:26
      |
    5 |   "artifacts": [{"glob": "frames/*"}],
      |                          ^^^^^^^^^^
      |
      = note: in asset 1 "ui"
      = help: number them with leading zeros, or list the files one by one
    "#);
}
