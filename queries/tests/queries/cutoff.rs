//! Early cutoff: what an edit makes run, and what it does not.

use papack_queries::db::Query::{
    self, BuildSet, CheckedAsset, Derivation, Gate, Header, Layout, Manifest, Payload, RuntimeFields, Sidecar,
    SidecarEntry, TableEntry,
};

use crate::world::World;

const DATA: &str = r#""format": "DATA/raw_v1""#;

/// A world of three assets that was packed once.
fn packed() -> World {
    let world = World::with_assets(3);
    let (diagnostics, header, sidecar) = world.pack();
    assert_eq!(diagnostics, []);
    assert!(header.is_some() && sidecar.is_some());
    let per_asset = [Manifest, CheckedAsset, Derivation, RuntimeFields, Payload, TableEntry, SidecarEntry];
    let mut expected: Vec<Query> = per_asset.into_iter().flat_map(|query| [query; 3]).collect();
    expected.extend([BuildSet, Gate, Layout, Header, Sidecar]);
    expected.sort_unstable();
    assert_eq!(world.executed(), expected, "the first pack runs every query once");
    world
}

#[test]
fn nothing_runs_when_nothing_changed() {
    let mut world = packed();
    let before = world.pack();
    world.see();
    assert_eq!(world.pack(), before);
    assert_eq!(world.executed(), []);
}

#[test]
fn white_space_in_a_manifest_derives_nothing_and_makes_no_header() {
    let mut world = packed();
    let before = world.pack();
    world.write_manifest(2, "\n\n  \"name\":   \"n2\"", DATA);
    world.see();
    assert_eq!(world.pack(), before);
    let ran = world.executed();
    assert_eq!(ran.iter().filter(|query| **query == Manifest).count(), 1);
    for query in [Payload, TableEntry, Header] {
        assert!(!ran.contains(&query), "{query:?} ran: {ran:?}");
    }
}

#[test]
fn an_edit_of_pipeline_derives_nothing_and_changes_only_the_sidecar() {
    let mut world = packed();
    let before = world.pack();
    world.write_manifest(2, r#""name": "n2""#, r#""format": "DATA/raw_v1", "pipeline": {"quality": 0.5}"#);
    world.see();
    let after = world.pack();
    assert_eq!(after.1, before.1);
    assert!(String::from_utf8(after.2.unwrap()).unwrap().contains(r#""pipeline":{"quality":0.5}"#));
    let ran = world.executed();
    for query in [Payload, TableEntry, Header] {
        assert!(!ran.contains(&query), "{query:?} ran: {ran:?}");
    }
    assert_eq!(ran.iter().filter(|query| **query == SidecarEntry).count(), 1);
}

#[test]
fn one_edited_file_derives_one_asset() {
    let mut world = packed();
    world.write("a2/data.bin", b"other bytes");
    world.see();
    world.pack();
    assert_eq!(world.executed_for(Payload), [2]);
}

#[test]
fn a_file_edited_to_the_same_payload_size_keeps_layout_from_rippling() {
    let mut world = packed();
    world.write("a2/data.bin", b"four");
    world.see();
    let (_, header, _) = world.pack();
    let ran = world.executed();
    // The digest is in the layout, which the sidecar needs; the table's entry has the same size and offset.
    assert_eq!(ran.iter().filter(|query| **query == TableEntry).count(), 1);
    assert_eq!(header, packed().pack().1, "the header has no digest");
}

#[test]
fn a_new_name_makes_a_header_and_derives_nothing() {
    let mut world = packed();
    world.write_manifest(3, r#""name": "renamed""#, DATA);
    world.see();
    let (_, header, _) = world.pack();
    assert!(String::from_utf8(header.unwrap()).unwrap().contains("renamed"));
    let ran = world.executed();
    assert!(!ran.contains(&Payload) && ran.contains(&Header), "{ran:?}");
}

#[test]
fn an_unused_file_derives_nothing() {
    let mut world = packed();
    world.write("a1/notes.txt", b"for later");
    world.see();
    world.pack();
    let ran = world.executed();
    // What is there is looked at again, and leads to the same derivation.
    assert!(ran.contains(&CheckedAsset) && !ran.contains(&Payload) && !ran.contains(&Header), "{ran:?}");
}

#[test]
fn an_asset_taken_out_of_the_build_and_back_is_not_derived_again() {
    let mut world = packed();
    let before = world.pack();
    world.entries[1].included_in_build = false;
    world.see();
    let (_, header, _) = world.pack();
    assert!(!String::from_utf8(header.unwrap()).unwrap().contains(r#""n2""#));
    assert!(world.executed_for(Payload).is_empty());
    world.entries[1].included_in_build = true;
    world.see();
    assert_eq!(world.pack(), before);
    assert!(world.executed_for(Payload).is_empty());
}

#[test]
fn a_failing_disk_is_not_remembered() {
    let mut world = World::with_assets(1);
    world.write("a1/more.bin", b"more");
    // Two files: the concatenation has to be read for its digest.
    world.write(
        "a1/asset.json",
        format!(
            r#"{{"schema_version": 2, "asset_uuid": "{}", "name": "n", "artifacts": [{{"glob": "*.bin"}}], "output": {{{DATA}}}}}"#,
            crate::world::uuid(1)
        )
        .as_bytes(),
    );
    world.see();
    *world.memory.broken.lock().unwrap() = true;
    let asset = world.db.workspace().assets(&world.db)[0];
    let failure = papack_queries::asset::payload(&world.db, asset).failure.clone();
    assert_eq!(failure.as_deref(), Some("the disk is on fire"));
    *world.memory.broken.lock().unwrap() = false;
    world.db.begin_operation(world.memory.clone());
    let derived = papack_queries::asset::payload(&world.db, asset);
    assert_eq!(derived.failure, None);
    assert_eq!(derived.payload.as_ref().unwrap().id.size, 8);
}
