//! `check --fix` on workspaces with any faults at once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use papack_engine::{CheckRequest, CheckResult, Code, FixRequest};
use proptest::prelude::*;

use crate::files;
use crate::space::{TestSpace, entry, manifest, uuid};

const REGISTRY: &str = "assets/.prometeu/index.json";

/// A way to spoil the asset with an id, and the codes of errors that no safe fix mends.
type Spoil = (fn(&TestSpace, usize), &'static [Code]);

/// The manifest of the asset `id`, wherever it is.
fn manifest_of(space: &TestSpace, id: usize) -> String {
    let moved = format!("assets/moved{id}/asset.json");
    if space.path().join(&moved).exists() { moved } else { format!("assets/a{id}/asset.json") }
}

/// Replaces `from`, where it is, in the file at `path`.
fn replace(space: &TestSpace, path: &str, from: &str, to: &str) {
    let before = String::from_utf8(space.read(path)).unwrap();
    space.write(path, before.replacen(from, to, 1));
}

fn replace_in_manifest(space: &TestSpace, id: usize, from: &str, to: &str) {
    replace(space, &manifest_of(space, id), from, to);
}

/// Each is a change of something else, so that any of them go together.
const SPOILS: [Spoil; 16] = [
    (|space, id| replace_in_manifest(space, id, "}\n}", "},\n}"), &[]),
    (|space, id| replace_in_manifest(space, id, "\"name\"", "\"Name\""), &[]),
    (|space, id| replace_in_manifest(space, id, "\"artifacts\"", "\"artefacts\""), &[]),
    (|space, id| replace_in_manifest(space, id, "\"enabled\"", "\"enable\""), &[]),
    (
        |space, id| replace_in_manifest(space, id, "\"codec\": \"NONE\"", "\"codec\": \"NONE\", \"codec\": \"NONE\""),
        &[],
    ),
    (|space, id| replace_in_manifest(space, id, "\"DATA/raw_v1\"", "\"data/raw_v1\""), &[]),
    (|space, id| replace_in_manifest(space, id, "\"NONE\"", "\"none\""), &[]),
    (|space, id| replace_in_manifest(space, id, "true", "\"true\""), &[]),
    (|space, id| replace_in_manifest(space, id, &uuid(0xab0 + id), &uuid(0xab0 + id).to_uppercase()), &[]),
    (|space, id| replace_in_manifest(space, id, "Dir/F.bin", "dir/f.bin"), &[]),
    (
        |space, id| {
            let path = manifest_of(space, id);
            replace(space, &path, "\"schema_version\": 2", "\"schema_version\": 1");
            // The spelling may be another one by now.
            for file in ["\"Dir/F.bin\"", "\"dir/f.bin\""] {
                replace(space, &path, &format!("{{\"file\": {file}}}"), file);
            }
        },
        &[],
    ),
    (
        |space, id| {
            let assets = space.path().join("assets");
            // Where it was moved already, it stays.
            drop(fs::rename(assets.join(format!("a{id}")), assets.join(format!("moved{id}"))));
        },
        &[],
    ),
    (|space, _| replace(space, REGISTRY, ": 1000,", ": \"1000\","), &[]),
    (|space, _| replace(space, REGISTRY, "{\n", "{\n  \"schema_version\": 2,\n"), &[]),
    (|space, id| replace_in_manifest(space, id, &format!("\"slot\": {id}"), "\"slot\": 9"), &[Code::PreloadSlotTaken]),
    (
        |space, id| space.write(&format!("assets/copy{id}/asset.json"), space.read(&manifest_of(space, id))),
        &[Code::AssetMoved],
    ),
];

/// Three sound assets, of which the last one is not packed.
fn workspace() -> TestSpace {
    let space = TestSpace::empty();
    let entry = |id: usize| entry(id, &format!("a{id}")).replace(&uuid(id), &uuid(0xab0 + id));
    for id in 1..=3 {
        let root = format!("a{id}");
        let output = format!("\"codec\": \"NONE\" }},\n  \"preload\": {{ \"enabled\": true, \"slot\": {id} }}");
        let text = manifest(id, &root, r#"{"file": "Dir/F.bin"}"#)
            .replace(&uuid(id), &uuid(0xab0 + id))
            .replace("\"DATA/raw_v1\" }", &format!("\"DATA/raw_v1\", {output}"));
        space.write(&format!("assets/{root}/asset.json"), text);
        space.write(&format!("assets/{root}/Dir/F.bin"), "f");
    }
    space.write_registry(&[entry(1), entry(2), entry(3).replace("true", "false")]);
    space
}

fn errors(result: &CheckResult) -> BTreeSet<Code> {
    result.diagnostics.iter().filter(|found| found.is_error()).map(|found| found.code).collect()
}

/// Everything but the cache.
fn inputs(space: &TestSpace) -> BTreeMap<String, Vec<u8>> {
    files(space).into_iter().filter(|(path, _)| !path.contains(".prometeu/cache/")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn safe_fixes_mend_what_they_can_and_spoil_nothing(
        spoils in prop::collection::vec((0..SPOILS.len(), 1..=3_usize), 0..7),
    ) {
        let space = workspace();
        let mut done = BTreeSet::new();
        for (spoil, id) in &spoils {
            if done.insert((*spoil, *id)) {
                SPOILS[*spoil].0(&space, *id);
            }
        }
        let before = inputs(&space);
        let checked = space.session().check(&CheckRequest::default(), &|_| {});
        let documents = ["asset.json", "index.json"];
        for edit in checked.diagnostics.iter().flat_map(|found| &found.fixes).flat_map(|fix| &fix.edits) {
            let name = edit.path.rsplit('/').next().unwrap();
            prop_assert!(edit.path.starts_with("assets/") && documents.contains(&name), "{}", edit.path);
        }

        let mut session = space.session();
        let fixed = session.fix(&FixRequest::default(), &|_| {});
        let left: Vec<_> = fixed.diagnostics.iter().filter(|found| found.fixes.iter().any(|fix| fix.is_safe)).collect();
        prop_assert!(left.is_empty(), "{left:#?}");
        let may_stay: BTreeSet<Code> = done.iter().flat_map(|(spoil, _)| SPOILS[*spoil].1).copied().collect();
        prop_assert!(errors(&fixed).is_subset(&may_stay), "{:#?}", fixed.diagnostics);
        prop_assert_eq!(checked.diagnostics.iter().any(|found| found.fixes.iter().any(|fix| fix.is_safe)), !fixed.applied_fixes.is_empty());

        let after = inputs(&space);
        prop_assert!(after.keys().eq(before.keys()), "no file comes or goes");
        let changed: BTreeSet<_> = after.iter().filter(|(path, text)| before[*path] != **text).map(|(path, _)| path.clone()).collect();
        let told: BTreeSet<_> = fixed.applied_fixes.iter().map(|fix| fix.path.clone()).collect();
        prop_assert_eq!(changed, told);

        for mut session in [session, space.session()] {
            let again = session.fix(&FixRequest::default(), &|_| {});
            prop_assert_eq!(&again.applied_fixes, &[]);
            prop_assert_eq!(&again.diagnostics, &fixed.diagnostics);
        }
        prop_assert!(inputs(&space) == after);
    }
}
