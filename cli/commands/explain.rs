//! `papack explain`: the meaning of a diagnostic code, from the pages of the specification.

use std::process::ExitCode;

use papack_queries::suggest;

use super::shared::refuse;
use crate::args::ExplainArgs;
use crate::render::{self, Section};

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

/// Explains the code that the arguments name, or lists all.
pub fn run(args: &ExplainArgs) -> ExitCode {
    let Some(code) = &args.code else {
        render::print_families(PAGES.map(|page| (title(page), sections(page).collect())));
        return ExitCode::SUCCESS;
    };
    let wanted = code.trim().to_uppercase().replace('-', "_");
    let sections: Vec<_> = PAGES.into_iter().flat_map(sections).collect();
    match sections.iter().find(|section| section.code == wanted) {
        Some(section) => {
            let text = [section.text.trim_end(), &allowing(section)].concat();
            render::print_section(&Section { text: &text, ..section.clone() });
            ExitCode::SUCCESS
        }
        None => {
            let codes: Vec<_> = sections.iter().map(|section| section.code).collect();
            let help = suggest::one_of(&wanted, &codes, "papack explain lists all codes");
            refuse(&format!("there is no code \"{}\"", render::shortened(code)), &help)
        }
    }
}

/// The paragraph on how not to be told of a code, in Markdown; empty where it is always an ERROR.
fn allowing(section: &Section<'_>) -> String {
    let severity = section.text.lines().find_map(|line| line.strip_prefix("*Severity: ")).unwrap_or_default();
    if !["WARNING", "INFO"].iter().any(|level| severity.contains(level)) {
        return String::new();
    }
    let code = section.code;
    format!(
        "\n\n**To be told nothing of it** where it is no ERROR: `--allow {code}`, or `allow = [\"{code}\"]` in `papack.toml`; \
         see `papack explain SETTINGS_INVALID`."
    )
}

/// The title of a page: the name of the family.
fn title(page: &str) -> &str {
    page.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or_default()
}

/// The sections of a page.
fn sections(page: &str) -> impl Iterator<Item = Section<'_>> {
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
