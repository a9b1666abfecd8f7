//! The docs keep up with the code.

use std::fs;
use std::path::{Path, PathBuf};

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_diagnostic_code_is_documented() {
    let source = fs::read_to_string(project().join("queries/src/diagnostic.rs")).unwrap();
    let docs = fs::read_to_string(project().join("docs/spec/diagnostics.md")).unwrap();
    let body = source.split_once("pub enum Code {").unwrap().1.split_once("\n}").unwrap().0;
    let variants: Vec<_> = body.lines().filter_map(|line| line.trim().strip_suffix(',')).collect();
    assert!(variants.len() > 50, "{variants:?}");
    for variant in variants {
        let code = variant.chars().enumerate().fold(String::new(), |mut code, (index, c)| {
            if index > 0 && (c.is_ascii_uppercase() || c.is_ascii_digit()) {
                code.push('_');
            }
            code.push(c.to_ascii_uppercase());
            code
        });
        // NAME_NOT_UTF8 and the like: digits belong to the word before them.
        let joined = code.replace("_8", "8");
        assert!(docs.contains(&format!("| `{joined}` |")), "{joined} is not in docs/spec/diagnostics.md");
    }
}

#[test]
fn every_link_leads_somewhere() {
    let mut pages = vec![project().join("README.md"), project().join("demo/README.md")];
    for folder in ["docs", "docs/spec"] {
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
