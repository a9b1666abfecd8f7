//! Texts of documents, with places in bytes on our side and in lines and units on that of a client.

use std::sync::Arc;

use gen_lsp_types::{Position, PositionEncodingKind, Range, TextDocumentContentChangeEvent as Change};
use ropey::Rope;

/// In which units a client counts within a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Utf16,
    Utf32,
}

impl Encoding {
    /// The first of those that a client offers and this server knows; UTF-16 where there is none.
    pub fn negotiate(offered: Option<&[PositionEncodingKind]>) -> Self {
        let known = offered.unwrap_or_default().iter().find_map(|kind| match kind {
            PositionEncodingKind::UTF8 => Some(Self::Utf8),
            PositionEncodingKind::UTF16 => Some(Self::Utf16),
            PositionEncodingKind::UTF32 => Some(Self::Utf32),
            PositionEncodingKind::Custom(_) => None,
        });
        known.unwrap_or(Self::Utf16)
    }

    /// Its name in the protocol.
    pub fn kind(self) -> PositionEncodingKind {
        match self {
            Self::Utf8 => PositionEncodingKind::UTF8,
            Self::Utf16 => PositionEncodingKind::UTF16,
            Self::Utf32 => PositionEncodingKind::UTF32,
        }
    }
}

/// A text. A copy of it takes no memory of its own.
#[derive(Clone)]
pub struct Text {
    rope: Rope,
    encoding: Encoding,
    /// The bytes, where they are no UTF-8. Then the rope has other characters in the place of those that are none.
    unreadable: Option<Arc<[u8]>>,
}

impl Text {
    /// The text that `bytes` are.
    pub fn new(bytes: &Arc<[u8]>, encoding: Encoding) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self { rope: Rope::from_str(text), encoding, unreadable: None },
            Err(_) => {
                let rope = Rope::from_str(&String::from_utf8_lossy(bytes));
                Self { rope, encoding, unreadable: Some(Arc::clone(bytes)) }
            }
        }
    }

    /// The text in bytes.
    pub fn bytes(&self) -> Arc<[u8]> {
        match &self.unreadable {
            Some(bytes) => Arc::clone(bytes),
            None => {
                let mut bytes = Vec::with_capacity(self.rope.len_bytes());
                self.rope.chunks().for_each(|chunk| bytes.extend_from_slice(chunk.as_bytes()));
                bytes.into()
            }
        }
    }

    /// Applies the changes of a client, one after the other. A place beyond the end of its line, or of the text, is that
    /// end; a range that ends before it starts is meant the other way round.
    pub fn apply(&mut self, changes: Vec<Change>) {
        for change in changes {
            match change {
                Change::TextDocumentContentChangeWholeDocument(whole) => self.rope = Rope::from_str(&whole.text),
                Change::TextDocumentContentChangePartial(part) => {
                    let (one, other) = (self.char_at(part.range.start), self.char_at(part.range.end));
                    let (start, end) = (one.min(other), one.max(other));
                    self.rope.remove(start..end);
                    self.rope.insert(start, &part.text);
                }
            }
            self.unreadable = None;
        }
    }

    /// The byte at a position. One beyond the end of its line, or of the text, is that end; one within a character is
    /// where that begins.
    pub fn offset(&self, position: Position) -> usize {
        self.rope.char_to_byte(self.char_at(position))
    }

    /// The position of a byte. One beyond the end is that end.
    pub fn position(&self, offset: usize) -> Position {
        let offset = match &self.unreadable {
            Some(bytes) => String::from_utf8_lossy(bytes.get(..offset).unwrap_or(bytes)).len(),
            None => offset,
        };
        let rope = &self.rope;
        let char = rope.byte_to_char(offset.min(rope.len_bytes()));
        let line = rope.char_to_line(char);
        let start = rope.line_to_char(line);
        let units = match self.encoding {
            Encoding::Utf8 => rope.char_to_byte(char) - rope.char_to_byte(start),
            Encoding::Utf16 => rope.char_to_utf16_cu(char) - rope.char_to_utf16_cu(start),
            Encoding::Utf32 => char - start,
        };
        Position::new(u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(units).unwrap_or(u32::MAX))
    }

    /// The range of some bytes.
    pub fn range(&self, bytes: &std::ops::Range<usize>) -> Range {
        Range::new(self.position(bytes.start), self.position(bytes.end))
    }

    /// The character at a position.
    fn char_at(&self, position: Position) -> usize {
        let (line, units) = (to_usize(position.line), to_usize(position.character));
        let rope = &self.rope;
        if line >= rope.len_lines() {
            return rope.len_chars();
        }
        let start = rope.line_to_char(line);
        let end = self.end_of_line(line);
        let char = match self.encoding {
            Encoding::Utf8 => {
                let byte = rope.char_to_byte(start).saturating_add(units);
                rope.byte_to_char(byte.min(rope.len_bytes()))
            }
            Encoding::Utf16 => {
                let unit = rope.char_to_utf16_cu(start).saturating_add(units);
                rope.utf16_cu_to_char(unit.min(rope.len_utf16_cu()))
            }
            Encoding::Utf32 => start.saturating_add(units),
        };
        char.clamp(start, end)
    }

    /// The character behind the last one of a line, without what ends the line.
    fn end_of_line(&self, line: usize) -> usize {
        let start = self.rope.line_to_char(line);
        let next = self.rope.line_to_char(line + 1);
        let is_break = |at: usize| at > start && matches!(self.rope.char(at - 1), '\n' | '\r');
        // What ends a line is one of LF, CR LF and CR.
        let end = if is_break(next) { next - 1 } else { next };
        if end < next && self.rope.char(end) == '\n' && is_break(end) { end - 1 } else { end }
    }
}

fn to_usize(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use gen_lsp_types::{TextDocumentContentChangePartial as Partial, TextDocumentContentChangeWholeDocument as Whole};

    use super::*;

    fn text(text: &str, encoding: Encoding) -> Text {
        Text::new(&Arc::from(text.as_bytes()), encoding)
    }

    fn at(line: u32, character: u32) -> Position {
        Position::new(line, character)
    }

    const MIXED: &str = "aä€😀z\r\n\rb\n";

    #[test]
    fn positions_are_counted_in_the_units_agreed_on() {
        // The bytes of a line, and its characters in each encoding.
        for (encoding, end) in [(Encoding::Utf8, 11), (Encoding::Utf16, 6), (Encoding::Utf32, 5)] {
            let text = text(MIXED, encoding);
            for (offset, _) in MIXED.char_indices().filter(|(at, _)| MIXED.as_bytes().get(*at) != Some(&b'\n')) {
                assert_eq!(text.offset(text.position(offset)), offset, "{encoding:?} {offset}");
            }
            assert_eq!(text.position(11), at(0, end));
            assert_eq!((text.position(13), text.position(14), text.position(15)), (at(1, 0), at(2, 0), at(2, 1)));
            assert_eq!(text.position(1000), at(3, 0));
        }
    }

    #[test]
    fn places_that_are_none_are_the_nearest() {
        for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
            let text = text(MIXED, encoding);
            assert_eq!(text.offset(at(0, 1000)), 11);
            assert_eq!(text.offset(at(0, u32::MAX)), 11);
            assert_eq!(text.offset(at(1, 5)), 13);
            assert_eq!(text.offset(at(3, 0)), MIXED.len());
            assert_eq!(text.offset(at(u32::MAX, u32::MAX)), MIXED.len());
        }
        // In the middle of a character.
        assert_eq!(text(MIXED, Encoding::Utf8).offset(at(0, 2)), 1);
        assert_eq!(text(MIXED, Encoding::Utf16).offset(at(0, 4)), 6);
    }

    #[test]
    fn changes_are_applied_one_after_the_other() {
        let mut text = text("one\ntwo\n", Encoding::Utf16);
        let part = |start, end, text: &str| {
            Change::from(Partial { range: Range::new(start, end), text: text.into(), ..Partial::default() })
        };
        text.apply(vec![part(at(0, 0), at(0, 3), "1\n"), part(at(2, 3), at(2, 1), "h"), part(at(9, 9), at(9, 9), "!")]);
        assert_eq!(&*text.bytes(), b"1\n\nth\n!");
        text.apply(vec![Change::from(Whole { text: "new".into() }), part(at(0, 1), at(7, 0), "")]);
        assert_eq!(&*text.bytes(), b"n");
        text.apply(Vec::new());
        assert_eq!(&*text.bytes(), b"n");
    }

    #[test]
    fn bytes_that_are_no_text_have_places() {
        let bytes: Arc<[u8]> = Arc::from(&b"\xff\xfe{\n\xc3"[..]);
        let text = Text::new(&bytes, Encoding::Utf32);
        assert_eq!((text.position(2), text.position(4), text.position(9)), (at(0, 2), at(1, 0), at(1, 1)));
        assert_eq!(text.bytes(), bytes);
    }
}
