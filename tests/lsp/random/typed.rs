//! A text as the client has it, changed as the protocol says: plainly, with the whole text gone through for each place.

use serde_json::{Value, json};

/// A line, and UTF-16 units from its start.
pub type Position = (u32, u32);

/// One change of a text.
#[derive(Debug, Clone)]
pub enum Change {
    Whole(String),
    Part { from: Position, to: Position, text: String },
}

impl Change {
    /// As the protocol has it.
    pub fn json(&self) -> Value {
        match self {
            Self::Whole(text) => json!({ "text": text }),
            Self::Part { from, to, text } => {
                json!({ "range": { "start": position(*from), "end": position(*to) }, "text": text })
            }
        }
    }

    pub fn apply(&self, text: &mut String) {
        match self {
            Self::Whole(new) => text.clone_from(new),
            Self::Part { from, to, text: new } => {
                let (from, to) = (offset(text, *from), offset(text, *to));
                text.replace_range(from.min(to)..from.max(to), new);
            }
        }
    }
}

pub fn position((line, character): Position) -> Value {
    json!({ "line": line, "character": character })
}

/// The byte at a position: at most the end of its line, or of the text; within a character, where that begins.
fn offset(text: &str, (line, character): Position) -> usize {
    let mut start = 0;
    for _ in 0..line {
        match text[start..].find(['\n', '\r']) {
            Some(end) => start += end + if text[start + end..].starts_with("\r\n") { 2 } else { 1 },
            None => return text.len(),
        }
    }
    let line = text[start..].split(['\n', '\r']).next().unwrap();
    let mut units = 0;
    for (at, char) in line.char_indices() {
        units += u32::try_from(char.len_utf16()).unwrap();
        if units > character {
            return start + at;
        }
    }
    start + line.len()
}
