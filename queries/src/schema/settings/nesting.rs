//! How deep a text may nest before the parser gets it: the parser calls itself for each level.

use std::ops::Range;

use toml_parser::Source;
use toml_parser::lexer::TokenKind;

/// How many dots, opening brackets and opening braces one statement may have outside of strings and comments. It needs a
/// few. Each nests what follows one deeper; a statement is the header of a table, or a key with its value.
pub(super) const MAX_NESTINGS: usize = 256;

/// The first dot, bracket or brace that is one too many in its statement.
///
/// The parser bounds how deep values may nest, and of how many parts a key may be, but not the one in the other. A statement
/// ends with the line on which all its brackets are closed. Where they are not closed as they were opened, the parser may be
/// anywhere, and the rest counts as one statement.
pub(super) fn first_too_many(text: &str) -> Option<Range<usize>> {
    let (mut count, mut open, mut is_sound) = (0, Vec::new(), true);
    for token in Source::new(text).lex() {
        match token.kind() {
            TokenKind::Newline if open.is_empty() && is_sound => count = 0,
            kind @ (TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket) => {
                is_sound &= open.pop() == Some(kind);
            }
            kind @ (TokenKind::Dot | TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket) => {
                count += 1;
                if count > MAX_NESTINGS {
                    return Some(token.span().start()..token.span().end());
                }
                match kind {
                    TokenKind::LeftSquareBracket => open.push(TokenKind::RightSquareBracket),
                    TokenKind::LeftCurlyBracket => open.push(TokenKind::RightCurlyBracket),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_statement_counts_by_itself_unless_brackets_do_not_match() {
        let many = MAX_NESTINGS;
        for (text, is_refused) in [
            ("[a.b]\nc = { d = [1] }\n".repeat(10_000), false),
            (format!("{}{}", "[".repeat(many), "]".repeat(many)), false),
            (format!("{}{}", "[".repeat(many + 1), "]".repeat(many + 1)), true),
            (format!("a = [{}]", "\n[],".repeat(many)), true),
            ("a = \"[[[.{\" # [[[.{\n".repeat(many), false),
            // The parser may still be in the value that the wrong bracket did not close.
            ("a = { b = [ }\n".repeat(many), true),
            (format!("]\n{}", "a = 1.5\n".repeat(many + 1)), true),
            ("a = {\n".repeat(many + 1), true),
        ] {
            assert_eq!(first_too_many(&text).is_some(), is_refused, "{}", &text[..text.len().min(80)]);
        }
    }
}
