//! Any bytes are a registry, or have a fault at a place that exists; and what is read keeps the rules.
#![no_main]

use std::collections::HashSet;

use libfuzzer_sys::fuzz_target;
use papack_queries::{path, schema::registry};

fuzz_target!(|bytes: &[u8]| {
    let registry = registry::parse(bytes);
    let entries = &registry.entries;
    assert!(entries.windows(2).all(|pair| pair[0].asset_id < pair[1].asset_id));
    assert!(entries.iter().all(|entry| entry.asset_id > 0 && path::check(&entry.root).is_ok()));
    let uuids: HashSet<_> = entries.iter().map(|entry| entry.asset_uuid).collect();
    let roots: HashSet<_> = entries.iter().map(|entry| entry.root.as_str()).collect();
    assert_eq!((uuids.len(), roots.len()), (entries.len(), entries.len()));
    assert!(!roots.iter().any(|root| root.match_indices('/').any(|(end, _)| roots.contains(&root[..end]))));
    for span in registry.diagnostics.iter().filter_map(|fault| fault.span) {
        assert!(span.start <= span.end && span.end <= bytes.len() && span.line > 0 && span.column > 0);
    }
});
