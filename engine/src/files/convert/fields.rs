//! What files are to become, from fields as a manifest has them.

use papack_queries::diagnostic::{Code, Data, Diagnostic};
use papack_queries::formats::{Format, FormatName, Part};
use papack_queries::schema::manifest;
use serde_json::{Map, Value, json};

/// The tile size of pictures for which none is given: what fits any other fits it, too.
const TILE_SIZE: u8 = 8;

/// What a file becomes.
pub(super) struct Wanted {
    pub(super) format: Format,
    /// Which part of the file is taken; none for all of it.
    pub(super) part: Option<Part>,
}

/// Reads `fields`, those of `output.metadata` and those of an entry of `artifacts`, for the format called `name`. They
/// are read as those of a manifest are.
///
/// # Errors
///
/// What is wrong with them, and names none of the manifest's places.
pub(super) fn read(name: FormatName, fields: &[(String, Value)]) -> Result<Wanted, Vec<Diagnostic>> {
    refuse_repeated(fields)?;
    let is_of_part = |(field, _): &&(String, Value)| Part::FIELDS.contains(&field.as_str());
    let (of_part, of_format): (Vec<_>, Vec<_>) = fields.iter().partition(is_of_part);
    let mut metadata = Map::new();
    if name == FormatName::TilesIndexedV1 {
        metadata.insert("tile_size".to_owned(), TILE_SIZE.into());
    }
    metadata.extend(of_format.into_iter().cloned());
    let mut entry = Map::from_iter([("file".to_owned(), "file".into())]);
    entry.extend(of_part.into_iter().cloned());
    let document = json!({
        "schema_version": manifest::VERSIONS.end(),
        "name": "file",
        "artifacts": [entry],
        "output": { "format": name.text(), "codec": manifest::CODEC_NONE, "metadata": metadata },
    });
    let (read, faults) = manifest::parse_new("", document.to_string().as_bytes());
    let faults: Vec<_> = faults.into_iter().filter(Diagnostic::is_error).map(without_place).collect();
    let part = read.artifacts.and_then(|list| list.entries.into_iter().next()).map(|entry| entry.part);
    match (read.format, part) {
        (Some(format), Some(part)) if faults.is_empty() => Ok(Wanted { format, part }),
        _ => Err(faults),
    }
}

/// A manifest says each field once.
fn refuse_repeated(fields: &[(String, Value)]) -> Result<(), Vec<Diagnostic>> {
    let mut names: Vec<_> = fields.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        None => Ok(()),
        Some(pair) => {
            let message = format!("the field {:?} is set twice", pair[0]);
            let fault = Diagnostic::error(Code::FieldInvalid, message).with_help("keep the one that is meant");
            Err(vec![fault.with_data(Data::value(pair[0]))])
        }
    }
}

/// The fault without its place in a document that nobody wrote. It names the field instead, as that of an unknown one does
/// anyway.
fn without_place(fault: Diagnostic) -> Diagnostic {
    let field = fault.pointer.as_deref().and_then(|pointer| {
        let below = pointer.strip_prefix("/output/metadata/").or_else(|| pointer.strip_prefix("/artifacts/0/"))?;
        below.split('/').next()
    });
    let message = match field {
        Some(field) if fault.code != Code::FieldUnknown => format!("{field}: {}", fault.message),
        _ => fault.message.clone(),
    };
    Diagnostic { help: fault.help, data: fault.data, ..Diagnostic::error(fault.code, message) }
}
