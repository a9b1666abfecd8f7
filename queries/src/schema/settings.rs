//! `papack.toml`: the settings of a workspace. Version 1.

mod budgets;
mod levels;
mod nesting;
mod reading;

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use crate::diagnostic::levels::Levels;
use crate::diagnostic::{Code, Data, Diagnostic, Severity, Span, Type, Unit};
use crate::json::{Place, conflict_in, shortened};
use crate::signature::LfsPointer;

pub use budgets::{Budget, Limit, Scope, SettingPlace};
pub use levels::code;
pub use reading::SETTINGS_NAME;

use levels::KEYS;
use nesting::MAX_NESTINGS;
use reading::{MAX_FAULTS, Reading, fault};

/// The version that is read.
pub const VERSION: i64 = 1;

/// Largest file, in bytes.
pub const MAX_SIZE: usize = 64 * 1024;

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

/// What `text`, which is no TOML, has in it that nobody wrote: a pointer of Git LFS, or a conflict.
fn foreign_fault(text: &str) -> Option<Diagnostic> {
    if let Some(pointer) = LfsPointer::of(text.as_bytes()) {
        let span = Span::in_bytes(0..text.len().min(1));
        return Some(Diagnostic { span: Some(span), ..pointer.fault().at(SETTINGS_NAME) });
    }
    Some(conflict_in(text.as_bytes(), Severity::Error)?.at(SETTINGS_NAME))
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
}
