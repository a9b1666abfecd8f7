//! Which kind of file a sound is in, by its first bytes.

use crate::signature::is_mpeg_frame;

/// The kind of a file that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Container {
    /// AIFF or AIFC.
    Aiff,
    /// One whose samples are compressed.
    Compressed(Compression),
}

/// A kind of file whose samples are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    /// FLAC in its own container.
    Flac,
    /// Vorbis or FLAC in an Ogg.
    Ogg,
    /// MPEG audio, layer III.
    Mp3,
}

impl Compression {
    /// Its name behind "the".
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Flac => "FLAC",
            Self::Ogg => "Ogg",
            Self::Mp3 => "MP3",
        }
    }
}

impl Container {
    /// How many bytes are needed to tell; those behind tags may be further on.
    pub(super) const HEAD: usize = 12;

    /// The kind of the file that begins with `bytes`; `None` where it is a WAVE or nothing that is read.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let rest = behind_tags(bytes);
        let has_tags = rest.len() < bytes.len();
        match rest {
            // What follows tells it from text that begins so.
            [b'f', b'L', b'a', b'C', 0 | 0x80, ..] => Some(Self::Compressed(Compression::Flac)),
            [b'O', b'g', b'g', b'S', 0, ..] if !has_tags => Some(Self::Compressed(Compression::Ogg)),
            [b'F', b'O', b'R', b'M', _, _, _, _, b'A', b'I', b'F', b'F' | b'C', ..] if !has_tags => Some(Self::Aiff),
            frame if has_tags || is_mpeg_frame(frame) => Some(Self::Compressed(Compression::Mp3)),
            _ => None,
        }
    }
}

/// What follows the tags (`ID3v2`) at the beginning of `bytes`.
pub(super) fn behind_tags(mut bytes: &[u8]) -> &[u8] {
    while let [b'I', b'D', b'3', 2..=4, _, flags, a @ 0..0x80, b @ 0..0x80, c @ 0..0x80, d @ 0..0x80, ..] = *bytes {
        const HEADER: usize = 10;
        const HAS_FOOTER: u8 = 0x10;
        let size = [a, b, c, d].iter().fold(0, |size, byte| size << 7 | usize::from(*byte));
        let footer = if flags & HAS_FOOTER == 0 { 0 } else { HEADER };
        bytes = bytes.get(HEADER + size + footer..).unwrap_or_default();
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_tell_what_is_read() {
        let compressed = |compression| Some(Container::Compressed(compression));
        for (bytes, expected) in [
            (&b"fLaC\0"[..], compressed(Compression::Flac)),
            (b"OggS\0", compressed(Compression::Ogg)),
            (b"\xff\xfb\x90\0", compressed(Compression::Mp3)),
            (b"ID3\x04\0\0\0\0\0\x02..\xff\xfb\x90\0", compressed(Compression::Mp3)),
            (b"ID3\x04\0\0\0\0\0\x02..fLaC\x80", compressed(Compression::Flac)),
            (b"ID3\x04\0\x10\0\0\0\0..........fLaC\x80", compressed(Compression::Flac)),
            (b"ID3\x04\0\0\0\0\x7f\x7f", compressed(Compression::Mp3)),
            (b"FORM\0\0\0\0AIFF", Some(Container::Aiff)),
            (b"FORM\0\0\0\0AIFC", Some(Container::Aiff)),
            (b"FORM\0\0\0\08SVX", None),
            (b"RIFF\0\0\0\0WAVE", None),
            (b"\xff\xff\x90\0", None),
            (b"ID3 tags of songs", None),
            (b"OggS and fLaC", None),
            (b"fLaC and OggS", None),
            (b"", None),
        ] {
            assert_eq!(Container::of(bytes), expected, "{}", bytes.escape_ascii());
        }
    }
}
