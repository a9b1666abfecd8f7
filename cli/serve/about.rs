//! What the server tells about itself when a client begins.

use std::path::Path;

use papack_engine::Bank;
use papack_queries::envelope;
use papack_queries::formats::FormatName;
use papack_queries::schema::manifest::{CODEC_NONE, SLOTS};
use papack_queries::schema::{manifest, registry, settings};
use serde_json::{Value, json};

/// The version of the protocol. A change that clients have to know of is a new one.
pub const PROTOCOL_VERSION: u32 = 1;

/// The result of `initialize`. `methods` are all that there are.
pub fn about(workspace: &Path, methods: Vec<&str>) -> Value {
    let window = |oldest: i64, newest: i64| json!({ "oldest": oldest, "current": newest });
    let only = |version: i64| window(version, version);
    let banks = Bank::ALL.map(|bank| json!({ "bank": bank.name(), "slots": SLOTS }));
    let formats = FormatName::ALL.map(|format| json!({ "format": format.text(), "bank": format.bank().name() }));
    json!({
        "protocol_version": PROTOCOL_VERSION,
        "papack_version": env!("CARGO_PKG_VERSION"),
        "process_id": std::process::id(),
        "workspace": workspace.to_string_lossy(),
        "schemas": {
            "index": window(*registry::VERSIONS.start(), *registry::VERSIONS.end()),
            "asset": window(*manifest::VERSIONS.start(), *manifest::VERSIONS.end()),
            "settings": only(settings::VERSION),
            "assets_pa": only(envelope::SCHEMA_VERSION.into()),
            "asset_table_metadata": window(*envelope::SIDECAR_VERSIONS.start(), *envelope::SIDECAR_VERSIONS.end()),
        },
        "formats": formats,
        "codecs": [CODEC_NONE],
        "banks": banks,
        "methods": methods,
    })
}
