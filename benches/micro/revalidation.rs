//! What the queries of a pack cost after an edit of one asset, where all others are recorded ("at rest").

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput};
use papack_queries::asset::record;
use papack_queries::change::{AssetInput, AssetState, Change};
use papack_queries::content::ContentStore;
use papack_queries::db::Database;
use papack_queries::inputs::{FileState, ManifestState, RootState};
use papack_queries::pack::{gate, header, layout};
use papack_queries::record::{Claim, Record};
use papack_queries::schema::registry::RegistryEntry;
use papack_queries::tree::{Kind, Tree, TreeEntry};
use uuid::Uuid;

use crate::memory::Memory;

const FILE: &str = "assets/a1/f";

/// A workspace of recorded assets, of which only asset 1 was ever loaded.
struct World {
    db: Database,
    memory: Arc<Memory>,
}

impl World {
    fn new(count: u32) -> Self {
        let memory = Arc::new(Memory::default());
        let db = Database::new(Arc::clone(&memory) as Arc<dyn ContentStore>, |_| {});
        let mut world = Self { db, memory };
        let first = AssetState { entry: entry(1), input: loaded() };
        Change { assets: Some(vec![first]), ..Change::default() }.apply(&mut world.db);
        world.write(b"four");
        let first = Arc::clone(record(&world.db, world.db.workspace().assets(&world.db)[0]));
        let recorded = |id| AssetState { entry: entry(id), input: AssetInput::Recorded(Arc::new(renamed(&first, id))) };
        let assets = (1..=count).map(recorded).collect();
        Change { assets: Some(assets), ..Change::default() }.apply(&mut world.db);
        world.pack();
        world
    }

    /// Loads asset 1.
    fn load(&mut self) {
        Change { updates: vec![(1, loaded())], ..Change::default() }.apply(&mut self.db);
    }

    /// Leaves only the record of asset 1.
    fn unload(&mut self) {
        let asset = self.db.workspace().assets(&self.db)[0];
        let found = AssetInput::Recorded(Arc::clone(record(&self.db, asset)));
        Change { updates: vec![(1, found)], ..Change::default() }.apply(&mut self.db);
    }

    fn write(&mut self, bytes: &[u8]) {
        let state = FileState::Content(self.memory.put(bytes).unwrap());
        Change { files: vec![(FILE.to_owned(), state)], ..Change::default() }.apply(&mut self.db);
    }

    /// Everything but the sidecar.
    fn pack(&self) {
        let workspace = self.db.workspace();
        assert_eq!(gate(&self.db, workspace), &[]);
        black_box((layout(&self.db, workspace), header(&self.db, workspace)));
    }
}

fn entry(id: u32) -> RegistryEntry {
    let asset_uuid = Uuid::from_u128(0x4000_8000_0000_0000_0000 | u128::from(id));
    RegistryEntry { asset_id: id, asset_uuid, root: format!("a{id}").into(), included_in_build: true }
}

fn loaded() -> AssetInput {
    let names = ["asset.json", "f"].map(|path| TreeEntry { path: path.into(), kind: Kind::File });
    let manifest = format!(
        r#"{{"schema_version": 2, "asset_uuid": "{}", "name": "n1", "artifacts": [{{"file": "f"}}], "output": {{"format": "DATA/raw_v1"}}}}"#,
        entry(1).asset_uuid
    );
    let root = RootState::Folder(Arc::new(Tree::new(names.into())));
    AssetInput::Loaded { root, manifest: ManifestState::Bytes(manifest.into_bytes().into()) }
}

/// The record of another asset with the same files.
fn renamed(record: &Record, id: u32) -> Record {
    let name = record.name.clone().map(|claim| Claim { key: format!("n{id}").into(), ..claim });
    Record { name, ..record.clone() }
}

pub fn benches(criterion: &mut Criterion) {
    for count in [1_000, 100_000] {
        let mut world = World::new(count);
        world.load();
        world.pack();
        let mut is_odd = false;
        let mut group = criterion.benchmark_group("revalidation");
        group.sample_size(20);
        group.bench_function(format!("another edit, {count} assets at rest"), |bencher| {
            bencher.iter(|| {
                is_odd = !is_odd;
                world.write(if is_odd { b"odd!" } else { b"even" });
                world.pack();
            });
        });
        group.throughput(Throughput::Elements(u64::from(count)));
        let mut world = World::new(count);
        group.bench_function(format!("first edit, {count} assets at rest"), |bencher| {
            bencher.iter_custom(|iterations| {
                let mut elapsed = std::time::Duration::ZERO;
                for _ in 0..iterations {
                    world.unload();
                    world.pack();
                    is_odd = !is_odd;
                    let started = std::time::Instant::now();
                    world.load();
                    world.write(if is_odd { b"odd!" } else { b"even" });
                    world.pack();
                    elapsed += started.elapsed();
                }
                elapsed
            });
        });
        group.finish();
    }
}
