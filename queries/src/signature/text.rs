//! Kinds of text: pages, drawings, and encodings other than UTF-8.

use super::conversion::Conversion;
use super::kind::{Advice, Media, NOT_MEANT, Signature};

/// How many bytes from the beginning are looked at.
const LOOKED_AT: usize = 4096;

/// How many code units from the beginning tell UTF-16 without a mark.
const UNITS: usize = 64;

/// Text of no kind that is known better.
pub(super) const TEXT: Signature =
    Signature { name: "text", media: Media::Other, taken_by: None, advice: Advice::Words(NOT_MEANT) };

const HTML: Signature = Signature {
    name: "a web page (HTML), probably of a download that failed",
    media: Media::Other,
    taken_by: None,
    advice: Advice::Words(
        "download it again, and look at it in a browser if that gives the same: the page says what went wrong",
    ),
};

const SVG: Signature = Signature {
    name: "an SVG",
    media: Media::Picture,
    taken_by: None,
    advice: Advice::Convert(Conversion {
        task: "a drawing has no pixels yet: export it in the size that you need",
        command: "inkscape <from> --export-filename=<to> --export-width=64",
        note: "",
        extension: "svg",
        made: "png",
    }),
};

pub(super) const UTF16_MARKED: Signature = Signature {
    name: "text in UTF-16, with a byte-order mark",
    media: Media::Other,
    taken_by: None,
    advice: Advice::Words(NOT_MEANT),
};

pub(super) const UTF16: Signature = Signature {
    name: "text in UTF-16, without a byte-order mark",
    media: Media::Other,
    taken_by: None,
    advice: Advice::Words(NOT_MEANT),
};

/// What text `bytes` are; `None` where they are none, as far as they are looked at.
pub(super) fn signature(bytes: &[u8]) -> Option<&'static Signature> {
    let head = head(bytes);
    match utf16(head) {
        Some(true) => return Some(&UTF16_MARKED),
        Some(false) => return Some(&UTF16),
        None if !is_utf8_text(head, bytes.len()) => return None,
        None => {}
    }
    Some(match root(head) {
        Some(Root::Html) => &HTML,
        Some(Root::Svg) => &SVG,
        None => &TEXT,
    })
}

/// Whether a file that begins with `bytes` is a web page: behind white space, a byte-order mark, an XML declaration and
/// comments, within its first 4 KiB, it begins with `<!doctype html` or `<html`, in any case.
pub fn is_html(bytes: &[u8]) -> bool {
    matches!(root(head(bytes)), Some(Root::Html))
}

fn head(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.len().min(LOOKED_AT)]
}

/// What a text of markup is about.
enum Root {
    Html,
    Svg,
}

/// What the first declaration or element says.
fn root(head: &[u8]) -> Option<Root> {
    let mut rest = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    loop {
        rest = rest.trim_ascii_start();
        let end: &[u8] = match rest {
            [b'<', b'?', ..] => b"?>",
            [b'<', b'!', b'-', b'-', ..] => b"-->",
            _ => break,
        };
        let at = rest.windows(end.len()).position(|window| window == end)?;
        rest = &rest[at + end.len()..];
    }
    let rest = rest.strip_prefix(b"<")?;
    let name = match strip_word(rest, b"!doctype") {
        Some(declared) => declared.trim_ascii_start(),
        None => rest,
    };
    let is_root = |word| strip_word(name, word).is_some();
    if is_root(b"html") {
        Some(Root::Html)
    } else if is_root(b"svg") {
        Some(Root::Svg)
    } else {
        None
    }
}

/// What follows the whole `word`, in any case, at the start of `text`.
fn strip_word<'t>(text: &'t [u8], word: &[u8]) -> Option<&'t [u8]> {
    let (start, rest) = text.split_at_checked(word.len())?;
    let ends = rest.first().is_none_or(|byte| byte.is_ascii_whitespace() || b">/[".contains(byte));
    (start.eq_ignore_ascii_case(word) && ends).then_some(rest)
}

/// Whether `head`, the beginning of a file of `size` bytes, is UTF-8 without the control characters that no text has.
fn is_utf8_text(head: &[u8], size: usize) -> bool {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // A character that is cut off where the head ends.
        Err(error) if error.error_len().is_none() && head.len() < size => {
            str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    text.chars().all(is_of_text)
}

fn is_of_text(character: char) -> bool {
    !character.is_control() || matches!(character, '\t' | '\n' | '\r' | '\u{c}' | '\u{1b}')
}

/// Whether the UTF-16 in `head` has a byte-order mark; `None` where it is no UTF-16, as far as can be told.
fn utf16(head: &[u8]) -> Option<bool> {
    match head {
        // UTF-32.
        [0xff, 0xfe, 0, 0, ..] => return None,
        [0xff, 0xfe, rest @ ..] => return is_utf16_text(rest, u16::from_le_bytes, 0).then_some(true),
        [0xfe, 0xff, rest @ ..] => return is_utf16_text(rest, u16::from_be_bytes, 0).then_some(true),
        _ => {}
    }
    let is_text = |of_bytes| is_utf16_text(head, of_bytes, 2);
    (is_text(u16::from_le_bytes) || is_text(u16::from_be_bytes)).then_some(false)
}

/// Whether the first code units are characters of a text, at least as many as `least`. Without a mark (a `least` above
/// 0), half of them are ASCII, and so is the first: that tells text from anything else that decodes.
fn is_utf16_text(bytes: &[u8], of_bytes: fn([u8; 2]) -> u16, least: usize) -> bool {
    let mut units: Vec<u16> = bytes.as_chunks().0.iter().take(UNITS).map(|pair| of_bytes(*pair)).collect();
    // Half of a pair of surrogates, cut off where the units end.
    units.pop_if(|last| (0xd800..0xdc00).contains(last));
    let is_text = char::decode_utf16(units.iter().copied()).all(|found| found.is_ok_and(is_of_text));
    let is_ascii = |unit: &&u16| **unit < 0x80;
    let ascii = units.iter().filter(is_ascii).count();
    is_text
        && units.len() >= least
        && (least == 0 || (ascii * 2 >= units.len() && units.first().as_ref().is_some_and(is_ascii)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to_bytes).collect()
    }

    #[test]
    fn utf16_is_told_with_and_without_its_mark() {
        for to_bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            for (text, is_marked) in [
                ("{}", Some(false)),
                ("{\r\n  \"name\": \"Größe\"\r\n}", Some(false)),
                ("\u{feff}{}", Some(true)),
                ("\u{feff}", Some(true)),
                ("\u{feff}日本語", Some(true)),
                // The last unit that is looked at is half a pair.
                (&format!("{}\u{1f600}{}", "a".repeat(63), "b".repeat(100)), Some(false)),
                ("{", None),
                ("a\u{1}b", None),
                ("", None),
            ] {
                assert_eq!(utf16(&encoded(text, to_bytes)), is_marked, "{text:?}");
            }
        }
        for no_text in [&b"ascii text"[..], b"\xff\xfe\0\0a\0\0\0", b"\x01\0\x02\0", b"\xff\xd8\xff\xe0\0\x10JFIF"] {
            assert_eq!(utf16(no_text), None, "{no_text:?}");
        }
    }

    #[test]
    fn a_page_is_told_behind_what_may_come_before_it() {
        for page in [
            "<!doctype html>",
            "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">",
            "\u{feff}\r\n <html lang=\"en\">",
            "<?xml version=\"1.0\"?>\n<!-- a page -->\n<!DOCTYPE html>",
            "<HTML/>",
            "<html",
        ] {
            assert!(is_html(page.as_bytes()), "{page}");
        }
        let far = format!("{}<html>", " ".repeat(LOOKED_AT));
        for other in ["", "<", "<!doctype", "<!doctypehtml>", "<htmlx>", "a <html>", "<!-- <html>", "<?xml?><a/>", &far]
        {
            assert!(!is_html(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn a_character_that_the_head_cuts_off_is_text() {
        let text = format!("{}é and more", "x".repeat(LOOKED_AT - 1));
        assert_eq!(signature(text.as_bytes()), Some(&TEXT));
        assert_eq!(signature(&text.as_bytes()[..LOOKED_AT]), None);
    }
}
