//! Help that fits the terminal: texts that `clap` takes as they are, in lines that are no longer than it is wide.

use clap::Command;
use clap::builder::StyledStr;
use terminal_size::{Width, terminal_size};

/// The widest help, in columns: longer lines are hard to read.
const WIDEST: usize = 100;
/// The narrowest one: below it, no text could be read.
const NARROWEST: usize = 20;

/// How wide help may be: as the terminal, or as COLUMNS says where there is none.
pub fn width() -> usize {
    let of_terminal = terminal_size().map(|(Width(width), _)| usize::from(width));
    let width = of_terminal.or_else(|| std::env::var("COLUMNS").ok()?.parse().ok());
    width.filter(|width| *width > 0).unwrap_or(WIDEST).clamp(NARROWEST, WIDEST)
}

/// `definition` with the usage and the end of the help of each command fit into `width`.
pub fn commands(definition: Command, width: usize) -> Command {
    let mut built = definition.clone();
    built.build();
    definition.mut_subcommands(|mut command| {
        let usage = built.find_subcommand_mut(command.get_name()).map(|command| command.render_usage().to_string());
        if let Some(fit) = usage.and_then(|usage| usage_lines(&usage, width)) {
            command = command.override_usage(fit);
        }
        match command.get_after_long_help().map(|end| lines(&end.to_string(), width)) {
            Some(end) => command.after_long_help(StyledStr::from(end)),
            None => command,
        }
    })
}

/// A usage, without its heading, in lines that are no longer than `width`; `None` where it has such lines already.
fn usage_lines(usage: &str, width: usize) -> Option<String> {
    const HEADING: &str = "Usage: ";
    if usage.lines().all(|line| columns_of(line) <= width) {
        return None;
    }
    let usage = usage.strip_prefix(HEADING)?;
    let room = width.saturating_sub(HEADING.len());
    let mut lines = Vec::new();
    for line in usage.lines() {
        let mut fit = String::new();
        for word in line.split_whitespace() {
            if !fit.is_empty() && columns_of(&fit) + 1 + columns_of(word) > room {
                lines.push(std::mem::replace(&mut fit, "   ".to_owned()));
            }
            fit += if fit.is_empty() { "" } else { " " };
            fit += word;
        }
        lines.push(fit);
    }
    Some(lines.join(&format!("\n{:1$}", "", HEADING.len())))
}

/// The lines of `text`, none longer than `width` unless a word is. What is below a heading `Examples:`, and what is a
/// command of git's, goes on as a shell wants it; in all other lines what follows stays in its column.
pub fn lines(text: &str, width: usize) -> String {
    let mut is_example = false;
    let fit = |line: &str| {
        is_example |= line.trim() == "Examples:";
        let is_command = is_example || ["git ", "echo "].iter().any(|start| line.starts_with(start));
        if is_command { command(line, width) } else { columns(line, width) }
    };
    text.lines().map(fit).collect::<Vec<_>>().join("\n")
}

/// A line of text or of a table. The last of its columns that are two spaces apart is filled.
pub fn columns(line: &str, width: usize) -> String {
    let text = line.trim_start();
    let indent = line.len() - text.len();
    let column = text.rfind("  ").map_or(indent, |gap| indent + gap + 2);
    let (first, rest) = line.split_at(column.min(line.len()));
    let mut fit = first.to_owned();
    let mut used = columns_of(first);
    let margin = " ".repeat(used);
    for (index, word) in rest.split(' ').enumerate() {
        let length = columns_of(word);
        if index > 0 && used + 1 + length > width {
            fit += "\n";
            fit += &margin;
            used = margin.len();
        } else if index > 0 {
            fit += " ";
            used += 1;
        }
        fit += word;
        used += length;
    }
    fit
}

/// A command for a shell, which is continued with a backslash, and never broken within quotes.
fn command(line: &str, width: usize) -> String {
    let indent = line.len() - line.trim_start().len();
    if columns_of(line) <= width {
        return line.to_owned();
    }
    let mut fit = " ".repeat(indent);
    let mut used = indent;
    for (index, word) in words(line.trim_start()).into_iter().enumerate() {
        // Two columns are left for the backslash.
        if index > 0 && used + 1 + columns_of(word) + 2 > width {
            let further = if indent + 2 + columns_of(word) <= width { 2 } else { 0 };
            fit += " \\\n";
            fit += &" ".repeat(indent + further);
            used = indent + further;
        } else if index > 0 {
            fit += " ";
            used += 1;
        }
        fit += word;
        used += columns_of(word);
    }
    fit
}

/// The words of a command. Spaces between single quotes part none.
fn words(command: &str) -> Vec<&str> {
    let mut is_quoted = false;
    let is_gap = |c: char| {
        is_quoted ^= c == '\'';
        c == ' ' && !is_quoted
    };
    command.split(is_gap).collect()
}

/// The columns of `text` without its styles.
fn columns_of(text: &str) -> usize {
    anstream::adapter::strip_str(text).to_string().chars().count()
}
