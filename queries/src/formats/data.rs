//! `DATA/raw_v1`: any files, one after the other, with a directory of them.

use std::borrow::Cow;
use std::io;

use serde::{Deserialize, Serialize};

use super::faults::Faults;
use super::payload::concatenation;
use super::source::{FileOutline, Source};
use crate::content::{ContentStore, LOOKED_AT, Outcome, Payload, is_harmless};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::json::conflict_in;
use crate::signature::{LfsPointer, is_html};

/// The runtime metadata of files that are packed as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata<'a> {
    /// The files, in artifact order.
    #[serde(borrow)]
    pub entries: Vec<Entry<'a>>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry<'a> {
    /// The path below the asset root.
    #[serde(borrow)]
    pub name: Cow<'a, str>,
    /// Bytes from the asset's payload start.
    pub offset: u64,
    /// Bytes.
    pub size: u64,
}

/// Concatenates `sources`. A source is read only where it may be something that nobody wants in a game, and, if there
/// are several, to digest the whole.
///
/// # Errors
///
/// Only when `content` fails.
pub fn derive(sources: &[Source<'_>], content: &dyn ContentStore) -> io::Result<Outcome> {
    let mut diagnostics = Vec::new();
    for source in sources {
        let mut faults = Faults::new(source.path);
        inspect(source, content, &mut faults)?;
        diagnostics.extend(faults.into_diagnostics());
    }
    let is_faulty = diagnostics.iter().any(Diagnostic::is_error);
    let payload = if is_faulty { None } else { Some(concatenated(sources, content)?) };
    Ok(Outcome { payload, diagnostics })
}

fn concatenated(sources: &[Source<'_>], content: &dyn ContentStore) -> io::Result<Payload> {
    let slices = sources.iter().map(|source| source.content).collect();
    let (_, entries) = directory(sources.iter().map(|source| (source.path, source.content.size)));
    concatenation(content, slices, entries)
}

/// The size of all `files`, each given by path and size, one after the other, and the metadata that describe them.
fn directory<'f>(files: impl Iterator<Item = (&'f str, u64)>) -> (u64, Box<str>) {
    let mut offset = 0_u64;
    let entries = files
        .map(|(path, size)| {
            let entry = Entry { name: Cow::Borrowed(path), offset, size };
            // No disk holds so much that this matters; sizes may be a guess, and must not make it panic.
            offset = offset.saturating_add(size);
            entry
        })
        .collect();
    // The fields are declared in the canonical order of keys. So this is the canonical form, and written in a fifth of the
    // time.
    (offset, serde_json::to_string(&Metadata { entries }).unwrap_or_default().into())
}

/// What [`Format::foretell`](super::Format::foretell) tells of `files`: all of it follows from their sizes.
pub(super) fn foretell(files: &[FileOutline<'_>]) -> (u64, Box<str>) {
    directory(files.iter().map(|file| (file.path, file.size)))
}

/// Reports what shows that nobody meant these bytes: that the file itself was never downloaded, or not merged.
fn inspect(source: &Source<'_>, content: &dyn ContentStore, faults: &mut Faults<'_>) -> io::Result<()> {
    if source.content.size == 0 || content.is_known_harmless(source.content) {
        return Ok(());
    }
    let mut head = vec![0; usize::try_from(source.content.size).map_or(LOOKED_AT, |size| size.min(LOOKED_AT))];
    content.read_at(source.content, 0, &mut head)?;
    if is_harmless(&head) {
        return Ok(());
    }
    if let Some(pointer) = LfsPointer::of(&head) {
        faults.push(pointer.fault());
    }
    if is_html(&head) && !is_named_page(source.path) {
        let message = "this is a web page (HTML), but not by its name: probably one of a download that failed";
        let help = "download the file again; or if a page is meant, give it a name that ends in .html";
        faults.push(Diagnostic::warning(Code::FileHtml, message).with_help(help));
    }
    if let Some(conflict) = conflict_in(&head, Severity::Warning) {
        faults.push(conflict);
    }
    Ok(())
}

/// Whether the name of the file at `path` says that it is a web page.
fn is_named_page(path: &str) -> bool {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    ["html", "htm", "xhtml"].iter().any(|page| extension.eq_ignore_ascii_case(page))
}

#[cfg(test)]
mod tests {
    use super::super::payload::metadata;
    use super::*;

    #[test]
    fn the_directory_is_canonical() {
        let files = [
            ("a/\u{e9}\u{1f600}", 0),
            ("with \"quotes\" and \\ and \u{7}\u{1f}\n", 7),
            ("\u{2028}\u{7f}", 1 << 52),
            ("", 1),
        ];
        let (size, text) = directory(files.into_iter());
        let read: Metadata<'_> = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!((size, &*text), (8 + (1 << 52), &*metadata(&read)));
        assert_eq!(read.entries.len(), files.len());
    }
}
