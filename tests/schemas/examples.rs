//! The documents of the demo and of the golden workspaces.

use std::path::{Path, PathBuf};

use crate::agreement::{MANIFESTS, REGISTRIES};

/// Every file called `name` below `folder`.
fn files_named(name: &str, folder: &Path) -> Vec<PathBuf> {
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| match path {
            path if path.is_dir() => files_named(name, &path),
            path if path.ends_with(name) => vec![path],
            _ => Vec::new(),
        })
        .collect()
}

#[test]
fn schema_and_papack_agree_on_every_document_of_ours() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (name, reader, least) in [("asset.json", &*MANIFESTS, 50), ("index.json", &*REGISTRIES, 6)] {
        let mut files = files_named(name, &project.join("tests/golden"));
        files.extend(files_named(name, &project.join("demo/assets")));
        assert!(files.len() >= least, "only {} files {name}", files.len());
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            assert!(reader.schema_accepts(&text), "{}", file.display());
            assert_eq!(reader.papack_faults(&text), [], "{}", file.display());
        }
    }
}
