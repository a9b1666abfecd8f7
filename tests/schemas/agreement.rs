//! What a schema says of a document and what papack says of it, side by side.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jsonschema::Validator;
use papack_queries::diagnostic::Diagnostic;
use papack_queries::schema::{manifest, registry};
use serde_json::Value;

use crate::{schema, validator};

/// A rule that papack keeps and JSON Schema cannot express. Each has a case that shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Beyond {
    /// For JSON Schema `1.0` and `-0` are integers.
    SpellingOfIntegers,
    /// An integer of `pipeline` lies within ±(2^53 − 1), where a float may be larger.
    LargeIntegers,
    /// A validator is given the last of several members with one key.
    DuplicateKeys,
    /// Unicode normalization form C.
    Nfc,
    /// A path has at most 1,024 bytes; schemas count characters.
    PathBytes,
    /// Nesting of the whole document.
    Depth,
    /// Nesting of `user`.
    UserDepth,
    /// Canonical bytes of `user`.
    UserSize,
    /// Bytes of the whole document.
    DocumentSize,
    /// An id lies below `next_asset_id`.
    BelowNextId,
    /// Ids, uuids and roots are unique.
    Unique,
    /// No root lies inside another.
    NestedRoots,
}

/// What is expected of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Accepted,
    Refused,
    /// Accepted by the schema, and refused by papack.
    RefusedBeyond(Beyond),
}

/// A kind of document, read in both ways.
pub struct Reader {
    validator: Validator,
    parse: fn(&[u8]) -> Vec<Diagnostic>,
}

pub static MANIFESTS: LazyLock<Reader> = LazyLock::new(|| Reader {
    validator: validator(&schema("asset")),
    parse: |bytes| manifest::parse("asset.json", bytes).1,
});

pub static REGISTRIES: LazyLock<Reader> = LazyLock::new(|| Reader {
    validator: validator(&schema("index")),
    parse: |bytes| registry::parse(bytes).diagnostics,
});

impl Reader {
    /// Whether the schema accepts `text`. What is no JSON for a tolerant parser is no document for any schema.
    pub fn schema_accepts(&self, text: &str) -> bool {
        serde_json::from_str::<Value>(text).is_ok_and(|value| self.validator.is_valid(&value))
    }

    /// The errors that papack reports.
    pub fn papack_faults(&self, text: &str) -> Vec<Diagnostic> {
        (self.parse)(text.as_bytes()).into_iter().filter(Diagnostic::is_error).collect()
    }

    /// What both say of `text`.
    #[track_caller]
    fn expect(&self, text: &str, verdict: Verdict) {
        let (by_schema, by_papack) = match verdict {
            Verdict::Accepted => (true, true),
            Verdict::Refused => (false, false),
            Verdict::RefusedBeyond(_) => (true, false),
        };
        let shown: String = text.chars().take(1000).collect();
        assert_eq!(self.schema_accepts(text), by_schema, "by the schema: {shown}");
        let faults = self.papack_faults(text);
        assert_eq!(faults.is_empty(), by_papack, "by papack: {shown}\n{faults:#?}");
    }
}

/// Cases: a base document in which one part is replaced.
pub struct Corpus {
    reader: &'static Reader,
    base: String,
    counted: usize,
    shown: BTreeSet<Beyond>,
}

impl Corpus {
    pub fn new(reader: &'static Reader, base: &str) -> Self {
        let mut corpus = Self { reader, base: base.to_owned(), counted: 0, shown: BTreeSet::new() };
        corpus.expect(base, Verdict::Accepted);
        corpus
    }

    fn expect(&mut self, text: &str, verdict: Verdict) {
        self.reader.expect(text, verdict);
        self.counted += 1;
        if let Verdict::RefusedBeyond(rule) = verdict {
            self.shown.insert(rule);
        }
    }

    fn replace<S: AsRef<str>>(&mut self, part: &str, by: impl IntoIterator<Item = S>, verdict: Verdict) {
        assert_eq!(self.base.matches(part).count(), 1, "{part}");
        for by in by {
            let text = self.base.replace(part, by.as_ref());
            self.expect(&text, verdict);
        }
    }

    /// With `part` replaced by each of `by`, both accept the document.
    pub fn accepted<S: AsRef<str>>(&mut self, part: &str, by: impl IntoIterator<Item = S>) {
        self.replace(part, by, Verdict::Accepted);
    }

    /// … both refuse it.
    pub fn refused<S: AsRef<str>>(&mut self, part: &str, by: impl IntoIterator<Item = S>) {
        self.replace(part, by, Verdict::Refused);
    }

    /// … only papack refuses it.
    pub fn beyond<S: AsRef<str>>(&mut self, rule: Beyond, part: &str, by: impl IntoIterator<Item = S>) {
        self.replace(part, by, Verdict::RefusedBeyond(rule));
    }

    /// How many cases there were, and which rules beyond the schema they showed.
    pub fn finish(self) -> (usize, Vec<Beyond>) {
        (self.counted, self.shown.into_iter().collect())
    }
}

/// Every `text` as a JSON string, put into `frame` where that has a `$`.
pub fn framed<'a>(frame: &str, texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    texts.into_iter().map(|text| frame.replace('$', &serde_json::to_string(text).unwrap())).collect()
}

/// Paths that hold for roots, files and patterns alike.
pub const PATHS: [&str; 13] = [
    "a",
    "a/b",
    "a b/c",
    "a-b.c",
    "é/日本/😀",
    "a.b.c",
    "console",
    "con-1/x",
    "com10",
    "lpt",
    "nulls.txt",
    "a;b'c",
    "~",
];

/// What breaks a rule of paths, whether of roots, files or patterns.
#[rustfmt::skip]
pub const NO_PATHS: [&str; 42] = [
    "", "/", "/a", "a/", "a//b", ".", "..", "./a", "../a", "a/..", "a/./b", "a/../b", "a\\b", "C:a", "C:/a", "a:b",
    "a<b", "a>b", "a\"b", "a|b", "a\tb", "a\nb", "a\u{0}", "\u{7f}", "a\u{85}", "a.", "a. ", "a ", " ", "a /b",
    "a./b", "b/...", "CON", "con", "a/PrN.txt", "aux/a", "nul.tar.gz", "COM1", "com0.x", "a/lpt9", "LPT5/b",
    "x/y/Aux.",
];

/// Paths that are not in NFC.
pub const NOT_NFC: [&str; 2] = ["e\u{301}", "a/\u{1100}\u{1161}.png"];

/// A path of 513 characters and 1,026 bytes.
pub fn too_many_bytes() -> String {
    "é".repeat(513)
}

/// A path of `count` components.
pub fn components(count: usize) -> String {
    vec!["c"; count].join("/")
}
