//! Any bytes are a WAVE with a payload, or have an error.
#![no_main]

mod memory;

use libfuzzer_sys::fuzz_target;
use papack_queries::formats::Format;
use papack_queries::formats::sounds::{Loops, Options};

fuzz_target!(|bytes: &[u8]| {
    memory::derive(Format::SoundsPcmV1(Options::default()), bytes);
    memory::derive(Format::SoundsPcmV1(Options::with_loops(Loops::Detect)), bytes);
});
