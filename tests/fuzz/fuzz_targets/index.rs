//! Any index of the cache, authenticated and with right digests, is believed or dropped, and breaks nothing.
#![no_main]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use papack_engine::fs::RealFs;
use papack_engine::{CheckRequest, PackRequest, Session, UserKey};
use papack_queries::content::ContentId;
use papack_queries::diagnostic::{Code, Diagnostic};

const REGISTRY: &str = r#"{"schema_version": 2, "next_asset_id": 2, "assets": [
    {"asset_id": 1, "asset_uuid": "00000000-0000-4000-8000-000000000001", "root": "a", "included_in_build": true}
]}"#;
const MANIFEST: &str = r#"{"schema_version": 2, "asset_uuid": "00000000-0000-4000-8000-000000000001", "name": "a",
    "artifacts": [{"file": "f"}], "output": {"format": "DATA/raw_v1"}}"#;

/// The key of the cache.
const KEY: [u8; 32] = [7; 32];

fn session(workspace: &Path) -> Session {
    Session::with_file_system(Arc::new(RealFs::new(workspace).expect("a workspace")), UserKey::new(KEY))
}

/// A workspace with an asset that was packed.
struct Space {
    folder: tempfile::TempDir,
    /// The line that every index begins with.
    version: Vec<u8>,
}

impl Space {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let assets = folder.path().join("assets");
        for inner in [".prometeu", "a"] {
            fs::create_dir_all(assets.join(inner)).expect("folders");
        }
        for (path, content) in [(".prometeu/index.json", REGISTRY), ("a/asset.json", MANIFEST), ("a/f", "f")] {
            fs::write(assets.join(path), content).expect("written");
        }
        session(folder.path()).pack(&PackRequest::default(), &|_| {});
        let index = fs::read(assets.join(".prometeu/cache/index")).expect("an index");
        let version = index.split_inclusive(|byte| *byte == b'\n').next().unwrap_or_default().to_vec();
        Self { folder, version }
    }
}

thread_local! {
    static SPACE: Space = Space::new();
}

/// The index in which each sequence is one of the `pieces`, and the end begins with `end`.
fn index(version: &[u8], pieces: &[&[u8]; 4], end: &[u8]) -> Vec<u8> {
    let mut end = end.to_vec();
    for piece in pieces {
        let sequence = [ContentId::of(piece)];
        end.extend(postcard::to_allocvec(&sequence[..]).expect("a digest and a size"));
    }
    let mut hasher = blake3::Hasher::new_keyed(&blake3::derive_key("papack 2026-11-30 cache index", &KEY));
    let (size, code) = ((end.len() as u64).to_le_bytes(), hasher.update(version).update(&end).finalize());
    [version, &pieces.concat(), &end, &size, code.as_bytes()].concat()
}

fn assert_no_defect(diagnostics: &[Diagnostic]) {
    assert!(diagnostics.iter().all(|found| found.code != Code::Internal), "{diagnostics:#?}");
}

fuzz_target!(|input: ([&[u8]; 4], &[u8])| {
    let (pieces, end) = input;
    SPACE.with(|Space { folder, version }| {
        let index = index(version, &pieces, end);
        for packs in [false, true] {
            fs::write(folder.path().join("assets/.prometeu/cache/index"), &index).expect("written");
            let mut session = session(folder.path());
            if packs {
                assert_no_defect(&session.pack(&PackRequest::default(), &|_| {}).diagnostics);
            } else {
                assert_no_defect(&session.check(&CheckRequest::default(), &|_| {}).diagnostics);
            }
        }
    });
});
