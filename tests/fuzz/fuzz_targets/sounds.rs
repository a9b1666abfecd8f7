//! Any bytes are a WAVE with a payload, or have an error.
#![no_main]

mod memory;

use libfuzzer_sys::fuzz_target;
use papack_queries::formats::{Format, sounds::Loops};

fuzz_target!(|bytes: &[u8]| {
    memory::derive(Format::SoundsPcmV1 { loops: Loops::Off }, bytes);
    memory::derive(Format::SoundsPcmV1 { loops: Loops::Detect }, bytes);
});
