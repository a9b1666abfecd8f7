//! Any bytes are settings, or have a fault at a place that exists; the same again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use papack_queries::schema::settings;

fuzz_target!(|bytes: &[u8]| {
    let found = settings::parse(bytes);
    assert_eq!(settings::parse(bytes), found);
    let Err(faults) = found else { return };
    assert!(!faults.is_empty() && faults.iter().all(|fault| fault.is_error()));
    for span in faults.iter().filter_map(|fault| fault.span) {
        assert!(span.start <= span.end && span.end <= bytes.len() && span.line > 0 && span.column > 0);
    }
});
