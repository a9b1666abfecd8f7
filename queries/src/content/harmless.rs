//! Whether a content may be something that nobody wants in a game, whatever it is named.

use memchr::memmem;

use crate::signature::{LfsPointer, is_html};

/// How many bytes of a content are looked at, from its beginning.
pub const LOOKED_AT: usize = 1024 * 1024;

/// How many of them tell most that is no text.
const SOON: usize = 4096;

/// Whether no format need look into the content that begins with `head` to refuse it or to warn: it is no text, or a
/// text without anything that text itself shows to be wrong: a pointer of Git LFS, a web page, a conflict of version
/// control. `head` is the whole content or at least its first [`LOOKED_AT`] bytes, and only those are looked at.
///
/// It is cheap, so that a store can ask it of everything that it reads. Where this is false, something may be wrong.
pub fn is_harmless(head: &[u8]) -> bool {
    let head = &head[..head.len().min(LOOKED_AT)];
    // Nearly all that is no text shows it soon, and need not be searched.
    let is_suspicious =
        is_text(&head[..head.len().min(SOON)]) && (LfsPointer::of(head).is_some() || is_html(head) || has_marker(head));
    !(is_suspicious && is_text(head))
}

/// Whether `bytes` have no NUL: what git calls text, in whatever encoding that has ASCII in it.
fn is_text(bytes: &[u8]) -> bool {
    memchr::memchr(0, bytes).is_none()
}

/// Whether a line of `text` begins as a conflict does.
fn has_marker(text: &[u8]) -> bool {
    text.starts_with(b"<<<<<<<") || memmem::find(text, b"\n<<<<<<<").is_some()
}
