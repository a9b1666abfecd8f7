//! The pointers of Git LFS, after its specification (`docs/spec.md` there).

use crate::diagnostic::{Code, Data, Diagnostic, Unit};

/// A small text that Git LFS keeps in the place of a file, until the file itself is downloaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LfsPointer {
    /// How many bytes the file itself has.
    pub size: u64,
}

impl LfsPointer {
    /// The first line of each pointer. The last two are of versions of Git LFS before it was called so, which it reads
    /// still.
    const VERSIONS: [&str; 3] = [
        "version https://git-lfs.github.com/spec/v1",
        "version https://hawser.github.com/spec/v1",
        "version http://git-media.io/v/2",
    ];

    /// How many bytes no pointer has.
    const TOO_LONG: usize = 1024;

    /// The pointer that `bytes` are; `None` where they are none.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.len() >= Self::TOO_LONG || !bytes.starts_with(b"version http") {
            return None;
        }
        let text = std::str::from_utf8(bytes).ok()?;
        let mut lines = text.lines();
        if !Self::VERSIONS.contains(&lines.next()?) {
            return None;
        }
        let (mut has_digest, mut size) = (false, None);
        for line in lines {
            match line.split_once(' ') {
                Some(("oid", digest)) => has_digest |= digest.starts_with("sha256:"),
                Some(("size", bytes)) => size = bytes.parse().ok(),
                _ => {}
            }
        }
        Some(Self { size: size.filter(|_| has_digest)? })
    }

    /// The fault that a file is this pointer. Its place is for the caller to fill in.
    pub fn fault(self) -> Diagnostic {
        let message =
            format!("this is a pointer of Git LFS: the file itself, of {} bytes, was not downloaded", self.size);
        Diagnostic::error(Code::FileLfsPointer, message)
            .with_data(Data::Count { found: self.size, unit: Unit::Bytes })
            .with_help("run git lfs pull, and then this command again; if git does not know lfs, install Git LFS first")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_has_its_first_line_a_digest_and_a_size() {
        let digest = "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393";
        let [first, hawser, media] = LfsPointer::VERSIONS;
        let long = "x".repeat(1024);
        for (text, size) in [
            (format!("{first}\n{digest}\nsize 12345\n"), Some(12345)),
            (format!("{hawser}\n{digest}\nsize 12345\n"), Some(12345)),
            (format!("{media}\n{digest}\nsize 12345\n"), Some(12345)),
            (format!("version https://example.org/spec/v1\n{digest}\nsize 12345\n"), None),
            (format!("{first}\r\n{digest}\r\nsize 7\r\n"), Some(7)),
            (format!("{first}\next-0-foo sha256:ab\n{digest}\nsize 18446744073709551615"), Some(u64::MAX)),
            (format!("{first}\n{digest}\nsize 18446744073709551616"), None),
            (format!("{first}\n{digest}\nsize -1"), None),
            (format!("{first}\n{digest}\n"), None),
            (format!("{first}\nsize 7\n"), None),
            (format!("{first}\noid md5:00\nsize 7\n"), None),
            (format!("{first}0\n{digest}\nsize 7\n"), None),
            (format!(" {first}\n{digest}\nsize 7\n"), None),
            (format!("{first}\n{digest}\nsize 7\n{long}"), None),
            (first.to_owned(), None),
            (String::new(), None),
        ] {
            assert_eq!(LfsPointer::of(text.as_bytes()).map(|pointer| pointer.size), size, "{text}");
        }
    }
}
