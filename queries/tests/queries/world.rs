//! A workspace in memory: what an engine would have read, and a log of the queries that ran.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::sync::{Arc, Mutex};

use papack_queries::asset::{payload, record};
use papack_queries::change::{AssetInput, AssetState, Change};
use papack_queries::content::{ContentId, ContentKey, ContentStore, Outcome, is_harmless};
use papack_queries::db::{Database, Executed, Query};
use papack_queries::diagnostic::Diagnostic;
use papack_queries::discovery::Walk;
use papack_queries::inputs::{Asset, FileState, Group, IgnoreFile, ManifestState};
use papack_queries::pack::{build_set, gate, pack_plan, write_sidecar};
use papack_queries::record::Record;
use papack_queries::schema::registry::RegistryEntry;
use papack_queries::tree::{Kind, Tree, TreeEntry};
use uuid::Uuid;

/// A content store in memory, with outcomes that can be recalled. Nothing can be read while it is `broken`.
#[derive(Default)]
pub struct Memory {
    pub contents: Mutex<HashMap<ContentId, Vec<u8>>>,
    pub outcomes: Mutex<HashMap<ContentKey, Outcome>>,
    pub broken: Mutex<bool>,
}

impl Memory {
    /// Remembers what the format made of an asset of `world`.
    pub fn remember(&self, world: &World, id: u32) {
        let derived = payload(&world.db, world.asset(id)).clone();
        let outcome = Outcome { payload: derived.payload, diagnostics: derived.diagnostics };
        let stored = postcard::to_allocvec(&outcome).unwrap();
        let key = world.record(id).inputs.as_ref().unwrap().key();
        self.outcomes.lock().unwrap().insert(key, postcard::from_bytes(&stored).unwrap());
    }
}

impl ContentStore for Memory {
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

    /// Contents that a test made up have no bytes to look at.
    fn is_known_harmless(&self, id: ContentId) -> bool {
        self.contents.lock().unwrap().get(&id).is_none_or(|bytes| is_harmless(bytes))
    }

    fn recall(&self, key: ContentKey) -> Option<Outcome> {
        self.outcomes.lock().unwrap().get(&key).cloned()
    }
}

/// Files below `assets/`, and a database.
pub struct World {
    pub db: Database,
    pub memory: Arc<Memory>,
    pub files: BTreeMap<String, Vec<u8>>,
    pub entries: Vec<RegistryEntry>,
    pub ignore_file: IgnoreFile,
    /// The ids of the assets that are recorded, not loaded.
    pub recorded: BTreeSet<u32>,
    log: Arc<Mutex<Vec<Executed>>>,
}

impl World {
    pub fn new() -> Self {
        let log = Arc::new(Mutex::new(Vec::new()));
        let memory = Arc::new(Memory::default());
        let hook = Arc::clone(&log);
        let db = Database::new(Arc::clone(&memory) as Arc<dyn ContentStore>, move |executed| {
            hook.lock().unwrap().push(executed);
        });
        Self {
            db,
            memory,
            files: BTreeMap::new(),
            entries: Vec::new(),
            ignore_file: IgnoreFile::Absent,
            recorded: BTreeSet::new(),
            log,
        }
    }

    /// `count` DATA assets with ids from 1, each with one file.
    pub fn with_assets(count: u32) -> Self {
        let mut world = Self::new();
        for id in 1..=count {
            world.register(id, &format!("a{id}"));
            world.write(&format!("a{id}/data.bin"), &id.to_le_bytes());
            world.write_manifest(id, &format!(r#""name": "n{id}""#), r#""format": "DATA/raw_v1""#);
        }
        world.apply();
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

    /// Sets the inputs of the database, as an engine does after a walk.
    pub fn apply(&mut self) {
        let mut entries: Vec<_> = self.files.keys().map(|path| entry(path, Kind::File)).collect();
        let folders: BTreeSet<_> =
            self.files.keys().flat_map(|path| path.match_indices('/').map(|(end, _)| path[..end].to_owned())).collect();
        entries.extend(folders.iter().map(|path| entry(path, Kind::Folder)));
        let walk = Walk { tree: Tree::new(entries), not_utf8: Vec::new() };
        let assets = self
            .entries
            .iter()
            .zip(walk.roots(&self.entries))
            .map(|(entry, root)| {
                if self.recorded.contains(&entry.asset_id) {
                    return AssetState { entry: entry.clone(), input: AssetInput::Unchanged };
                }
                let manifest = self.files.get(&format!("{}/asset.json", entry.root));
                let manifest = manifest.map_or(ManifestState::Unread, |b| ManifestState::Bytes(b.as_slice().into()));
                AssetState { entry: entry.clone(), input: AssetInput::Loaded { root, manifest } }
            })
            .collect();
        let put = |(path, bytes): (&String, &Vec<u8>)| {
            (format!("assets/{path}"), FileState::Content(self.memory.put(bytes).unwrap()))
        };
        let files = self.files.iter().map(put).collect();
        let ignore_file = Some(self.ignore_file.clone());
        Change { assets: Some(assets), diagnostics: Some(Vec::new()), files, ignore_file, ..Change::default() }
            .apply(&mut self.db);
    }

    /// Asks for everything that a pack needs.
    pub fn pack(&self) -> (Vec<Diagnostic>, Option<Vec<u8>>, Option<Vec<u8>>) {
        let workspace = self.db.workspace();
        build_set(&self.db, workspace);
        let diagnostics = gate(&self.db, workspace).clone();
        let header = pack_plan(&self.db, workspace).map(|plan| plan.header.bytes().to_vec());
        let mut sidecar = Vec::new();
        let is_whole = write_sidecar(&self.db, &mut |piece| {
            sidecar.extend_from_slice(piece);
            Ok(())
        });
        (diagnostics, header, is_whole.unwrap().then_some(sidecar))
    }

    /// The asset with this id.
    pub fn asset(&self, id: u32) -> Asset {
        self.find(id).unwrap()
    }

    /// The asset with this id, where it is registered.
    pub fn find(&self, id: u32) -> Option<Asset> {
        let mut assets = self.db.workspace().assets(&self.db).iter().copied();
        assets.find(|asset| asset.entry(&self.db).asset_id == id)
    }

    /// The group that the asset with this id is or would be in.
    pub fn find_group(&self, id: u32) -> Option<Group> {
        let mut groups = self.db.workspace().groups(&self.db).iter().copied();
        groups.find(|group| group.number(&self.db) == id >> 9)
    }

    pub fn record(&self, id: u32) -> Arc<Record> {
        Arc::clone(record(&self.db, self.asset(id)))
    }

    /// The same workspace in a new process, with every asset recorded: its record was stored, and read again.
    pub fn restored(&self) -> Self {
        let mut restored = Self { memory: Arc::clone(&self.memory), ..Self::new() };
        restored.db.begin_operation(Arc::clone(&self.memory) as Arc<dyn ContentStore>);
        restored.files.clone_from(&self.files);
        restored.entries.clone_from(&self.entries);
        let recorded = |entry: &RegistryEntry| {
            let stored = postcard::to_allocvec(&*self.record(entry.asset_id)).unwrap();
            let input = AssetInput::Recorded(Arc::new(postcard::from_bytes(&stored).unwrap()));
            AssetState { entry: entry.clone(), input }
        };
        let assets = self.entries.iter().map(recorded).collect();
        Change { assets: Some(assets), ..Change::default() }.apply(&mut restored.db);
        restored.recorded = self.entries.iter().map(|entry| entry.asset_id).collect();
        restored
    }

    /// The same workspace in a database that knows nothing yet.
    pub fn anew(&self) -> Self {
        let mut anew = Self { files: self.files.clone(), entries: self.entries.clone(), ..Self::new() };
        anew.apply();
        anew
    }

    /// What ran since this was last asked, sorted.
    pub fn executed(&self) -> Vec<Executed> {
        let mut executed: Vec<_> = self.log.lock().unwrap().drain(..).collect();
        executed.sort_unstable();
        executed
    }

    /// The queries that ran since this was last asked, sorted.
    pub fn queries(&self) -> Vec<Query> {
        self.executed().into_iter().map(|executed| executed.query).collect()
    }
}

fn entry(path: &str, kind: Kind) -> TreeEntry {
    TreeEntry { path: path.into(), kind }
}

pub fn uuid(id: u32) -> Uuid {
    Uuid::from_u128(u128::from(id) | 0x4000_8000_0000_0000_0000)
}
