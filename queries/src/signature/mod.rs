//! What a file really is, told by its bytes and not by its name.
//!
//! Whoever was given something else than it reads says with this what it was given: a JPEG that was renamed, the page
//! of a failed download, a file that was damaged on its way.
//! `kind` is what is known of a kind of file, `conversion` how another program makes a picture or a sound of it, `table`
//! has those with fixed bytes, `text` those that are text, and `lfs` the pointers that Git LFS leaves in the place of a file. This folder knows no format and no document.

mod conversion;
mod kind;
mod lfs;
mod table;
mod text;

use kind::{EMPTY, ZEROS};
pub use kind::{Media, Signature};
pub use lfs::LfsPointer;
pub(crate) use table::is_mpeg_frame;
pub use text::is_html;

impl Signature {
    /// The kind of the file with these bytes; `None` where they are none that is known.
    ///
    /// The first 4 KiB are enough to tell nearly all kinds. Of a file that is given in part, a TGA is not recognized, and
    /// it is told whether the part is text, or nothing but NUL bytes. `bytes` is read once at most.
    pub fn of(bytes: &[u8]) -> Option<&'static Self> {
        if bytes.is_empty() {
            return Some(&EMPTY);
        }
        if bytes.iter().all(|byte| *byte == 0) {
            return Some(&ZEROS);
        }
        // Before the table: a text may begin with anything.
        text::signature(bytes).or_else(|| table::signature(bytes))
    }

    /// What happened to it, as a clause that begins with "that" or "whose", where it is a file of the kind `name` that was
    /// damaged.
    pub fn damage_of(&self, name: &str) -> Option<&'static str> {
        self.name.strip_prefix("a ")?.strip_prefix(name)?.strip_prefix(' ')
    }

    /// Whether it is text of no kind that is known better.
    pub fn is_plain_text(&self) -> bool {
        *self == text::TEXT
    }

    /// Whether it is text in UTF-16.
    pub fn is_utf16(&self) -> bool {
        [text::UTF16, text::UTF16_MARKED].contains(self)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn name(bytes: &[u8]) -> Option<&'static str> {
        Signature::of(bytes).map(|signature| signature.name)
    }

    #[test]
    fn what_is_text_is_never_taken_for_something_binary() {
        for text in ["BMX racing", "II*\n", "ID3 tags", "GIF89a is a format", "RIFF", "OggS", "PK", "a"] {
            assert_eq!(name(text.as_bytes()), Some("text"), "{text}");
        }
        let long = format!("{}M.K.{}", "x".repeat(1080), "x".repeat(5000));
        assert_eq!(name(long.as_bytes()), Some("text"));
    }

    #[test]
    fn no_prefix_of_anything_panics() {
        let module = [vec![1; 1080], b"M.K.\x01".to_vec()].concat();
        let aseprite = [&[1, 2, 3, 4, 0xe0, 0xa5][..], &[0; 126], &[0xfa, 0xf1, 0]].concat();
        let samples: [&[u8]; 8] = [
            b"\x89PNG\r\n\x1a\n\0\0\0\x0d",
            b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x08\0\0\0mimetypeapplication/x-krita\0",
            b"BM\x01\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0",
            b"\xef\xbb\xbf <?xml version='1.0'?><!-- \xc3\xa4 --><svg/>",
            b"\xff\xfe{\0\n\0}\0",
            b"\0\0\0\x1cftypavif\0",
            &module,
            &aseprite,
        ];
        for sample in samples {
            for end in 0..=sample.len() {
                Signature::of(&sample[..end]);
            }
            assert!(Signature::of(sample).is_some());
        }
    }
}
