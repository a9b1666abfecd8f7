//! The schema of `papack.toml` against what papack reads: it refuses nothing that papack accepts.

use papack_queries::schema::settings;
use serde_json::{Value, json};

use crate::{schema, validator};

/// Limits that both refuse.
fn limits(text: &str, value: Value) -> (&'static str, Value, bool, bool) {
    let text = format!("schema_version = 1\n[budget]\npack = {text}").leak();
    (text, json!({ "schema_version": 1, "budget": { "pack": value } }), false, false)
}

#[test]
fn the_schema_of_the_settings_says_what_papack_says() {
    let validator = validator(&schema("settings"));
    for (text, value, by_schema, by_papack) in [
        ("schema_version = 1", json!({ "schema_version": 1 }), true, true),
        ("schema_version = 2", json!({ "schema_version": 2 }), false, false),
        ("schema_version = '1'", json!({ "schema_version": "1" }), false, false),
        ("", json!({}), false, false),
        ("schema_version = 1\nx = 1", json!({ "schema_version": 1, "x": 1 }), false, false),
        ("schema_version = 1\n[diagnostics]", json!({ "schema_version": 1, "diagnostics": {} }), true, true),
        ("schema_version = 1\ndiagnostics = 1", json!({ "schema_version": 1, "diagnostics": 1 }), false, false),
        (
            "schema_version = 1\n[diagnostics]\ndeny = ['IO']\nwarn = ['glob-order', 'GLOB_ORDER']\nallow = []\ndeny_warnings = true",
            json!({
                "schema_version": 1,
                "diagnostics": { "deny": ["IO"], "warn": ["glob-order", "GLOB_ORDER"], "allow": [], "deny_warnings": true },
            }),
            true,
            true,
        ),
        (
            "schema_version = 1\ndiagnostics.deny = 'IO'",
            json!({ "schema_version": 1, "diagnostics": { "deny": "IO" } }),
            false,
            false,
        ),
        (
            "schema_version = 1\ndiagnostics.allow = ['']",
            json!({ "schema_version": 1, "diagnostics": { "allow": [""] } }),
            false,
            false,
        ),
        (
            "schema_version = 1\ndiagnostics.deny_warnings = 1",
            json!({ "schema_version": 1, "diagnostics": { "deny_warnings": 1 } }),
            false,
            false,
        ),
        (
            "schema_version = 1\ndiagnostics.Deny = []",
            json!({ "schema_version": 1, "diagnostics": { "Deny": [] } }),
            false,
            false,
        ),
        (
            "schema_version = 1\n[budget.pack]\nwarn = 0\nerror = '1.5 MiB'\n[budget.bank.TILES]\nerror = '64KiB'\n\
             [budget.folder.'levels/**']\nwarn = '7'\n[budget.asset.'a/b']\nwarn = '7 b'\n[budget.slot.DATA.15]\nerror = 9007199254740991",
            json!({
                "schema_version": 1,
                "budget": {
                    "pack": { "warn": 0, "error": "1.5 MiB" },
                    "bank": { "TILES": { "error": "64KiB" } },
                    "folder": { "levels/**": { "warn": "7" } },
                    "asset": { "a/b": { "warn": "7 b" } },
                    "slot": { "DATA": { "15": { "error": 9_007_199_254_740_991_u64 } } },
                },
            }),
            true,
            true,
        ),
        ("schema_version = 1\n[budget]", json!({ "schema_version": 1, "budget": {} }), true, true),
        limits("{}", json!({})),
        limits("{ warm = 1 }", json!({ "warm": 1 })),
        limits("{ warn = -1 }", json!({ "warn": -1 })),
        limits("{ warn = 1.5 }", json!({ "warn": 1.5 })),
        limits("{ warn = 9007199254740992 }", json!({ "warn": 9_007_199_254_740_992_u64 })),
        limits("{ warn = '1 KB' }", json!({ "warn": "1 KB" })),
        limits("{ warn = '1 kib ' }", json!({ "warn": "1 kib " })),
        limits("{ warn = '.5 KiB' }", json!({ "warn": ".5 KiB" })),
        limits("{ warn = '1.0000000000 KiB' }", json!({ "warn": "1.0000000000 KiB" })),
        limits("{ warn = true }", json!({ "warn": true })),
        (
            "schema_version = 1\nbudget.bank.tiles.warn = 1",
            json!({ "schema_version": 1, "budget": { "bank": { "tiles": { "warn": 1 } } } }),
            false,
            false,
        ),
        (
            "schema_version = 1\nbudget.slot.DATA.16.warn = 1",
            json!({ "schema_version": 1, "budget": { "slot": { "DATA": { "16": { "warn": 1 } } } } }),
            false,
            false,
        ),
        (
            "schema_version = 1\nbudget.folder.''.warn = 1",
            json!({ "schema_version": 1, "budget": { "folder": { "": { "warn": 1 } } } }),
            false,
            false,
        ),
        // What no schema says: sums, and the rules of paths.
        (
            "schema_version = 1\nbudget.pack = { warn = '1 KiB', error = 1024 }",
            json!({ "schema_version": 1, "budget": { "pack": { "warn": "1 KiB", "error": 1024 } } }),
            true,
            false,
        ),
        (
            "schema_version = 1\nbudget.pack.warn = '0.1 KiB'",
            json!({ "schema_version": 1, "budget": { "pack": { "warn": "0.1 KiB" } } }),
            true,
            false,
        ),
        (
            "schema_version = 1\nbudget.folder.'/a'.warn = 1",
            json!({ "schema_version": 1, "budget": { "folder": { "/a": { "warn": 1 } } } }),
            true,
            false,
        ),
        // What no schema says: which codes there are, and that each is in one list.
        (
            "schema_version = 1\ndiagnostics.deny = ['GLOB_ODER']",
            json!({ "schema_version": 1, "diagnostics": { "deny": ["GLOB_ODER"] } }),
            true,
            false,
        ),
        (
            "schema_version = 1\ndiagnostics = { deny = ['IO'], allow = ['io'] }",
            json!({ "schema_version": 1, "diagnostics": { "deny": ["IO"], "allow": ["io"] } }),
            true,
            false,
        ),
    ] {
        assert_eq!(validator.is_valid(&value), by_schema, "by the schema: {value}");
        let read = settings::parse(text.as_bytes());
        assert_eq!(read.is_ok(), by_papack, "by papack: {text}: {read:?}");
    }
}
