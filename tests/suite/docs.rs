//! The docs keep up with the code.

use std::fs;
use std::path::{Path, PathBuf};

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_link_leads_somewhere() {
    let mut pages = vec![project().join("README.md"), project().join("demo/README.md")];
    for folder in ["docs", "docs/schemas", "docs/spec", "docs/spec/diagnostics", "docs/spec/operations"] {
        let entries = fs::read_dir(project().join(folder)).unwrap().map(|entry| entry.unwrap().path());
        pages.extend(entries.filter(|path: &PathBuf| path.extension().is_some_and(|extension| extension == "md")));
    }
    let mut links = 0;
    for page in &pages {
        let text = fs::read_to_string(page).unwrap();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap();
            if !file.is_empty() && !file.contains("://") {
                links += 1;
                assert!(page.parent().unwrap().join(file).exists(), "{}: {target}", page.display());
            }
        }
    }
    assert!(links > 20, "only {links} links were found");
}
