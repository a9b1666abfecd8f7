//! `[budget]`: how many bytes the pack and its parts may have.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::reading::{Reading, SETTINGS_NAME, below, fault, in_order};
use crate::diagnostic::{Data, Diagnostic, Span, Type, Unit};
use crate::formats::Bank;
use crate::glob::Pattern;
use crate::json::{MAX_INTEGER, shortened, span};
use crate::path::check_pattern;
use crate::schema::manifest::SLOTS;
use crate::size;

/// What kinds of budgets there are: the keys below `[budget]`.
const KINDS: [&str; 5] = ["pack", "bank", "folder", "asset", "slot"];

/// A budget: what it is for, and its limits, of which there is one at least. A warning comes before the error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// What is counted.
    pub scope: Scope,
    /// Its table in the settings.
    pub place: SettingPlace,
    /// What more than this many bytes are warned of.
    pub warn: Option<Limit>,
    /// More than this many bytes block a pack.
    pub error: Option<Limit>,
}

/// What a budget counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// All bytes of `assets.pa`.
    Pack,
    /// The payloads of a bank.
    Bank(Bank),
    /// The payloads of the assets whose roots match.
    Folder(Pattern),
    /// The payload of the asset of this name.
    Asset(String),
    /// The payload that is preloaded into this slot.
    Slot(Bank, u8),
}

/// A limit of a budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// How many bytes there may be, 0 to 2^53 − 1.
    pub bytes: u64,
    /// Its value in the settings.
    pub place: SettingPlace,
}

/// A place in the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingPlace {
    /// Which value, as an RFC 6901 pointer.
    pub pointer: String,
    /// Its text.
    pub span: Span,
}

impl SettingPlace {
    /// `diagnostic`, at this place.
    pub fn of(&self, diagnostic: Diagnostic) -> Diagnostic {
        let diagnostic = diagnostic.at(SETTINGS_NAME);
        Diagnostic { pointer: Some(self.pointer.clone()), span: Some(self.span), ..diagnostic }
    }
}

impl Reading<'_> {
    /// Reads the table `budget`.
    pub(super) fn budgets(&mut self, table: &DeTable<'_>) -> Vec<Budget> {
        let mut budgets = Vec::new();
        for (key, value) in in_order(table) {
            let name = &**key.get_ref();
            let pointer = below("/budget", name);
            match name {
                "pack" => budgets.extend(self.limits(Scope::Pack, &pointer, key.span(), value)),
                "bank" => self.each(&pointer, value, |reading, pointer, name, range, value| {
                    let bank = reading.bank(pointer, name, range.clone());
                    budgets.extend(bank.and_then(|bank| reading.limits(Scope::Bank(bank), pointer, range, value)));
                }),
                "folder" => self.each(&pointer, value, |reading, pointer, name, range, value| {
                    let pattern = reading.pattern(pointer, name, range.clone());
                    let scope = pattern.map(Scope::Folder);
                    budgets.extend(scope.and_then(|scope| reading.limits(scope, pointer, range, value)));
                }),
                "asset" => self.each(&pointer, value, |reading, pointer, name, range, value| {
                    budgets.extend(reading.limits(Scope::Asset(name.to_owned()), pointer, range, value));
                }),
                "slot" => self.each(&pointer, value, |reading, pointer, name, range, value| {
                    let Some(bank) = reading.bank(pointer, name, range) else { return };
                    reading.each(pointer, value, |reading, pointer, name, range, value| {
                        let scope = reading.slot(pointer, name, range.clone()).map(|slot| Scope::Slot(bank, slot));
                        budgets.extend(scope.and_then(|scope| reading.limits(scope, pointer, range, value)));
                    });
                }),
                name => self.unknown_key("/budget", name, key.span(), &KINDS, None),
            }
        }
        // A table can be gone on with behind another one.
        budgets.sort_by_key(|budget| budget.place.span.start);
        budgets
    }

    /// Calls `read` for each key of the table `value`: with its pointer, its name, its place and its value.
    fn each(
        &mut self,
        pointer: &str,
        value: &Spanned<DeValue<'_>>,
        mut read: impl FnMut(&mut Self, &str, &str, Range<usize>, &Spanned<DeValue<'_>>),
    ) {
        for (key, value) in self.table(pointer, value).map(in_order).unwrap_or_default() {
            let name = &**key.get_ref();
            read(self, &below(pointer, name), name, key.span(), value);
        }
    }

    fn bank(&mut self, pointer: &str, name: &str, range: Range<usize>) -> Option<Bank> {
        let bank = Bank::ALL.into_iter().find(|bank| bank.name() == name);
        if bank.is_none() {
            let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
            self.unknown_key(parent, name, range, &Bank::ALL.map(Bank::name), None);
        }
        bank
    }

    fn pattern(&mut self, pointer: &str, name: &str, range: Range<usize>) -> Option<Pattern> {
        match check_pattern(name) {
            Ok(()) => Some(Pattern::new(name.to_owned())),
            Err(why) => {
                let name = shortened(name);
                let fault = fault(format!("{name:?} is no pattern of roots: {why}"));
                self.report(pointer, range, fault.with_data(Data::value(name)));
                None
            }
        }
    }

    fn slot(&mut self, pointer: &str, name: &str, range: Range<usize>) -> Option<u8> {
        let slot = name.parse().ok().filter(|slot: &u8| *slot < SLOTS && slot.to_string() == name);
        if slot.is_none() {
            let name = shortened(name);
            let fault = fault(format!("there is no slot {name:?}: a bank has the slots 0 to {}", SLOTS - 1));
            self.report(pointer, range, fault.with_data(Data::value(name)));
        }
        slot
    }

    /// Reads the limits in the table `value` of the key at `range`. Reports where they are none.
    fn limits(
        &mut self,
        scope: Scope,
        pointer: &str,
        range: Range<usize>,
        value: &Spanned<DeValue<'_>>,
    ) -> Option<Budget> {
        let place = SettingPlace { pointer: pointer.to_owned(), span: self.span(range.clone()) };
        let table = self.table(pointer, value)?;
        let mut budget = Budget { scope, place, warn: None, error: None };
        for (key, value) in in_order(table) {
            let name = &**key.get_ref();
            match name {
                "warn" => budget.warn = self.limit(&below(pointer, name), value),
                "error" => budget.error = self.limit(&below(pointer, name), value),
                name => self.unknown_key(pointer, name, key.span(), &["warn", "error"], None),
            }
        }
        if table.is_empty() {
            let fault = fault("a budget has \"warn\", \"error\" or both")
                .with_help("give it a size, such as error = \"64 KiB\"");
            self.report(pointer, range, fault.with_data(Data::missing("error")));
        }
        if let (Some(warn), Some(error)) = (&budget.warn, &budget.error)
            && warn.bytes >= error.bytes
        {
            let message =
                format!("\"warn\" is {} bytes, which is not below \"error\": it would never be told", warn.bytes);
            let fault = fault(message).with_help("make \"warn\" smaller, or leave it out");
            let data = Data::limit(Some(warn.bytes), 0, error.bytes.saturating_sub(1), Unit::Bytes);
            let range = warn.place.span.start..warn.place.span.end;
            self.report(&warn.place.pointer, range, fault.with_data(data));
        }
        Some(budget)
    }

    /// Reads a size: a number of bytes, or a text with a unit.
    fn limit(&mut self, pointer: &str, value: &Spanned<DeValue<'_>>) -> Option<Limit> {
        let read = match value.get_ref() {
            DeValue::Integer(number) => i128::from_str_radix(number.as_str(), number.radix())
                .map_or(Err(number.as_str()), |number| u64::try_from(number).map_err(|_| "a negative number")),
            DeValue::String(text) => size::parse(text).ok_or(&**text),
            _ => {
                self.mismatch(pointer, value, Type::Integer, "a size");
                return None;
            }
        };
        let bytes = read.ok().filter(|bytes| *bytes <= MAX_INTEGER.unsigned_abs());
        if bytes.is_none() {
            let text = shortened(self.text.get(value.span()).unwrap_or_default());
            let fault = fault(format!("{text} is no size: {}", size::EXPECTED));
            self.report(pointer, value.span(), fault.with_data(Data::value(text)));
        }
        Some(Limit {
            bytes: bytes?,
            place: SettingPlace { pointer: pointer.to_owned(), span: self.span(value.span()) },
        })
    }

    /// The span of `range`, which the parser gave.
    fn span(&self, range: Range<usize>) -> Span {
        span(self.text, range.start, range.end)
    }
}
