//! Any bytes are a registry, or have a fault; and what is read keeps the rules.
#![no_main]

use libfuzzer_sys::fuzz_target;
use papack_queries::{path, schema::registry};

fuzz_target!(|bytes: &[u8]| {
    let registry = registry::parse(bytes);
    assert!(registry.entries.windows(2).all(|pair| pair[0].asset_id < pair[1].asset_id));
    assert!(registry.entries.iter().all(|entry| entry.asset_id > 0 && path::check(&entry.root).is_ok()));
});
