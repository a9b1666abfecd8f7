//! Disks that fail, and files that change under the reader: no fault of the workspace, and `build/` stays as it was.

use std::ffi::OsString;
use std::io;
use std::sync::Arc;

use camino::Utf8Path;
use papack_engine::fs::{FileHandle, FileSystem, Lock, NodeKind, RealFs, Stamp};
use papack_engine::{PackRequest, Session, Status};

use crate::case::Code;
use crate::ground::Ground;

/// What happens when the artifact file is opened.
#[derive(Clone, Copy)]
enum Fate {
    Fails,
    HasChanged,
    Panics,
}

struct OddFs {
    real: RealFs,
    fate: Fate,
}

impl FileSystem for OddFs {
    fn open(&self, path: &Utf8Path) -> io::Result<(Box<dyn FileHandle>, Stamp)> {
        let (file, stamp) = self.real.open(path)?;
        match self.fate {
            _ if path != "assets/a/one.txt" => Ok((file, stamp)),
            Fate::Fails => Err(io::Error::other("the disk is on fire")),
            Fate::HasChanged => Ok((file, Stamp { size: stamp.size - 1, ..stamp })),
            Fate::Panics => panic!("a defect"),
        }
    }

    fn kind(&self, path: &Utf8Path) -> io::Result<Option<NodeKind>> {
        self.real.kind(path)
    }

    fn list(&self, folder: &Utf8Path) -> io::Result<Vec<(OsString, NodeKind)>> {
        self.real.list(folder)
    }

    fn create(&self, path: &Utf8Path) -> io::Result<Box<dyn FileHandle>> {
        self.real.create(path)
    }

    fn create_folder(&self, path: &Utf8Path) -> io::Result<()> {
        self.real.create_folder(path)
    }

    fn rename(&self, from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
        self.real.rename(from, to)
    }

    fn move_folder(&self, from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
        self.real.move_folder(from, to)
    }

    fn copy_permissions(&self, from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
        self.real.copy_permissions(from, to)
    }

    fn remove_file(&self, path: &Utf8Path) -> io::Result<()> {
        self.real.remove_file(path)
    }

    fn remove_folder(&self, path: &Utf8Path) -> io::Result<()> {
        self.real.remove_folder(path)
    }

    fn sync_folder(&self, folder: &Utf8Path) -> io::Result<()> {
        self.real.sync_folder(folder)
    }

    fn try_lock(&self, folder: &Utf8Path) -> io::Result<Option<Box<dyn Lock>>> {
        self.real.try_lock(folder)
    }
}

#[test]
fn an_execution_that_fails_says_why_and_changes_nothing() {
    for (fate, code, says) in [
        (Fate::Fails, Code::Io, "the disk is on fire"),
        (Fate::HasChanged, Code::FileUnstable, "the file changed each of the 3 times it was read"),
        (Fate::Panics, Code::Internal, "a defect"),
    ] {
        let ground = Ground::new();
        ground.write("assets/a/two.txt", "something new");
        let before = ground.snapshot();
        let real = RealFs::new(&ground.path()).unwrap();
        let mut session = Session::with_file_system(Arc::new(OddFs { real, fate }));
        let result = session.pack(&PackRequest::default(), &|_| {});
        assert_eq!((result.status, result.execution_started), (Status::ExecutionFailed, true));
        let [fault] = result.diagnostics.as_slice() else { panic!("{:#?}", result.diagnostics) };
        assert_eq!(fault.code, code, "{fault:?}");
        assert!(fault.message.contains(says), "{fault:?}");
        assert_eq!(ground.snapshot(), before);
    }
}
