//! Files that are none, and things in the place of companions.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use papack_engine::{Verdict, verify};
use papack_queries::diagnostic::Code;

use crate::{golden, papack, small_pack};

fn make_fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn what_cannot_be_read_as_a_file_exits_with_2() {
    let folder = tempfile::tempdir().unwrap();
    make_fifo(&folder.path().join("fifo"));
    symlink("nowhere", folder.path().join("dangling")).unwrap();
    for command in ["verify", "inspect"] {
        for file in ["missing.pa", "fifo", ".", "dangling", "/dev/null"] {
            let output = papack(folder.path(), &[command, file]);
            assert_eq!(output.status.code(), Some(2), "{command} {file}");
            assert!(output.stdout.is_empty() && String::from_utf8(output.stderr).unwrap().contains(file));
        }
        assert_eq!(papack(folder.path(), &[command]).status.code(), Some(2));
    }
}

#[test]
fn file_may_be_named_through_a_link() {
    let folder = tempfile::tempdir().unwrap();
    symlink(golden("w104").join("assets.pa"), folder.path().join("link.pa")).unwrap();
    let output = papack(folder.path(), &["verify", "link.pa"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8(output.stdout).unwrap().contains("No companions beside it"));
}

#[test]
fn companion_that_is_no_file_is_a_fault_and_never_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let build = small_pack(folder.path());
    for name in ["asset_table.json", "preload.json", "asset_table_metadata.json"] {
        let (path, kept) = (build.join(name), build.join("kept"));
        fs::rename(&path, &kept).unwrap();
        let refused = |what: &str| {
            let result = verify(&build.join("assets.pa")).unwrap();
            let [fault] = result.diagnostics.as_slice() else { panic!("{:#?}", result.diagnostics) };
            assert!(fault.code == Code::PackCompanion && fault.message.starts_with(what), "{fault:?}");
            assert_eq!(result.companions.len(), 2);
        };
        make_fifo(&path);
        refused("a FIFO");
        fs::remove_file(&path).unwrap();
        symlink("kept", &path).unwrap();
        refused("a symbolic link");
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        refused("a folder");
        fs::remove_dir(&path).unwrap();
        let result = verify(&build.join("assets.pa")).unwrap();
        assert_eq!((result.status, result.companions.len()), (Verdict::Valid, 2), "a missing one is no fault");
        fs::rename(&kept, &path).unwrap();
    }
}

#[test]
fn companions_of_a_refused_pack_are_not_compared() {
    let folder = tempfile::tempdir().unwrap();
    let path = small_pack(folder.path()).join("assets.pa");
    let mut bytes = fs::read(&path).unwrap();
    bytes.push(0);
    fs::write(&path, bytes).unwrap();
    let result = verify(&path).unwrap();
    assert_eq!((result.status, result.companions.len()), (Verdict::Refused, 0));
    assert_eq!(result.diagnostics[0].code, Code::PackLayout);
}
