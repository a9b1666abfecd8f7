//! Reading a text that need not be JSON.

use super::values::{Found, Kind, Value, Values};
use crate::json::MAX_DEPTH;

/// Reads all values of `text`. What is nested deeper than a document may be is not looked into, and neither is what lies
/// beyond the first 4 GiB.
pub fn read(text: &str) -> Values<'_> {
    Reader::new(text, None).read()
}

/// As [`read`], but keeps of the elements of arrays what is in them only where byte `at` is. So what is kept is small,
/// even if the text is large.
pub fn read_around(text: &str, at: usize) -> Values<'_> {
    Reader::new(text, Some(at)).read()
}

/// An object or array that is not closed yet.
struct Open {
    value: Value,
    is_object: bool,
    /// The name of the member whose value is next.
    key: Option<Key>,
}

struct Key {
    start: usize,
    end: usize,
    /// Behind the colon, where there is one.
    colon_end: Option<usize>,
}

struct Reader<'t> {
    text: &'t str,
    /// Where to keep all that is found; none for everywhere.
    around: Option<usize>,
    /// The next byte to read. All that is told apart is ASCII, so it is always on a character boundary.
    at: usize,
    found: Vec<Found>,
    open: Vec<Open>,
    /// How many objects and arrays are open beyond the deepest that are looked into.
    skipped: usize,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, around: Option<usize>) -> Self {
        let text = if u32::try_from(text.len()).is_ok() { text } else { "" };
        Self { text, around, at: 0, found: Vec::new(), open: Vec::new(), skipped: 0 }
    }

    fn read(mut self) -> Values<'t> {
        while let Some(byte) = self.text.as_bytes().get(self.at).copied() {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                b'{' | b'[' => self.open(byte == b'{'),
                b'}' | b']' => self.close(byte == b'}'),
                b',' => {
                    self.at += 1;
                    self.end_member(self.at - 1);
                }
                b':' => {
                    self.at += 1;
                    if let Some(key) = self.open.last_mut().and_then(|open| open.key.as_mut()) {
                        key.colon_end = Some(self.at);
                    }
                }
                b'"' => self.string(),
                _ => self.word(),
            }
        }
        while !self.open.is_empty() {
            self.end_innermost(self.text.len(), false);
        }
        Values { text: self.text, found: self.found }
    }

    fn open(&mut self, is_object: bool) {
        self.at += 1;
        if self.open.len() == MAX_DEPTH || self.skipped > 0 {
            self.skipped += 1;
            return;
        }
        let kind = if is_object { Kind::Object } else { Kind::Array };
        let value = self.add(kind, self.at - 1, self.at, false);
        self.open.push(Open { value, is_object, key: None });
    }

    /// A bracket that closes the nearest one of its kind, and with it all that is in it.
    fn close(&mut self, is_object: bool) {
        self.at += 1;
        if self.skipped > 0 {
            self.skipped -= 1;
            return;
        }
        let Some(closed) = self.open.iter().rposition(|open| open.is_object == is_object) else { return };
        while self.open.len() > closed + 1 {
            self.end_innermost(self.at - 1, false);
        }
        self.end_innermost(self.at, true);
    }

    /// The innermost object or array ends at byte `end`.
    fn end_innermost(&mut self, end: usize, is_closed: bool) {
        self.end_member(if is_closed { end - 1 } else { end });
        let Some(open) = self.open.pop() else { return };
        let found = &mut self.found[open.value];
        (found.end, found.is_closed) = (end as u32, is_closed);
        let is_element = self.open.last().is_some_and(|outer| !outer.is_object);
        let is_around = |at: usize| (found.start as usize..=end).contains(&at);
        if is_element && self.around.is_some_and(|at| !is_around(at)) {
            self.found.truncate(open.value + 1);
        }
    }

    /// The member whose name was read ends at byte `end`. It may have no value.
    fn end_member(&mut self, end: usize) {
        let Some(open) = self.open.last_mut() else { return };
        if let Some(key) = open.key.take() {
            let start = key.colon_end.unwrap_or(key.end);
            self.push(Kind::Missing, (start, end), key.colon_end.is_some(), (key.start, key.end));
        }
    }

    fn string(&mut self) {
        let start = self.at;
        let (end, is_closed) = end_of_string(self.text, start);
        self.at = end;
        self.token(Kind::String, start, is_closed);
    }

    fn word(&mut self) {
        let start = self.at;
        let is_end =
            |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',' | b':' | b'"' | b'{' | b'}' | b'[' | b']');
        let rest = &self.text.as_bytes()[start..];
        self.at += rest.iter().position(is_end).unwrap_or(rest.len());
        self.token(Kind::Word, start, true);
    }

    /// A string or word from byte `start` on: a name, where the innermost object waits for one or a colon follows, or else
    /// a value.
    fn token(&mut self, kind: Kind, start: usize, is_closed: bool) {
        let end = self.at;
        let is_key = match self.open.last() {
            _ if self.skipped > 0 => return,
            Some(Open { is_object: true, key, .. }) => {
                let waits_for_value = key.as_ref().is_some_and(|key| key.colon_end.is_some());
                !waits_for_value || self.text[end..].trim_start_matches([' ', '\t', '\r', '\n']).starts_with(':')
            }
            _ => false,
        };
        if !is_key {
            self.add(kind, start, end, is_closed);
            return;
        }
        self.end_member(start);
        if let Some(open) = self.open.last_mut() {
            open.key = Some(Key { start, end, colon_end: None });
        }
    }

    /// Adds a value to the innermost object or array, under the name that was read.
    fn add(&mut self, kind: Kind, start: usize, end: usize, is_closed: bool) -> Value {
        let key = self.open.last_mut().and_then(|open| open.key.take());
        self.push(kind, (start, end), is_closed, key.map_or((0, 0), |key| (key.start, key.end)))
    }

    fn push(&mut self, kind: Kind, (start, end): (usize, usize), is_closed: bool, key: (usize, usize)) -> Value {
        let value = self.found.len();
        let parent = self.open.last().map_or(value, |open| open.value);
        // The text has less than 4 GiB.
        let [start, end, key_start, key_end, parent] = [start, end, key.0, key.1, parent].map(|at| at as u32);
        self.found.push(Found { kind, is_closed, start, end, key: (key_start, key_end), parent });
        value
    }
}

/// Where the string that begins at byte `start` ends, and whether with a quote. Without one it ends with its line, and
/// what closes the values around it belongs to them.
fn end_of_string(text: &str, start: usize) -> (usize, bool) {
    let bytes = text.as_bytes();
    let mut at = start + 1;
    loop {
        match bytes.get(at) {
            Some(b'"') => return (at + 1, true),
            // A backslash at the end of a line escapes nothing.
            Some(b'\\') if bytes.get(at + 1).is_some_and(|byte| !matches!(byte, b'\r' | b'\n')) => at += 2,
            Some(b'\r' | b'\n') | None => break,
            Some(_) => at += 1,
        }
    }
    let written = &text[start..at];
    (start + written.trim_end_matches([' ', '\t', ',', '}', ']']).len(), false)
}
