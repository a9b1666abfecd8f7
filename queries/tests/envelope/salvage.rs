//! What is shown of a damaged header.

use papack_queries::diagnostic::Code;
use papack_queries::envelope::Survey;

use crate::{HEADER, good};

/// The ids and preloads that are shown of `pack`, which has faults.
fn shown(pack: &[u8]) -> (Vec<Option<u32>>, usize) {
    let survey = Survey::new(pack, "p.pa").unwrap();
    assert!(!survey.faults.is_empty());
    (survey.entries.iter().map(|entry| entry.asset_id).collect(), survey.preload.len())
}

#[test]
fn entries_before_the_damage_are_shown() {
    let place = |text: &str| 32 + HEADER.find(text).unwrap();
    let damaged = |at: usize| {
        let mut pack = good();
        pack[at] = 0xff;
        pack
    };
    assert_eq!(shown(&damaged(place("atlas"))), (vec![], 0));
    assert_eq!(shown(&damaged(place("beeps"))), (vec![Some(3)], 0));
    assert_eq!(shown(&damaged(place("notes"))), (vec![Some(3), Some(7)], 0));
    assert_eq!(shown(&damaged(place(r#"],"preload""#) + 3)), (vec![Some(3), Some(7), Some(9)], 0));
    assert_eq!(shown(&damaged(32 + HEADER.len() - 4)), (vec![Some(3), Some(7), Some(9)], 1));
}

#[test]
fn header_that_is_cut_off_is_one_fault() {
    let end = 32 + HEADER.find("notes").unwrap();
    let survey = Survey::new(&good()[..end], "p.pa").unwrap();
    assert_eq!(survey.faults.iter().map(|fault| fault.code).collect::<Vec<_>>(), [Code::PackPrelude]);
    assert_eq!(survey.entries.len(), 2);
}

#[test]
fn payload_that_is_cut_off_hides_nothing() {
    let pack = good();
    assert_eq!(shown(&pack[..pack.len() - 1]), (vec![Some(3), Some(7), Some(9)], 2));
}
