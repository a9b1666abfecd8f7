//! A text that is read as settings, and how faults of it are told.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use crate::diagnostic::{Code, Data, Diagnostic, Type};
use crate::json::{Place, shortened};
use crate::suggest;

/// The name of the file, in the folder of the workspace.
pub const SETTINGS_NAME: &str = "papack.toml";

/// How many faults of one file are reported. The reading ends with the last of them.
pub(super) const MAX_FAULTS: usize = 100;

/// A text that is read, and what is wrong with it.
pub(super) struct Reading<'t> {
    pub(super) text: &'t str,
    pub(super) faults: Vec<Diagnostic>,
}

impl Reading<'_> {
    /// The table that `value` is. Reports where it is none.
    pub(super) fn table<'v, 't>(&mut self, pointer: &str, value: &'v Spanned<DeValue<'t>>) -> Option<&'v DeTable<'t>> {
        match value.get_ref() {
            DeValue::Table(table) => Some(table),
            _ => {
                self.mismatch(pointer, value, Type::Object, "a table");
                None
            }
        }
    }

    /// Reports a key that is none of the `known` ones here. Without a `help`, it is the nearest of these.
    pub(super) fn unknown_key(
        &mut self,
        parent: &str,
        name: &str,
        range: Range<usize>,
        known: &[&str],
        help: Option<String>,
    ) {
        let help = help.unwrap_or_else(|| {
            let quoted: Vec<_> = known.iter().map(|name| format!("{name:?}")).collect();
            suggest::one_of(name, known, &format!("the keys here are {}", quoted.join(", ")))
        });
        let pointer = below(parent, name);
        let data = Data::choice(shortened(name), known, suggest::nearest_of(name, known));
        let fault = fault(format!("unknown key {:?}", shortened(name))).with_help(help);
        self.report(&pointer, range, fault.with_data(data));
    }

    pub(super) fn mismatch(&mut self, pointer: &str, found: &Spanned<DeValue<'_>>, expected: Type, wanted: &str) {
        self.report(pointer, found.span(), mismatch(found.get_ref(), expected, wanted));
    }

    pub(super) fn report(&mut self, pointer: &str, range: Range<usize>, fault: Diagnostic) {
        if self.faults.len() == MAX_FAULTS {
            return;
        }
        let boundary = |at: usize| (0..=at.min(self.text.len())).rev().find(|at| self.text.is_char_boundary(*at));
        let range = boundary(range.start).unwrap_or(0)..boundary(range.end).unwrap_or(0);
        let place = Place { pointer: pointer.to_owned(), range };
        self.faults.push(place.of(self.text, fault));
    }
}

/// A fault of the file as a whole.
pub(super) fn fault(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(Code::SettingsInvalid, message).at(SETTINGS_NAME)
}

/// The pointer to the value of the key `name` in the value at `parent`.
pub(super) fn below(parent: &str, name: &str) -> String {
    format!("{parent}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// The keys and values of a table in the order of the text.
pub(super) fn in_order<'v, 't>(table: &'v DeTable<'t>) -> Vec<(&'v Spanned<DeString<'t>>, &'v Spanned<DeValue<'t>>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

/// The fault that `found` is of another type than the one that is `expected`, which is what is `wanted`.
pub(super) fn mismatch(found: &DeValue<'_>, expected: Type, wanted: &str) -> Diagnostic {
    let (name, found) = match found {
        DeValue::String(_) => ("a string", Type::String),
        DeValue::Integer(_) => ("an integer", Type::Integer),
        DeValue::Float(_) => ("a float", Type::Float),
        DeValue::Boolean(_) => ("a boolean", Type::Boolean),
        DeValue::Datetime(_) => ("a date or time", Type::Date),
        DeValue::Array(_) => ("an array", Type::Array),
        DeValue::Table(_) => ("a table", Type::Object),
    };
    fault(format!("expected {wanted}, found {name}")).with_data(Data::Type { found, expected })
}
