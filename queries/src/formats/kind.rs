//! Of which kind files are, for the format of a new asset.

use super::{sounds, tiles};
use crate::diagnostic::{Code, Data, Diagnostic};

/// Of which kind a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A PNG, an Aseprite file, a GIF or a BMP.
    Picture,
    /// A WAVE, FLAC, Ogg, MP3 or AIFF.
    Sound,
    /// Anything else.
    Other,
}

impl FileKind {
    /// The kind that the file's name says, in either case.
    pub fn of_name(path: &str) -> Self {
        let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
        [Self::Picture, Self::Sound]
            .into_iter()
            .find(|kind| kind.extensions().iter().any(|wanted| extension.eq_ignore_ascii_case(wanted)))
            .unwrap_or(Self::Other)
    }

    /// The kind of the file at `path` that begins with `head`: that of its bytes, or else the one that its name says.
    pub fn of(path: &str, head: &[u8]) -> Self {
        match head {
            _ if tiles::is_picture(head) => Self::Picture,
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => Self::Sound,
            head if sounds::is_other_sound(head) => Self::Sound,
            _ => Self::of_name(path),
        }
    }

    /// The extensions of names of this kind, in lower case, the most usual one first.
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Picture => &["png", "aseprite", "ase", "gif", "bmp"],
            Self::Sound => &["wav", "flac", "ogg", "oga", "mp3", "aif", "aiff", "aifc"],
            Self::Other => &[],
        }
    }

    /// `count` files of this kind, in words.
    pub(crate) fn counted(self, count: usize) -> String {
        let (one, more) = match self {
            Self::Picture => ("picture", "pictures"),
            Self::Sound => ("sound", "sounds"),
            Self::Other => ("other file", "other files"),
        };
        format!("{count} {}", if count == 1 { one } else { more })
    }
}

/// Counts files by kind, with the first of each.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KindCounts {
    counts: [(usize, String); 3],
}

impl KindCounts {
    /// Counts the file at `path`.
    pub fn add(&mut self, kind: FileKind, path: &str) {
        let (count, first) = &mut self.counts[kind as usize];
        if *count == 0 {
            path.clone_into(first);
        }
        *count += 1;
    }

    /// How many files of this kind there are.
    pub fn count(&self, kind: FileKind) -> usize {
        self.counts[kind as usize].0
    }

    /// The kind of all files; none where there are no files.
    ///
    /// # Errors
    ///
    /// When they are not of one kind. The diagnostic says what there is.
    pub fn only_kind(&self) -> Result<Option<FileKind>, Diagnostic> {
        let mut found = self.found();
        let first = found.next().map(|(kind, ..)| kind);
        if found.next().is_some() { Err(self.unclear()) } else { Ok(first) }
    }

    /// The fault that the format cannot be told.
    pub fn unclear(&self) -> Diagnostic {
        let described: Vec<_> = self
            .found()
            .map(|(kind, count, first)| {
                let word = if count == 1 { "" } else { "first " };
                format!("{} ({word}{first:?})", kind.counted(count))
            })
            .collect();
        let message = format!("the files are of different kinds: {}", described.join(", "));
        let help = "an asset is of one format: name the files that it takes, or say which with --format tiles, sounds or \
                    data";
        let count = self.found().map(|(_, count, _)| count as u64).sum();
        let data = Data::Paths { count, paths: self.found().map(|(.., first)| first.to_owned()).collect() };
        Diagnostic::error(Code::FormatUnclear, message).with_help(help).with_data(data)
    }

    fn found(&self) -> impl Iterator<Item = (FileKind, usize, &str)> {
        let kinds = [FileKind::Picture, FileKind::Sound, FileKind::Other];
        let all = kinds.into_iter().zip(&self.counts).map(|(kind, (count, first))| (kind, *count, first.as_str()));
        all.filter(|(_, count, _)| *count > 0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn bytes_go_before_names() {
        for (path, head, expected) in [
            ("a.png", &b"\x89PNG\r\n\x1a\n\0\0\0\x0d"[..], FileKind::Picture),
            ("a.wav", b"\x89PNG\r\n\x1a\n\0\0\0\x0d", FileKind::Picture),
            ("a", b"RIFF\0\0\0\0WAVE", FileKind::Sound),
            ("a", b"RIFF\0\0\0\0WAV", FileKind::Other),
            ("a", b"RIFF\0\0\0\0AVI ", FileKind::Other),
            ("d.wav/a.PNG", b"", FileKind::Picture),
            ("a.wAv", b"GIF89a", FileKind::Picture),
            ("a.wAv", b"GIF8", FileKind::Sound),
            ("a.aseprite", b"", FileKind::Picture),
            ("a", b"fLaC\0\0\0\x22", FileKind::Sound),
            ("a.png", b"\xff\xfb\x90\0", FileKind::Sound),
            ("a.Ogg", b"", FileKind::Sound),
            ("png", b"", FileKind::Other),
            ("a.png.txt", b"", FileKind::Other),
        ] {
            assert_eq!(FileKind::of(path, head), expected, "{path}");
        }
    }

    #[test]
    fn different_kinds_are_told_with_the_first_of_each() {
        let mut counts = KindCounts::default();
        assert_eq!(counts.only_kind(), Ok(None));
        counts.add(FileKind::Sound, "a.wav");
        assert_eq!(counts.only_kind(), Ok(Some(FileKind::Sound)));
        counts.add(FileKind::Other, "b.txt");
        counts.add(FileKind::Other, "c.txt");
        let fault = counts.only_kind().unwrap_err();
        let message = r#"the files are of different kinds: 1 sound ("a.wav"), 2 other files (first "b.txt")"#;
        assert_eq!((fault.code, fault.message.as_str()), (Code::FormatUnclear, message));
    }
}
