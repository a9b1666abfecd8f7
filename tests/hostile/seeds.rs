//! What the fuzz targets begin with: the smaller files of the table and of the golden workspaces.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::case::Case;
use crate::ground::{A, Found, Ground, PACK, PIC, REGISTRY, SND};
use crate::space::files_below;

/// Bytes of all seeds of one target, and of one seed. A pack has a payload at least.
const ROOM: usize = 14 * 1024;
const LARGEST: usize = 1024;
const LARGEST_PACK: usize = 3072;

/// Which targets a file is a seed of, by its path.
fn targets(path: &str) -> &'static [&'static str] {
    match path {
        REGISTRY => &["registry", "json"],
        A | PIC | SND => &["manifest", "json"],
        PACK => &["reader"],
        _ => match path.rsplit('.').next() {
            Some("png") => &["tiles"],
            Some("wav") => &["sounds"],
            Some("pa") => &["reader"],
            Some("json") if path.ends_with("/asset.json") => &["manifest"],
            _ => &[],
        },
    }
}

/// The files that `case` spoils.
fn spoilt(case: &Case) -> Vec<(String, Vec<u8>)> {
    let ground = Ground::new();
    let before = ground.snapshot();
    (case.spoil)(&ground);
    let mut files = Vec::new();
    for (path, found) in ground.snapshot() {
        let path_in_ws = match path.strip_prefix("ws") {
            Ok(path) => path.to_owned(),
            Err(_) => Path::new("..").join(&path),
        };
        if before.get(&path) != Some(&found)
            && let Found::File { content, .. } = found
        {
            files.push((path_in_ws.to_string_lossy().into_owned(), content));
        }
    }
    files
}

#[test]
#[ignore = "writes tests/fuzz/seeds"]
fn write_the_seeds() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let seeds = project.join("tests/fuzz/seeds");
    let golden = files_below(&project.join("tests/golden")).into_iter();
    let files: Vec<_> = golden.chain(crate::all().iter().flat_map(spoilt)).collect();
    for target in ["json", "manifest", "reader", "registry", "sounds", "tiles"] {
        let folder = seeds.join(target);
        fs::remove_dir_all(&folder).ok();
        fs::create_dir_all(&folder).unwrap();
        let largest = if target == "reader" { LARGEST_PACK } else { LARGEST };
        let wanted = files.iter().filter(|(path, bytes)| targets(path).contains(&target) && bytes.len() <= largest);
        let distinct: BTreeSet<&Vec<u8>> = wanted.map(|(_, bytes)| bytes).collect();
        // In the order of their digests: a choice that does not favour one family.
        let mut named: Vec<_> = distinct.into_iter().map(|bytes| (blake3::hash(bytes).to_hex(), bytes)).collect();
        named.sort_by_key(|(name, _)| name.to_string());
        let mut room = ROOM;
        for (name, bytes) in named {
            if bytes.len() <= room {
                room -= bytes.len();
                fs::write(folder.join(&name[..16]), bytes).unwrap();
            }
        }
    }
    let size: usize = files_below(&seeds).values().map(Vec::len).sum();
    assert!(size < 100 * 1024, "{size} bytes");
}
