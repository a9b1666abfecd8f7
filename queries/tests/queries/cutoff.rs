//! Early cutoff: what an edit makes run, and what it does not.

use papack_queries::asset::{self, failure};
use papack_queries::db::Query::{
    self, BuildSet, CheckedAsset, Conflicts, Derivation, Format, Gate, GroupFaults, GroupIncluded, GroupNames,
    GroupRecords, GroupRows, GroupSizes, GroupSlots, GroupSum, Header, Ignoring, Layout, Manifest, NameConflicts,
    PackPlan, Payload, Record,
};

use papack_queries::change::{AssetInput, Change};
use papack_queries::inputs::{Asset, Group, ManifestState};

use crate::world::{World, uuid};

const DATA: &str = r#""format": "DATA/raw_v1""#;
const NAME: &str = r#""name": "n2""#;

/// The asset that is edited. Its group has two more; one is in the next group.
const EDITED: u32 = 2;

/// Everything that is asked of a loaded asset, and what is asked where only a file changed.
const ASSET: [Query; 6] = [Manifest, CheckedAsset, Derivation, Payload, Format, Record];
const DERIVE: [Query; 3] = [Payload, Format, Record];

/// How many parts all names are divided into: a query for each.
const PARTS: usize = 32;

/// What is asked of a group whose records changed, besides the names, of which each part is asked.
const GROUP: [Query; 6] = [GroupRecords, GroupFaults, GroupSlots, GroupSum, GroupSizes, GroupRows];

/// What is asked where the record of an asset changed: its group, and the plan, which has the digests of all payloads.
const CHANGED: [Query; 7] = [GroupRecords, GroupFaults, GroupSlots, GroupSum, GroupSizes, GroupRows, PackPlan];

/// The manifest of the edited asset, which takes all its files that end in `.bin`.
fn manifest(fields: &str, output: &str) -> Vec<u8> {
    let uuid = uuid(EDITED);
    format!(
        r#"{{"schema_version": 2, "asset_uuid": "{uuid}", {fields}, "artifacts": [{{"glob": "*.bin"}}], "output": {{{output}}}}}"#
    )
    .into_bytes()
}

/// A sound of two frames, which is as good a file as any.
fn sound(frames: [u8; 2]) -> Vec<u8> {
    let head = b"RIFF\x26\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data\x02\0\0\0";
    [&head[..], &frames].concat()
}

/// A world of two groups.
fn world() -> World {
    let mut world = World::with_assets(3);
    world.register(600, "a600");
    world.write("a600/data.bin", b"far away");
    world.write_manifest(600, r#""name": "n600""#, DATA);
    world.write("a2/data.bin", &sound([1, 2]));
    world.write("a2/asset.json", &manifest(r#""name": "n2""#, DATA));
    world.apply();
    world
}

fn write_manifest(world: &mut World, fields: &str, output: &str) {
    world.write("a2/asset.json", &manifest(fields, output));
}

/// What is asked of the whole, but for the build set.
const WHOLE: [Query; 5] = [Conflicts, Gate, Layout, Header, PackPlan];

/// The queries of all parts of names: of a group, or of the whole.
fn every_part(query: Query) -> Vec<Query> {
    vec![query; PARTS]
}

/// An edit, and what a pack runs after it.
struct Case {
    edit: &'static str,
    before: fn(&mut World),
    after: fn(&mut World),
    /// The asset that is edited.
    id: u32,
    /// Whether the asset has to be loaded, if it is recorded.
    is_loaded: bool,
    /// What runs for the asset where it was loaded before; where it was recorded, everything does.
    asset: Vec<Query>,
    /// What runs for its group, and for the whole.
    rest: Vec<Query>,
}

fn case(edit: &'static str, after: fn(&mut World), asset: &[Query], rest: &[&[Query]]) -> Case {
    Case { edit, before: |_| {}, after, id: EDITED, is_loaded: true, asset: asset.to_vec(), rest: rest.concat() }
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn cases() -> Vec<Case> {
    let text = [Manifest, CheckedAsset, Derivation, Record];
    let moved = [Layout, Header, Gate];
    let names = &every_part(GroupNames)[..];
    let changed = &[&CHANGED[..], names].concat()[..];
    // Its name is in one part, and its group is asked for all.
    let listed = [&[GroupIncluded, BuildSet, NameConflicts], &moved[..], changed].concat();
    let listed_group = [&[BuildSet, Conflicts], &every_part(NameConflicts)[..], &moved[..], changed].concat();
    vec![
        case("nothing", |_| {}, &[], &[]),
        case("a file, of the same size", |world| world.write("a2/data.bin", &sound([1, 1])), &DERIVE, &[changed]),
        case(
            "a file, of another size",
            |world| world.write("a2/data.bin", &[&sound([1, 2])[..], b"more"].concat()),
            &DERIVE,
            &[changed, &moved],
        ),
        case(
            "white space in the manifest",
            |world| write_manifest(world, "\n\n\"name\" : \"n2\"", DATA),
            &text,
            &[changed],
        ),
        case(
            "pipeline",
            |world| write_manifest(world, NAME, r#""format": "DATA/raw_v1", "pipeline": {"quality": 0.5}"#),
            &text,
            &[changed],
        ),
        case(
            "user",
            |world| write_manifest(world, NAME, r#""format": "DATA/raw_v1", "metadata": {"user": {"depth": 1}}"#),
            &text,
            &[changed, &[Header, Gate]],
        ),
        case(
            "the name",
            |world| write_manifest(world, r#""name": "other""#, DATA),
            &text,
            &[changed, &[NameConflicts, NameConflicts, Header, Gate]],
        ),
        case(
            "the slot",
            |world| write_manifest(world, r#""name": "n2", "preload": {"enabled": true, "slot": 3}"#, DATA),
            &text,
            &[changed, &[Conflicts, Header]],
        ),
        case(
            "another format",
            |world| write_manifest(world, NAME, r#""format": "SOUNDS/pcm_v1""#),
            &ASSET,
            &[changed, &moved],
        ),
        Case {
            before: |world| write_manifest(world, NAME, r#""format": "SOUNDS/pcm_v1""#),
            ..case(
                "a field that the format declares, without effect",
                |world| write_manifest(world, NAME, r#""format": "SOUNDS/pcm_v1", "metadata": {"loops": "DETECT"}"#),
                &ASSET,
                &[changed],
            )
        },
        case(
            "a file that a glob takes",
            |world| world.write("a2/more.bin", b"more"),
            &[CheckedAsset, Derivation, Payload, Format, Record],
            &[changed, &moved],
        ),
        case("a file that nothing takes", |world| world.write("a2/notes.txt", b"later"), &[CheckedAsset], &[]),
        case(
            "a file that is gone",
            |world| drop(world.files.remove("a2/data.bin")),
            &[CheckedAsset, Derivation, Payload, Record],
            // The group has no rows without sizes, and the header asks for none.
            &[&[GroupRecords, GroupFaults, GroupSlots, GroupSizes, PackPlan], names, &moved],
        ),
        case(
            "the root",
            |world| {
                for name in ["data.bin", "asset.json"] {
                    let bytes = world.files.remove(&format!("a2/{name}")).unwrap();
                    world.write(&format!("b2/{name}"), &bytes);
                }
                world.entries[1].root = "b2".into();
            },
            &ASSET,
            &[&[GroupRecords, GroupIncluded]],
        ),
        Case {
            is_loaded: false,
            ..case("taken out of the build", |world| world.entries[1].included_in_build = false, &text, &[&listed])
        },
        Case {
            is_loaded: false,
            before: |world| world.entries[1].included_in_build = false,
            ..case("put into the build", |world| world.entries[1].included_in_build = true, &text, &[&listed])
        },
        Case {
            is_loaded: false,
            ..case("taken out of the registry", |world| drop(world.entries.remove(1)), &[], &[&listed])
        },
        Case { id: 4, ..case("an asset more in a group", |world| add(world, 4), &ASSET, &[&listed]) },
        Case {
            id: 1999,
            ..case("an asset more in a new group", |world| add(world, 1999), &ASSET, &[&[GroupIncluded], &listed_group])
        },
    ]
}

fn add(world: &mut World, id: u32) {
    let position = world.entries.partition_point(|entry| entry.asset_id < id);
    world.register(id, &format!("a{id}"));
    let entry = world.entries.pop().unwrap();
    world.entries.insert(position, entry);
    world.write(&format!("a{id}/data.bin"), b"new");
    world.write_manifest(id, &format!(r#""name": "n{id}""#), DATA);
}

impl Case {
    /// Makes the edit in `world`, which was packed, and holds what runs to what is `expected` to.
    fn run(&self, mut world: World, how: &str, mut expected: Vec<Query>) {
        let case = format!("{}, {how}", self.edit);
        world.pack();
        world.executed();
        let (old_asset, old_group) = (world.find(self.id), world.find_group(self.id));
        (self.after)(&mut world);
        world.apply();
        let packed = world.pack();
        let executed = world.executed();
        let queries: Vec<_> = executed.iter().map(|executed| executed.query).collect();
        expected.sort_unstable();
        assert_eq!(queries, expected, "{case}");
        let asset = world.find(self.id).or(old_asset).map(Asset::key);
        let group = world.find_group(self.id).or(old_group).map(Group::key);
        for executed in executed {
            let is_due = if ASSET.contains(&executed.query) {
                Some(executed.key) == asset
            } else if GROUP.contains(&executed.query) || matches!(executed.query, GroupIncluded | GroupNames) {
                Some(executed.key) == group
            } else {
                true
            };
            assert!(is_due, "{case}: {executed:?} is of another asset or group");
        }
        assert!(packed == world.anew().pack(), "{case}: other outputs than from the same files anew");
    }
}

#[test]
fn an_edit_runs_what_depends_on_it_and_no_more() {
    for case in cases() {
        let mut world = world();
        (case.before)(&mut world);
        world.apply();
        case.run(world, "loaded", [&case.asset[..], &case.rest].concat());
    }
}

#[test]
fn an_edit_of_a_recorded_asset_loads_no_other() {
    for case in cases() {
        let mut world = world();
        (case.before)(&mut world);
        world.apply();
        world.pack();
        let mut restored = world.restored();
        if case.is_loaded {
            restored.recorded.remove(&case.id);
        }
        let is_gone = case.edit == "a file that is gone";
        let mut expected = case.rest.clone();
        if case.is_loaded {
            // Without its files there is nothing for the format to do.
            expected.extend(ASSET.into_iter().filter(|query| !is_gone || *query != Format));
            // The group is of low durability with it, and so is all that depends on the group: it runs once.
            expected.extend(
                [&GROUP[..], &WHOLE]
                    .concat()
                    .into_iter()
                    .filter(|query| !is_gone || !matches!(query, GroupRows | GroupSum)),
            );
            expected.sort_unstable();
            expected.dedup();
            expected.retain(|query| !matches!(query, GroupNames | NameConflicts));
            expected.extend([every_part(GroupNames), every_part(NameConflicts)].concat());
        }
        case.run(restored, "recorded", expected);
    }
}

#[test]
fn the_first_pack_runs_every_query_once() {
    let world = world();
    assert_eq!(world.pack().0, []);
    let mut expected = [ASSET.repeat(4), GROUP.repeat(2), vec![GroupIncluded; 2]].concat();
    expected.extend([every_part(GroupNames).repeat(2), every_part(NameConflicts)].concat());
    expected.extend([Ignoring, BuildSet, Conflicts, Gate, Layout, Header, PackPlan]);
    expected.sort_unstable();
    assert_eq!(world.queries(), expected);
}

#[test]
fn a_pack_of_recorded_assets_asks_no_asset() {
    let world = world();
    let packed = world.pack();
    let restored = world.restored();
    assert!(restored.pack() == packed);
    let mut expected = [GROUP.repeat(2), vec![GroupIncluded; 2]].concat();
    expected.extend([every_part(GroupNames).repeat(2), every_part(NameConflicts)].concat());
    expected.extend([Ignoring, BuildSet, Conflicts, Gate, Layout, Header, PackPlan]);
    expected.sort_unstable();
    assert_eq!(restored.queries(), expected);
}

#[test]
fn an_asset_that_is_updated_alone_is_as_one_that_is_updated_with_all() {
    let mut world = world();
    world.pack();
    let unloaded: Vec<_> = [1, 3, 600].map(|id| (id, AssetInput::Recorded(world.record(id)))).into();
    Change { updates: unloaded.clone(), ..Change::default() }.apply(&mut world.db);
    let packed = world.pack();
    assert!(packed == world.anew().pack());
    // Their memos are evicted.
    assert_eq!(asset::manifest(&world.db, world.asset(1)), &asset::ParsedManifest::default());
    assert_eq!(asset::checked_asset(&world.db, world.asset(1)), &asset::CheckedAsset::default());
    assert_eq!(world.asset(1).manifest(&world.db), &ManifestState::Unread);
    // An asset that is recorded already runs nothing, and an id that is not registered is passed over.
    world.executed();
    let unregistered = (77, unloaded[0].1.clone());
    Change { updates: [unloaded, vec![unregistered]].concat(), ..Change::default() }.apply(&mut world.db);
    assert!(world.pack() == packed);
    assert_eq!(world.queries(), []);
}

#[test]
fn an_outcome_that_is_recalled_is_not_derived() {
    let world = world();
    let packed = world.pack();
    let mut other = world.anew();
    for id in [1, 2, 3, 600] {
        other.memory.remember(&world, id);
    }
    // The same inputs elsewhere are the same inputs.
    for edit in ["nothing", "the root"] {
        (cases().into_iter().find(|case| case.edit == edit).unwrap().after)(&mut other);
        other.apply();
        assert_eq!(other.pack().1, packed.1, "{edit}");
        let ran = other.queries();
        assert!(ran.contains(&Payload) && !ran.contains(&Format), "{edit}: {ran:?}");
    }
}

#[test]
fn diagnostics_that_are_recalled_lead_to_the_files_of_the_asset() {
    let mut world = world();
    write_manifest(&mut world, NAME, r#""format": "SOUNDS/pcm_v1""#);
    world.write("a2/data.bin", b"not a sound");
    world.apply();
    let faults = world.pack().0;
    assert_eq!(faults[0].path.as_deref(), Some("assets/a2/data.bin"));
    world.memory.remember(&world, 2);
    let move_root = cases().into_iter().find(|case| case.edit == "the root").unwrap().after;
    move_root(&mut world);
    world.apply();
    world.queries();
    assert_eq!(world.pack().0[0].path.as_deref(), Some("assets/b2/data.bin"));
    assert!(!world.queries().contains(&Format));
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
    world.apply();
    *world.memory.broken.lock().unwrap() = true;
    let asset = world.asset(1);
    assert_eq!(failure(&world.db, asset), Some("the disk is on fire"));
    assert_eq!(world.record(1).payload, None);
    *world.memory.broken.lock().unwrap() = false;
    world.db.begin_operation(world.memory.clone());
    assert_eq!(failure(&world.db, asset), None);
    assert_eq!(world.record(1).payload.as_ref().unwrap().id.size, 8);
}
