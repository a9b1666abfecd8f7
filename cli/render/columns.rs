//! Layout of text for people: tables with aligned columns, and wrapped lines.

use unicode_width::UnicodeWidthStr;

use super::print::one_line;
use super::settings::terminal_columns;
use super::styles::TITLE;

/// The side of a column at which its cells are aligned.
#[derive(Clone, Copy)]
pub enum Side {
    /// For words.
    Left,
    /// For numbers.
    Right,
}

/// The lines of a table. Each row must have as many cells as there are `sides`. Cells are escaped, so they may contain
/// text from outside.
pub fn lines(sides: &[Side], rows: &[Vec<String>]) -> Vec<String> {
    let rows: Vec<Vec<_>> = rows.iter().map(|row| row.iter().map(|cell| one_line(cell)).collect()).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].width()).max().unwrap_or(0);
    let widths: Vec<_> = (0..sides.len()).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(sides.iter().zip(&widths)).map(|(cell, (side, width))| {
            let padding = " ".repeat(width - cell.width());
            match side {
                Side::Left => format!("{cell}{padding}"),
                Side::Right => format!("{padding}{cell}"),
            }
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

/// The lines of a table whose first row is its heading.
pub fn lines_with_heading(sides: &[Side], rows: &[Vec<String>]) -> Vec<String> {
    let mut lines = lines(sides, rows);
    if let Some(heading) = lines.first_mut() {
        *heading = format!("{TITLE}{heading}{TITLE:#}");
    }
    lines
}

/// `text` wrapped between words into lines of `width` columns. A longer word has a line of its own.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.width() + 1 + word.width() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// The width of the terminal in columns, if there is one; at least 40, since narrower text is hard to read.
pub fn terminal_width() -> Option<usize> {
    terminal_columns().map(|columns| columns.max(40))
}
