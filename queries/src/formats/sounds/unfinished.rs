//! Sizes that were never written. A recorder writes the header first, and fills in the sizes when it is done; one that
//! writes to a pipe cannot go back, and one that is killed does not.

/// From this size on, sizes are what programs write as long as they do not know better. A sound so large fits into no
/// bank.
// 0x7FFF0000 (sndio), 0x7FFFF000 (SoX), 0x7FFFFFFF (Oboe), 0xFFFFFFFF (FFmpeg), some with the size of the header added or
// taken off.
const LEAST_STAND_IN: u32 = 0x7FFF_0000;

/// Whether `size`, which is more than the file has, stands in for one that was not known.
pub(super) fn is_stand_in(size: u32) -> bool {
    size >= LEAST_STAND_IN
}

/// Whether `bytes` are chunks, one after the other, up to fewer bytes than a chunk has at least. Samples are none: every
/// identifier has to be printable.
pub(super) fn are_chunks(mut bytes: &[u8]) -> bool {
    let mut is_any = false;
    while let Some(([a, b, c, d, s0, s1, s2, s3], rest)) = bytes.split_first_chunk::<8>() {
        let is_identifier = [a, b, c, d].iter().all(|byte| matches!(byte, b' '..=b'~'));
        let size = u32::from_le_bytes([*s0, *s1, *s2, *s3]);
        let Some(after) = usize::try_from(size).ok().filter(|_| is_identifier).and_then(|size| rest.get(size..)) else {
            return false;
        };
        // The pad byte of an odd size may be missing at the end of the file.
        bytes = after.get((size % 2) as usize..).unwrap_or_default();
        is_any = true;
    }
    is_any
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_told_from_samples() {
        for (bytes, expected) in [
            (&b""[..], false),
            (b"LIST\0\0\0", false),
            (b"LIST\0\0\0\0", true),
            (b"LIST\x01\0\0\0x", true),
            (b"LIST\x01\0\0\0x\0id3 \0\0\0\0rest...", true),
            (b"LIST\x01\0\0\0", false),
            (b"LIST\0\0\0\0id3 \xFF\xFF\xFF\xFF", false),
            (&[0; 64], false),
            (b"LIST\0\0\0\0\0\0\0\0\0\0\0\0", false),
        ] {
            assert_eq!(are_chunks(bytes), expected, "{}", bytes.escape_ascii());
        }
    }
}
