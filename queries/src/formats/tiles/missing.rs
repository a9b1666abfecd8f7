//! What an entry of `artifacts` names of a picture file, and the file does not have.

use crate::diagnostic::{Code, Data, Diagnostic, Unit};
use crate::formats::part::Part;
use crate::json::shortened;
use crate::suggest;

/// How many names are listed.
const LISTED: usize = 20;

/// The fault that the file has no `what` with this name, only those with `names`.
pub(super) fn name<'n>(what: &str, name: &str, names: impl Iterator<Item = &'n str>) -> Diagnostic {
    let names: Vec<&str> = names.collect();
    let shown = shortened(name);
    let mut listed: Vec<String> = names.iter().take(LISTED).map(|name| format!("{:?}", shortened(name))).collect();
    if names.len() > LISTED {
        listed.push(format!("and {} more", names.len() - LISTED));
    }
    let found =
        if listed.is_empty() { ": it has none at all".into() } else { format!("; it has {}", listed.join(", ")) };
    let message = format!("the file has no {what} {shown:?}{found}");
    let candidates = &names[..names.len().min(LISTED)];
    let nearest = suggest::nearest_of(name, candidates);
    let data = Data::choice(shown, candidates, nearest);
    let help = format!("name one that the file has as {what:?} in the manifest, or export the file again");
    Diagnostic::error(Code::PartMissing, message).with_help(help).with_data(data)
}

/// The fault that there is no `frame` with this number in `place`, which has `count`.
pub(super) fn frame(frame: u32, count: u32, place: &str) -> Diagnostic {
    let last = count.saturating_sub(1);
    let message = match count {
        1 => format!("{place} has no frame {frame}: it has one, which is frame 0"),
        _ => format!("{place} has no frame {frame}: its {count} frames are 0 to {last}"),
    };
    let data = Data::limit(Some(frame.into()), 0, last.into(), Unit::Frames);
    let help = "frames count from 0; with a tag, from its first frame";
    Diagnostic::error(Code::PartMissing, message).with_help(help).with_data(data)
}

/// The faults of taking `part` of a file that `kind` is the kind of, and that has `count` frames but neither tags, layers
/// nor slices.
pub(super) fn of_plain(part: &Part, kind: &str) -> Option<Diagnostic> {
    let field = part.of_sprites()?;
    let message = format!("{kind} has no {field}s: only an Aseprite file does");
    let help = format!("take {field:?} out of the entry of the file in the manifest");
    Some(Diagnostic::error(Code::PartMissing, message).with_help(help).with_data(Data::missing(field)))
}
