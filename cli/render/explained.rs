//! The specification's pages of diagnostic codes, which are part of the program.

use super::markdown::Section;

/// The pages. Each has a family of codes: a title, and a section for each code.
const PAGES: [&str; 8] = [
    include_str!("../../docs/spec/diagnostics/documents.md"),
    include_str!("../../docs/spec/diagnostics/files.md"),
    include_str!("../../docs/spec/diagnostics/assets.md"),
    include_str!("../../docs/spec/diagnostics/tiles.md"),
    include_str!("../../docs/spec/diagnostics/maps.md"),
    include_str!("../../docs/spec/diagnostics/sounds.md"),
    include_str!("../../docs/spec/diagnostics/operation.md"),
    include_str!("../../docs/spec/diagnostics/packs.md"),
];

/// The families of codes: their titles, and their codes.
pub fn families() -> [(&'static str, Vec<Section<'static>>); 8] {
    PAGES.map(|page| (title(page), sections_of(page).collect()))
}

/// Every code.
pub fn sections() -> impl Iterator<Item = Section<'static>> {
    PAGES.into_iter().flat_map(sections_of)
}

/// The title of a page: the name of the family.
fn title(page: &str) -> &str {
    page.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or_default()
}

/// The sections of a page.
fn sections_of(page: &str) -> impl Iterator<Item = Section<'_>> {
    page.split("\n## ").skip(1).map(|section| {
        let (code, text) = section.split_once("\n\n").unwrap_or((section, ""));
        Section { code, summary: first_sentence(text), text }
    })
}

/// The first sentence of a text, which may go on over several lines.
fn first_sentence(text: &str) -> String {
    let paragraph = text.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    match paragraph.split_once(". ") {
        Some((sentence, _)) => format!("{sentence}."),
        None => paragraph,
    }
}
