//! The files that globs leave out: which, what is said of them, and what runs when the ignore file changes.

use std::sync::Arc;

use papack_queries::asset::{checked_asset, ignoring, unused_files};
use papack_queries::change::Change;
use papack_queries::db::Database;
use papack_queries::db::Query::{self, CheckedAsset, Derivation, Format, Ignoring, Payload, Record};
use papack_queries::diagnostic::{Code, Span};
use papack_queries::inputs::{FileFault, FileState, IgnoreFile, RootState};
use papack_queries::left_out::{MAX_LINES, MAX_SIZE};

use crate::world::{World, uuid};

const CONFLICT: &[u8] = b"a\n<<<<<<< HEAD\n*.psd\n=======\n*.kra\n>>>>>>> topic\n";
const POINTER: &[u8] = b"version https://git-lfs.github.com/spec/v1\n\
    oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 812\n";

/// Two DATA assets, `a1` and `a2`, with these artifacts and these files.
fn world(artifacts: &str, files: &[&str]) -> World {
    let mut world = World::with_assets(2);
    for id in [1, 2] {
        world.files.remove(&format!("a{id}/data.bin"));
        let text = format!(
            r#"{{"schema_version": 2, "asset_uuid": "{}", "name": "n{id}", "artifacts": [{artifacts}], "output": {{"format": "DATA/raw_v1"}}}}"#,
            uuid(id)
        );
        world.write(&format!("a{id}/asset.json"), text.as_bytes());
        files.iter().for_each(|file| world.write(&format!("a{id}/{file}"), file.as_bytes()));
    }
    world.apply();
    world
}

fn ignore(world: &mut World, text: &str) {
    world.ignore_file = IgnoreFile::Bytes(text.as_bytes().into());
    world.apply();
}

/// The files that asset `id` takes.
fn taken(world: &World, id: u32) -> Vec<String> {
    let files = checked_asset(&world.db, world.asset(id)).files.as_ref().unwrap();
    files.iter().map(|file| file.path(&world.db)["assets/a1/".len()..].to_owned()).collect()
}

/// What is said of asset 1: code, message and help.
fn said(world: &World) -> Vec<(Code, String)> {
    let found = &checked_asset(&world.db, world.asset(1)).diagnostics;
    found.iter().map(|found| (found.code, found.message.clone())).collect()
}

#[test]
fn globs_leave_out_what_nobody_meant_unless_an_entry_names_it() {
    const FILES: [&str; 5] = ["Thumbs.db", "a (1).bin", "a.bak", "a.bin", "d/b.bin~"];
    for (artifacts, expected, notice) in [
        (
            r#"{"glob": "**"}"#,
            &["a.bin"][..],
            Some("4 files are left out of the patterns: \"Thumbs.db\"; \"a (1).bin\"; \"a.bak\"; and 1 more"),
        ),
        (r#"{"glob": "*.bin"}"#, &["a.bin"], Some("\"a (1).bin\" is left out of the patterns")),
        (r#"{"glob": "a.bin"}, {"glob": "*.bak"}"#, &["a.bin", "a.bak"], None),
        (r#"{"glob": "a.bin"}, {"glob": "**/*~"}, {"glob": "Thumbs.*"}"#, &[], None),
        (
            r#"{"glob": "a.bin"}, {"file": "a (1).bin"}, {"file": "Thumbs.db"}"#,
            &["a.bin", "a (1).bin", "Thumbs.db"],
            None,
        ),
        (r#"{"glob": "a.bin"}, {"glob": "* (1).bin"}"#, &["a.bin", "a (1).bin"], None),
        // What another entry takes is not left out, and what "except" takes away is no glob's anyway.
        (
            r#"{"glob": "**", "except": ["d/*", "a (1).bin"]}, {"file": "a.bak"}"#,
            &["a.bin", "a.bak"],
            Some("\"Thumbs.db\" is left out of the patterns"),
        ),
    ] {
        let world = world(artifacts, &FILES);
        if expected.is_empty() {
            // "Thumbs.*" is no name that is left out, so all that it matches is.
            let faults = said(&world);
            assert_eq!(faults[0].0, Code::GlobEmpty, "{artifacts}: {faults:?}");
            assert!(faults[0].1.contains("\"Thumbs.db\" first"), "{faults:?}");
            continue;
        }
        assert_eq!(taken(&world, 1), expected, "{artifacts}");
        let notices: Vec<_> = notice.map(|notice| (Code::FilesLeftOut, notice.to_owned())).into_iter().collect();
        assert_eq!(said(&world), notices, "{artifacts}");
    }
}

#[test]
fn a_copy_is_left_out_only_beside_its_original() {
    let files = ["walk (1).bin", "walk (2).bin"];
    let mut world = world(r#"{"glob": "*.bin"}"#, &files);
    assert_eq!((taken(&world, 1), said(&world)), (files.map(str::to_owned).to_vec(), Vec::new()));
    world.write("a1/walk.bin", b"w");
    world.apply();
    assert_eq!(taken(&world, 1), ["walk.bin"]);
}

#[test]
fn the_ignore_file_adds_to_the_list_and_takes_from_it() {
    let mut world = world(r#"{"glob": "*"}, {"file": "d/x.psd"}"#, &["a.bak", "a.bin", "b.psd", "d/x.psd"]);
    assert_eq!(taken(&world, 1), ["a.bin", "b.psd", "d/x.psd"]);
    ignore(&mut world, "*.psd\n");
    assert_eq!(taken(&world, 1), ["a.bin", "d/x.psd"], "a file entry takes what the ignore file names");
    ignore(&mut world, "*.psd\n!b.psd\n!*.bak\n");
    assert_eq!(taken(&world, 1), ["a.bak", "a.bin", "b.psd", "d/x.psd"]);
    ignore(&mut world, "/a2/b.*\n");
    assert_eq!((taken(&world, 1).len(), taken(&world, 2)), (3, vec!["a.bin".to_owned(), "d/x.psd".to_owned()]));
    for id in [1, 2] {
        let asset = world.asset(id);
        let RootState::Folder(tree) = asset.root(&world.db) else { panic!("asset {id} has a root") };
        let record = world.record(id);
        let rules = &ignoring(&world.db, world.db.workspace()).rules;
        let unused = unused_files(tree, &asset.entry(&world.db).root, &record.files().unwrap(), rules);
        assert!(unused.is_empty(), "what is left out of asset {id} is not unused: {unused:?}");
    }
}

/// What a summary tells of an asset is known where its inputs are not, too.
#[test]
fn the_record_of_a_blocked_asset_has_what_its_manifest_says() {
    let mut world = world(r#"{"glob": "*.bin"}"#, &["a.bin", "b.bin"]);
    let sound = world.record(1);
    assert!(sound.blocked.is_none() && sound.inputs.is_some());
    let (format, files) = (sound.format(), sound.files().unwrap().join(" "));
    assert_eq!(
        (format.map(papack_queries::formats::Format::name), files.as_str()),
        (Some("DATA/raw_v1"), "a.bin b.bin")
    );
    // A file that may not be read; then an entry that names none.
    let files_now = vec![("assets/a1/a.bin".to_owned(), FileState::Refused(FileFault::Forbidden))];
    Change { files: files_now, ..Change::default() }.apply(&mut world.db);
    let refused = world.record(1);
    assert!(refused.inputs.is_none() && refused.payload.is_none());
    assert_eq!((refused.format(), refused.files().unwrap().join(" ")), (format, files));
    let text = String::from_utf8(world.files["a1/asset.json"].clone()).unwrap();
    world.write("a1/asset.json", text.replace(r#"{"glob": "*.bin"}"#, r#"{"file": "none"}"#).as_bytes());
    world.apply();
    let missing = world.record(1);
    assert_eq!((missing.format(), missing.files()), (format, None));
}

/// The queries that ran, and for which of the two assets.
fn ran(world: &World) -> Vec<(Query, u32)> {
    let of = |key| [1, 2].into_iter().find(|id| world.asset(*id).key() == key).unwrap_or_default();
    let all = world.executed().into_iter().map(|executed| (executed.query, of(executed.key)));
    all.filter(|(query, id)| *id > 0 || *query == Ignoring).collect()
}

#[test]
fn only_assets_whose_files_changed_are_derived_when_the_ignore_file_changes() {
    let mut world = world(r#"{"glob": "*"}"#, &["a.bin", "b.bin"]);
    world.pack();
    let header = world.pack().1;
    world.executed();
    ignore(&mut world, "/a1/b.bin\n");
    world.pack();
    // All globs are expanded again. The files of asset 2 are the same, so nothing of it is derived.
    let expanded = [(Ignoring, 0), (CheckedAsset, 1), (CheckedAsset, 2)];
    let derived = [(Derivation, 1), (Payload, 1), (Format, 1), (Record, 1)];
    let expected = [&expanded[..], &derived[..]].concat();
    assert_eq!(ran(&world), expected);
    // A comment is no rule.
    ignore(&mut world, "# a draft\n/a1/b.bin\n");
    world.pack();
    assert_eq!(ran(&world), [(Ignoring, 0)]);
    world.ignore_file = IgnoreFile::Absent;
    world.apply();
    assert_eq!(world.pack().1, header);
    assert!(ran(&world).contains(&(Format, 1)) && world.anew().pack().1 == header);
}

#[test]
fn an_ignore_file_that_cannot_be_used_is_an_error_of_the_gate() {
    for (file, code, place, fragment) in [
        (bytes(b"a\n[b\n"), Code::IgnoreInvalid, Some((2, 2)), "\"[b\" is no pattern: unclosed character class"),
        (bytes(b"a\\"), Code::IgnoreInvalid, Some((1, 0)), "is no pattern: dangling '\\'"),
        (bytes(CONFLICT), Code::ConflictMarkers, Some((2, 2)), "version control left a conflict here"),
        (bytes(POINTER), Code::FileLfsPointer, Some((1, 0)), "the file itself, of 812 bytes"),
        (bytes(b"<!DOCTYPE html><p>404"), Code::IgnoreInvalid, Some((1, 0)), "has no patterns: it is a web page"),
        (bytes(b"a\n\0b"), Code::IgnoreInvalid, None, "line 2 has a NUL byte"),
        (bytes(b"\0\0"), Code::IgnoreInvalid, Some((1, 0)), "has no patterns: it is"),
        (bytes(b"\xff\xfe*\0\n\0"), Code::IgnoreInvalid, Some((1, 0)), "it is text in UTF-16"),
        (bytes(b"a\n\xff"), Code::IgnoreInvalid, None, "line 2 is no UTF-8"),
        (bytes("a\n".repeat(MAX_LINES + 1).as_bytes()), Code::IgnoreInvalid, Some((1001, 2000)), "more than 1000"),
        (bytes(&vec![b'#'; MAX_SIZE + 1]), Code::IgnoreInvalid, None, "larger than 65536 bytes"),
        (IgnoreFile::Refused(FileFault::TooLarge(MAX_SIZE)), Code::IgnoreInvalid, None, "larger than 65536 bytes"),
        (IgnoreFile::Refused(FileFault::Link), Code::FileLink, None, "symbolic link"),
        (IgnoreFile::Refused(FileFault::Forbidden), Code::FileForbidden, None, "may not be read"),
        (IgnoreFile::Refused(FileFault::NotRegular), Code::FileNotRegular, None, "no regular file"),
    ] {
        let mut world = world(r#"{"glob": "*"}"#, &["a.bin"]);
        world.ignore_file = file;
        world.apply();
        let (faults, ..) = world.pack();
        let [fault] = &*faults else { panic!("{faults:?}") };
        assert_eq!((fault.code, fault.path.as_deref()), (code, Some("assets/.papackignore")), "{fault:?}");
        assert_eq!(fault.span.map(|span| (span.line, span.start)), place, "{fault:?}");
        let is_one_line =
            |span: Span| span.end_line == span.line && span.end_column - span.column == span.end - span.start;
        assert!(fault.span.is_none_or(is_one_line), "{fault:?}");
        assert!(fault.is_error() && fault.message.contains(fragment), "{fault:?}");
        assert!(fault.help.is_some(), "{fault:?}");
    }
}

fn bytes(bytes: &[u8]) -> IgnoreFile {
    IgnoreFile::Bytes(bytes.into())
}

#[test]
fn many_patterns_over_many_files_are_too_costly() {
    let names: Vec<String> = (0..2000).map(|index| format!("{}{index}", "a".repeat(240))).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut world = world(r#"{"glob": "*"}"#, &names);
    ignore(&mut world, &format!("{}x\n", "?*".repeat(125)).repeat(250));
    let faults = said(&world);
    let expected = "the patterns of assets/.papackignore, 250 in all, take too long to match with these files";
    assert_eq!(faults, [(Code::GlobTooCostly, expected.to_owned())]);
}

#[test]
fn siblings_share_the_rules_which_are_parsed_where_the_file_is_set() {
    let mut world = world(r#"{"glob": "*"}"#, &["a.bin"]);
    ignore(&mut world, "*.psd\n");
    let sibling = world.db.sibling(|_| {});
    let rules = |db: &Database| Arc::clone(&ignoring(db, db.workspace()).rules);
    assert!(!rules(&sibling).is_empty() && Arc::ptr_eq(&rules(&sibling), &rules(&world.db)));
    assert_eq!(sibling.workspace().ignore_file(&sibling), world.db.workspace().ignore_file(&world.db));
}
