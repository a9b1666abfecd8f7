//! Any bytes, as a compressed sound or an AIFF, are decoded and converted, or have an error.
#![no_main]

mod memory;

use libfuzzer_sys::fuzz_target;
use papack_queries::formats::Format;
use papack_queries::formats::sounds::{Level, Options};

// That the decoder panics is expected, and becomes an error of the file.
fuzz_target!(init: std::panic::set_hook(Box::new(|_| {})), |bytes: &[u8]| {
    memory::derive(Format::SoundsPcmV1(Options::default()), bytes);
    let all = Options {
        mono: true,
        sample_rate: std::num::NonZeroU32::new(11_025),
        trim: Some(100),
        level: Some(Level::Normalize(30_000)),
        ..Options::default()
    };
    memory::derive(Format::SoundsPcmV1(all), bytes);
});
