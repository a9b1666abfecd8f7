//! The specification's pages of diagnostic codes on a terminal: headings are bold, examples indented, paragraphs
//! wrapped.

use anstyle::{AnsiColor, Style};

use super::columns::{terminal_width, wrapped};
use super::print::print_line;
use super::styles::{BAD, GOOD, TITLE};
use super::words::counted;

const CODE: Style = AnsiColor::Cyan.on_default();

/// The widest paragraph that is easy to read, in columns.
const MAX_WIDTH: usize = 100;

/// The description of a code.
#[derive(Clone)]
pub struct Section<'p> {
    /// The code.
    pub code: &'p str,
    /// The meaning in one sentence.
    pub summary: String,
    /// The full description, in Markdown.
    pub text: &'p str,
}

/// Prints the codes of each family, with their summaries.
pub fn print_families<const N: usize>(families: [(&str, Vec<Section<'_>>); N]) {
    let count = families.iter().map(|(_, sections)| sections.len()).sum();
    let codes = families.iter().flat_map(|(_, sections)| sections);
    let indent = 4 + codes.map(|section| section.code.len()).max().unwrap_or(0);
    for (title, sections) in families {
        print_line(&format!("{TITLE}{title}{TITLE:#}"));
        for Section { code, summary, .. } in sections {
            let lines = wrapped(&plain(&summary), paragraph_width().saturating_sub(indent));
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

/// Prints the full description of a code.
pub fn print_section(section: &Section<'_>) {
    print_line(&format!("{TITLE}{}{TITLE:#}\n", section.code));
    for block in section.text.trim_end().split("\n\n") {
        match block.strip_prefix("```") {
            Some(fenced) => print_example(fenced),
            None => print_paragraph(block),
        }
        print_line("");
    }
}

/// Prints a fenced example, given without its opening fence. Lines are not wrapped, so that they can be copied.
fn print_example(fenced: &str) {
    for line in fenced.lines().skip(1).filter(|line| *line != "```") {
        print_line(&format!("    {CODE}{line}{CODE:#}"));
    }
}

/// Prints a paragraph. It may start with a bold word, or be in italics as a whole.
fn print_paragraph(block: &str) {
    let joined = block.replace('\n', " ");
    let bold = joined.strip_prefix("**").and_then(|rest| rest.split_once("**"));
    let (word, style) = match bold {
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

/// `text` without the markup of Markdown.
fn plain(text: &str) -> String {
    let emphasized = text.strip_prefix('*').and_then(|rest| rest.strip_suffix('*'));
    let parts = emphasized.unwrap_or(text).split('`').enumerate();
    // Every second part is code, in which stars are no markup.
    parts
        .map(|(index, part)| if index % 2 == 1 { part.to_owned() } else { without_links(&part.replace("**", "")) })
        .collect()
}

/// `text` in which the links to other pages are their words alone: who reads it on a terminal has no such pages.
fn without_links(text: &str) -> String {
    let (mut plain, mut rest) = (String::new(), text);
    while let Some((before, words, after)) = first_link(rest) {
        plain += before;
        plain += words;
        rest = after;
    }
    plain + rest
}

/// What is before the first link to another page, its words, and what is behind it.
fn first_link(text: &str) -> Option<(&str, &str, &str)> {
    let (words, behind) = text.split_once("](")?;
    let (before, words) = words.rsplit_once('[')?;
    let (target, after) = behind.split_once(')')?;
    (!target.contains("://")).then_some((before, words, after))
}

fn paragraph_width() -> usize {
    terminal_width().unwrap_or(MAX_WIDTH).min(MAX_WIDTH)
}
