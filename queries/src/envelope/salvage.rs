//! What can still be read of a header that is no JSON any more.

/// The front of `header` up to the last whole entry before byte `fault`, made into a document again.
///
/// An entry ends where nesting falls back to the second level, that of `asset_table` and `preload`.
pub(super) fn front(header: &[u8], fault: usize) -> Option<Vec<u8>> {
    const LIST_DEPTH: usize = 2;
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    let mut end = None;
    for (at, byte) in header.iter().enumerate().take(fault) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => depth += 1,
            b']' | b'}' => {
                depth = depth.checked_sub(1)?;
                if *byte == b'}' && depth == LIST_DEPTH {
                    end = Some(at + 1);
                }
            }
            _ => {}
        }
    }
    let mut front = header.get(..end?)?.to_vec();
    front.extend_from_slice(b"]}");
    Some(front)
}
