//! The docs keep up with the code.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All pages for people.
fn pages() -> Vec<PathBuf> {
    let mut pages = Vec::new();
    for folder in [".", "demo", "editors/java", "editors/vscode", "tests/editors", "tests/editors/vscode"] {
        pages.push(project().join(folder).join("README.md"));
    }
    for folder in ["docs", "docs/schemas", "docs/spec", "docs/spec/diagnostics", "docs/spec/operations"] {
        let entries = fs::read_dir(project().join(folder)).unwrap().map(|entry| entry.unwrap().path());
        pages.extend(entries.filter(|path: &PathBuf| path.extension().is_some_and(|extension| extension == "md")));
    }
    pages
}

/// The files and folders of the project, from its root, that are not made by a build.
fn files() -> BTreeSet<String> {
    let mut files = BTreeSet::new();
    let mut folders = vec![project().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            let is_made = [".git", "target", "node_modules", "corpus"].iter().any(|made| path.ends_with(made));
            if is_made || path == project().join("demo/build") {
                continue;
            }
            files.insert(path.strip_prefix(project()).unwrap().to_str().unwrap().to_owned());
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            }
        }
    }
    files
}

/// What stands between backticks on a page, outside of blocks of code.
fn code_spans(page: &Path) -> Vec<String> {
    let text = fs::read_to_string(page).unwrap();
    let mut is_block = false;
    let lines = text.lines().filter(|line| {
        let is_fence = line.trim_start().starts_with("```");
        is_block ^= is_fence;
        !is_fence && !is_block
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    text.split('`').skip(1).step_by(2).map(|span| span.replace('\n', " ")).collect()
}

fn is_source(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "rs")
}

/// Whether a page that says `span` names a file or folder of the project.
fn is_path(span: &str) -> bool {
    let is_plain = span.chars().all(|c| c.is_ascii_alphanumeric() || "_-./".contains(c));
    let roots = ["queries/", "engine/", "cli/", "tests/", "benches/", "docs/", "demo/", ".ci/"];
    // A build makes that one.
    let is_made = span.starts_with("demo/build/");
    is_plain && !is_made && (is_source(span) || roots.iter().any(|root| span.starts_with(root)))
}

#[test]
fn every_file_that_a_page_names_is_there() {
    let files = files();
    let mut named = 0;
    let mut gone = Vec::new();
    for page in pages() {
        for span in code_spans(&page).into_iter().filter(|span| is_path(span)) {
            named += 1;
            // Beside a full path, others may be short: `power.rs`, `pack/group.rs`.
            let path = span.trim_end_matches('/');
            let is_there = files.iter().any(|file| file == path || file.ends_with(&format!("/{path}")));
            if !is_there {
                gone.push(format!("{}: {span}", page.display()));
            }
        }
    }
    assert!(named > 150, "only {named} files were found");
    assert!(gone.is_empty(), "these pages name what is gone:\n{}", gone.join("\n"));
}

fn is_lower(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn is_camel(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_uppercase())
        && word.contains(|c: char| c.is_ascii_lowercase())
        && word.chars().all(char::is_alphanumeric)
}

/// The words of `text`, as the compiler separates them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// All sources of the project, with their paths.
fn sources() -> Vec<(String, String)> {
    let paths = files().into_iter().filter(|file| is_source(file));
    let read = |path: String| {
        let text = fs::read_to_string(project().join(&path)).unwrap();
        (path, text)
    };
    paths.map(read).collect()
}

#[test]
fn every_identifier_that_the_architecture_names_is_there() {
    let sources = sources();
    let there: BTreeSet<&str> = sources.iter().flat_map(|(_, text)| words(text)).collect();
    let spans = code_spans(&project().join("docs/architecture.md"));
    // A type or variant, or a test, which is called by a sentence.
    let is_named = |span: &str| is_camel(span) || is_lower(span) && span.matches('_').count() >= 3;
    let named: Vec<&String> = spans.iter().filter(|span| is_named(span)).collect();
    let gone: Vec<_> = named.iter().filter(|span| !there.contains(span.as_str())).collect();
    assert!(named.len() > 60, "only {} identifiers were found", named.len());
    assert!(gone.is_empty(), "docs/architecture.md names what is gone: {gone:?}");
}

/// Whether the source `text` at `path` has the type `owner`, or is of the module `owner`.
fn has_owner(path: &str, text: &str, owner: &str) -> bool {
    let is_of_type = |line: &str| {
        let words: Vec<&str> = words(line).collect();
        let is_type = |pair: &[&str]| ["struct", "enum", "trait"].contains(&pair[0]) && pair[1] == owner;
        words.windows(2).any(is_type) || words.first() == Some(&"impl") && words.contains(&owner)
    };
    if is_camel(owner) {
        text.lines().any(is_of_type)
    } else {
        Path::new(path).with_extension("").iter().any(|part| part == owner)
    }
}

/// Whether the source `text` has `item` as a function, a public field or a variant.
fn declares(text: &str, item: &str) -> bool {
    let begins = |line: &str, start: &str, ends: &[char]| {
        line.trim_start().strip_prefix(start).is_some_and(|rest| rest.starts_with(ends))
    };
    if is_camel(item) {
        return text.lines().any(|line| begins(line, item, &[',', '(', ' ']));
    }
    [format!("fn {item}("), format!("fn {item}<")].iter().any(|function| text.contains(function))
        || text.lines().any(|line| begins(line, &format!("pub {item}"), &[':']))
}

#[test]
fn every_item_of_a_type_or_module_that_the_architecture_names_is_in_it() {
    let sources = sources();
    let is_there = |owner: &str, item: &str| {
        sources.iter().any(|(path, text)| has_owner(path, text, owner) && declares(text, item))
    };
    let spans = code_spans(&project().join("docs/architecture.md"));
    let ours = spans.iter().filter(|span| !span.starts_with("std::"));
    let named: Vec<_> = ours.filter_map(|span| span.split_once("::")).collect();
    let gone: Vec<_> = named.iter().filter(|(owner, item)| !is_there(owner, item)).collect();
    assert!(named.len() > 15, "only {} items were found", named.len());
    assert!(gone.is_empty(), "docs/architecture.md names what is gone: {gone:?}");
}

#[test]
fn every_link_leads_somewhere() {
    let mut links = 0;
    for page in &pages() {
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
