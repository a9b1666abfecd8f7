//! The sidecar has all that the header has.

use serde_json::{Value, json};

use crate::space::TestSpace;

const WORKSPACES: [&str; 5] =
    ["demo", "tests/golden/w101", "tests/golden/w102", "tests/golden/w103", "tests/golden/w104"];

/// The keys of an asset in the sidecar, but for `pipeline`, which only some have.
const KEYS: [&str; 13] = [
    "artifacts",
    "asset_id",
    "asset_name",
    "asset_uuid",
    "bank_type",
    "codec",
    "decoded_size",
    "format",
    "manifest",
    "metadata",
    "payload",
    "preload",
    "root",
];

fn output(space: &TestSpace, name: &str) -> Value {
    serde_json::from_slice(&space.read(&format!("build/{name}"))).unwrap()
}

#[test]
fn every_key_of_the_table_and_every_preload_is_in_the_sidecar() {
    for workspace in WORKSPACES {
        let space = TestSpace::copy_of(workspace);
        space.pack();
        let (table, preload) = (output(&space, "asset_table.json"), output(&space, "preload.json"));
        let sidecar = output(&space, "asset_table_metadata.json");
        assert_eq!(sidecar["schema_version"], 2);
        let assets = sidecar["assets"].as_array().unwrap();
        assert!(!assets.is_empty() && assets.len() == table.as_array().unwrap().len());
        for (asset, row) in assets.iter().zip(table.as_array().unwrap()) {
            let keys: Vec<_> = asset.as_object().unwrap().keys().filter(|key| *key != "pipeline").collect();
            assert_eq!(keys, KEYS);
            assert_eq!(row.as_object().unwrap().len(), 8);
            for (key, value) in row.as_object().unwrap() {
                let place = if ["offset", "size"].contains(&key.as_str()) { &asset["payload"] } else { asset };
                assert_eq!(place.get(key), Some(value), "{workspace}: {key} of {row}");
            }
        }
        let enabled = assets.iter().filter(|asset| asset["preload"]["enabled"] == true);
        let listed = enabled.map(|asset| json!({ "asset_id": asset["asset_id"], "slot": asset["preload"]["slot"] }));
        assert_eq!(listed.collect::<Value>(), preload, "{workspace}");
    }
}
