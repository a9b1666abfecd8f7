//! The fields of an entry of `artifacts` that say which part of a file is taken.

use crate::diagnostic::{Code, Data, Diagnostic, Unit};
use crate::formats::{Frames, Part};
use crate::json::{Fields, Node, shortened};

/// How many layers an entry names at most.
const MAX_LAYERS: usize = 256;

/// What takes every frame.
const ALL: &str = "ALL";

/// A field was wrong, which is reported.
pub(super) struct Refused;

/// Reads them; none where there are none.
pub(super) fn read_part(fields: Fields<'_, '_>) -> Result<Option<Part>, Refused> {
    let tag = read(fields, "tag", read_name);
    let layers = read(fields, "layer", read_layers);
    let slice = read(fields, "slice", read_name);
    let frames = read(fields, "frame", read_frames);
    let level = read(fields, "level", read_name);
    let part = Part { tag: tag?, layers: layers?.unwrap_or_default(), slice: slice?, frames: frames?, level: level? };
    Ok((part != Part::default()).then_some(part))
}

/// What `value` reads of a field, where that is there.
fn read<'d, 't, T>(
    fields: Fields<'d, 't>,
    name: &str,
    value: impl FnOnce(Node<'d, 't>) -> Option<T>,
) -> Result<Option<T>, Refused> {
    fields.optional(name).map(|node| value(node).ok_or(Refused)).transpose()
}

fn read_name(node: Node<'_, '_>) -> Option<String> {
    let name = node.string()?;
    if name.is_empty() {
        node.error_with(Code::FieldInvalid, "the name is empty", Data::value(""));
        return None;
    }
    Some(name)
}

fn read_layers(node: Node<'_, '_>) -> Option<Vec<String>> {
    let nodes = node.array()?;
    if nodes.is_empty() || nodes.len() > MAX_LAYERS {
        let message = format!("an entry names 1 to {MAX_LAYERS} layers, these are {}", nodes.len());
        let data = Data::limit(Some(nodes.len() as u64), 1, MAX_LAYERS as u64, Unit::Entries);
        node.report(Diagnostic::error(Code::FieldInvalid, message).with_data(data));
        return None;
    }
    let names: Vec<_> = nodes.into_iter().map(read_name).collect();
    names.into_iter().collect()
}

/// Reads one number, the first and the last of several, or `"ALL"`.
fn read_frames(node: Node<'_, '_>) -> Option<Frames> {
    match node.value_type() {
        crate::diagnostic::Type::String => {
            let word = node.string()?;
            if word == ALL {
                return Some(Frames::All);
            }
            let message =
                format!("\"frame\" is a number, two numbers in an array, or {ALL:?}, not {:?}", shortened(&word));
            let data = Data::choice(shortened(&word), &[ALL], None);
            node.report(Diagnostic::error(Code::FieldInvalid, message).with_data(data));
            None
        }
        crate::diagnostic::Type::Array => match node.array()?[..] {
            [first, last] => {
                let (first, last) = (read_frame(first)?, read_frame(last)?);
                if first > last {
                    let message = format!("the first frame, {first}, comes behind the last, {last}");
                    node.error_with(Code::FieldInvalid, message, Data::mismatch(first, last));
                    return None;
                }
                Some(Frames::Range(first, last))
            }
            ref nodes => {
                let message =
                    format!("a range of frames has two numbers, the first and the last; these are {}", nodes.len());
                node.error_with(
                    Code::FieldInvalid,
                    message,
                    Data::limit(Some(nodes.len() as u64), 2, 2, Unit::Entries),
                );
                None
            }
        },
        _ => read_frame(node).map(|frame| Frames::Range(frame, frame)),
    }
}

fn read_frame(node: Node<'_, '_>) -> Option<u32> {
    node.integer_within(0, u32::MAX.into()).and_then(|frame| u32::try_from(frame).ok())
}
