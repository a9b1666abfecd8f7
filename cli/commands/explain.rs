//! `papack explain`: the meaning of a diagnostic code, from the pages of the specification.

use std::process::ExitCode;

use papack_queries::suggest;

use super::shared::refuse;
use crate::args::ExplainArgs;
use crate::render::{self, Section};

/// Explains the code that the arguments name, or lists all.
pub fn run(args: &ExplainArgs) -> ExitCode {
    let Some(code) = &args.code else {
        render::print_families(render::families());
        return ExitCode::SUCCESS;
    };
    let wanted = code.trim().to_uppercase().replace('-', "_");
    let sections: Vec<_> = render::sections().collect();
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
