//! A workspace in memory, and the generations of outputs that it may have.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use papack_engine::fs::FileSystem;
use papack_engine::{PackRequest, PackResult, Status};

use crate::hooked::{self, Call, HookedFs};
use crate::memory::{MemoryFs, Tree};
use crate::space::{entry, manifest};

/// The four outputs, by name.
pub type Build = Vec<(String, Vec<u8>)>;

/// A workspace with two assets: `a`, which every generation changes, and `b`, which stays.
pub fn workspace() -> MemoryFs {
    let fs = MemoryFs::empty();
    let (a, b) = (entry(1, "a"), entry(2, "b"));
    let registry = format!(r#"{{"schema_version": 2, "next_asset_id": 3, "assets": [{a}, {b}]}}"#);
    fs.write("assets/.prometeu/index.json", registry);
    fs.write("assets/b/asset.json", manifest(2, "b", r#"{"file": "f"}"#));
    fs.write("assets/b/f", "unchanged");
    edit(&fs, 1);
    fs
}

/// Makes the sources those of a generation, 0 to 9. All four outputs differ from those of any other, and no size does:
/// only bytes tell them apart.
pub fn edit(fs: &MemoryFs, generation: u8) {
    let preload = format!("\"preload\": {{\"enabled\": true, \"slot\": {generation}}},\n  \"output\"");
    let text = manifest(1, &format!("generation {generation}"), r#"{"file": "f"}"#).replace("\"output\"", &preload);
    fs.write("assets/a/asset.json", text);
    fs.write("assets/a/f", [generation; 5]);
}

/// Makes the sources such that the gate refuses them: a pack passes through the lane, and publishes nothing.
pub fn spoil(fs: &MemoryFs) {
    fs.write("assets/a/asset.json", "broken");
}

/// Packs in a new session.
pub fn pack(fs: Arc<dyn FileSystem>) -> PackResult {
    hooked::session(fs).pack(&PackRequest::default(), &|_| {})
}

/// Packs, and stops at the changing call number `at`, as a process does that is killed: it and all after it fail. Tells
/// whether it was reached.
pub fn pack_until(fs: Arc<dyn FileSystem>, at: usize) -> bool {
    let (next, is_dead) = (AtomicUsize::new(0), Arc::new(AtomicBool::new(false)));
    let hook = {
        let is_dead = Arc::clone(&is_dead);
        move |call: Call<'_>| {
            if call.operation.changes() && next.fetch_add(1, Ordering::Relaxed) >= at {
                is_dead.store(true, Ordering::Relaxed);
            }
            if is_dead.load(Ordering::Relaxed) { Err(io::Error::other("the process is dead")) } else { Ok(()) }
        }
    };
    pack(HookedFs::new(fs, hook));
    is_dead.load(Ordering::Relaxed)
}

/// What a pack of generation `generation` publishes.
pub fn expected(generation: u8) -> Build {
    let fs = workspace();
    edit(&fs, generation);
    assert_eq!(pack(Arc::new(fs.clone())).status, Status::Success);
    let build = published(&fs);
    assert_eq!(build.len(), 4);
    build
}

/// The files in `build/`, without what lies in the staging folder.
pub fn published(fs: &MemoryFs) -> Build {
    let files = fs.tree("build").into_iter().filter(|(name, _)| !name.starts_with(".staging"));
    files.map(|(name, content)| (name, content.expect("a folder in build/"))).collect()
}

/// What lies in the staging folder, and the folder itself.
pub fn staging(fs: &MemoryFs) -> Tree {
    fs.tree("build").into_iter().filter(|(name, _)| name.starts_with(".staging")).collect()
}
