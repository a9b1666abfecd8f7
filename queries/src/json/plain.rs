//! Texts that are canonical at first sight, as nearly all that papack writes are.

/// Whether one look at `text` is enough: provided that it is JSON at all, it is in canonical form and nested at most
/// `max_depth` levels deep, no key occurs twice in an object, and each number is an integer within range.
///
/// Other texts may be so as well: this does without floats, and without keys that RFC 8785 sorts otherwise than by
/// byte.
pub(super) fn is_plain(text: &str, max_depth: usize) -> bool {
    let text = text.as_bytes();
    // For each open array and object, the last key.
    let mut open: Vec<Option<&[u8]>> = Vec::new();
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        match byte {
            b',' => at += 1,
            b'"' => {
                let Some(end) = end_of_string(text, at + 1) else { return false };
                if text.get(end) == Some(&b':') {
                    let key = &text[at + 1..end - 1];
                    if !open.last_mut().is_some_and(|last| ascends(last, key)) {
                        return false;
                    }
                    at = end + 1;
                } else {
                    at = end;
                }
            }
            b'[' | b'{' => {
                if open.len() == max_depth {
                    return false;
                }
                open.push(None);
                at += 1;
            }
            b']' | b'}' => {
                open.pop();
                at += 1;
            }
            b'-' | b'0'..=b'9' => {
                let Some(end) = end_of_integer(text, at) else { return false };
                at = end;
            }
            _ => match ["true", "false", "null"].iter().find(|literal| text[at..].starts_with(literal.as_bytes())) {
                Some(literal) => at += literal.len(),
                // White space among others.
                None => return false,
            },
        }
    }
    true
}

/// Whether `key` is behind the `last` one in its object, which it becomes.
fn ascends<'t>(last: &mut Option<&'t [u8]>, key: &'t [u8]) -> bool {
    let is_plain = key.iter().all(|byte| byte.is_ascii() && *byte != b'\\');
    is_plain && last.replace(key) < Some(key)
}

/// Behind the quote of a string that goes on at byte `at`, if all its escapes are those that RFC 8785 writes.
fn end_of_string(text: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => match text.get(at + 1)? {
                b'"' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't' => at += 2,
                _ => return None,
            },
            _ => at += 1,
        }
    }
}

/// Behind the number at byte `at`, if it is an integer, and as short as only those within range are.
fn end_of_integer(text: &[u8], at: usize) -> Option<usize> {
    const MAX_DIGITS: usize = 15;
    let digits = if text[at] == b'-' { at + 1 } else { at };
    let count = text[digits..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    // `-0` is a float.
    let is_integer = count <= MAX_DIGITS && !text[at..].starts_with(b"-0");
    is_integer.then_some(digits + count)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Document, MAX_DEPTH, canonical, scan};
    use super::*;

    #[test]
    fn plain_and_not() {
        let plain = [
            "{}",
            "[]",
            "0",
            "-1",
            "[1,\"é\",true,false,null,[[]]]",
            r#"{"":1,"A":{"z":1},"a":{"b":[],"c":2}}"#,
            r#"["\"\\\b\f\n\r\t"]"#,
            "[999999999999999,-999999999999999]",
            r#"[{"b":1},{"a":1}]"#,
        ];
        for text in plain {
            assert!(is_plain(text, 3), "{text}");
        }
        let other = [
            " 1",
            "1 ",
            "[1, 2]",
            "{\"a\" :1}",
            "-0",
            "1.5",
            "1e2",
            "1E2",
            "1000000000000000",
            r#"["\/"]"#,
            r#"["\u0041"]"#,
            r#"{"b":1,"a":1}"#,
            r#"{"a":1,"a":1}"#,
            r#"{"a":{"b":1},"a":1}"#,
            r#"{"\n":1}"#,
            r#"{"é":1}"#,
            "[[[[]]]]",
            "[\"",
            "[\"\\",
            "\u{feff}1",
            "tru",
            "\"a\":1",
        ];
        for text in other {
            assert!(!is_plain(text, 3), "{text}");
        }
    }

    /// JSON texts, canonical or not.
    fn json() -> impl Strategy<Value = String> {
        const VALUES: [&str; 17] = [
            "0",
            "-0",
            "1",
            "-5",
            "1.5",
            "1e2",
            "999999999999999",
            "9007199254740993",
            "true",
            "null",
            r#""""#,
            r#""a""#,
            r#""\n""#,
            r#""\/""#,
            r#""\u0041""#,
            r#""\u0001""#,
            "\"\u{e9}\"",
        ];
        const KEYS: [&str; 7] = [r#""""#, r#""a""#, r#""aa""#, r#""b""#, r#""B""#, r#""\n""#, "\"\u{e9}\""];
        prop::sample::select(VALUES.map(str::to_owned).to_vec()).prop_recursive(5, 24, 4, |inner| {
            let member = (prop::sample::select(KEYS.to_vec()), inner.clone(), prop::bool::weighted(0.05));
            let member = member.prop_map(|(key, value, gap)| format!("{key}:{}{value}", if gap { " " } else { "" }));
            prop_oneof![
                prop::collection::vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(","))),
                prop::collection::vec(member, 0..4).prop_map(|members| format!("{{{}}}", members.join(","))),
            ]
        })
    }

    proptest! {
        /// What is plain has no fault that the thorough look finds.
        #[test]
        fn plain_texts_are_canonical(text in json()) {
            let document = Document::parse_embedded("f", text.as_bytes(), 0);
            if is_plain(&text, MAX_DEPTH) {
                let document = document.map_err(|fault| TestCaseError::fail(fault.message))?;
                prop_assert_eq!(scan::first_too_deep(&text, MAX_DEPTH), None);
                prop_assert_eq!(canonical::first_difference(&text, document.json.value()), None);
                document.check_value(document.json.value());
                prop_assert_eq!(document.into_faults(), []);
            }
        }
    }
}
