//! Values that are one of a few names.

use crate::diagnostic::{Code, Data, Diagnostic};
use crate::json::{Node, shortened};
use crate::suggest;

/// Reads one of a few names. `help` says what they mean, where no name is alike.
pub(super) fn read_choice<T: Copy, const N: usize>(
    node: Node<'_, '_>,
    field: &str,
    values: [(&str, T); N],
    help: &str,
) -> Option<T> {
    let text = node.string()?;
    if let Some((_, value)) = values.iter().find(|(name, _)| *name == text) {
        return Some(*value);
    }
    let names = values.map(|(name, _)| name);
    let list = listed(&names);
    let message = format!("{field:?} is {list}, not {:?}", shortened(&text));
    let data = Data::choice(shortened(&text), &names, suggest::nearest_of(&text, &names));
    let fix = suggest::only_one_of(&text, &names).and_then(|meant| node.string_replacement(true, meant));
    let fault = Diagnostic::error(Code::FieldInvalid, message).with_help(suggest::one_of(&text, &names, help));
    node.report(fault.with_data(data).with_fix(fix));
    None
}

/// `names` in quotes, as a list of words.
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [only] => format!("{only:?}"),
        [names @ .., last] => {
            let names = names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
            format!("{names} or {last:?}")
        }
    }
}
