//! Pages of the specification on a terminal: headings bold, examples indented, paragraphs as wide as the terminal.

use anstyle::{AnsiColor, Style};

use super::columns::wrapped;
use super::{BAD, GOOD, TITLE, counted, print_line, width};
use crate::explain::Section;

const CODE: Style = AnsiColor::Cyan.on_default();

/// Widest paragraph that reads well, in columns.
const MAX_WIDTH: usize = 100;

/// Lists the codes of each family, with their meaning in a line.
pub fn families<const N: usize>(families: [(&str, Vec<Section<'_>>); N]) {
    let count = families.iter().map(|(_, sections)| sections.len()).sum();
    let codes = families.iter().flat_map(|(_, sections)| sections);
    let indent = 4 + codes.map(|section| section.code.len()).max().unwrap_or(0);
    for (title, sections) in families {
        print_line(&format!("{TITLE}{title}{TITLE:#}"));
        for Section { code, summary, .. } in sections {
            let lines = wrapped(&plain(summary), paragraph_width().saturating_sub(indent));
            let mut first = format!("  {CODE}{code}{CODE:#}{:1$}", "", indent - 2 - code.len());
            for line in lines {
                print_line(&format!("{first}{line}"));
                first = " ".repeat(indent);
            }
        }
        print_line("");
    }
    print_line(&format!("{}. More about one of them: papack explain CODE", counted(count, "code")));
}

/// Prints the section of one code.
pub fn section(section: &Section<'_>) {
    print_line(&format!("{TITLE}{}{TITLE:#}\n", section.code));
    for block in section.text.trim_end().split("\n\n") {
        match block.strip_prefix("```") {
            Some(fenced) => example(fenced),
            None => paragraph(block),
        }
        print_line("");
    }
}

/// Prints a fenced example, from its info string to its closing fence. Its lines are not wrapped: they are to be copied.
fn example(fenced: &str) {
    for line in fenced.lines().skip(1).filter(|line| *line != "```") {
        print_line(&format!("    {CODE}{line}{CODE:#}"));
    }
}

/// Prints a paragraph. Only its beginning may be marked: as a word of emphasis, or as a whole.
fn paragraph(block: &str) {
    let joined = block.replace('\n', " ");
    let marked = joined.strip_prefix("**").and_then(|rest| rest.split_once("**"));
    let (word, style) = match marked {
        Some((word @ "Wrong", _)) => (word, BAD),
        Some((word @ "Right", _)) => (word, GOOD),
        Some((word, _)) => (word, TITLE),
        None => ("", Style::new()),
    };
    for (index, line) in wrapped(&plain(&joined), paragraph_width()).iter().enumerate() {
        match line.strip_prefix(word).filter(|_| index == 0) {
            Some(rest) => print_line(&format!("{style}{word}{style:#}{rest}")),
            None => print_line(line),
        }
    }
}

/// Text without the marks of Markdown.
fn plain(text: &str) -> String {
    let emphasized = text.strip_prefix('*').and_then(|rest| rest.strip_suffix('*'));
    let parts = emphasized.unwrap_or(text).split('`').enumerate();
    // Every second part is code, in which a star is a star.
    parts.map(|(index, part)| if index % 2 == 1 { part.to_owned() } else { part.replace("**", "") }).collect()
}

fn paragraph_width() -> usize {
    width().unwrap_or(MAX_WIDTH).min(MAX_WIDTH)
}
