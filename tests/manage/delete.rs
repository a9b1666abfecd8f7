//! `papack rm --delete-files`.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use papack_engine::fs::RealFs;
use papack_engine::{Cancel, Change, Levels, ManageRequest, ManageResult, Status, Task};
use papack_queries::diagnostic::Code;
use serde_json::json;

use crate::hooked::{self, Call, HookedFs};
use crate::space::TestSpace;
use crate::{changes, files, json as run_json, refuses, registry, roots};

/// Assets 1 and 2 at `ui/font` and `music`. The first has folders and a hidden file in it.
fn workspace() -> TestSpace {
    let space = TestSpace::with_assets(&[("ui/font", &[("f", "f")]), ("music", &[("f", "f")])]);
    space.write("assets/ui/font/deep/er/g", "g");
    space.write("assets/ui/font/.git/h", "h");
    space
}

/// The same, with a name that is no UTF-8 and links.
fn odd_workspace() -> TestSpace {
    let space = workspace();
    space.write("outside/kept", "kept");
    let font = space.path().join("assets/ui/font");
    fs::write(font.join("deep").join(OsStr::from_bytes(b"\xff")), "odd").unwrap();
    symlink(space.path().join("outside"), font.join("folder-link")).unwrap();
    symlink("../../music/f", font.join("file-link")).unwrap();
    space
}

#[test]
fn the_folder_goes_whole_and_nothing_else() {
    let space = odd_workspace();
    let told = space.run(&["rm", "ui/font", "--delete-files", "--dry-run"]);
    assert_eq!((told.code, told.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(told.stdout, @r"
    Unregistered ui/font (asset 1)
         Deleted assets/ui/font, 7 files
            Note its id is spent for good: papack add would give the asset another one; papack exclude keeps it
         Dry run nothing was written
    ");
    assert!(space.path().join("assets/ui/font/deep/er/g").exists());
    assert_eq!(roots(&space).len(), 2);
    let made = changes(&space, &["rm", "ui/font", "--delete-files"]);
    assert_eq!(made[0], json!({"kind": "ASSET_UNREGISTERED", "asset_id": 1, "root": "ui/font"}));
    assert_eq!(made[1], json!({"kind": "FILES_DELETED", "path": "assets/ui/font", "files": 7}));
    assert_eq!(roots(&space), [(2, "music".to_owned())]);
    assert!(fs::read_dir(space.path().join("assets/ui")).unwrap().next().is_none());
    assert_eq!((space.read("outside/kept"), space.read("assets/music/f")), (b"kept".to_vec(), b"f".to_vec()));
    assert_eq!(space.run(&["check", "--deny-warnings"]).code, 0);
    assert_eq!(registry(&space).next_asset_id, Some(1000));
}

#[test]
fn a_folder_that_is_gone_is_no_fault_and_one_that_is_none_is() {
    let space = workspace();
    fs::remove_dir_all(space.path().join("assets/music")).unwrap();
    assert_eq!(changes(&space, &["rm", "music", "--delete-files"]).len(), 1);
    let space = workspace();
    fs::remove_dir_all(space.path().join("assets/music")).unwrap();
    symlink("ui/font", space.path().join("assets/music")).unwrap();
    refuses(&space, &["rm", "*", "--delete-files"], "FILE_LINK", "symbolic link");
    space.run(&["rm", "music"]);
    // A link in a folder on the way.
    let space = workspace();
    fs::rename(space.path().join("assets/ui"), space.path().join("assets/real")).unwrap();
    symlink("real", space.path().join("assets/ui")).unwrap();
    refuses(&space, &["rm", "ui/font", "--delete-files"], "FILE_LINK", "symbolic link");
}

#[test]
fn an_asset_that_was_moved_into_the_folder_is_not_deleted_with_it() {
    let space = workspace();
    fs::rename(space.path().join("assets/music"), space.path().join("assets/ui/font/music")).unwrap();
    refuses(&space, &["rm", "ui/font", "--delete-files"], "ASSET_MOVED", "papack rm 2");
    assert_eq!(space.run(&["rm", "ui/font", "2", "--delete-files"]).code, 0);
    assert_eq!(roots(&space), []);
}

/// Removes both assets and their files while `hook` is asked before every call.
fn remove(space: &TestSpace, hook: impl Fn(Call<'_>) -> io::Result<()> + Send + Sync + 'static) -> ManageResult {
    let fs = HookedFs::new(Arc::new(RealFs::new(space.path()).unwrap()), hook);
    let task = Task::Remove { assets: vec!["**".into()], delete_files: true };
    let request =
        ManageRequest { task, dry_run: false, no_wait: false, levels: Levels::default(), cancel: Cancel::default() };
    hooked::session(fs).manage(&request, &|_| {})
}

#[test]
fn what_cannot_be_deleted_is_told_and_stays() {
    let space = workspace();
    let result = remove(&space, |call| match call.path.as_str() {
        "assets/ui/font/deep/er/g" => Err(io::ErrorKind::PermissionDenied.into()),
        _ => Ok(()),
    });
    assert_eq!(result.status, Status::ExecutionFailed);
    let [fault] = &result.diagnostics[..] else { panic!("{:?}", result.diagnostics) };
    assert_eq!((fault.code, fault.path.as_deref()), (Code::Io, Some("assets/ui/font/deep/er/g")));
    assert!(fault.message.starts_with("cannot be deleted"), "{}", fault.message);
    assert!(result.changes.contains(&Change::FilesDeleted { path: "assets/ui/font".into(), files: 3 }));
    assert!(result.changes.contains(&Change::FilesDeleted { path: "assets/music".into(), files: 2 }));
    let left: Vec<_> = files(&space).into_keys().filter(|path| path.starts_with("assets/")).collect();
    assert_eq!(left, ["assets/.prometeu/index.json", "assets/ui/font/deep/er/g"]);
    assert_eq!(roots(&space), []);
    // Through the binary, where the faults are many.
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    for index in 0..30 {
        space.write(&format!("assets/a/locked/{index}"), "");
    }
    let locked = space.path().join("assets/a/locked");
    fs::set_permissions(&locked, std::os::unix::fs::PermissionsExt::from_mode(0o555)).unwrap();
    if fs::write(locked.join("probe"), "").is_ok() {
        eprintln!("skipped: this user is not held back by permissions");
        return;
    }
    let (code, result) = run_json(&space, &["rm", "a", "--delete-files"]);
    fs::set_permissions(&locked, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let found = result["diagnostics"].as_array().unwrap();
    assert_eq!((code, found.len()), (3, 20), "{result}");
    assert!(found[19]["help"].as_str().unwrap().contains("10 more"), "{result}");
}

#[test]
fn a_death_leaves_a_registered_asset_whole_or_an_unregistered_folder() {
    let (mut whole, mut parts) = (0, 0);
    for at in 0.. {
        let space = workspace();
        let before = files(&space);
        let next = Arc::new(AtomicUsize::new(0));
        let result = remove(&space, {
            let next = Arc::clone(&next);
            move |_| {
                let is_dead = next.fetch_add(1, Ordering::Relaxed) >= at;
                if is_dead { Err(io::Error::other("injected")) } else { Ok(()) }
            }
        });
        if next.load(Ordering::Relaxed) <= at {
            assert_eq!(result.status, Status::Success);
            break;
        }
        let after = files(&space);
        let is_whole = before.keys().all(|path| after.contains_key(path));
        if registry(&space).entries.is_empty() {
            parts += usize::from(!is_whole);
        } else {
            assert!(is_whole, "call {at}: a registered asset lost files");
            whole += 1;
        }
        assert_eq!(registry(&space).next_asset_id, Some(1000), "call {at}");
    }
    assert!(whole > 10 && parts > 5, "{whole} deaths before, {parts} within");
}
