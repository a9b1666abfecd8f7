//! What a good pack gives.

use papack_queries::envelope::Reader;
use papack_queries::formats::Bank;

use crate::{Counting, HEADER, PAYLOAD_SIZE, faults, good, pack_of};

#[test]
fn good_pack_is_read_by_id_and_by_name() {
    let pack = good();
    let reader = Reader::open(&pack, "p.pa").unwrap();
    let ids: Vec<_> = reader.assets().iter().map(|asset| (asset.asset_id, asset.bank_type)).collect();
    assert_eq!(ids, [(3, Bank::Tiles), (7, Bank::Sounds), (9, Bank::Data)]);
    for asset in reader.assets() {
        assert_eq!(reader.asset(asset.asset_id), Some(asset));
        assert_eq!(reader.asset_named(&asset.asset_name), Some(asset));
        let start = usize::try_from(reader.start_of(asset)).unwrap();
        assert_eq!(reader.read(asset).unwrap(), pack[start..start + usize::try_from(asset.size).unwrap()]);
    }
    assert!(reader.asset(4).is_none() && reader.asset_named("Atlas").is_none());
    let preloads: Vec<_> = reader.preloads().map(|(asset, slot)| (asset.asset_name.as_str(), slot)).collect();
    assert_eq!(preloads, [("atlas", 0), ("beeps", 0)]);
    assert_eq!(reader.header(), HEADER.as_bytes());
    assert_eq!(reader.payload_size(), PAYLOAD_SIZE as u64);
    let joined = [br#"{"asset_table":"#, reader.asset_table(), br#","preload":"#, reader.preload(), b"}"].concat();
    assert_eq!(joined, reader.header());
    let notes = reader.asset_named("notes").unwrap();
    assert!(reader.metadata(notes).ends_with(r#""user":{"depth":[1,2]}}"#));
}

#[test]
fn parts_are_read_and_parts_that_are_none_are_refused() {
    let pack = good();
    let reader = Reader::open(&pack, "p.pa").unwrap();
    let beeps = reader.asset(7).unwrap();
    let whole = reader.read(beeps).unwrap();
    assert_eq!(reader.read_part(beeps, 3..7).unwrap(), whole[3..7]);
    assert!(reader.read_part(beeps, 12..12).unwrap().is_empty());
    #[expect(clippy::reversed_empty_ranges, reason = "it is what is refused")]
    for part in [0..13, 13..13, 5..4, u64::MAX - 1..u64::MAX] {
        assert!(reader.read_part(beeps, part).is_err());
    }
}

#[test]
fn empty_pack_is_read() {
    let pack = pack_of(r#"{"asset_table":[],"preload":[]}"#, 0);
    let reader = Reader::open(&pack, "p.pa").unwrap();
    assert_eq!((reader.assets().len(), reader.preloads().count(), reader.payload_size()), (0, 0, 0));
    assert!(faults(&pack).is_empty());
}

#[test]
fn opening_reads_prelude_and_header_and_an_asset_is_one_read() {
    let source = Counting::new(good());
    let reader = Reader::open(&source, "p.pa").unwrap();
    assert_eq!(*source.reads.borrow(), [(0, 32), (32, HEADER.len())]);
    source.reads.borrow_mut().clear();
    let notes = reader.asset(9).unwrap();
    reader.read(notes).unwrap();
    reader.read_part(notes, 1..3).unwrap();
    let start = 32 + HEADER.len() as u64 + notes.offset;
    assert_eq!(*source.reads.borrow(), [(start, 4), (start + 1, 2)]);
}
