//! What the real file system does, and what it refuses.

use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::sync::atomic::Ordering;

use camino::Utf8Path;

use crate::fs::{FileSystem as _, FolderStat, NodeKind, RealFs};

/// Both ways to open a path give the same result, whatever the path leads to.
#[cfg(target_os = "linux")]
#[test]
fn one_call_and_component_by_component_agree() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("a/b")).unwrap();
    std::fs::write(folder.path().join("a/b/file"), "content").unwrap();
    symlink("b", folder.path().join("a/folder-link")).unwrap();
    symlink("file", folder.path().join("a/b/file-link")).unwrap();
    symlink("/etc", folder.path().join("outside")).unwrap();
    let one_call = RealFs::new(folder.path()).unwrap();
    let by_components = RealFs::new(folder.path()).unwrap();
    by_components.resolves.store(false, Ordering::Relaxed);
    let kind = |error: io::Error| error.kind();
    for (path, expected) in [
        ("a/b/file", Ok(7)),
        ("a/b/none", Err(io::ErrorKind::NotFound)),
        ("a/none/file", Err(io::ErrorKind::NotFound)),
        ("a/b/file/x", Err(io::ErrorKind::NotADirectory)),
        ("a/folder-link/file", Err(io::ErrorKind::NotADirectory)),
        ("a/b/file-link", Err(io::ErrorKind::NotADirectory)),
        ("outside/hostname", Err(io::ErrorKind::NotADirectory)),
        ("a/b", Err(io::ErrorKind::InvalidInput)),
    ] {
        for fs in [&one_call, &by_components] {
            let opened = fs.open(Utf8Path::new(path)).map(|(_, stamp)| stamp.size).map_err(kind);
            assert_eq!(opened, expected, "{path}");
        }
    }
    if !one_call.resolves.load(Ordering::Relaxed) {
        eprintln!("skipped: this kernel does not resolve whole paths, both went component by component");
    }
    // Nothing outside can be named, even if it exists.
    let inner = [RealFs::new(&folder.path().join("a")).unwrap(), RealFs::new(&folder.path().join("a")).unwrap()];
    inner[1].resolves.store(false, Ordering::Relaxed);
    let absolute = folder.path().join("a/b/file").to_str().unwrap().to_owned();
    for fs in inner {
        assert!(fs.open(Utf8Path::new("b/file")).is_ok());
        for climbing in ["../a/b/file", "b/../../a/b/file", &absolute] {
            assert_eq!(fs.open(Utf8Path::new(climbing)).map(drop).map_err(kind), Err(io::ErrorKind::InvalidInput));
        }
        assert!(fs.create_folder(Utf8Path::new("../made")).is_err());
        assert!(fs.rename(Utf8Path::new("b/file"), Utf8Path::new("../file")).is_err());
    }
}

/// Several folders at once give what each of them gives, and none is reached through a link.
#[test]
fn several_folders_give_what_each_of_them_gives() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("in/one/deep")).unwrap();
    std::fs::create_dir(folder.path().join("in/two")).unwrap();
    std::fs::write(folder.path().join("in/one/file"), "content").unwrap();
    std::fs::write(folder.path().join("in/file"), "content").unwrap();
    symlink("one", folder.path().join("in/link")).unwrap();
    symlink("file", folder.path().join("in/one/link")).unwrap();
    let fs = RealFs::new(folder.path()).unwrap();
    let parent = Utf8Path::new("in");
    let names = ["file", "link", "deep", "none"];
    let folders: Vec<_> =
        ["one", "two", "none", "file", "link"].iter().map(|folder| (*folder, names.to_vec())).collect();
    let kind = |stat: io::Result<FolderStat>| stat.map_err(|error| error.kind());
    let found: Vec<_> = fs.stat_folders(parent, &folders).unwrap().into_iter().map(kind).collect();
    let each: Vec<_> = folders.iter().map(|(folder, names)| kind(fs.stat(&parent.join(folder), names))).collect();
    assert_eq!(found, each);
    let kinds = |stat: &FolderStat| stat.1.iter().map(|found| found.map(|(kind, _)| kind)).collect::<Vec<_>>();
    let in_one = [Some(NodeKind::File), Some(NodeKind::Link), Some(NodeKind::Folder), None];
    assert_eq!(found[0].as_ref().map(kinds).unwrap(), in_one);
    let refused = [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory, io::ErrorKind::NotADirectory];
    assert_eq!(found[2..].iter().map(|stat| *stat.as_ref().unwrap_err()).collect::<Vec<_>>(), refused);
    for nowhere in ["none", "in/file", "in/link", "../in"] {
        assert!(fs.stat_folders(Utf8Path::new(nowhere), &folders).is_err(), "{nowhere}");
    }
}

#[test]
fn the_workspace_is_listed_as_often_as_wanted() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "content").unwrap();
    let fs = RealFs::new(folder.path()).unwrap();
    for _ in 0..2 {
        assert_eq!(fs.list(Utf8Path::new("")).unwrap(), [("file".into(), NodeKind::File)]);
        assert!(fs.list_stamped(Utf8Path::new("")).unwrap().stamp.is_some());
    }
}

#[test]
fn a_folder_is_moved_only_to_where_nothing_is() {
    let folder = tempfile::tempdir().unwrap();
    for path in ["from/inner", "empty", "link-target"] {
        std::fs::create_dir_all(folder.path().join(path)).unwrap();
    }
    std::fs::write(folder.path().join("file"), "content").unwrap();
    symlink("nowhere", folder.path().join("link")).unwrap();
    let fs = RealFs::new(folder.path()).unwrap();
    let move_to = |to: &str| fs.move_folder(Utf8Path::new("from"), Utf8Path::new(to)).map_err(|error| error.kind());
    for taken in ["empty", "file", "link", "from"] {
        assert_eq!(move_to(taken), Err(io::ErrorKind::AlreadyExists), "{taken}");
    }
    assert!(move_to("from/inner/deeper").is_err());
    assert_eq!(move_to("none/from"), Err(io::ErrorKind::NotFound));
    assert_eq!(move_to("../from"), Err(io::ErrorKind::InvalidInput));
    assert!(fs.move_folder(Utf8Path::new("file"), Utf8Path::new("moved")).is_err(), "a file is no folder");
    assert_eq!(move_to("empty/from"), Ok(()));
    assert!(folder.path().join("empty/from/inner").is_dir());
}

#[test]
fn a_file_is_renamed_to_where_nothing_is() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    std::fs::write(folder.path().join("from"), "new").unwrap();
    std::fs::write(folder.path().join("file"), "old").unwrap();
    symlink("nowhere", folder.path().join("link")).unwrap();
    let fs = RealFs::new(folder.path()).unwrap();
    let rename_to = |to: &str| fs.rename_new(Utf8Path::new("from"), Utf8Path::new(to)).map_err(|error| error.kind());
    for taken in ["empty", "file", "link"] {
        assert_eq!(rename_to(taken), Err(io::ErrorKind::AlreadyExists), "{taken}");
    }
    assert_eq!(std::fs::read(folder.path().join("file")).unwrap(), b"old");
    assert_eq!(rename_to("empty/to"), Ok(()));
    assert_eq!(std::fs::read(folder.path().join("empty/to")).unwrap(), b"new");
}

#[test]
fn permissions_are_copied() {
    let folder = tempfile::tempdir().unwrap();
    let mode = |name: &str| folder.path().join(name).metadata().unwrap().permissions().mode() & 0o7777;
    for (name, permissions) in [("from", 0o640), ("to", 0o666)] {
        std::fs::write(folder.path().join(name), "").unwrap();
        std::fs::set_permissions(folder.path().join(name), PermissionsExt::from_mode(permissions)).unwrap();
    }
    let fs = RealFs::new(folder.path()).unwrap();
    fs.copy_permissions(Utf8Path::new("from"), Utf8Path::new("to")).unwrap();
    assert_eq!(mode("to"), 0o640);
}

#[test]
fn a_lock_excludes_until_it_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("lane")).unwrap();
    let (one, other) = (RealFs::new(folder.path()).unwrap(), RealFs::new(folder.path()).unwrap());
    let held = one.try_lock(Utf8Path::new("lane")).unwrap();
    assert!(held.is_some());
    assert!(other.try_lock(Utf8Path::new("lane")).unwrap().is_none());
    drop(held);
    assert!(other.try_lock(Utf8Path::new("lane")).unwrap().is_some());
}

#[test]
fn whether_a_rename_can_work_is_found_out_and_nothing_changes() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for name in ["staged", "folder", "folder/empty", "fixed"] {
        std::fs::create_dir(path(name)).unwrap();
    }
    for name in ["staged/new", "folder/file", "fixed/file"] {
        std::fs::write(path(name), name).unwrap();
    }
    symlink("/etc", path("folder/link")).unwrap();
    let fs = RealFs::new(folder.path()).unwrap();
    let can_rename_to = |from: &str, to: &str| fs.can_rename(from.into(), to.into()).map_err(|error| error.kind());
    for from in ["staged/new", "staged/not there yet"] {
        assert_eq!(can_rename_to(from, "folder/file"), Ok(()));
        assert_eq!(can_rename_to(from, "folder/nothing"), Ok(()));
        assert_eq!(can_rename_to(from, "folder/link"), Ok(()), "a link would be replaced");
        assert_eq!(can_rename_to(from, "folder/empty"), Err(io::ErrorKind::IsADirectory));
        assert_eq!(can_rename_to(from, "nowhere/file"), Err(io::ErrorKind::NotFound));
        assert_eq!(can_rename_to(from, "folder/link/file"), Err(io::ErrorKind::NotADirectory));
    }
    let attribute =
        |change: &str, name: &str| std::process::Command::new("chattr").arg(change).arg(path(name)).output();
    for (change, name, fixed) in [
        ("i", "fixed", &["fixed/file", "fixed/nothing"][..]),
        ("a", "fixed", &["fixed/file"]),
        ("i", "fixed/file", &["fixed/file"]),
        ("a", "fixed/file", &["fixed/file"]),
    ] {
        if !attribute(&format!("+{change}"), name).is_ok_and(|output| output.status.success()) {
            eprintln!("skipped: no file can be made immutable here");
            break;
        }
        let answers: Vec<_> = fixed
            .iter()
            .map(|to| (can_rename_to("staged/new", to), fs.rename("staged/new".into(), (*to).into())))
            .collect();
        assert!(attribute(&format!("-{change}"), name).unwrap().status.success());
        for (answer, renamed) in answers {
            assert_eq!((answer, renamed.is_err()), (Err(io::ErrorKind::PermissionDenied), true), "{change} {name}");
        }
    }
    let names = |folder: &str| fs.list(folder.into()).unwrap().len();
    assert_eq!(["staged", "folder", "folder/empty", "fixed"].map(names), [1, 3, 0, 1], "nothing changed");
    assert_eq!(std::fs::read(path("fixed/file")).unwrap(), b"fixed/file");
}
