//! Text that fits: tables with columns as wide as what is in them, and lines as wide as they may be.

use unicode_width::UnicodeWidthStr;

use super::one_line;

/// Which side of its column a cell keeps to.
#[derive(Clone, Copy)]
pub enum Side {
    /// Words.
    Left,
    /// Figures.
    Right,
}

/// The lines of a table, two spaces between columns. Every row has as many cells as there are `sides`; what is in them is
/// escaped.
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

/// The lines of `text`, broken between words. A word that is too long has a line of its own.
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
