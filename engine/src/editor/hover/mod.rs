//! What is told of a place of a document: `docs/spec/language.md`.
//!
//! First what the schema says of the field, then what the workspace has: `facts`. `file` tells of one file, with a small
//! picture or the length of a sound.

mod facts;
mod file;

use std::fmt::Write as _;
use std::ops::Range;

use super::Editor;
use super::document::Here;
use super::features::Hover;
use super::known::code;

impl Editor {
    /// What is to be told of byte `offset` of the document at `path`. Of the workspace it is told what the last look
    /// found; a file that is named there is read now.
    pub fn hover(&self, path: &str, offset: usize) -> Option<Hover> {
        let document = self.document(path)?;
        let here = document.at(offset)?;
        let range = range(&here)?;
        let parts: Vec<String> = field(&here).into_iter().chain(self.facts(&here)).collect();
        (!parts.is_empty()).then(|| Hover { range, markdown: parts.join("\n\n") })
    }
}

/// The name or value at `here`; of an object or array, the bracket that opens it.
fn range(here: &Here<'_>) -> Option<Range<usize>> {
    here.spot.value?;
    if here.is_container() && !here.spot.is_key {
        return Some(here.at..here.at + 1);
    }
    Some(here.spot.typed.clone()).filter(|typed| !typed.is_empty())
}

/// What the schema says of the field.
fn field(here: &Here<'_>) -> Option<String> {
    let shape = here.shape();
    let name = here.values.key(here.spot.value?).map(|name| format!("**{}** — ", code(&name))).unwrap_or_default();
    let mut text = format!("{name}{}", shape.description()?);
    for choice in shape.choices() {
        let meaning = choice.description.map(|description| format!(" — {description}")).unwrap_or_default();
        let default = if choice.is_default { " (counts where nothing is written)" } else { "" };
        // A String takes whatever it is given.
        _ = write!(text, "\n- {}{meaning}{default}", code(&choice.value.to_string()));
    }
    Some(text)
}
