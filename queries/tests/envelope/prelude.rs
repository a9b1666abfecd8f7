//! The prelude, field by field.

use papack_queries::diagnostic::{Code, Data};

use crate::{faults, good};

#[test]
fn each_field_is_checked_where_it_is() {
    let with = |at: usize, bytes: &[u8]| {
        let mut pack = good();
        pack[at..at + bytes.len()].copy_from_slice(bytes);
        pack
    };
    let cases: [(Vec<u8>, Code, usize, &str); 9] = [
        (with(0, b"RIFF"), Code::PackPrelude, 0, "begins with \"RIFF\", not with \"ASPA\""),
        (
            with(4, &[2]),
            Code::SchemaVersion,
            4,
            "schema version 2 of the envelope is not supported: this papack reads 1",
        ),
        (with(4, &[0]), Code::SchemaVersion, 4, "schema version 0"),
        (with(8, &[255; 4]), Code::PackPrelude, 8, "header_len is 4294967295, but only"),
        (with(12, &[1; 8]), Code::PackPrelude, 12, "payload_offset is 72340172838076673, but the header ends at"),
        (with(20, &[1]), Code::PackPrelude, 20, "flags is 0x00000001"),
        (with(31, &[128]), Code::PackPrelude, 24, "reserved is 0x8000000000000000, not 0"),
        (good()[..31].to_vec(), Code::PackPrelude, 0, "the file has 31 bytes"),
        (Vec::new(), Code::PackPrelude, 0, "the file has 0 bytes"),
    ];
    for (pack, code, at, message) in cases {
        let faults = faults(&pack);
        let found = faults.iter().any(|fault| {
            fault.code == code && fault.span.is_some_and(|span| span.start == at) && fault.message.contains(message)
        });
        assert!(found, "{message}: {faults:#?}");
    }
}

#[test]
fn a_version_that_is_not_read_is_told_as_data() {
    let mut pack = good();
    pack[4..8].fill(255);
    let data: Vec<_> = faults(&pack).into_iter().map(|fault| fault.data).collect();
    assert_eq!(data, [Some(Box::new(Data::Version { found: 4_294_967_295, oldest: 1, newest: 1 }))]);
}

#[test]
fn all_faults_of_a_prelude_are_told() {
    let mut pack = good();
    pack[12..32].fill(9);
    let codes: Vec<_> = faults(&pack).iter().map(|fault| fault.code).collect();
    assert_eq!(codes, [Code::PackPrelude; 3]);
}
