//! `DATA/raw_v1` from outside: what it says of files that nobody meant, whatever the store knows of them.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod memory;

use std::io;

use memory::Memory;
use papack_queries::content::{ContentId, ContentStore, Digest, LOOKED_AT, Outcome, is_harmless};
use papack_queries::diagnostic::{Code, Diagnostic, Severity};
use papack_queries::formats::sounds::{self, Loops};
use papack_queries::formats::tiles::{Options, TileSize};
use papack_queries::formats::{Format, Source};
use proptest::collection::vec;
use proptest::prelude::*;

const POINTER: &str = "version https://git-lfs.github.com/spec/v1\n\
    oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";

/// A store that remembers what is harmless, as that of an operation does, or does not.
struct Store {
    memory: Memory,
    remembers: bool,
}

impl ContentStore for Store {
    fn read_at(&self, id: ContentId, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.memory.read_at(id, offset, buffer)
    }

    fn put(&self, bytes: &[u8]) -> io::Result<ContentId> {
        self.memory.put(bytes)
    }

    fn is_known_harmless(&self, id: ContentId) -> bool {
        self.remembers && is_harmless(&self.memory.read(id).unwrap())
    }
}

fn derive_with(remembers: bool, files: &[(&str, &[u8])]) -> Outcome {
    let store = Store { memory: Memory::default(), remembers };
    let source =
        |(path, bytes): &(&'static str, &[u8])| Source { path, content: store.put(bytes).unwrap(), part: None };
    let files: Vec<_> = files.iter().map(|(path, bytes)| (&*String::from(*path).leak(), *bytes)).collect();
    let sources: Vec<_> = files.iter().map(source).collect();
    Format::DataRawV1.derive(&sources, &[], &store).unwrap()
}

/// What is said of one file: code, severity and line.
fn said(path: &str, bytes: &[u8]) -> Vec<(Code, Severity, Option<usize>)> {
    let outcome = derive_with(false, &[(path, bytes)]);
    assert_eq!(outcome, derive_with(true, &[(path, bytes)]), "{path}: {:?}", String::from_utf8_lossy(bytes));
    let said = |found: &Diagnostic| {
        assert_eq!(found.path.as_deref(), Some(path));
        (found.code, found.severity, found.span.map(|span| span.line))
    };
    outcome.diagnostics.iter().map(said).collect()
}

#[test]
fn only_what_nobody_meant_is_told() {
    use Code::{ConflictMarkers, FileHtml, FileLfsPointer};
    use Severity::{Error, Warning};
    let lfs = Some((FileLfsPointer, Error, None));
    let page = Some((FileHtml, Warning, None));
    let conflict = |line| Some((ConflictMarkers, Warning, Some(line)));
    let both = "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> topic\n";
    for (path, text, expected) in [
        ("a.bin", POINTER, lfs),
        ("a.html", POINTER, lfs),
        ("a.bin", &POINTER.replace('\n', "\r\n"), lfs),
        ("a.bin", &POINTER.replace("sha256", "md5"), None),
        ("a.bin", &(POINTER.to_owned() + &"x".repeat(1024)), None),
        ("a.bin", &format!("{POINTER}\0"), None),
        ("level.json", "<!DOCTYPE html><title>404</title>", page),
        ("level.json", "\u{feff}\r\n\t<HTML lang=en>", page),
        ("html", "<html>", page),
        ("a.html.bin", "<html>", page),
        ("help.HTML", "<html>", None),
        ("d/help.htm", "<!doctype html>", None),
        ("help.xhtml", "<?xml version='1.0'?><!DOCTYPE html>", None),
        ("help.xml", "<?xml version='1.0'?>\n<!-- a page -->\n<!DOCTYPE html>", page),
        ("a.txt", "a page has <html> in it", None),
        ("a.txt", "<htmlx>", None),
        ("a.txt", "<html>\0", None),
        ("a.txt", both, conflict(1)),
        ("a.txt", &format!("title\n\n{both}{both}"), conflict(3)),
        ("a.txt", &both.replace('\n', "\r\n"), conflict(1)),
        ("a.txt", &both.replace("=======", "||||||| base\nc\n======="), conflict(1)),
        ("a.txt", &format!("caf\u{e9}\n{both}"), conflict(2)),
        ("a.txt", &format!(" {both}"), None),
        ("a.txt", &both.replace("=======", "========"), None),
        ("a.txt", &both.replace(">>>>>>>", ">>>>>>"), None),
        ("a.txt", "<<<<<<< HEAD\na\n>>>>>>> topic\n=======\n", None),
        ("a.txt", "=======\n<<<<<<< HEAD\n>>>>>>> topic\n", None),
        ("a.txt", &format!("{both}\0"), None),
        ("a.txt", "", None),
        ("a.bin", "\0\0\0\0", None),
    ] {
        let expected: Vec<_> = expected.into_iter().collect();
        assert_eq!(said(path, text.as_bytes()), expected, "{path}: {text:?}");
    }
    let latin = [b"caf\xe9\n", both.as_bytes()].concat();
    assert_eq!(said("latin.txt", &latin), [(ConflictMarkers, Warning, Some(2))]);
    let page_in_conflict = format!("<html>\n{both}");
    assert_eq!(
        said("a.txt", page_in_conflict.as_bytes()),
        [(FileHtml, Warning, None), (ConflictMarkers, Warning, Some(2))]
    );
}

#[test]
fn each_of_several_files_is_looked_at_and_a_warning_keeps_the_payload() {
    let files: [(&str, &[u8]); 3] =
        [("a.json", b"<html>"), ("b.txt", b"good"), ("c.txt", b"<<<<<<<\n=======\n>>>>>>>")];
    let outcome = derive_with(false, &files);
    let places: Vec<_> = outcome.diagnostics.iter().map(|found| (found.code, found.path.as_deref().unwrap())).collect();
    assert_eq!(places, [(Code::FileHtml, "a.json"), (Code::ConflictMarkers, "c.txt")]);
    assert_eq!(outcome.payload.unwrap().slices.len(), 3);
    let outcome = derive_with(false, &[files[0], ("p", POINTER.as_bytes())]);
    assert_eq!((outcome.payload, outcome.diagnostics.len()), (None, 2));
}

#[test]
fn of_a_large_file_the_first_mebibyte_is_looked_at() {
    let both = b"\n<<<<<<<\n=======\n>>>>>>>";
    let file = |before: usize| [vec![b'x'; before], both.to_vec(), b"\n more".to_vec()].concat();
    assert_eq!(said("a", &file(LOOKED_AT - both.len())).len(), 1);
    assert_eq!(said("a", &file(LOOKED_AT - both.len() + 1)), []);
    // A NUL behind it does not matter, either.
    assert_eq!(said("a", &[file(LOOKED_AT - both.len()), vec![0]].concat()).len(), 1);
}

/// A content of any size, of which nothing is in memory. It begins with `head`, and has zeros behind it.
struct Huge {
    head: &'static [u8],
    /// How many bytes may be read at most.
    most: usize,
}

impl ContentStore for Huge {
    fn read_at(&self, id: ContentId, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        assert!(offset == 0 && buffer.len() <= self.most, "{} bytes at {offset} of {}", buffer.len(), id.size);
        buffer.fill(0);
        let length = self.head.len().min(buffer.len());
        buffer[..length].copy_from_slice(&self.head[..length]);
        Ok(())
    }

    fn put(&self, _: &[u8]) -> io::Result<ContentId> {
        Err(io::ErrorKind::StorageFull.into())
    }
}

#[test]
fn of_a_huge_file_that_is_something_else_little_is_read() {
    let content = ContentId { digest: Digest([0; 32]), size: 1 << 50 };
    let picture = Format::TilesIndexedV1(Options::new(TileSize::Eight));
    let sound = Format::SoundsPcmV1(sounds::Options::with_loops(Loops::Detect));
    for (format, most) in [(Format::DataRawV1, LOOKED_AT), (picture, 32 << 20), (sound, 32 << 20)] {
        for head in [&b""[..], b"wvpk", POINTER.as_bytes(), b"<html>"] {
            let outcome =
                format.derive(&[Source { path: "a", content, part: None }], &[], &Huge { head, most }).unwrap();
            assert_eq!(outcome.payload.is_some(), format == Format::DataRawV1, "{:?}", outcome.diagnostics);
        }
    }
    // That they are so large is enough to know that they are no pointers.
    let outcome =
        picture.derive(&[Source { path: "a", content, part: None }], &[], &Huge { head: b"", most: 32 << 20 }).unwrap();
    assert!(outcome.diagnostics[0].message.contains("it is NUL bytes"), "{:?}", outcome.diagnostics);
}

/// Pieces of which texts are made that nobody meant.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let fixed = ["<<<<<<<", "=======", ">>>>>>>", "|||||||", "\n", "\r\n", " HEAD", "<html>", "<!doctype html", "x"];
    let fixed = proptest::sample::select(fixed.map(|text| text.as_bytes().to_vec()).to_vec());
    let lines = POINTER.split_inclusive('\n').map(|line| line.as_bytes().to_vec()).collect::<Vec<_>>();
    prop_oneof![8 => fixed, 2 => proptest::sample::select(lines), 1 => vec(any::<u8>(), 0..4)]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    /// What a store remembers changes nothing, and neither does any format panic.
    #[test]
    fn equal_bytes_have_equal_outcomes(pieces in vec(piece(), 0..12)) {
        let bytes = pieces.concat();
        let outcome = derive_with(false, &[("a.txt", &bytes)]);
        prop_assert_eq!(&outcome, &derive_with(true, &[("a.txt", &bytes)]));
        prop_assert_eq!(outcome.payload.is_none(), outcome.diagnostics.iter().any(Diagnostic::is_error));
        if is_harmless(&bytes) {
            prop_assert_eq!(outcome.diagnostics, []);
        }
        for format in [Format::TilesIndexedV1(Options::new(TileSize::Eight)), Format::SoundsPcmV1(sounds::Options::default())] {
            let memory = Memory::default();
            let content = memory.put(&bytes).unwrap();
            let outcome = format.derive(&[Source { path: "a", content, part: None }], &[], &memory).unwrap();
            prop_assert_eq!(outcome.payload, None);
        }
    }
}
