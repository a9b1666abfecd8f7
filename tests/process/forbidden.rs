//! Caches and companions that whoever runs papack may not read or replace.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::discovery::{reopen, run_unprivileged};
use crate::space::{CACHE, TestSpace};

#[test]
fn a_cache_that_cannot_be_looked_into_is_not_taken_for_an_empty_one() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    for (folder, mode) in [("", "0000"), ("", "0444"), ("/payloads", "0311")] {
        space.write(&format!("{CACHE}/payloads/file"), "x");
        let folder = format!("{CACHE}{folder}");
        for action in ["show", "prune", "clear"] {
            let script = format!("chmod {mode} {folder}; exec \"$0\" cache {action}");
            let Some(run) = run_unprivileged(&space, &script) else { return };
            reopen(&space, &folder);
            assert_eq!(run.code, 3, "{mode} {action}: {}{}", run.stdout, run.stderr);
            assert!(run.stderr.contains("error[IO]: Permission denied"), "{mode} {action}: {}", run.stderr);
            assert!(run.stderr.contains(&folder), "{mode} {action}: {}", run.stderr);
            assert_eq!(space.read(&format!("{CACHE}/payloads/file")), b"x");
        }
    }
}

#[test]
fn a_cache_that_is_of_no_use_and_cannot_be_replaced_is_not_said_to_be_gone() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    space.write(&format!("{CACHE}/index"), "no index");
    let script = format!("chmod 0555 {CACHE}; \"$0\" pack && exec \"$0\" pack");
    let Some(run) = run_unprivileged(&space, &script) else { return };
    reopen(&space, CACHE);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let told = "it is not used, and a pack that may write there builds it anew";
    assert_eq!(run.stderr.matches(told).count(), 2, "{}", run.stderr);
    assert_eq!(space.read(&format!("{CACHE}/index")), b"no index");
}

#[test]
fn a_companion_that_may_not_be_read_is_told_as_such() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    space.pack();
    for companion in ["asset_table.json", "preload.json", "asset_table_metadata.json"] {
        let place = format!("build/{companion}");
        let script = format!("chmod 0200 {place}; exec \"$0\" verify build/assets.pa");
        let Some(run) = run_unprivileged(&space, &script) else { return };
        fs::set_permissions(space.path().join(&place), fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
        for part in ["error[IO]: Permission denied", &place, "help: papack must be allowed to read this file"] {
            assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
        }
        assert!(!run.stderr.contains("write"), "{}", run.stderr);
    }
}
