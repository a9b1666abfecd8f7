//! Which folders are workspaces, whatever fails on the way.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::sync::Arc;

use super::*;
use crate::hooked::{Call, HookedFs};

/// Makes a workspace in `folder`, as far as discovery goes.
fn make_workspace(folder: &Path) {
    fs::create_dir_all(folder.join(LANE)).unwrap();
    fs::write(folder.join(REGISTRY_PATH), "").unwrap();
}

#[test]
fn only_what_is_not_there_is_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    make_workspace(folder.path());
    let real = Arc::new(RealFs::new(folder.path()).unwrap());
    for (kind, expected) in [
        (io::ErrorKind::NotFound, Ok(false)),
        (io::ErrorKind::Other, Err(io::ErrorKind::Other)),
        (io::ErrorKind::OutOfMemory, Err(io::ErrorKind::OutOfMemory)),
        (io::ErrorKind::StaleNetworkFileHandle, Err(io::ErrorKind::StaleNetworkFileHandle)),
        (io::ErrorKind::TimedOut, Err(io::ErrorKind::TimedOut)),
        // There is an `assets/`, and something is wrong with what is in it.
        (io::ErrorKind::PermissionDenied, Ok(true)),
    ] {
        let failing = move |call: Call<'_>| if call.path == LANE { Err(kind.into()) } else { Ok(()) };
        let found = holds_registry(&*HookedFs::new(real.clone(), failing));
        assert_eq!(found.map_err(|error| error.kind()), expected, "{kind}");
    }
    let failing = |_: Call<'_>| Err(io::ErrorKind::PermissionDenied.into());
    let found = holds_registry(&*HookedFs::new(real, failing));
    assert_eq!(found.map_err(|error| error.kind()), Err(io::ErrorKind::PermissionDenied));
}

#[test]
fn the_nearest_folder_with_a_registry_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("inner");
    make_workspace(folder.path());
    make_workspace(&inner);
    fs::create_dir_all(inner.join("a/b")).unwrap();
    fs::create_dir(folder.path().join("beside")).unwrap();
    for (from, expected) in [("inner/a/b", inner.as_path()), ("inner", &inner), ("beside", folder.path())] {
        assert_eq!(find_workspace(&folder.path().join(from)).unwrap(), Some(expected), "{from}");
    }
    // A file on the path, and what does not exist, is passed over. A link that leads to itself is an error.
    fs::write(inner.join("file"), "").unwrap();
    for from in ["inner/file/x", "inner/gone/x"] {
        assert_eq!(find_workspace(&folder.path().join(from)).unwrap(), Some(&*inner), "{from}");
    }
    let circle = inner.join("circle");
    std::os::unix::fs::symlink("circle", &circle).unwrap();
    assert_eq!(find_workspace(&circle).unwrap_err().0, circle);
}
