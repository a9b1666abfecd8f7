//! Any bytes are raw data, or a pointer of Git LFS, and of what is harmless nothing is said.
#![no_main]

mod memory;

use libfuzzer_sys::fuzz_target;
use papack_queries::content::is_harmless;
use papack_queries::formats::Format;
use papack_queries::signature::LfsPointer;

fuzz_target!(|bytes: &[u8]| {
    let outcome = memory::derive(Format::DataRawV1, bytes);
    let is_refused = LfsPointer::of(bytes).is_some() && !bytes.contains(&0);
    assert_eq!(outcome.payload.is_none(), is_refused);
    assert!(outcome.diagnostics.is_empty() || !is_harmless(bytes));
});
