//! A workspace in memory: what an engine would have seen, and a log of the queries that ran.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::{Arc, Mutex};

use papack_queries::content::{Content, ContentId};
use papack_queries::db::{Database, Executed, Query};
use papack_queries::diagnostic::Diagnostic;
use papack_queries::discovery::Walk;
use papack_queries::inputs::{Asset, AssetState, Change, FileState, Found, ManifestState};
use papack_queries::pack::{gate, header, write_sidecar};
use papack_queries::schema::registry::RegistryEntry;
use papack_queries::tree::{Kind, Tree, TreeEntry};
use uuid::Uuid;

/// Contents in memory. Nothing can be read while it is `broken`.
#[derive(Default)]
pub struct Memory {
    pub contents: Mutex<HashMap<ContentId, Vec<u8>>>,
    pub broken: Mutex<bool>,
}

impl Content for Memory {
    fn read_at(&self, id: ContentId, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        if *self.broken.lock().unwrap() {
            return Err(io::Error::other("the disk is on fire"));
        }
        let contents = self.contents.lock().unwrap();
        let start = usize::try_from(offset).unwrap();
        buffer.copy_from_slice(&contents[&id][start..start + buffer.len()]);
        Ok(())
    }

    fn put(&self, bytes: &[u8]) -> io::Result<ContentId> {
        let id = ContentId::of(bytes);
        self.contents.lock().unwrap().insert(id, bytes.to_vec());
        Ok(id)
    }
}

/// Files below `assets/`, and the database that sees them.
pub struct World {
    pub db: Database,
    pub memory: Arc<Memory>,
    pub files: BTreeMap<String, Vec<u8>>,
    pub entries: Vec<RegistryEntry>,
    log: Arc<Mutex<Vec<Executed>>>,
}

impl World {
    pub fn new() -> Self {
        let log = Arc::new(Mutex::new(Vec::new()));
        let memory = Arc::new(Memory::default());
        let hook = Arc::clone(&log);
        let db = Database::new(Arc::clone(&memory) as Arc<dyn Content>, move |executed| {
            hook.lock().unwrap().push(executed);
        });
        Self { db, memory, files: BTreeMap::new(), entries: Vec::new(), log }
    }

    /// `count` DATA assets with ids from 1, each with one file.
    pub fn with_assets(count: u32) -> Self {
        let mut world = Self::new();
        for id in 1..=count {
            world.register(id, &format!("a{id}"));
            world.write(&format!("a{id}/data.bin"), &id.to_le_bytes());
            world.write_manifest(id, &format!(r#""name": "n{id}""#), r#""format": "DATA/raw_v1""#);
        }
        world.see();
        world
    }

    pub fn register(&mut self, asset_id: u32, root: &str) {
        let entry = RegistryEntry { asset_id, asset_uuid: uuid(asset_id), root: root.into(), included_in_build: true };
        self.entries.push(entry);
    }

    pub fn write(&mut self, path: &str, bytes: &[u8]) {
        self.files.insert(path.into(), bytes.to_vec());
    }

    /// The manifest of asset `id` in its root `a<id>`, which takes `data.bin`.
    pub fn write_manifest(&mut self, id: u32, fields: &str, output: &str) {
        let text = format!(
            r#"{{"schema_version": 2, "asset_uuid": "{}", {fields}, "artifacts": [{{"file": "data.bin"}}], "output": {{{output}}}}}"#,
            uuid(id)
        );
        self.write(&format!("a{id}/asset.json"), text.as_bytes());
    }

    /// Shows the database everything, as an engine does after a walk.
    pub fn see(&mut self) {
        let mut entries: Vec<_> = self.files.keys().map(|path| entry(path, Kind::File)).collect();
        let folders: std::collections::BTreeSet<_> =
            self.files.keys().flat_map(|path| path.match_indices('/').map(|(end, _)| path[..end].to_owned())).collect();
        entries.extend(folders.iter().map(|path| entry(path, Kind::Folder)));
        let walk = Walk { tree: Tree::new(entries), not_utf8: Vec::new() };
        let assets = self
            .entries
            .iter()
            .zip(walk.roots(&self.entries))
            .map(|(entry, root)| {
                let manifest = self.files.get(&format!("{}/asset.json", entry.root));
                let manifest = manifest.map_or(ManifestState::Unread, |b| ManifestState::Bytes(b.as_slice().into()));
                AssetState { entry: entry.clone(), found: Found::Live { root, manifest } }
            })
            .collect();
        let put = |(path, bytes): (&String, &Vec<u8>)| {
            (format!("assets/{path}"), FileState::Content(self.memory.put(bytes).unwrap()))
        };
        let files = self.files.iter().map(put).collect();
        Change { assets: Some(assets), diagnostics: Some(Vec::new()), files, ..Change::default() }.apply(&mut self.db);
    }

    /// Asks for everything that a pack needs.
    pub fn pack(&self) -> (Vec<Diagnostic>, Option<Vec<u8>>, Option<Vec<u8>>) {
        let workspace = self.db.workspace();
        let diagnostics = gate(&self.db, workspace).clone();
        let header = header(&self.db, workspace).map(|header| header.bytes().to_vec());
        let mut sidecar = Vec::new();
        let is_whole = write_sidecar(&self.db, &mut |piece| {
            sidecar.extend_from_slice(piece);
            Ok(())
        });
        (diagnostics, header, is_whole.unwrap().then_some(sidecar))
    }

    /// The queries that ran since this was last asked, sorted.
    pub fn executed(&self) -> Vec<Query> {
        let mut queries: Vec<_> = self.log.lock().unwrap().drain(..).map(|executed| executed.query).collect();
        queries.sort_unstable();
        queries
    }

    /// The assets for which `query` ran since this was last asked.
    pub fn executed_for(&self, query: Query) -> Vec<u32> {
        let keys: Vec<_> = self.log.lock().unwrap().drain(..).filter(|e| e.query == query).map(|e| e.key).collect();
        let assets: &Vec<Asset> = self.db.workspace().assets(&self.db);
        let ran = assets.iter().filter(|asset| keys.contains(&asset.key()));
        ran.map(|asset| asset.entry(&self.db).asset_id).collect()
    }
}

fn entry(path: &str, kind: Kind) -> TreeEntry {
    TreeEntry { path: path.into(), kind }
}

pub fn uuid(id: u32) -> Uuid {
    Uuid::from_u128(u128::from(id) | 0x4000_8000_0000_0000_0000)
}
