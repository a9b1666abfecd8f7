//! A workspace in a folder of its own, and the binary run in it.

#[path = "beside.rs"]
pub mod beside;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use papack_engine::fs::RealFs;
use papack_engine::{Session, UserKey};
use serde_json::Value;

/// The folder of the cache.
pub const CACHE: &str = "assets/.prometeu/cache";

/// The key of all caches that tests make, as digits: that of the user who runs them is none of their business.
pub const KEY: &str = "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a";

/// A temporary workspace.
pub struct TestSpace {
    beside: beside::Beside,
    folder: tempfile::TempDir,
}

/// What a run of the binary printed, and how it ended.
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl TestSpace {
    /// An empty folder.
    pub fn empty() -> Self {
        Self { beside: beside::Beside::default(), folder: tempfile::tempdir().unwrap() }
    }

    /// A copy of the folder `source`, given relative to the project.
    pub fn copy_of(source: &str) -> Self {
        let space = Self::empty();
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join(source), space.path());
        space
    }

    /// A workspace with the given DATA assets: root, and files with their content.
    pub fn with_assets(assets: &[(&str, &[(&str, &str)])]) -> Self {
        let space = Self::empty();
        let mut entries = Vec::new();
        for (index, (root, files)) in assets.iter().enumerate() {
            let id = index + 1;
            let list: Vec<_> = files.iter().map(|(file, _)| format!(r#"{{"file": "{file}"}}"#)).collect();
            space.write(&format!("assets/{root}/asset.json"), manifest(id, root, &list.join(", ")));
            for (file, content) in *files {
                space.write(&format!("assets/{root}/{file}"), content);
            }
            entries.push(entry(id, root));
        }
        space.write_registry(&entries);
        space
    }

    /// A workspace with `count` DATA assets of one file each. `content` gives it for an id.
    pub fn with_many(count: usize, content: impl Fn(usize) -> Vec<u8>) -> Self {
        let space = Self::empty();
        let mut entries = Vec::new();
        for id in 1..=count {
            let root = format!("g{}/a{id}", id % 100);
            space.write(&format!("assets/{root}/asset.json"), manifest(id, &root, r#"{"file": "f"}"#));
            space.write(&format!("assets/{root}/f"), content(id));
            entries.push(entry(id, &root));
        }
        let text =
            format!(r#"{{"schema_version": 2, "next_asset_id": {}, "assets": [{}]}}"#, count + 1, entries.join(","));
        space.write("assets/.prometeu/index.json", text);
        space
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file, and the folders that it needs.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub fn write_registry(&self, entries: &[String]) {
        let text = format!(
            "{{\n  \"schema_version\": 2,\n  \"next_asset_id\": 1000,\n  \"assets\": [\n    {}\n  ]\n}}\n",
            entries.join(",\n    ")
        );
        self.write("assets/.prometeu/index.json", text);
    }

    pub fn read(&self, path: &str) -> Vec<u8> {
        fs::read(self.path().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Removes the payloads from the cache, which keeps all else that it holds.
    pub fn forget_payloads(&self) {
        fs::remove_dir_all(self.path().join(CACHE).join("payloads")).unwrap();
    }

    /// The outputs and everything else below `build/`, by path.
    pub fn build(&self) -> BTreeMap<String, Vec<u8>> {
        files_below(&self.path().join("build"))
    }

    /// A session in the workspace, which has the same key as the binary.
    pub fn session(&self) -> Session {
        session(self.path())
    }

    /// Sees to it that a session runs beside the workspace, if one is wanted.
    pub fn keep_session(&self) {
        self.beside.keep(self.path());
    }

    /// The binary with `arguments`, in the workspace.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.keep_session();
        let mut command = Command::new(env!("CARGO_BIN_EXE_papack"));
        command.current_dir(self.path()).args(arguments).env("NO_COLOR", "1").env("PAPACK_CACHE_KEY", KEY);
        command
    }

    /// Runs the binary with `arguments`, in the workspace.
    pub fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments))
    }

    /// Packs, which must succeed.
    #[track_caller]
    pub fn pack(&self) -> Run {
        let run = self.run(&["pack"]);
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
        run
    }

    /// Packs with JSON output.
    pub fn pack_json(&self) -> (i32, Vec<Value>) {
        let run = self.run(&["pack", "--message-format", "json"]);
        (run.code, run.lines())
    }
}

impl Run {
    /// Runs `command`, with the key of the tests where it has no other.
    pub fn of(mut command: Command) -> Self {
        if command.get_envs().all(|(name, _)| name != "PAPACK_CACHE_KEY") {
            command.env("PAPACK_CACHE_KEY", KEY);
        }
        let output = command.output().unwrap();
        Self {
            code: output.status.code().expect("ended by a signal"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Standard output as one JSON object a line.
    pub fn lines(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
    }
}

/// A session in the workspace at `path`, which has the same key as the binary.
pub fn session(path: &Path) -> Session {
    Session::with_file_system(Arc::new(RealFs::new(path).unwrap()), UserKey::new([0x5a; 32]))
}

/// A registry entry of the asset `id`, included in the build.
pub fn entry(id: usize, root: &str) -> String {
    let uuid = uuid(id);
    format!(r#"{{ "asset_id": {id}, "asset_uuid": "{uuid}", "root": "{root}", "included_in_build": true }}"#)
}

/// A manifest of the DATA asset `id` with these entries of `artifacts`.
pub fn manifest(id: usize, name: &str, artifacts: &str) -> String {
    let uuid = uuid(id);
    format!(
        "{{\n  \"schema_version\": 2,\n  \"asset_uuid\": \"{uuid}\",\n  \"name\": \"{name}\",\n  \"artifacts\": \
         [{artifacts}],\n  \"output\": {{ \"format\": \"DATA/raw_v1\" }}\n}}\n"
    )
}

pub fn uuid(id: usize) -> String {
    format!("00000000-0000-4000-8000-{id:012x}")
}

/// Every file below `folder`, by its path below it.
pub fn files_below(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten() {
            let path: PathBuf = entry.unwrap().path();
            let is_socket = path.symlink_metadata().is_ok_and(|found| found.file_type().is_socket());
            if path.is_dir() {
                folders.push(path);
            } else if !is_socket {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    files
}

/// The commands that the groups of `papack --help` name, in their order.
pub fn commands() -> Vec<String> {
    let help = TestSpace::empty().run(&["--help"]).stdout;
    let (groups, _) = help.split_once("\nOptions:\n").unwrap();
    let (_, groups) = groups.split_once("Usage:").unwrap();
    let lines = groups.lines().skip(1).filter_map(|line| line.strip_prefix("  "));
    let commands: Vec<_> = lines.map(|line| line.split_whitespace().next().unwrap().to_owned()).collect();
    assert!(commands.len() > 15, "{commands:?}");
    commands
}

fn copy(from: &Path, to: &Path) {
    for (name, content) in files_below(from) {
        if name.starts_with("build/") {
            continue;
        }
        let target = to.join(name);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(target, content).unwrap();
    }
}
