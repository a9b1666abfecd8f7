//! Any index of cached payloads, with a right checksum, is read or dropped.
#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use papack_engine::{CacheContents, CacheRequest, CacheTask, Cancel, Session, Status};

/// A workspace without assets, whose cache has one segment.
static SPACE: LazyLock<(tempfile::TempDir, PathBuf)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let payloads = folder.path().join("assets/.prometeu/cache/payloads");
    fs::create_dir_all(&payloads).expect("folders");
    let segment = payloads.join("k3J9sZuyXw4ndm06D9nc");
    (folder, segment)
});

fuzz_target!(|input: (u32, u32, u8, &[u8])| {
    let (slice_count, entry_count, slices, index) = input;
    let (folder, path) = &*SPACE;
    let mut bytes = b"papackPS\x01\0\0\0\0\0\0\0".to_vec();
    bytes.resize(bytes.len() + usize::from(slices), 0);
    let mut end = index.to_vec();
    end.extend((index.len() as u64).to_le_bytes());
    end.extend(slice_count.to_le_bytes());
    end.extend(entry_count.to_le_bytes());
    let checksum = blake3::hash(&end);
    bytes.extend(end);
    bytes.extend(checksum.as_bytes());
    fs::write(path, &bytes).expect("written");

    let cache = |task| -> CacheContents {
        let mut session = Session::open(folder.path()).expect("a workspace");
        let request = CacheRequest { task, max_bytes: None, no_wait: false, cancel: Cancel::new() };
        let result = session.cache(&request, &|_| {});
        assert_eq!(result.status, Status::Success);
        result.cache.expect("contents")
    };
    let shown = cache(CacheTask::Show).payloads;
    assert_eq!(fs::read(path).expect("still there"), bytes);
    assert!(shown.entry_count <= index.len() / 40);
    let pruned = cache(CacheTask::Prune).payloads;
    assert_eq!(pruned, shown);
    assert_eq!(path.exists(), shown.segment_count == 1);
});
