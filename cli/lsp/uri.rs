//! URIs of files.

use std::ffi::OsString;
use std::fmt::Write;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use gen_lsp_types::Uri;

/// The path of the file that a URI names. None where it names none, as that of a text without a file.
pub fn to_path(uri: &Uri) -> Option<PathBuf> {
    let rest = strip_prefix_any_case(&uri.0, "file:")?;
    let rest = match rest.strip_prefix("//") {
        Some(rest) => {
            let start = rest.find('/')?;
            let (host, path) = rest.split_at(start);
            (host.is_empty() || host.eq_ignore_ascii_case("localhost")).then_some(path)?
        }
        None => rest,
    };
    let path = rest.split(['?', '#']).next()?;
    path.starts_with('/').then(|| OsString::from_vec(decode(path.as_bytes())).into())
}

/// The URI of the file at an absolute path.
pub fn from_path(path: &Path) -> Uri {
    let mut uri = String::from("file://");
    for &byte in path.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    Uri(uri)
}

fn strip_prefix_any_case<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let start = text.get(..prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

/// Replaces each `%` and two hexadecimal digits by the byte that they are.
fn decode(text: &[u8]) -> Vec<u8> {
    let digit =
        |at: usize| text.get(at).and_then(|byte| char::from(*byte).to_digit(16)).and_then(|d| u8::try_from(d).ok());
    let mut bytes = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        match (byte, digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(high * 16 + low);
                at += 3;
            }
            _ => {
                bytes.push(byte);
                at += 1;
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_uris_are_made_of_each_other() {
        for (path, uri) in [
            ("/a/b.json", "file:///a/b.json"),
            ("/with space/ä%", "file:///with%20space/%C3%A4%25"),
            ("/c:+#?/~", "file:///c%3A%2B%23%3F/~"),
        ] {
            assert_eq!(from_path(Path::new(path)).0, uri);
            assert_eq!(to_path(&Uri(uri.into())).as_deref(), Some(Path::new(path)));
        }
        let odd = PathBuf::from(OsString::from_vec(b"/\xff".to_vec()));
        assert_eq!(to_path(&from_path(&odd)), Some(odd));
    }

    #[test]
    fn uris_are_read_as_clients_write_them() {
        for (uri, path) in [
            ("FILE:///a", Some("/a")),
            ("file://localhost/a", Some("/a")),
            ("file:/a", Some("/a")),
            ("file:///a%2fb%zz%", Some("/a/b%zz%")),
            ("file:///ä", Some("/ä")),
            ("file:///a#1", Some("/a")),
            ("file://host/a", None),
            ("file:a", None),
            ("file://", None),
            ("untitled:Untitled-1", None),
            ("", None),
            ("ä", None),
        ] {
            assert_eq!(to_path(&Uri(uri.into())).as_deref(), path.map(Path::new), "{uri}");
        }
    }
}
