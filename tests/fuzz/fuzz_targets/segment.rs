//! Any index of cached payloads that is authenticated is read or dropped.
#![no_main]

use std::cell::RefCell;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use papack_engine::fs::RealFs;
use papack_engine::{CacheRequest, CacheTask, Cancel, Session, Status, UserKey};

/// The key of the cache.
const KEY: [u8; 32] = [7; 32];

/// A workspace without assets, whose cache has one segment.
struct Space {
    segment: PathBuf,
    session: Session,
    _folder: tempfile::TempDir,
}

impl Space {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let payloads = folder.path().join("assets/.prometeu/cache/payloads");
        fs::create_dir_all(&payloads).expect("folders");
        let fs = RealFs::new(folder.path()).expect("a workspace");
        let session = Session::with_file_system(Arc::new(fs), UserKey::new(KEY));
        Self { segment: payloads.join("k3J9sZuyXw4ndm06D9nc"), session, _folder: folder }
    }
}

thread_local! {
    static SPACE: RefCell<Space> = RefCell::new(Space::new());
}

fuzz_target!(|input: (u32, u32, u8, &[u8])| {
    let (slice_count, entry_count, slices, index) = input;
    let header = b"papackPS\x02\0\0\0\0\0\0\0";
    let mut bytes = header.to_vec();
    bytes.resize(bytes.len() + usize::from(slices), 0);
    let mut end = index.to_vec();
    end.extend((index.len() as u64).to_le_bytes());
    end.extend(slice_count.to_le_bytes());
    end.extend(entry_count.to_le_bytes());
    let mut hasher = blake3::Hasher::new_keyed(&blake3::derive_key("papack 2026-11-30 cache segment", &KEY));
    let code = hasher.update(header).update(&end).finalize();
    bytes.extend(end);
    bytes.extend(code.as_bytes());
    SPACE.with_borrow_mut(|Space { segment, session, .. }| {
        fs::write(&*segment, &bytes).expect("written");
        let request = CacheRequest { task: CacheTask::Prune, max_bytes: None, no_wait: false, cancel: Cancel::new() };
        let result = session.cache(&request, &|_| {});
        assert_eq!(result.status, Status::Success);
        let kept = result.cache.expect("contents").payloads;
        assert_eq!(segment.exists(), kept.segment_count == 1);
        if kept.segment_count == 1 {
            assert_eq!(fs::read(&*segment).expect("still there"), bytes);
            assert!(u64::from(entry_count) >= kept.entry_count as u64 && kept.entry_count <= index.len() / 40);
        }
    });
});
