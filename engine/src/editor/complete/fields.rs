//! Names of members that are not there yet.

use papack_queries::schema::shape::{Field, Shape};

use super::insertion::of_text;
use crate::editor::document::Here;
use crate::editor::features::{Completion, CompletionKind};

/// The fields that the object at `here` may have besides those that it has, those that it needs first.
pub(super) fn fields(here: &Here<'_>) -> Vec<Completion> {
    let object = here.spot.container;
    let shape = Shape::of(here.document.schema, &here.values, object);
    shape.missing_fields(&here.values, object).iter().map(|field| completion(here, field)).collect()
}

fn completion(here: &Here<'_>, field: &Field) -> Completion {
    let name = format!("\"{}\"", field.name);
    let default = field.shape.default_value().filter(|_| field.is_required);
    let has_colon = here.document.text()[here.spot.typed.end..].trim_start().starts_with(':');
    let written = match default {
        _ if has_colon && !here.spot.typed.is_empty() => name.clone(),
        Some(default) => format!("{name}: {default}"),
        None => format!("{name}: "),
    };
    let is_complete = default.is_some() && written != name;
    Completion {
        detail: Some(if field.is_required { "needed".into() } else { "may be left out".into() }),
        documentation: field.shape.description().map(str::to_owned),
        filter: name,
        ..of_text(here, CompletionKind::Field, field.name.to_owned(), &written, is_complete)
    }
}
