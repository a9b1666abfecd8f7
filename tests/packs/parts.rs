//! What changed within a payload.

use papack_engine::{AssetDiff, DiffKind, DiffStatus, Levels, TileRange, diff};
use serde_json::json;

use crate::made::{self, Made, data, sounds, tiles};

/// The difference of two packs with one asset each.
#[track_caller]
fn difference(old: Made, new: Made) -> AssetDiff {
    let folder = tempfile::tempdir().unwrap();
    let (was, is) = (folder.path().join("old.pa"), folder.path().join("new.pa"));
    made::write(&was, &[old], &[]);
    made::write(&is, &[new], &[]);
    let result = diff(&was, &is, &Levels::default()).unwrap();
    assert_eq!((result.status, result.assets.len()), (DiffStatus::Different, 1), "{:#?}", result.diagnostics);
    result.assets.into_iter().next().unwrap()
}

fn range(first: u32, last: u32) -> TileRange {
    TileRange { first, last }
}

#[test]
fn tiles_are_compared_by_their_numbers() {
    type Case<'a> = (usize, &'a [u8], usize, &'a [u8], &'a [TileRange]);
    let cases: &[Case<'_>] = &[
        (2, &[1, 2, 3, 4], 2, &[1, 2, 3, 5], &[range(3, 3)]),
        (2, &[1, 2, 3, 4], 2, &[0, 0, 3, 0], &[range(0, 1), range(3, 3)]),
        // Another width moves the pixels, and no tile.
        (2, &[1, 2, 3, 4], 4, &[1, 2, 3, 4], &[]),
        (2, &[1, 2, 3, 4], 1, &[1, 2, 9, 4], &[range(2, 2)]),
        // What only one of them has is counted, not listed.
        (2, &[1, 2, 3, 4], 2, &[1, 2], &[]),
        (1, &[1], 1, &[2, 3, 4], &[range(0, 0)]),
    ];
    for (old_width, old, new_width, new, expected) in cases {
        let found = difference(tiles(1, "t", *old_width, old), tiles(1, "t", *new_width, new)).tiles.unwrap();
        assert_eq!(found.changed.as_deref(), Some(*expected), "{old:?} {new:?}");
        assert_eq!((found.old_count as usize, found.new_count as usize), (old.len(), new.len()));
        assert!(found.palettes.is_empty());
    }
}

#[test]
fn palettes_are_told_by_their_numbers() {
    let old = || tiles(1, "t", 1, &[1]);
    let found = difference(old(), old().with_payload_byte(32, 1).with_payload_byte(32 + 5 * 32 + 31, 1)).tiles.unwrap();
    assert_eq!((found.changed, found.palettes), (Some(Vec::new()), vec![0, 5]));
}

#[test]
fn tiles_of_another_size_are_not_compared() {
    let old = tiles(1, "t", 2, &[1, 2, 3, 4]);
    let new = tiles(1, "t", 2, &[1, 2, 3, 4])
        .with_metadata("tile_size", json!(16))
        .with_metadata("sheets", json!([{"first_tile": 0, "palette": 0, "tile_count": 1}]));
    let found = difference(old, new);
    let keys: Vec<_> = found.metadata.iter().map(|difference| (&*difference.key, difference.new.clone())).collect();
    assert_eq!(keys, [("sheets", None), ("tile_size", Some(json!(16)))]);
    assert_eq!(found.tiles.unwrap().changed, None);
}

#[test]
fn samples_are_compared_frame_by_frame() {
    let long: Vec<i16> = (0..700_000).map(|at| at as i16).collect();
    let mut late = long.clone();
    late[600_000] ^= 1;
    late[600_001] ^= 1;
    late[699_999] ^= 1;
    type Case<'a> = (&'a [i16], &'a [i16], Option<u64>, u64);
    let cases: &[Case<'_>] = &[
        (&[1, 2, 3], &[1, 9, 9], Some(1), 2),
        (&[1, 2, 3], &[1, 2], None, 0),
        (&[1, 2, 3], &[0, 2, 3, 4, 5], Some(0), 1),
        (&[], &[1], None, 0),
        // More than one piece.
        (&long, &late, Some(600_000), 3),
    ];
    for (old, new, first, count) in cases {
        let found = difference(sounds(1, "s", &[("a", &[7]), ("x", old)]), sounds(1, "s", &[("a", &[7]), ("x", new)]));
        let found = found.sounds.unwrap();
        let [sample] = &found.samples[..] else { panic!("{found:#?}") };
        assert_eq!((&*sample.name, sample.change), ("x", DiffKind::Changed));
        assert_eq!((sample.first_frame, sample.frame_count, found.reordered), (*first, *count, false));
    }
}

#[test]
fn samples_are_known_by_their_names() {
    let old = sounds(1, "s", &[("a", &[1]), ("b", &[2]), ("c", &[3])]);
    let new = sounds(1, "s", &[("c", &[3]), ("d", &[2]), ("a", &[1])]);
    let found = difference(old, new).sounds.unwrap();
    let samples: Vec<_> = found.samples.iter().map(|sample| (&*sample.name, sample.change)).collect();
    assert_eq!(samples, [("b", DiffKind::Removed), ("d", DiffKind::Added)]);
    assert!(found.reordered);
}

#[test]
fn a_loop_alone_is_a_difference() {
    let old = || sounds(1, "s", &[("a", &[1, 2, 3])]);
    let mut new = old();
    new.metadata["samples"][0]["loop_start"] = json!(0);
    new.metadata["samples"][0]["loop_end"] = json!(2);
    let found = difference(old(), new);
    assert_eq!(found.first_difference, None);
    let sample = &found.sounds.unwrap().samples[0];
    assert_eq!(
        (sample.frame_count, sample.new.unwrap().points.map(|points| (points.start, points.end))),
        (0, Some((0, 2)))
    );
}

#[test]
fn files_are_known_by_their_paths() {
    let old = data(1, "d", &[("a", "one"), ("b", "two"), ("c", "three"), ("e", "")]);
    let new = data(1, "d", &[("e", ""), ("a", "one"), ("b", "tzo"), ("c", "three!"), ("f", "")]);
    let found = difference(old, new).data.unwrap();
    let entries: Vec<_> = found
        .entries
        .iter()
        .map(|entry| (&*entry.name, entry.old_size, entry.new_size, entry.first_difference))
        .collect();
    assert_eq!(
        entries,
        [("b", Some(3), Some(3), Some(1)), ("c", Some(5), Some(6), Some(5)), ("f", None, Some(0), None)]
    );
    assert!(found.reordered);
}
