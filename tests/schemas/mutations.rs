//! Good documents, changed at random places.

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use crate::agreement::{MANIFESTS, REGISTRIES};

/// A change at a random place of a document.
#[derive(Debug, Clone)]
enum Edit {
    Delete,
    Replace(Value),
    /// Adds a member or an element.
    Add(String, Value),
}

fn manifests() -> [Value; 4] {
    let uuid = "3f0e5a1c-7a55-4a0e-9b39-5d4f0f6f2a01";
    let user = json!({"author": "é", "list": [1, -5, {"deep": [null, true]}]});
    [
        json!({"schema_version": 2, "asset_uuid": uuid, "name": "tiles",
            "artifacts": [{"file": "a.png"}, {"glob": "b/**/*.png", "except": ["**/c?.png", "d"]}],
            "output": {"format": "TILES/indexed_v1", "codec": "NONE", "metadata": {"tile_size": 8, "entry_zero": "WARN", "user": user,
                "transparent": "#ff00ff", "alpha": 128, "palette": "FIRST_FILE", "colors": 15, "colors_of": "SHEET",
                "dither": "ORDERED", "renumber": true, "pad": "TOP"},
                "pipeline": {"by": ["hand"]}},
            "preload": {"enabled": true, "slot": 3}}),
        json!({"schema_version": 2, "asset_uuid": uuid, "name": "sounds", "artifacts": [{"glob": "*.wav"}],
            "output": {"format": "SOUNDS/pcm_v1", "metadata": {"loops": "DETECT", "user": {}}},
            "preload": {"enabled": false}}),
        json!({"schema_version": 2, "asset_uuid": uuid, "name": "data", "artifacts": [{"file": "x/y"}],
            "output": {"format": "DATA/raw_v1", "metadata": {"user": user}}}),
        json!({"schema_version": 1, "asset_uuid": uuid, "name": "old", "artifacts": ["a", "b/c.d"],
            "output": {"format": "DATA/raw_v1"}, "preload": {"enabled": true, "slot": 0}}),
    ]
}

fn registries() -> [Value; 2] {
    let uuids = ["3f0e5a1c-7a55-4a0e-9b39-5d4f0f6f2a01", "9b0c2c34-52a5-4c29-8f0a-0c2b8b6d9f02"];
    let entry = |id: usize, root: &str| json!({"asset_id": id, "asset_uuid": uuids[id - 1], "root": root});
    let included = |id: usize, root: &str| {
        let mut entry = entry(id, root);
        entry["included_in_build"] = Value::Bool(id == 1);
        entry
    };
    [
        json!({"schema_version": 2, "next_asset_id": 9, "assets": [included(1, "a/b"), included(2, "c")]}),
        json!({"schema_version": 1, "next_asset_id": 9, "assets": [entry(1, "a/b"), entry(2, "c")]}),
    ]
}

/// Keys that mean something somewhere.
#[rustfmt::skip]
const KEYS: [&str; 32] = [
    "schema_version", "asset_uuid", "name", "artifacts", "output", "preload", "file", "glob", "except", "format",
    "codec", "metadata", "pipeline", "user", "tile_size", "entry_zero", "loops", "enabled", "slot", "next_asset_id", "assets",
    "asset_id", "root", "included_in_build", "transparent", "alpha", "palette", "colors", "colors_of", "dither", "renumber", "pad",
];

/// Texts that some rule allows or refuses.
#[rustfmt::skip]
const TEXTS: [&str; 25] = [
    "", " ", "a", "a/b", "../a", "/a", "a*", "**", "a**", "con", "a.", ".a", "NONE", "none", "OFF", "DETECT",
    "DATA/raw_v1", "SOUNDS/pcm_v1", "TILES/indexed_v1", "00000000-0000-4000-8000-000000000000",
    "00000000-0000-4000-8000-00000000000A", "#0a1B2c", "FIRST_FILE", "SHEET", "BOTTOM_RIGHT",
];

/// Keys that mean something somewhere, and others.
fn keys() -> impl Strategy<Value = String> {
    prop_oneof![3 => prop::sample::select(&KEYS[..]).prop_map(str::to_owned), 1 => "[a-z ]{0,4}"]
}

/// Values of which JSON Schema can express all that papack asks.
fn plain_values() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        4 => prop::sample::select(&TEXTS[..]).prop_map(Value::from),
        1 => "[ -~]{0,6}".prop_map(Value::from),
        2 => prop::sample::select(&[0, 1, 2, 3, 8, 15, 16, 32, -1, 2_147_483_646_i64, 2_147_483_647][..]).prop_map(Value::from),
        1 => any::<i32>().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(keys(), inner, 0..4).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
    .boxed()
}

/// Any values at all.
fn wild_values() -> BoxedStrategy<Value> {
    prop_oneof![
        plain_values(),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ]
    .boxed()
}

fn edits(values: BoxedStrategy<Value>) -> impl Strategy<Value = Vec<(Index, Edit)>> {
    let edit = prop_oneof![
        Just(Edit::Delete),
        values.clone().prop_map(Edit::Replace),
        (keys(), values).prop_map(|(key, value)| Edit::Add(key, value)),
    ];
    prop::collection::vec((any::<Index>(), edit), 1..4)
}

/// The pointer of every value in `value`, its own first.
fn pointers(value: &Value) -> Vec<String> {
    let steps: Vec<(String, &Value)> = match value {
        Value::Object(map) => {
            map.iter().map(|(key, value)| (key.replace('~', "~0").replace('/', "~1"), value)).collect()
        }
        Value::Array(items) => items.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    let below = steps.into_iter().flat_map(|(step, value)| {
        pointers(value).into_iter().map(move |rest| format!("/{step}{rest}")).collect::<Vec<_>>()
    });
    std::iter::once(String::new()).chain(below).collect()
}

fn apply(document: &mut Value, place: Index, edit: &Edit) {
    let pointers = pointers(document);
    let pointer = place.get(&pointers);
    match edit {
        Edit::Replace(value) => *document.pointer_mut(pointer).unwrap() = value.clone(),
        Edit::Add(key, value) => match document.pointer_mut(pointer).unwrap() {
            Value::Object(map) => drop(map.insert(key.clone(), value.clone())),
            Value::Array(items) => items.push(value.clone()),
            _ => {}
        },
        Edit::Delete => {
            let Some((parent, step)) = pointer.rsplit_once('/') else { return };
            match document.pointer_mut(parent).unwrap() {
                Value::Object(map) => drop(map.remove(&step.replace("~1", "/").replace("~0", "~"))),
                Value::Array(items) => drop(items.remove(step.parse().unwrap())),
                _ => unreachable!("only containers have members"),
            }
        }
    }
}

fn edited(documents: &[Value], which: Index, edits: &[(Index, Edit)]) -> String {
    let mut document = which.get(documents).clone();
    edits.iter().for_each(|(place, edit)| apply(&mut document, *place, edit));
    serde_json::to_string_pretty(&document).unwrap()
}

proptest! {
    /// Where JSON Schema can express every rule, both always say the same.
    #[test]
    fn manifests_are_judged_alike(which in any::<Index>(), edits in edits(plain_values())) {
        let reader = &MANIFESTS;
        let text = edited(&manifests(), which, &edits);
        let faults = reader.papack_faults(&text);
        prop_assert_eq!(reader.schema_accepts(&text), faults.is_empty(), "{}\n{:#?}", text, faults);
    }

    /// What the schema of manifests refuses, papack refuses; what papack accepts, the schema accepts.
    #[test]
    fn no_manifest_is_refused_by_the_schema_alone(which in any::<Index>(), edits in edits(wild_values())) {
        let reader = &MANIFESTS;
        let text = edited(&manifests(), which, &edits);
        prop_assert!(reader.schema_accepts(&text) || !reader.papack_faults(&text).is_empty(), "{}", text);
    }

    /// The same of registries, whose entries also have rules between them.
    #[test]
    fn no_registry_is_refused_by_the_schema_alone(which in any::<Index>(), edits in edits(wild_values())) {
        let reader = &REGISTRIES;
        let text = edited(&registries(), which, &edits);
        prop_assert!(reader.schema_accepts(&text) || !reader.papack_faults(&text).is_empty(), "{}", text);
    }
}
