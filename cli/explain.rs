//! `papack explain`: what a code means, from the pages of the specification.

use std::process::ExitCode;

use papack_queries::suggest;

use crate::args::ExplainArgs;
use crate::{refuse, render};

/// The pages, a family of codes on each: a title, and a section for each code.
const PAGES: [&str; 7] = [
    include_str!("../docs/spec/diagnostics/documents.md"),
    include_str!("../docs/spec/diagnostics/files.md"),
    include_str!("../docs/spec/diagnostics/assets.md"),
    include_str!("../docs/spec/diagnostics/tiles.md"),
    include_str!("../docs/spec/diagnostics/sounds.md"),
    include_str!("../docs/spec/diagnostics/operation.md"),
    include_str!("../docs/spec/diagnostics/packs.md"),
];

/// What a code means.
pub struct Section<'p> {
    /// The code.
    pub code: &'p str,
    /// The meaning in one line.
    pub summary: &'p str,
    /// Everything, in Markdown.
    pub text: &'p str,
}

/// Explains the code that the arguments name, or lists all.
pub fn run(args: &ExplainArgs) -> ExitCode {
    let Some(asked) = &args.code else {
        render::markdown::families(PAGES.map(|page| (title(page), sections(page).collect())));
        return ExitCode::SUCCESS;
    };
    let wanted = asked.trim().to_uppercase().replace('-', "_");
    let known: Vec<_> = PAGES.into_iter().flat_map(sections).collect();
    match known.iter().find(|section| section.code == wanted) {
        Some(section) => {
            render::markdown::section(section);
            ExitCode::SUCCESS
        }
        None => {
            let codes: Vec<_> = known.iter().map(|section| section.code).collect();
            let help = suggest::one_of(&wanted, &codes, "papack explain lists all codes");
            refuse(&format!("there is no code \"{}\"", render::shortened(asked)), &help)
        }
    }
}

/// The title of a page, which names the family.
fn title(page: &str) -> &str {
    page.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or_default()
}

/// The sections of a page.
fn sections(page: &str) -> impl Iterator<Item = Section<'_>> {
    page.split("\n## ").skip(1).map(|section| {
        let (code, text) = section.split_once("\n\n").unwrap_or((section, ""));
        Section { code, summary: text.lines().next().unwrap_or_default(), text }
    })
}
