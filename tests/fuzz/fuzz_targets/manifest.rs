//! Any bytes are a manifest, or have a fault at a place that exists.
#![no_main]

use libfuzzer_sys::fuzz_target;
use papack_queries::schema::manifest;

fuzz_target!(|bytes: &[u8]| {
    let (manifest, faults) = manifest::parse("assets/a/asset.json", bytes);
    let complete = manifest.name.is_some() && manifest.artifacts.is_some_and(|list| list.is_complete) && manifest.format.is_some();
    assert!(complete || faults.iter().any(|fault| fault.is_error()));
    for span in faults.iter().filter_map(|fault| fault.span) {
        assert!(span.start <= span.end && span.end <= bytes.len() && span.line > 0 && span.column > 0);
    }
});
