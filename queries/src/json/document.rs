//! A document as it is parsed and checked, before any schema looks at it.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Range;

use nojson::{JsonValueKind, RawJson, RawJsonValue};
use smol_str::SmolStr;

use super::conflict::conflict_in;
use super::foreign::foreign_fault;
use super::text::{floor_boundary, placed_span, shortened, too_large};
use super::value::{integer, is_float, members, pointer, range, string};
use super::{canonical, plain, scan, syntax};
use crate::diagnostic::{Code, Data, Diagnostic, Edit, Fix, Severity, Unit};

/// Deepest nesting of arrays and objects; the outermost value is level 1.
pub const MAX_DEPTH: usize = 64;

/// Values that a document may have whatever its size, keys included.
const FREE_VALUES: usize = 1_000_000;

/// Bytes for each value of a document with more than those. Only a registry is that large, and its shortest entry has
/// 7 values in 77 bytes.
const BYTES_PER_VALUE: usize = 8;

/// A parsed document, and the faults found in it so far.
pub struct Document<'t> {
    path: &'t str,
    text: &'t str,
    /// Where the text begins in a file that is otherwise no text.
    embedded_at: Option<usize>,
    /// Whether an integer beyond the range is a float, as RFC 8785 prints it.
    pub(super) is_written: bool,
    /// Whether nothing is to be checked of it that is beyond the grammar.
    is_plain: bool,
    pub(super) json: RawJson<'t>,
    faults: RefCell<Vec<Diagnostic>>,
    suppressed: Cell<usize>,
}

impl<'t> Document<'t> {
    /// How many faults of one document are reported. The rest are counted.
    pub(super) const FAULT_LIMIT: usize = 100;

    /// Parses `bytes`, the file at `path` (relative to the workspace), of at most `max_size` bytes.
    ///
    /// # Errors
    ///
    /// One diagnostic when the text cannot be read as JSON at all. Duplicate keys and numbers out of range are
    /// faults of the document, which still has values to look at.
    pub fn parse(path: &'t str, bytes: &'t [u8], max_size: usize) -> Result<Self, Diagnostic> {
        if bytes.len() > max_size {
            return Err(too_large(max_size).at(path));
        }
        Self::parse_placed(path, bytes, None, false)
    }

    /// Parses `bytes`, which begin at `offset` of the binary file at `path`. Spans count from the file's start, and
    /// the whole file as one line.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse).
    pub fn parse_embedded(path: &'t str, bytes: &'t [u8], offset: usize) -> Result<Self, Diagnostic> {
        Self::parse_placed(path, bytes, Some(offset), false)
    }

    /// Parses `bytes`, a document with floats that papack wrote. RFC 8785 prints a float such as 1e20 as an integer, so
    /// an integer beyond the range is a float in such a document.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse).
    pub fn parse_written(path: &'t str, bytes: &'t [u8]) -> Result<Self, Diagnostic> {
        Self::parse_placed(path, bytes, None, true)
    }

    fn parse_placed(
        path: &'t str,
        bytes: &'t [u8],
        embedded_at: Option<usize>,
        is_written: bool,
    ) -> Result<Self, Diagnostic> {
        // Only what people and their tools write may be something else altogether.
        let is_authored = embedded_at.is_none() && !is_written;
        let foreign = || if is_authored { foreign_fault(path, bytes) } else { None };
        let text = std::str::from_utf8(bytes).map_err(|error| {
            foreign().unwrap_or_else(|| syntax::not_utf8(path, bytes, error.valid_up_to(), embedded_at))
        })?;
        let refuse = |code, range, message: String| {
            let span = Some(placed_span(text, range, embedded_at));
            Diagnostic { span, ..Diagnostic::error(code, message).at(path) }
        };
        if text.starts_with('\u{feff}') {
            return Err(refuse(
                Code::JsonSyntax,
                0..'\u{feff}'.len_utf8(),
                "the file begins with a byte-order mark".into(),
            )
            .with_help("save it as UTF-8 without BOM"));
        }
        // The sidecar holds an object of the manifest's second level at its own fourth.
        let max_depth = if is_written { MAX_DEPTH + 1 } else { MAX_DEPTH };
        let is_plain = plain::is_plain(text, max_depth);
        if !is_plain && let Some(at) = scan::first_too_deep(text, max_depth) {
            let fault = refuse(Code::JsonTooDeep, at..at + 1, format!("nested deeper than {max_depth} levels"));
            return Err(fault.with_data(Data::limit(None, 0, max_depth as u64, Unit::Levels)));
        }
        let max_values = FREE_VALUES.max(text.len() / BYTES_PER_VALUE);
        // What papack wrote may be dense, where an author's `user` or `pipeline` is.
        if is_authored
            && text.len() > max_values
            && let Some(at) = scan::first_too_many(text, max_values)
        {
            let message =
                format!("a document of {} bytes has at most {max_values} values, and this has more", text.len());
            let data = Data::limit(None, 0, max_values as u64, Unit::Values);
            return Err(refuse(Code::JsonTooLarge, at..at + 1, message).with_data(data));
        }
        let json = RawJson::parse(text).map_err(|error| {
            if let Some(fault) = foreign() {
                return fault;
            }
            if embedded_at.is_none()
                && let Some(fault) = conflict_in(bytes, Severity::Error)
            {
                return fault.at(path);
            }
            let (range, message, help) = syntax::fault(text, &error);
            let comma = if is_authored { syntax::comma_too_many(text, range.start) } else { None };
            let fix = comma.map(|at| {
                let edit = Edit { path: path.into(), start: at, end: at + 1, text: String::new() };
                Fix::new("Take out the comma", true, text, vec![edit])
            });
            Diagnostic { help, ..refuse(Code::JsonSyntax, range, message) }.with_fix(fix)
        })?;
        let document = Self {
            path,
            text,
            embedded_at,
            is_written,
            is_plain,
            json,
            faults: RefCell::default(),
            suppressed: Cell::default(),
        };
        if !is_plain {
            document.check_value(document.json.value());
        }
        Ok(document)
    }

    /// Reports where the text first differs from its canonical form, which a document with duplicate keys or numbers
    /// out of range does not have. `what` names the document.
    pub fn refuse_not_canonical(&self, what: &str) {
        if self.is_plain || !self.faults.borrow().is_empty() {
            return;
        }
        if let Some(at) = canonical::first_difference(self.text, self.json.value()) {
            let byte = self.embedded_at.unwrap_or(0) + at;
            let message = format!("{what} is not canonical JSON: it differs first at byte {byte}");
            let at = floor_boundary(self.text, at);
            let span = placed_span(self.text, at..at, self.embedded_at);
            self.push(|| Diagnostic { span: Some(span), ..Diagnostic::error(Code::PackNotCanonical, message) });
        }
    }

    /// Its text.
    pub(crate) fn text(&self) -> &'t str {
        self.text
    }

    /// Whether no error was found so far.
    pub fn is_sound(&self) -> bool {
        self.suppressed.get() == 0 && !self.faults.borrow().iter().any(Diagnostic::is_error)
    }

    /// Adds `fix` to the first fault with this code, if there is one.
    pub(crate) fn add_fix(&self, code: Code, fix: Option<Fix>) {
        if let Some(fault) = self.faults.borrow_mut().iter_mut().find(|fault| fault.code == code) {
            fault.fixes.extend(fix);
        }
    }

    /// The faults found, in the order in which they were found.
    pub fn into_faults(self) -> Vec<Diagnostic> {
        let mut faults = self.faults.into_inner();
        let suppressed = self.suppressed.get();
        if suppressed > 0 {
            let message = format!("{suppressed} more faults of this file are not shown");
            let data = Data::Count { found: suppressed as u64, unit: Unit::Faults };
            faults.push(Diagnostic::error(Code::FieldInvalid, message).with_data(data).at(self.path));
        }
        faults
    }

    /// Reports a fault of the file that the text is embedded in, which has its place already.
    pub fn report_placed(&self, diagnostic: Diagnostic) {
        self.push(|| diagnostic);
    }

    /// Reports `diagnostic` at `value`.
    pub(super) fn report(&self, value: RawJsonValue<'_, '_>, diagnostic: Diagnostic) {
        self.push(|| Diagnostic {
            pointer: Some(pointer(value)),
            span: Some(placed_span(self.text, range(value), self.embedded_at)),
            ..diagnostic
        });
    }

    /// Whether another fault would be kept.
    pub(super) fn has_room(&self) -> bool {
        self.faults.borrow().len() < Self::FAULT_LIMIT
    }

    /// Whether no more faults are kept. One that its caller now need not describe is counted.
    pub(super) fn is_full(&self) -> bool {
        let full = !self.has_room();
        if full {
            self.suppressed.set(self.suppressed.get() + 1);
        }
        full
    }

    /// Keeps a fault. Only one that is kept has its place looked up, which takes time.
    fn push(&self, fault: impl FnOnce() -> Diagnostic) {
        if !self.is_full() {
            let fault = fault().at(self.path);
            self.faults.borrow_mut().push(fault);
        }
    }

    /// What the grammar allows and papack refuses, at any depth. Recursion is bounded by [`MAX_DEPTH`].
    pub(super) fn check_value(&self, value: RawJsonValue<'_, '_>) {
        match value.kind() {
            JsonValueKind::Integer if integer(value).is_some() => {}
            JsonValueKind::Integer if !is_float(value) && !self.is_written => self.refuse_large(value),
            JsonValueKind::Integer | JsonValueKind::Float if !value.as_raw_str().parse().is_ok_and(f64::is_finite) => {
                let number = shortened(value.as_raw_str());
                let message = format!("the number {number} is too large for a binary64");
                self.report(value, Diagnostic::error(Code::JsonNumber, message).with_data(Data::value(number)));
            }
            JsonValueKind::Array => value.to_array().into_iter().flatten().for_each(|child| self.check_value(child)),
            JsonValueKind::Object => self.check_object(value),
            _ => {}
        }
    }

    pub(super) fn refuse_large(&self, value: RawJsonValue<'_, '_>) {
        let number = shortened(value.as_raw_str());
        let message = format!("the integer {number} is beyond ±(2^53 − 1)");
        self.report(value, Diagnostic::error(Code::JsonNumber, message).with_data(Data::value(number)));
    }

    fn check_object(&self, object: RawJsonValue<'_, '_>) {
        if has_few_distinct_keys(object) {
            members(object).for_each(|(_, value)| self.check_value(value));
            return;
        }
        let mut seen = HashMap::new();
        let mut last_end = 0;
        for (key, value) in members(object) {
            let end = range(value).end;
            match seen.entry(string(key)) {
                Entry::Vacant(place) => _ = place.insert(value.as_raw_str()),
                Entry::Occupied(first) if !self.is_full() => {
                    let name = shortened(first.key());
                    let message = format!("the key {name:?} occurs twice in one object");
                    // With equal values it makes no difference which one goes.
                    let is_safe = *first.get() == value.as_raw_str();
                    let title = format!("Take out the second {name:?}");
                    // From the comma before it, with the white space between them.
                    let fix = self.fix(title, is_safe, vec![(last_end..end, String::new())]);
                    let fault = Diagnostic::error(Code::JsonDuplicateKey, message).with_data(Data::value(name));
                    self.report(key, fault.with_fix(fix));
                }
                Entry::Occupied(_) => {}
            }
            last_end = end;
            self.check_value(value);
        }
    }

    /// A fix that replaces these ranges of the document, which are in order; none of a document that is part of another
    /// file, or that papack wrote as a part of a pack.
    pub(crate) fn fix(&self, title: String, is_safe: bool, replaced: Vec<(Range<usize>, String)>) -> Option<Fix> {
        if self.embedded_at.is_some() || self.is_written {
            return None;
        }
        let path = SmolStr::from(self.path);
        let edit = |(range, text): (Range<usize>, String)| Edit {
            path: path.clone(),
            start: range.start,
            end: range.end,
            text,
        };
        Some(Fix::new(title, is_safe, self.text, replaced.into_iter().map(edit).collect()))
    }
}

/// Whether `object` has so few keys that comparing each with those before it is quicker than a map, no two of which are
/// equal. None of nearly all objects has an escape.
fn has_few_distinct_keys(object: RawJsonValue<'_, '_>) -> bool {
    const FEW: usize = 16;
    let mut keys = [""; FEW];
    for (count, (key, _)) in members(object).enumerate() {
        let key = key.as_raw_str();
        if count == FEW || key.contains('\\') || keys[..count].contains(&key) {
            return false;
        }
        keys[count] = key;
    }
    true
}
