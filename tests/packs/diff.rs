//! Two packs side by side.

use std::fs;
use std::path::Path;

use papack_engine::{DiffKind, DiffResult, DiffStatus, Levels, diff};
use papack_queries::diagnostic::Code;
use proptest::prelude::*;
use serde_json::json;

use crate::made::{self, Made, data, sounds, tiles};
use crate::space::TestSpace;
use crate::{GOLDEN, golden};

/// A folder with two packs.
fn two(old: &[Made], old_preloads: &[(u32, u8)], new: &[Made], new_preloads: &[(u32, u8)]) -> TestSpace {
    let space = TestSpace::empty();
    made::write(&space.path().join("old.pa"), old, old_preloads);
    made::write(&space.path().join("new.pa"), new, new_preloads);
    space
}

fn compared(space: &TestSpace) -> DiffResult {
    diff(&space.path().join("old.pa"), &space.path().join("new.pa"), &Levels::default()).unwrap()
}

/// Something of everything.
fn busy() -> TestSpace {
    let old = [
        data(1, "gone", &[("x", "12345")]),
        data(2, "texts", &[("a.txt", "same"), ("b.txt", "before"), ("c.txt", "removed"), ("d.txt", "grows")]),
        sounds(5, "sfx", &[("jump", &[1, 2, 3, 4]), ("land", &[5]), ("old", &[6])]),
        tiles(9, "atlas", 2, &[1, 2, 3, 4, 5, 6]),
        tiles(11, "resized", 2, &[1, 2]),
        data(12, "becomes sounds", &[("x", "xx")]),
        data(20, "same", &[("x", "same")]),
    ];
    let new = [
        data(2, "texts", &[("a.txt", "same"), ("b.txt", "beyond"), ("d.txt", "grows up"), ("e.txt", "new")]),
        sounds(5, "sfx", &[("land", &[5]), ("jump", &[1, 9, 3, 9, 9]), ("new", &[])]),
        tiles(9, "ui atlas", 2, &[1, 7, 7, 4, 8, 6, 1, 1])
            .with_metadata("user", json!({"author": "me"}))
            .with_payload_byte(256 + 40, 1),
        tiles(11, "resized", 1, &[1, 2]),
        sounds(12, "becomes sounds", &[("x", &[1])]),
        data(20, "same", &[("x", "same")]),
        data(30, "brand new", &[("x", "12345")]),
    ];
    two(&old, &[(2, 1), (9, 0)], &new, &[(9, 4)])
}

#[test]
fn people_see_what_changed() {
    let run = busy().run(&["diff", "old.pa", "new.pa"]);
    assert_eq!((run.code, &*run.stderr), (1, ""));
    insta::assert_snapshot!(run.stdout, @r#"
    removed
      1  gone  DATA  5 B

    added
      30  brand new  DATA  5 B

    changed
       2  texts           DATA    22 B → 21 B
            preload slot 1 → none
            file b.txt: 6 B, from byte 2 on
            file c.txt removed, 7 B
            file d.txt: 5 B → 8 B, from byte 5 on
            file e.txt added, 3 B
       5  sfx             SOUNDS  12 B
            sample jump: frames 4 → 5, 2 frames changed, the first is 1
            sample old removed
            sample new added
            its samples come in another order
       9  ui atlas        TILES   2240 B → 2304 B
            renamed, was atlas
            preload slot 0 → slot 4
            height 24 → 32
            user none → {"author":"me"}
            3 of 6 tiles changed: 1–2, 4
            tiles 6 → 8: 2 added at the end
            palettes changed: 1
      11  resized         TILES   2.1 KiB
            height 8 → 16
            width 16 → 8
      12  becomes sounds  SOUNDS  2 B
            bank DATA → SOUNDS

       Different old.pa → new.pa: 1 added, 1 removed, 5 changed, 1 unchanged; payload 4.3 KiB → 4.4 KiB
    "#);
}

#[test]
fn programs_see_everything() {
    let run = busy().run(&["diff", "old.pa", "new.pa", "--message-format", "json"]);
    let [result] = &run.lines()[..] else { panic!("{}", run.stdout) };
    let mut result = result.clone();
    result["elapsed_ms"] = 0.into();
    let lines: Vec<_> = result["assets"].as_array().unwrap().iter().map(ToString::to_string).collect();
    result["assets"] = lines.len().into();
    insta::assert_snapshot!(format!("{result}\n{}", lines.join("\n")), @r#"
    {"allowed_diagnostic_count":0,"assets":7,"diagnostics":[],"elapsed_ms":0,"moved":[],"new":{"asset_count":7,"file":"new.pa","file_size":6279,"payload_bytes":4460,"status":"VALID"},"old":{"asset_count":7,"file":"old.pa","file_size":6169,"payload_bytes":4397,"status":"VALID"},"schema_version":1,"status":"DIFFERENT","type":"result","unchanged_count":1}
    {"asset_id":1,"change":"REMOVED","first_difference":null,"metadata":[],"new":null,"old":{"asset_name":"gone","bank_type":"DATA","preload_slot":null,"size":5}}
    {"asset_id":2,"change":"CHANGED","data":{"entries":[{"change":"CHANGED","first_difference":2,"name":"b.txt","new_size":6,"old_size":6},{"change":"REMOVED","first_difference":null,"name":"c.txt","new_size":null,"old_size":7},{"change":"CHANGED","first_difference":5,"name":"d.txt","new_size":8,"old_size":5},{"change":"ADDED","first_difference":null,"name":"e.txt","new_size":3,"old_size":null}],"reordered":false},"first_difference":6,"metadata":[{"key":"entries"}],"new":{"asset_name":"texts","bank_type":"DATA","preload_slot":null,"size":21},"old":{"asset_name":"texts","bank_type":"DATA","preload_slot":1,"size":22}}
    {"asset_id":5,"change":"CHANGED","first_difference":0,"metadata":[{"key":"samples"}],"new":{"asset_name":"sfx","bank_type":"SOUNDS","preload_slot":null,"size":12},"old":{"asset_name":"sfx","bank_type":"SOUNDS","preload_slot":null,"size":12},"sounds":{"reordered":true,"samples":[{"change":"CHANGED","first_frame":1,"frame_count":2,"name":"jump","new":{"channels":1,"frames":5,"sample_rate":8000},"old":{"channels":1,"frames":4,"sample_rate":8000}},{"change":"REMOVED","first_frame":null,"frame_count":0,"name":"old","new":null,"old":{"channels":1,"frames":1,"sample_rate":8000}},{"change":"ADDED","first_frame":null,"frame_count":0,"name":"new","new":{"channels":1,"frames":0,"sample_rate":8000},"old":null}]}}
    {"asset_id":9,"change":"CHANGED","first_difference":4,"metadata":[{"key":"height","new":32,"old":24},{"key":"sheets"},{"key":"user","new":{"author":"me"}}],"new":{"asset_name":"ui atlas","bank_type":"TILES","preload_slot":4,"size":2304},"old":{"asset_name":"atlas","bank_type":"TILES","preload_slot":0,"size":2240},"tiles":{"changed":[{"first":1,"last":2},{"first":4,"last":4}],"new_count":8,"old_count":6,"palettes":[1]}}
    {"asset_id":11,"change":"CHANGED","first_difference":4,"metadata":[{"key":"height","new":16,"old":8},{"key":"width","new":8,"old":16}],"new":{"asset_name":"resized","bank_type":"TILES","preload_slot":null,"size":2112},"old":{"asset_name":"resized","bank_type":"TILES","preload_slot":null,"size":2112},"tiles":{"changed":[],"new_count":2,"old_count":2,"palettes":[]}}
    {"asset_id":12,"change":"CHANGED","first_difference":0,"metadata":[{"key":"entries"},{"key":"samples"}],"new":{"asset_name":"becomes sounds","bank_type":"SOUNDS","preload_slot":null,"size":2},"old":{"asset_name":"becomes sounds","bank_type":"DATA","preload_slot":null,"size":2}}
    {"asset_id":30,"change":"ADDED","first_difference":null,"metadata":[],"new":{"asset_name":"brand new","bank_type":"DATA","preload_slot":null,"size":5},"old":null}
    "#);
}

#[test]
fn in_short_there_is_a_line_for_each_asset() {
    insta::assert_snapshot!(busy().run(&["diff", "old.pa", "new.pa", "--message-format", "short"]).stdout, @r"
    - 1 DATA gone
    ~ 2 DATA texts
    ~ 5 SOUNDS sfx
    ~ 9 TILES ui atlas
    ~ 11 TILES resized
    ~ 12 SOUNDS becomes sounds
    + 30 DATA brand new
    old.pa → new.pa: 1 added, 1 removed, 5 changed, 1 unchanged; payload 4.3 KiB → 4.4 KiB
    ");
}

#[test]
fn only_bytes_make_packs_equal() {
    for name in GOLDEN {
        let result = diff(&golden(name), &golden(name), &Levels::default()).unwrap();
        assert_eq!((result.status, result.unchanged_count), (DiffStatus::Equal, result.old.asset_count), "{name}");
    }
    let space = TestSpace::empty();
    for name in ["old.pa", "new.pa"] {
        fs::copy(golden("w104"), space.path().join(name)).unwrap();
    }
    let run = space.run(&["diff", "old.pa", "new.pa"]);
    assert_eq!(run.code, 0);
    insta::assert_snapshot!(run.stdout, @"       Equal old.pa and new.pa: 16 assets");
}

#[test]
fn a_refused_pack_is_told_from_a_different_one() {
    let space = TestSpace::empty();
    let bytes = fs::read(golden("w104")).unwrap();
    space.write("good.pa", &bytes);
    space.write("cut.pa", &bytes[..bytes.len() - 1]);
    space.write("none.pa", "no pack");
    for (old, new, refused) in [("good.pa", "cut.pa", [false, true]), ("none.pa", "cut.pa", [true, true])] {
        let run = space.run(&["diff", old, new, "--message-format", "json"]);
        let lines = run.lines();
        let result = lines.last().unwrap();
        assert_eq!((run.code, &result["status"]), (1, &json!("REFUSED")));
        let statuses = [&result["old"]["status"], &result["new"]["status"]];
        assert_eq!(statuses.map(|status| status == "REFUSED"), refused);
        assert_eq!(lines.len() - 1, result["diagnostics"].as_array().unwrap().len());
        assert!(result["assets"].as_array().unwrap().is_empty());
    }
    insta::assert_snapshot!(space.run(&["diff", "good.pa", "cut.pa"]).stdout, @"     Refused cut.pa: no valid assets.pa; nothing was compared");
}

#[test]
fn what_cannot_be_read_exits_with_2() {
    let space = TestSpace::empty();
    fs::copy(golden("w104"), space.path().join("p.pa")).unwrap();
    for arguments in [["diff", "p.pa", "missing"], ["diff", "missing", "p.pa"], ["diff", ".", "p.pa"]] {
        let run = space.run(&arguments);
        let unreadable = if arguments[1] == "p.pa" { arguments[2] } else { arguments[1] };
        assert_eq!((run.code, &*run.stdout), (2, ""), "{arguments:?}");
        assert!(run.stderr.contains(&format!("{unreadable}: ")), "{}", run.stderr);
    }
    assert_eq!(space.run(&["diff", "p.pa"]).code, 2);
}

/// A copy of the demo with `levels` elsewhere, packed.
fn moved_demo() -> TestSpace {
    let space = TestSpace::copy_of("demo");
    fs::rename(space.path().join("assets/levels"), space.path().join("assets/stages")).unwrap();
    let registry = String::from_utf8(space.read("assets/.prometeu/index.json")).unwrap();
    space.write("assets/.prometeu/index.json", registry.replace(r#""levels""#, r#""stages""#));
    space.pack();
    space
}

#[test]
fn sidecars_tell_what_was_moved() {
    let (demo, moved) = (TestSpace::copy_of("demo"), moved_demo());
    demo.pack();
    let pack = |space: &TestSpace| space.path().join("build/assets.pa");
    let result = diff(&pack(&demo), &pack(&moved), &Levels::default()).unwrap();
    // The runtime sees no difference.
    assert_eq!((result.status, result.assets.len()), (DiffStatus::Equal, 0));
    let [found] = &result.moved[..] else { panic!("{:#?}", result.moved) };
    assert_eq!((found.asset_id, &*found.asset_name, &*found.old, &*found.new), (18, "levels", "levels", "stages"));
    assert!(result.diagnostics.is_empty());

    // A sidecar of another pack tells nothing.
    let sidecar = moved.path().join("build/asset_table_metadata.json");
    let text = fs::read_to_string(&sidecar).unwrap();
    fs::write(&sidecar, text.replace(r#""asset_id":18"#, r#""asset_id":17"#)).unwrap();
    let result = diff(&pack(&demo), &pack(&moved), &Levels::default()).unwrap();
    let [warning] = &result.diagnostics[..] else { panic!("{:#?}", result.diagnostics) };
    assert_eq!((result.status, result.moved.len(), warning.code), (DiffStatus::Equal, 0, Code::PackCompanion));
    assert!(!warning.is_error());

    fs::remove_file(&sidecar).unwrap();
    let result = diff(&pack(&demo), &pack(&moved), &Levels::default()).unwrap();
    assert_eq!((result.moved.len(), result.diagnostics.len()), (0, 0));
}

#[test]
fn people_are_not_flooded() {
    let many = |text: &str| (1..=500).map(|id| data(id, &format!("asset {id}"), &[("x", text)])).collect::<Vec<_>>();
    let files: Vec<_> = (0..500).map(|at| format!("file {at}")).collect();
    let with = |text| files.iter().map(|file| (file.as_str(), text)).collect::<Vec<_>>();
    let old: Vec<_> = many("a").into_iter().chain([data(600, "full", &with("a"))]).collect();
    let new: Vec<_> = many("b").into_iter().chain([data(600, "full", &with("b"))]).collect();
    let space = two(&old, &[], &new, &[]);
    let run = space.run(&["diff", "old.pa", "new.pa"]);
    assert!(run.stdout.lines().count() < 60 && run.stdout.contains("… and 481 more"), "{}", run.stdout);
    let result = compared(&space);
    assert_eq!(result.assets.len(), 501);
    assert_eq!(result.assets[500].data.as_ref().unwrap().entries.len(), 500);

    let single = two(&[data(600, "full", &with("a"))], &[], &[data(600, "full", &with("b"))], &[]);
    let run = single.run(&["diff", "old.pa", "new.pa"]);
    assert!(run.stdout.lines().count() < 30 && run.stdout.contains("… and 480 more"), "{}", run.stdout);
}

#[test]
fn names_cannot_drive_the_terminal() {
    let space =
        two(&[data(1, "a\u{202e}b", &[("x\u{200b}", "1")])], &[], &[data(1, "c\u{202e}d", &[("x\u{200b}", "2")])], &[]);
    let run = space.run(&["diff", "old.pa", "new.pa"]);
    assert!(!run.stdout.contains(['\u{202e}', '\u{200b}']) && run.stdout.contains("\\u{202e}"), "{}", run.stdout);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// One other byte in the payload region: exactly the asset that holds it changed, from that byte on.
    #[test]
    fn every_payload_byte_counts(which in 1_usize..GOLDEN.len(), at in any::<prop::sample::Index>(), flip in 1_u8..) {
        let file = golden(GOLDEN[which]);
        let reader = papack_engine::OpenFile::reader(&file).unwrap();
        let mut bytes = fs::read(&file).unwrap();
        let start = usize::try_from(reader.payload_offset()).unwrap();
        let at = start + at.index(bytes.len() - start);
        bytes[at] ^= flip;
        let folder = tempfile::tempdir().unwrap();
        let changed = folder.path().join("changed.pa");
        fs::write(&changed, bytes).unwrap();
        let result = diff(&file, &changed, &Levels::default()).unwrap();
        let holds = |asset: &&papack_queries::envelope::Asset| (reader.start_of(asset)..reader.start_of(asset) + asset.size).contains(&(at as u64));
        let asset = reader.assets().iter().find(holds).unwrap();
        let [found] = &result.assets[..] else { panic!("{:#?}", result.assets) };
        prop_assert_eq!((result.status, found.change, found.asset_id), (DiffStatus::Different, DiffKind::Changed, asset.asset_id));
        prop_assert_eq!(found.first_difference, Some(at as u64 - reader.start_of(asset)));
        let parts = found.tiles.as_ref().map_or(0, |tiles| tiles.changed.as_ref().unwrap().len() + tiles.palettes.len())
            + found.sounds.as_ref().map_or(0, |sounds| sounds.samples.len())
            + found.data.as_ref().map_or(0, |data| data.entries.len());
        prop_assert_eq!(parts, 1, "{:#?}", found);
        prop_assert_eq!(mirrored(&changed, &file), (result.status, result.assets.len(), found.first_difference));
    }
}

/// The same the other way round.
fn mirrored(old: &Path, new: &Path) -> (DiffStatus, usize, Option<u64>) {
    let result = diff(old, new, &Levels::default()).unwrap();
    (result.status, result.assets.len(), result.assets[0].first_difference)
}
