//! `[diagnostics]`: the levels of diagnostics.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::reading::{MAX_FAULTS, Reading, fault, in_order, mismatch};
use crate::diagnostic::levels::{Level, Levels};
use crate::diagnostic::{Code, Data, Diagnostic, Type};
use crate::json::shortened;
use crate::suggest;

/// The keys below `[diagnostics]`.
pub(super) const KEYS: [&str; 4] = ["deny", "warn", "allow", "deny_warnings"];

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

impl Reading<'_> {
    /// Reads the table `diagnostics`.
    pub(super) fn diagnostics(&mut self, table: &DeTable<'_>) -> Levels {
        let mut levels = Levels::default();
        // Of two lists with the same code the later one is at fault.
        for (key, value) in in_order(table) {
            let name = &**key.get_ref();
            if let Some(level) = [Level::Deny, Level::Warn, Level::Allow].into_iter().find(|level| level.word() == name)
            {
                self.codes(level, value, &mut levels);
            } else if name == "deny_warnings" {
                match value.get_ref() {
                    DeValue::Boolean(deny) => levels.deny_warnings = *deny,
                    _ => self.mismatch("/diagnostics/deny_warnings", value, Type::Boolean, "true or false"),
                }
            } else {
                let help = (name == "schema_version").then(|| format!("{name:?} belongs above the line [diagnostics]"));
                self.unknown_key("/diagnostics", name, key.span(), &KEYS, help);
            }
        }
        levels
    }

    /// Gives `level` to the codes that `value` lists.
    fn codes(&mut self, level: Level, value: &Spanned<DeValue<'_>>, levels: &mut Levels) {
        let pointer = format!("/diagnostics/{}", level.word());
        let DeValue::Array(items) = value.get_ref() else {
            let help = match value.get_ref() {
                DeValue::String(name) => code(name).ok().map(|code| format!("write {} = [\"{code}\"]", level.word())),
                _ => None,
            };
            let fault = mismatch(value.get_ref(), Type::Array, "an array of codes");
            return self.report(&pointer, value.span(), Diagnostic { help, ..fault });
        };
        for (index, item) in items.iter().enumerate() {
            if self.faults.len() == MAX_FAULTS {
                break;
            }
            let pointer = format!("{pointer}/{index}");
            let DeValue::String(name) = item.get_ref() else {
                self.mismatch(&pointer, item, Type::String, "a code in quotes");
                continue;
            };
            match code(name) {
                Ok(code) => {
                    if let Err(other) = levels.set(code, level) {
                        let message = format!("{code} is in \"{}\" already", other.word());
                        let help = "list each code once: take one of the two away";
                        let fault = fault(message).with_help(help).with_data(Data::value(code.to_string()));
                        self.report(&pointer, item.span(), fault);
                    }
                }
                Err(help) => {
                    let name = shortened(name);
                    let fault = fault(format!("there is no code {name:?}")).with_help(help);
                    self.report(&pointer, item.span(), fault.with_data(Data::value(name)));
                }
            }
        }
    }
}
