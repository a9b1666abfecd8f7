//! `papack.toml`: the settings of a workspace. Version 1.

mod budgets;
mod levels;
mod nesting;

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use crate::diagnostic::levels::Levels;
use crate::diagnostic::{Code, Data, Diagnostic, Severity, Span, Type, Unit};
use crate::json::{Place, conflict_in, shortened};
use crate::signature::LfsPointer;
use crate::suggest;

pub use budgets::{Budget, Limit, Scope, SettingPlace};

use nesting::MAX_NESTINGS;

/// The name of the file, in the folder of the workspace.
pub const SETTINGS_NAME: &str = "papack.toml";

/// The version that is read.
pub const VERSION: i64 = 1;

/// Largest file, in bytes.
pub const MAX_SIZE: usize = 64 * 1024;

/// How many faults of one file are reported. The reading ends with the last of them.
const MAX_FAULTS: usize = 100;

/// The keys below `[diagnostics]`.
const KEYS: [&str; 4] = ["deny", "warn", "allow", "deny_warnings"];

/// The settings of a workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// How severe diagnostics are.
    pub levels: Levels,
    /// How large things may be, in the order of the text.
    pub budgets: Vec<Budget>,
}

/// Reads the settings.
///
/// # Errors
///
/// Everything that is wrong with the text, at its place, in the order of the text. No setting of such a file counts.
pub fn parse(bytes: &[u8]) -> Result<Settings, Vec<Diagnostic>> {
    let mut reading = Reading { text: "", faults: Vec::new() };
    let settings = match std::str::from_utf8(bytes) {
        Ok(text) => {
            reading.text = text;
            reading.document()
        }
        Err(error) => {
            let message = format!("the file is not UTF-8, from byte {} on", error.valid_up_to());
            return Err(vec![fault(message).with_help("save it as UTF-8")]);
        }
    };
    let mut faults = reading.faults;
    if faults.is_empty() {
        return Ok(settings);
    }
    faults.sort_by_key(|found| found.span.map(|span| span.start));
    if faults.len() == MAX_FAULTS {
        let data = Data::limit(None, 0, MAX_FAULTS as u64, Unit::Faults);
        faults.push(fault(format!("only {MAX_FAULTS} faults of this file are shown")).with_data(data));
    }
    Err(faults)
}

/// The code that `name` means, in any case, for settings and for whoever takes the same names.
///
/// # Errors
///
/// Where there is no such code: a help text, which names the nearest.
pub fn code(name: &str) -> Result<Code, String> {
    Code::named(name).ok_or_else(|| {
        let names: Vec<_> = Code::ALL.iter().map(ToString::to_string).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        suggest::one_of(&name.replace('-', "_"), &names, "papack explain lists all codes")
    })
}

/// A fault of the file as a whole.
fn fault(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(Code::SettingsInvalid, message).at(SETTINGS_NAME)
}

/// What `text`, which is no TOML, has in it that nobody wrote: a pointer of Git LFS, or a conflict.
fn foreign_fault(text: &str) -> Option<Diagnostic> {
    if let Some(pointer) = LfsPointer::of(text.as_bytes()) {
        let span = Span::in_bytes(0..text.len().min(1));
        return Some(Diagnostic { span: Some(span), ..pointer.fault().at(SETTINGS_NAME) });
    }
    Some(conflict_in(text.as_bytes(), Severity::Error)?.at(SETTINGS_NAME))
}

/// A text that is read, and what is wrong with it.
struct Reading<'t> {
    text: &'t str,
    faults: Vec<Diagnostic>,
}

impl Reading<'_> {
    fn document(&mut self) -> Settings {
        if let Some(range) = nesting::first_too_many(self.text) {
            let message = format!("one statement has more than {MAX_NESTINGS} dots, brackets and braces");
            let data = Data::limit(None, 0, MAX_NESTINGS as u64, Unit::Levels);
            self.report("", range, fault(message).with_data(data));
            return Settings::default();
        }
        let (document, errors) = DeTable::parse_recoverable(self.text);
        if !errors.is_empty() {
            if let Some(fault) = foreign_fault(self.text) {
                self.faults.push(fault);
                return Settings::default();
            }
            for error in errors.into_iter().take(MAX_FAULTS) {
                let message = format!("this is not TOML: {}", error.message());
                self.report("", error.span().unwrap_or_default(), fault(message));
            }
            return Settings::default();
        }
        self.root(document.get_ref())
    }

    fn root(&mut self, root: &DeTable<'_>) -> Settings {
        if self.is_of_another_version(root) {
            return Settings::default();
        }
        let mut settings = Settings::default();
        for (key, value) in root {
            match &**key.get_ref() {
                "schema_version" => {}
                "diagnostics" => {
                    settings.levels =
                        self.table("/diagnostics", value).map(|table| self.diagnostics(table)).unwrap_or_default();
                }
                "budget" => {
                    settings.budgets =
                        self.table("/budget", value).map(|table| self.budgets(table)).unwrap_or_default();
                }
                name => {
                    let help = KEYS.contains(&name).then(|| format!("{name:?} belongs below the line [diagnostics]"));
                    self.unknown_key("", name, key.span(), &["schema_version", "diagnostics", "budget"], help);
                }
            }
        }
        settings
    }

    /// The table that `value` is. Reports where it is none.
    fn table<'v, 't>(&mut self, pointer: &str, value: &'v Spanned<DeValue<'t>>) -> Option<&'v DeTable<'t>> {
        match value.get_ref() {
            DeValue::Table(table) => Some(table),
            _ => {
                self.mismatch(pointer, value, Type::Object, "a table");
                None
            }
        }
    }

    /// Reads the version before anything else: a later one may have other keys, so nothing else is told of it. Where it
    /// cannot be told which one it is, the rest is held against this one.
    fn is_of_another_version(&mut self, root: &DeTable<'_>) -> bool {
        let Some(version) = root.get("schema_version") else {
            let help = format!("begin it with schema_version = {VERSION}");
            let fault = fault("\"schema_version\" is missing").with_help(help);
            self.report("", 0..0, fault.with_data(Data::missing("schema_version")));
            return false;
        };
        let DeValue::Integer(number) = version.get_ref() else {
            self.mismatch("/schema_version", version, Type::Integer, "an integer");
            return false;
        };
        let number = i64::from_str_radix(number.as_str(), number.radix()).ok();
        if number == Some(VERSION) {
            return false;
        }
        self.refuse_version(version.span(), number);
        true
    }

    /// Refuses the version `found`; `None` is a number that is larger than any version.
    fn refuse_version(&mut self, range: Range<usize>, found: Option<i64>) {
        let version = self.text.get(range.clone()).unwrap_or_default();
        let message = format!(
            "version {} of the settings is not supported: this papack reads {VERSION} to {VERSION}",
            shortened(version)
        );
        let help = format!("update papack, or write schema_version = {VERSION}");
        let fault = Diagnostic::error(Code::SchemaVersion, message).at(SETTINGS_NAME).with_help(help);
        let place = Place { pointer: "/schema_version".to_owned(), range };
        let fault = place.of(self.text, fault);
        self.faults.push(match found {
            Some(found) => fault.with_versions(found, VERSION..=VERSION),
            None => fault,
        });
    }

    /// Reports a key that is none of the `known` ones here. Without a `help`, it is the nearest of these.
    fn unknown_key(&mut self, parent: &str, name: &str, range: Range<usize>, known: &[&str], help: Option<String>) {
        let help = help.unwrap_or_else(|| {
            let quoted: Vec<_> = known.iter().map(|name| format!("{name:?}")).collect();
            suggest::one_of(name, known, &format!("the keys here are {}", quoted.join(", ")))
        });
        let pointer = below(parent, name);
        let data = Data::choice(shortened(name), known, suggest::nearest_of(name, known));
        let fault = fault(format!("unknown key {:?}", shortened(name))).with_help(help);
        self.report(&pointer, range, fault.with_data(data));
    }

    fn mismatch(&mut self, pointer: &str, found: &Spanned<DeValue<'_>>, expected: Type, wanted: &str) {
        self.report(pointer, found.span(), mismatch(found.get_ref(), expected, wanted));
    }

    fn report(&mut self, pointer: &str, range: Range<usize>, fault: Diagnostic) {
        if self.faults.len() == MAX_FAULTS {
            return;
        }
        let boundary = |at: usize| (0..=at.min(self.text.len())).rev().find(|at| self.text.is_char_boundary(*at));
        let range = boundary(range.start).unwrap_or(0)..boundary(range.end).unwrap_or(0);
        let place = Place { pointer: pointer.to_owned(), range };
        self.faults.push(place.of(self.text, fault));
    }
}

/// The pointer to the value of the key `name` in the value at `parent`.
fn below(parent: &str, name: &str) -> String {
    format!("{parent}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// The keys and values of a table in the order of the text.
fn in_order<'v, 't>(table: &'v DeTable<'t>) -> Vec<(&'v Spanned<DeString<'t>>, &'v Spanned<DeValue<'t>>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

/// The fault that `found` is of another type than the one that is `expected`, which is what is `wanted`.
fn mismatch(found: &DeValue<'_>, expected: Type, wanted: &str) -> Diagnostic {
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
