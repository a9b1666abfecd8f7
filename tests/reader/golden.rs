//! Packs that are known to be good.

use papack_engine::{OpenFile, Verdict, verify};
use papack_queries::envelope::Reader;

use crate::{GOLDEN, copy, golden, pack};

#[test]
fn golden_packs_verify_with_their_companions() {
    for name in GOLDEN {
        let result = verify(&golden(name).join("assets.pa")).unwrap();
        assert_eq!(result.status, Verdict::Valid, "{name}: {:#?}", result.diagnostics);
        assert_eq!(result.companions, ["asset_table.json", "preload.json"]);
    }
}

#[test]
fn assets_of_golden_packs_are_read_by_id_and_by_name() {
    for name in GOLDEN {
        let path = golden(name).join("assets.pa");
        let bytes = std::fs::read(&path).unwrap();
        let reader = OpenFile::reader(&path).unwrap();
        let mut end = reader.payload_offset();
        for asset in reader.assets() {
            let start = usize::try_from(end).unwrap();
            end += asset.size;
            let expected = &bytes[start..usize::try_from(end).unwrap()];
            assert_eq!(reader.read(reader.asset(asset.asset_id).unwrap()).unwrap(), expected);
            assert_eq!(reader.read(reader.asset_named(&asset.asset_name).unwrap()).unwrap(), expected);
        }
        assert_eq!(end, bytes.len() as u64);
        // A file and bytes in memory are read alike.
        assert_eq!(Reader::open(bytes, "p.pa").unwrap().assets(), reader.assets());
    }
}

#[test]
fn what_pack_writes_verifies() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let golden = GOLDEN.map(|name| root.join("tests/golden").join(name));
    for workspace in golden.into_iter().chain([root.join("demo")]) {
        let folder = tempfile::tempdir().unwrap();
        copy(&workspace, folder.path());
        let result = verify(&pack(folder.path()).join("assets.pa")).unwrap();
        assert_eq!(result.status, Verdict::Valid, "{}: {:#?}", workspace.display(), result.diagnostics);
        assert_eq!(result.companions, ["asset_table.json", "preload.json", "asset_table_metadata.json"]);
        assert_eq!(result.payloads_hashed, result.asset_count);
    }
}
