//! `verify`, `inspect` and the reader, from outside: on what `pack` wrote, and on what became of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

mod altered;
mod golden;
mod large;
mod older;
mod places;
mod shown;
#[path = "../suite/space.rs"]
#[allow(dead_code, reason = "other tests use more of it")]
mod space;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use papack_engine::{PackRequest, Status, Verdict, verify};

use crate::space::session;

/// The golden workspaces whose packs are kept.
const GOLDEN: [&str; 5] = ["empty", "w101", "w102", "w103", "w104"];

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name).join("expected")
}

/// Runs the binary in `folder`.
fn papack(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_papack"));
    command.current_dir(folder).args(arguments).env("PAPACK_CACHE_KEY", space::KEY).output().unwrap()
}

/// Copies a folder with all that is in it, but for what was built there.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            if entry.file_name() != "build" {
                copy(&entry.path(), &target);
            }
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Packs the workspace, and returns its `build/`.
fn pack(workspace: &Path) -> PathBuf {
    let result = session(workspace).pack(&PackRequest::default(), &|_| ());
    assert_eq!(result.status, Status::Success, "{:#?}", result.diagnostics);
    workspace.join("build")
}

/// A workspace with two small assets, packed. One preloads; one has a pipeline.
fn small_pack(workspace: &Path) -> PathBuf {
    const UUIDS: [&str; 2] = ["3f0e5a1c-7a55-4a0e-9b39-5d4f0f6f2a01", "9b0c2c34-52a5-4c29-8f0a-0c2b8b6d9f02"];
    let write = |path: &str, text: &str| {
        let path = workspace.join("assets").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let entry = |id: usize, uuid: &str, root: &str| {
        format!(r#"{{"asset_id":{id},"asset_uuid":"{uuid}","root":"{root}","included_in_build":true}}"#)
    };
    let entries = [entry(1, UUIDS[0], "a"), entry(2, UUIDS[1], "b/c")].join(",");
    write(".prometeu/index.json", &format!(r#"{{"schema_version":2,"next_asset_id":3,"assets":[{entries}]}}"#));
    let manifest = |uuid: &str, name: &str, more: &str, preload: &str| {
        let front = format!(r#""schema_version":2,"asset_uuid":"{uuid}","name":"{name}","artifacts":[{{"glob":"*"}}]"#);
        format!(r#"{{{front},"output":{{"format":"DATA/raw_v1"{more}}},"preload":{preload}}}"#)
    };
    let pipeline = r#","pipeline":{"from":[1.5,"x",1e20]}"#;
    write("a/asset.json", &manifest(UUIDS[0], "first", pipeline, r#"{"enabled":true,"slot":5}"#));
    write("b/c/asset.json", &manifest(UUIDS[1], "second", "", r#"{"enabled":false}"#));
    write("a/one.txt", "one");
    write("a/two.txt", "two of them");
    write("b/c/three.bin", "\u{1}\u{2}\u{3}");
    pack(workspace)
}

fn is_valid(file: &Path) -> bool {
    verify(file).unwrap().status == Verdict::Valid
}
