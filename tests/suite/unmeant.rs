//! Files of raw data that nobody meant, and what each command says of them.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};

use papack_engine::fs::RealFs;
use papack_engine::{CheckRequest, PackRequest};
use serde_json::Value;

use crate::hooked::{self, Call, HookedFs, Operation};
use crate::space::{TestSpace, entry, manifest};

const POINTER: &str = "version https://git-lfs.github.com/spec/v1\n\
    oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";
const PAGE: &str = "<!DOCTYPE html><title>404 Not Found</title>";
const CONFLICT: &str = "hello\n<<<<<<< HEAD\nworld\n=======\nmoon\n>>>>>>> topic\n";

/// What a command says: its exit code, and code, severity, path and line of each diagnostic.
fn said(space: &TestSpace, arguments: &[&str]) -> (i32, Vec<String>) {
    let run = space.run(&[arguments, &["--message-format", "json"]].concat());
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let said = |found: &Value| {
        let line = &found["span"]["line"];
        format!("{} {} {} {line}", text(&found["severity"]), text(&found["code"]), text(&found["path"]))
    };
    (run.code, run.lines().iter().filter(|line| line["type"] == "diagnostic").map(said).collect())
}

#[test]
fn every_command_that_looks_at_assets_says_it_every_time() {
    for (content, code, expected) in [
        (POINTER, 1, "ERROR FILE_LFS_POINTER assets/a/f null"),
        (PAGE, 0, "WARNING FILE_HTML assets/a/f null"),
        (CONFLICT, 0, "WARNING CONFLICT_MARKERS assets/a/f 2"),
    ] {
        let space = TestSpace::with_assets(&[("a", &[("f", content), ("g", "good")])]);
        let expected = (code, vec![expected.to_owned()]);
        for arguments in [
            &["check"][..],
            &["check"],
            &["check", "--rehash"],
            &["pack"],
            &["pack"],
            &["pack", "--rehash"],
            &["check"],
        ] {
            assert_eq!(said(&space, arguments), expected, "{arguments:?}");
        }
        assert_eq!(space.path().join("build/assets.pa").exists(), code == 0);
        assert_eq!(said(&space, &["status"]), (0, expected.1.clone()));
        space.write("assets/a/f", "what was meant");
        assert_eq!(said(&space, &["pack"]), (0, vec![]));
        assert_eq!(said(&space, &["check"]), (0, vec![]));
        // The content that was there before, in the next process.
        space.write("assets/a/f", content);
        assert_eq!(said(&space, &["pack"]), expected);
    }
}

#[test]
fn outside_the_build_set_a_pointer_is_a_warning() {
    let space = TestSpace::with_assets(&[("a", &[("f", POINTER)])]);
    space.write_registry(&[entry(1, "a").replace("true", "false")]);
    assert_eq!(said(&space, &["check"]), (0, vec!["WARNING FILE_LFS_POINTER assets/a/f null".to_owned()]));
    assert_eq!(said(&space, &["pack"]), (0, vec![]));
}

/// `check` holds no bytes, but it has read these as a manifest before they are an artifact file.
#[test]
fn a_manifest_that_is_an_artifact_file_is_looked_at_too() {
    let space = TestSpace::with_assets(&[("a", &[("f", "good")])]);
    space.write("assets/a/asset.json", manifest(1, "a", r#"{"glob": "**"}"#));
    for (content, code, expected) in [
        (CONFLICT, 0, "WARNING CONFLICT_MARKERS assets/a/inner/asset.json 2"),
        (POINTER, 1, "ERROR FILE_LFS_POINTER assets/a/inner/asset.json null"),
        ("{}", 0, ""),
    ] {
        space.write("assets/a/inner/asset.json", content);
        for command in ["check", "pack"] {
            let (found_code, mut found) = said(&space, &[command]);
            found.retain(|line| !line.starts_with("INFO"));
            let expected: Vec<_> = Some(expected.to_owned()).into_iter().filter(|line| !line.is_empty()).collect();
            assert_eq!((found_code, found), (code, expected), "{command}: {content}");
        }
    }
}

/// What shows that a file was not meant is looked for while it is digested: only where there is something to say is it
/// read again.
#[test]
fn raw_data_are_read_once() {
    let large = "text ".repeat(500_000);
    let late = "x\n".repeat(600_000) + CONFLICT;
    let files = [("binary", "\0\u{1}"), ("text", "text"), ("large", &large), ("late", &late), ("conflict", CONFLICT)];
    let assets: Vec<_> = files.iter().map(|file| (file.0, std::slice::from_ref(file))).collect();
    let space = TestSpace::with_assets(&assets);
    let opened = |is_pack: bool| {
        let counts = Arc::new(Mutex::new(BTreeMap::<String, usize>::new()));
        let fs = HookedFs::new(Arc::new(RealFs::new(space.path()).unwrap()), {
            let counts = Arc::clone(&counts);
            move |call: Call<'_>| -> io::Result<()> {
                let name = call.path.file_name().unwrap_or_default();
                if call.operation == Operation::Open && call.path.starts_with("assets") && !name.ends_with("asset.json")
                {
                    *counts.lock().unwrap().entry(name.to_owned()).or_default() += 1;
                }
                Ok(())
            }
        });
        let mut session = hooked::session(fs);
        let diagnostics = if is_pack {
            session.pack(&PackRequest::default(), &|_| {}).diagnostics
        } else {
            session.check(&CheckRequest::default(), &|_| {}).diagnostics
        };
        assert_eq!(diagnostics.len(), 1, "{diagnostics:?}");
        let counts = counts.lock().unwrap();
        files.map(|(name, _)| counts.get(name).copied().unwrap_or_default())
    };
    assert_eq!(opened(false), [1, 1, 1, 1, 2]);
    assert_eq!(opened(true), [1, 1, 1, 1, 1]);
}
