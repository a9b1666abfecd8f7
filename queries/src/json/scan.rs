//! What is looked at before a text is parsed, so that the parser takes neither stack nor memory out of proportion.

/// Where nesting first exceeds the limit. Looked at before parsing, so that no parser ever recurses deeper.
pub(super) fn first_too_deep(text: &str, max_depth: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in structure(text.as_bytes(), 0) {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > max_depth {
            return Some(at);
        }
    }
    None
}

/// Where values, keys among them, become too many. Looked at before parsing: the parser keeps 32 bytes for each.
pub(super) fn first_too_many(text: &str, max_values: usize) -> Option<usize> {
    // Before each value but the first is one of these.
    let mut starts = structure(text.as_bytes(), 0).filter(|(_, byte)| matches!(byte, b'[' | b'{' | b',' | b':'));
    starts.nth(max_values).map(|(at, _)| at)
}

/// Behind the array or object that begins at byte `at`; none where something else does, or it does not end.
pub(crate) fn end_of_nested(bytes: &[u8], at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in structure(bytes, at) {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return matches!(byte, b']' | b'}').then_some(at + 1);
        }
    }
    None
}

/// The bytes from `next` on that are in no string, and where they are.
fn structure(bytes: &[u8], mut next: usize) -> impl Iterator<Item = (usize, u8)> {
    std::iter::from_fn(move || {
        loop {
            let (at, byte) = (next, *bytes.get(next)?);
            next += 1;
            if byte != b'"' {
                return Some((at, byte));
            }
            next = end_of_string(bytes, next);
        }
    })
}

/// Where the string ends that goes on at byte `at`.
fn end_of_string(bytes: &[u8], mut at: usize) -> usize {
    loop {
        match bytes.get(at) {
            Some(b'"') => return at + 1,
            Some(b'\\') => at += 2,
            Some(_) => at += 1,
            None => return at,
        }
    }
}
