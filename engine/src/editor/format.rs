//! Documents in the packer's own form.

use papack_queries::diagnostic::difference;
use papack_queries::schema::edit::{formatted_manifest, formatted_registry};
use papack_queries::schema::shape::Schema;

use super::Editor;
use super::features::TextEdit;

impl Editor {
    /// The edits that bring the document at `path` into the packer's own form, without a change of what it says: none
    /// where it is in that form. `None` where it cannot be: it is no manifest or registry, or has faults that make it
    /// unclear what it says.
    pub fn format(&self, path: &str) -> Option<Vec<TextEdit>> {
        let document = self.document(path)?;
        let formatted = match document.schema {
            Schema::Manifest => formatted_manifest(document.bytes())?,
            Schema::Registry => formatted_registry(document.bytes())?,
        };
        Some(changed_spaces(document.text(), &formatted).unwrap_or_else(|| {
            let (range, text) = difference(document.text(), &formatted);
            vec![TextEdit { range, text: text.to_owned() }]
        }))
    }
}

/// The edits that make `new` of `old`; `None` where the two differ in more than the white space between values.
fn changed_spaces(old: &str, new: &str) -> Option<Vec<TextEdit>> {
    let (mut old_at, mut new_at, mut edits) = (0, 0, Vec::new());
    loop {
        let (old_space, new_space) = (space(&old[old_at..]), space(&new[new_at..]));
        if old_space != new_space {
            edits.push(TextEdit { range: old_at..old_at + old_space.len(), text: new_space.to_owned() });
        }
        old_at += old_space.len();
        new_at += new_space.len();
        let (token, other) = (token(&old[old_at..]), token(&new[new_at..]));
        if token != other {
            return None;
        }
        if token.is_empty() {
            return Some(edits);
        }
        old_at += token.len();
        new_at += token.len();
    }
}

fn space(text: &str) -> &str {
    &text[..text.len() - text.trim_start_matches([' ', '\t', '\r', '\n']).len()]
}

/// The string, the bracket, comma or colon, or the word that `text` begins with.
fn token(text: &str) -> &str {
    let bytes = text.as_bytes();
    let length = match bytes.first() {
        None => 0,
        Some(b'"') => {
            let mut at = 1;
            while let Some(byte) = bytes.get(at).filter(|byte| **byte != b'"') {
                at += if *byte == b'\\' { 2 } else { 1 };
            }
            at + 1
        }
        Some(b'{' | b'}' | b'[' | b']' | b',' | b':') => 1,
        Some(_) => text.find(|c: char| " \t\r\n{}[],:\"".contains(c)).unwrap_or(text.len()),
    };
    text.get(..length).unwrap_or(text)
}
