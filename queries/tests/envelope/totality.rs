//! Any bytes give an answer or an error.

use papack_queries::envelope::{Reader, Survey, check_sidecar};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::{HEADER, good, pack_of};

/// Looks at everything that can be had of `pack`.
fn exercise(pack: &[u8]) {
    let survey = Survey::new(pack, "p.pa").unwrap();
    for entry in &survey.entries {
        survey.metadata_text(entry);
    }
    if let Ok(reader) = Reader::open(pack, "p.pa") {
        for asset in reader.assets() {
            assert_eq!(reader.read(asset).unwrap().len() as u64, asset.size);
            assert!(serde_json::from_str::<serde_json::Value>(reader.metadata(asset)).unwrap().is_object());
        }
        assert!(reader.preloads().all(|(_, slot)| slot < 16));
        assert_eq!(reader.payload_offset() + reader.payload_size(), pack.len() as u64);
    }
}

/// One change of some bytes.
#[derive(Debug, Clone)]
enum Change {
    Set(Index, u8),
    Truncate(Index),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    Copy(Index, Index, usize),
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let end = |start: usize, length: usize| (start + length).min(bytes.len());
        match self {
            Self::Set(at, value) => {
                let at = at.index(bytes.len());
                bytes[at] = *value;
            }
            Self::Truncate(at) => bytes.truncate(at.index(bytes.len())),
            Self::Insert(at, new) => {
                let at = at.index(bytes.len());
                bytes.splice(at..at, new.iter().copied());
            }
            Self::Remove(at, length) => {
                let at = at.index(bytes.len());
                bytes.drain(at..end(at, *length));
            }
            Self::Copy(from, to, length) => {
                let (from, to) = (from.index(bytes.len()), to.index(bytes.len()));
                let piece = bytes[from..end(from, *length)].to_vec();
                bytes.splice(to..to, piece);
            }
        }
    }
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, value)| Change::Set(at, value)),
        any::<Index>().prop_map(Change::Truncate),
        (any::<Index>(), vec(any::<u8>(), 0..20)).prop_map(|(at, new)| Change::Insert(at, new)),
        (any::<Index>(), 0..200_usize).prop_map(|(at, length)| Change::Remove(at, length)),
        (any::<Index>(), any::<Index>(), 0..200_usize).prop_map(|(from, to, length)| Change::Copy(from, to, length)),
    ]
}

fn changed(original: &[u8], changes: &[Change]) -> Vec<u8> {
    let mut bytes = original.to_vec();
    changes.iter().for_each(|change| change.apply(&mut bytes));
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in vec(any::<u8>(), 0..200)) {
        exercise(&bytes);
    }

    #[test]
    fn any_change_of_a_good_pack(changes in vec(change(), 1..5)) {
        exercise(&changed(&good(), &changes));
    }

    /// The prelude is right, so that every change reaches the header's rules.
    #[test]
    fn any_change_of_a_good_header(changes in vec(change(), 1..5)) {
        let header = changed(HEADER.as_bytes(), &changes);
        let mut pack = pack_of(&"x".repeat(header.len()), 2192);
        pack[32..32 + header.len()].copy_from_slice(&header);
        exercise(&pack);
    }

    #[test]
    fn any_tokens_as_a_header(tokens in vec(prop::sample::select(TOKENS), 0..60)) {
        exercise(&pack_of(&tokens.concat(), 3));
    }

    #[test]
    fn any_tokens_as_a_sidecar(tokens in vec(prop::sample::select(TOKENS), 0..60)) {
        let pack = good();
        let reader = Reader::open(&pack, "p.pa").unwrap();
        check_sidecar(&reader, "s.json", tokens.concat().as_bytes());
    }
}

const TOKENS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"asset_table\":",
    "\"preload\":",
    "{\"asset_id\":1",
    "\"metadata\":{",
    "\"size\":",
    "\"offset\":",
    "9007199254740991",
    "-1",
    "0",
    "1.5",
    "1e999",
    "99999999999999999999",
    "\"TILES\"",
    "\"\\ud83d\"",
    "null",
    "true",
    "\"bank_type\":\"DATA\"",
    "\"entries\":[",
    " ",
    "\u{feff}",
    "\"sheets\":[{",
    "\"slot\":16",
    "{\"assets\":[",
    "\"schema_version\":1",
];
