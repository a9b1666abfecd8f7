//! Workspaces of several mounts: caches, folders of assets and whole workspaces that lie elsewhere.

use crate::namespace::run_with_mounts;
use crate::space::{Run, TestSpace, entry, manifest};
use crate::{files, registry, roots};

/// Assets 1 to 3 in the folders `a`, `b` and `c`, all files of which they take.
fn workspace() -> TestSpace {
    let space = TestSpace::empty();
    for (id, root) in [(1, "a"), (2, "b"), (3, "c")] {
        space.write(&format!("assets/{root}/asset.json"), manifest(id, root, r#"{"glob": "**"}"#));
        space.write(&format!("assets/{root}/f"), root);
    }
    space.write_registry(&[entry(1, "a"), entry(2, "b"), entry(3, "c")]);
    space
}

/// Commands that change documents, each of which must succeed.
const COMMANDS: &str = "
    set -e
    papack rename 2 renamed
    papack preload 2 --slot 3
    papack exclude 3
    mkdir assets/n
    echo x > assets/n/x
    papack new n --format DATA/raw_v1
    papack mv c d
    papack rm 3 --delete-files
    papack pack
    papack doctor
    find . -name '.papack-*' -o -name staged | grep . && exit 9
    true
";

/// What [`COMMANDS`] leave of the registry.
#[track_caller]
fn assert_changed(space: &TestSpace, run: &Run) {
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    let expected = [(1, "a".to_owned()), (2, "b".to_owned()), (1000, "n".to_owned())];
    assert_eq!(roots(space), expected, "{}", run.stderr);
    assert_eq!(registry(space).next_asset_id, Some(1001));
}

#[test]
fn a_cache_on_a_mount_of_its_own_is_in_nobodys_way() {
    for (options, fill) in [
        ("size=10m", "true"),
        // There is no room, nor can there be.
        ("size=4k", "head -c 100000 /dev/zero > assets/.prometeu/cache/full 2> errors || true"),
        ("size=10m", "mount -o remount,ro assets/.prometeu/cache"),
    ] {
        let space = workspace();
        let cache = "assets/.prometeu/cache";
        let mount = format!("(mkdir {cache} && mount -t tmpfs -o {options} papack {cache}) || exit 77\n{fill}\n");
        let Some(run) = run_with_mounts(&space, &(mount + COMMANDS)) else { return };
        assert_changed(&space, &run);
    }
}

/// The folder `b`, with what is in it, is a disk of its own, the content of which is copied back at the end.
fn on_a_disk_of_its_own(space: &TestSpace, script: &str) -> Option<Run> {
    run_with_mounts(
        space,
        &format!(
            "(cp -r assets/b kept && mount -t tmpfs papack assets/b && cp kept/* assets/b) || exit 77
         {script}
         rm -r kept; cp -r assets/b kept"
        ),
    )
}

#[test]
fn documents_on_another_mount_are_changed() {
    let space = workspace();
    let Some(run) = on_a_disk_of_its_own(&space, COMMANDS) else { return };
    assert_changed(&space, &run);
    let text = String::from_utf8(space.read("kept/asset.json")).unwrap();
    assert!(text.contains("\"renamed\"") && text.contains("\"slot\": 3"), "{text}");
}

#[test]
fn a_new_asset_on_another_mount_gets_its_manifest() {
    let space = workspace();
    space.write_registry(&[entry(1, "a"), entry(3, "c")]);
    let script = "set -e
        rm assets/b/*
        mkdir assets/b/inner
        echo f > assets/b/inner/f
        papack new b/inner --format DATA/raw_v1
        papack rename b/inner other
        find . -name '.papack-*' -o -name staged | grep . && exit 9
        true";
    let Some(run) = on_a_disk_of_its_own(&space, script) else { return };
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    assert_eq!(roots(&space).last(), Some(&(1000, "b/inner".to_owned())));
    assert!(String::from_utf8(space.read("kept/inner/asset.json")).unwrap().contains("\"other\""));
}

/// A process that was killed left its file beside a manifest: no pack takes it for an artifact, whatever else the list says.
#[test]
fn what_waits_on_another_mount_is_removed_by_the_next_operation() {
    let ours = "assets/b/.papack-AAAAAAAAAAAAAAAAAAAA-0.new";
    for next in [&["pack"][..], &["exclude", "1"], &["doctor", "--fix"]] {
        let space = workspace();
        space.pack();
        let before = files(&space);
        space.write(ours, "half a manif");
        let other =
            ["assets/a/f", "../outside", "assets/b/.papack-AAAAAAAAAAAAAAAAAAAA-0.new/x", "assets/c/.papack-1-0.new"];
        space.write(other[3], "somebody else's");
        space.write("assets/.prometeu/staged/elsewhere", format!("{}\n{ours}\nassets/c/f", other.join("\n")));
        let told = space.run(&["doctor"]);
        assert!(told.stderr.contains("info[LEFTOVER]") && told.stderr.contains(ours), "{}", told.stderr);
        let run = space.run(next);
        assert_eq!(run.code, 0, "{next:?}: {}{}", run.stdout, run.stderr);
        let mut after = files(&space);
        assert_eq!(after.remove(other[3]), Some(b"somebody else's".to_vec()), "{next:?}");
        assert!(!space.path().join("assets/.prometeu/staged").exists(), "{next:?}");
        let names = |files: &std::collections::BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
        let is_cached = |name: &String| name.contains("/cache/");
        let (mut before, mut after) = (names(&before), names(&after));
        before.retain(|name| !is_cached(name));
        after.retain(|name| !is_cached(name));
        assert_eq!(after, before, "{next:?}");
    }
}

#[test]
fn a_document_that_cannot_be_replaced_is_named_before_anything_changes() {
    let space = workspace();
    let script = "(cp assets/b/asset.json m && mount --bind m assets/b/asset.json) || exit 77\npapack rename 2 renamed";
    let Some(run) = run_with_mounts(&space, script) else { return };
    assert_eq!(run.code, 3, "{}{}", run.stdout, run.stderr);
    let told = run.stderr.replace('\n', " ");
    assert!(told.contains("cannot put a new document here: another file is mounted over it"), "{told}");
    assert!(told.contains("--> assets/b/asset.json"), "{told}");
}

#[test]
fn a_folder_does_not_leave_its_mount_but_by_hand() {
    let space = workspace();
    let script = "papack mv c b/c; echo code $?
        papack check > checked 2>&1; echo code $?
        mv assets/c assets/b/c
        papack mv c b/c; echo code $?";
    space.write_registry(&[entry(1, "a"), entry(3, "c")]);
    let prepared = format!("rm assets/b/asset.json\n{script}");
    let Some(run) = on_a_disk_of_its_own(&space, &prepared) else { return };
    let codes: Vec<_> = run.stdout.lines().filter(|line| line.starts_with("code")).collect();
    assert_eq!(codes, ["code 3", "code 0", "code 0"], "{}{}", run.stdout, run.stderr);
    let told = run.stderr.replace('\n', " ");
    assert!(told.contains("the system cannot move assets/c/ here: the places are on different mounts"), "{told}");
    assert!(told.contains("mv assets/c assets/b/c"), "{told}");
    assert_eq!(roots(&space), [(1, "a".to_owned()), (3, "b/c".to_owned())]);
}

#[test]
fn a_folder_that_is_a_mount_is_mounted_elsewhere() {
    let space = workspace();
    let script = "papack mv b d; echo code $?
        mkdir assets/d && mount --bind assets/b assets/d && umount assets/b && rm -r assets/b || exit 8
        papack mv b d; echo code $?
        mkdir assets/b";
    let Some(run) = on_a_disk_of_its_own(&space, script) else { return };
    let codes: Vec<_> = run.stdout.lines().filter(|line| line.starts_with("code")).collect();
    assert_eq!(codes, ["code 3", "code 0"], "{}{}", run.stdout, run.stderr);
    let told = run.stderr.replace('\n', " ");
    assert!(told.contains("the system cannot move assets/b/: it is a mount point"), "{told}");
    assert_eq!(roots(&space)[1], (2, "d".to_owned()));
}

#[test]
fn a_folder_with_a_mount_is_not_deleted_half() {
    // Of the asset's folder, of one in it, and of a file in it.
    for mount in [
        "true",
        "umount assets/b && mkdir assets/b/deep && cp kept/* assets/b && mount -t tmpfs papack assets/b/deep",
        "umount assets/b && echo b > assets/b/g && mount --bind assets/b/f assets/b/g",
    ] {
        let space = workspace();
        let script = format!(
            "({mount}) || exit 77
             find assets | sort > before; cp assets/.prometeu/index.json index
             papack rm 2 --delete-files --dry-run; echo code $?
             papack rm b --delete-files; echo code $?
             find assets -path assets/.prometeu/cache -prune -o -print | sort | diff before - || exit 8
             cmp index assets/.prometeu/index.json || exit 7"
        );
        let Some(run) = on_a_disk_of_its_own(&space, &script) else { return };
        assert_eq!((run.code, run.stdout.matches("code 3").count()), (0, 2), "{mount}: {}{}", run.stdout, run.stderr);
        assert!(run.stderr.contains("the system cannot delete this: it is a mount point"), "{mount}: {}", run.stderr);
        assert!(run.stderr.contains("assets/b"), "{mount}: {}", run.stderr);
    }
}

#[test]
fn a_workspace_on_an_overlay_is_changed_and_packed() {
    let space = workspace();
    let script = format!(
        "(mkdir o && mount -t tmpfs papack o && mkdir o/upper o/work o/all &&
          mount -t overlay -o lowerdir=.,upperdir=o/upper,workdir=o/work papack o/all) || exit 77
         cd o/all
         papack mv c d && exit 8
         mv assets/c assets/d && papack mv c d && papack mv d c || exit 7
         {COMMANDS}
         cp -r assets ../../changed"
    );
    let Some(run) = run_with_mounts(&space, &script) else { return };
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    let told = run.stderr.replace('\n', " ");
    assert!(
        told.contains("the folder is on a lower layer of an overlay") && told.contains("mv assets/c assets/d"),
        "{told}"
    );
    let changed = TestSpace::empty();
    for (name, content) in files(&space).into_iter().filter(|(name, _)| name.starts_with("changed/")) {
        changed.write(&name.replacen("changed", "assets", 1), content);
    }
    assert_changed(&changed, &run);
}
