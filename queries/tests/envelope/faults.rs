//! One faulty header for each rule, and the place where the fault is found.

use crate::cases::{CASES, Case, HEADER, PAYLOAD_SIZE, pack_of};
use crate::faults;

#[test]
fn good_header_has_no_fault() {
    assert!(faults(&pack_of(HEADER, PAYLOAD_SIZE)).is_empty());
}

#[test]
fn each_rule_has_its_fault() {
    for Case { from, to, grown, code, pointer, message } in CASES {
        assert!(HEADER.contains(from), "{from}");
        let header = HEADER.replacen(from, to, 1);
        let faults = faults(&pack_of(&header, PAYLOAD_SIZE + grown));
        let found = faults.iter().any(|fault| {
            fault.code == *code
                && fault.pointer.as_deref().unwrap_or("-") == *pointer
                && fault.message.contains(message)
                && fault.span.is_some()
        });
        assert!(found, "{from} -> {to}: no {code} at {pointer} that says {message:?} among {faults:#?}");
    }
}

#[test]
fn fault_points_to_its_bytes_in_the_file() {
    let header = HEADER.replacen("\"offset\":2176", "\"offset\":2177", 1);
    let pack = pack_of(&header, PAYLOAD_SIZE);
    let spans: Vec<_> = faults(&pack).iter().filter_map(|fault| fault.span).collect();
    assert!(spans.iter().any(|span| &pack[span.start..span.end] == b"2177"), "{spans:?}");
    let spaced = HEADER.replacen(",\"preload\"", ", \"preload\"", 1);
    let pack = pack_of(&spaced, PAYLOAD_SIZE);
    assert_eq!(faults(&pack)[0].span.map(|span| pack[span.start]), Some(b' '));
}

#[test]
fn user_may_have_4096_canonical_bytes() {
    let user =
        |letters: usize| HEADER.replacen("{\"depth\":[1,2]}", &format!("{{\"d\":\"{}\"}}", "x".repeat(letters)), 1);
    assert!(faults(&pack_of(&user(4096 - 8), PAYLOAD_SIZE)).is_empty());
    let over = faults(&pack_of(&user(4096 - 7), PAYLOAD_SIZE));
    assert!(over[0].message.contains("\"user\" has 4097 canonical bytes"), "{over:?}");
}

#[test]
fn every_fault_is_told() {
    let header = HEADER.replacen("\"notes\"", "\"\"", 1).replacen("\"DATA\"", "\"X\"", 1).replacen(
        "\"channels\":2",
        "\"channels\":0",
        1,
    );
    assert_eq!(faults(&pack_of(&header, PAYLOAD_SIZE + 1)).len(), 4);
}
