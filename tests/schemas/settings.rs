//! The schema of `papack.toml` against what papack reads: it refuses nothing that papack accepts.

use papack_queries::schema::settings;
use serde_json::json;

use crate::{schema, validator};

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
