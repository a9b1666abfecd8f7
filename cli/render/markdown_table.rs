//! Tables in Markdown, as GitHub and others show them.

use super::columns::Side;
use super::print::one_line;

/// The lines of a table whose first row is its heading. Cells are escaped, so they may contain text from outside.
pub fn lines(sides: &[Side], rows: &[Vec<String>]) -> Vec<String> {
    let line = |row: &Vec<String>| {
        let cells = row.iter().map(|cell| text(cell)).collect::<Vec<_>>();
        format!("| {} |", cells.join(" | "))
    };
    let rule = |side: &Side| match side {
        Side::Left => ":--",
        Side::Right => "--:",
    };
    let mut lines: Vec<_> = rows.iter().map(line).collect();
    let rules = sides.iter().map(rule).collect::<Vec<_>>();
    lines.insert(1.min(lines.len()), format!("| {} |", rules.join(" | ")));
    lines
}

/// `text` on one line, in which nothing is taken for Markdown or HTML: all that may be is written as a number, and behind an
/// `@` or `#` a name or number is no mention.
pub fn text(text: &str) -> String {
    let is_plain = |c: char| !c.is_ascii_punctuation() || ",-/?%+".contains(c);
    let text = one_line(text);
    let mut escaped = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            // That of a number. Others may be in an address.
            '.' if rest.as_str().starts_with(|next: char| next.is_ascii_digit()) => escaped.push('.'),
            // What follows must not be joined to it.
            '@' | '#' => escaped.push_str(&format!("&#{};&#8203;", u32::from(c))),
            c if is_plain(c) => escaped.push(c),
            c => escaped.push_str(&format!("&#{};", u32::from(c))),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_cell_is_markdown() {
        let rows = [
            vec!["a".to_owned(), "b".to_owned()],
            vec!["x|y\\|<b>".to_owned(), "*1.5* `c` @all #3\n| www.z".to_owned()],
        ];
        assert_eq!(
            lines(&[Side::Left, Side::Right], &rows),
            [
                "| a | b |",
                "| :-- | --: |",
                "| x&#124;y&#92;&#124;&#60;b&#62; | &#42;1.5&#42; &#96;c&#96; &#64;&#8203;all &#35;&#8203;3&#92;n&#124; www&#46;z |",
            ]
        );
    }
}
