//! `DATA/raw_v1`: any files, one after the other, with a directory of them.

use std::io;

use serde::Serialize;

use super::{Outcome, Payload, Source, metadata};
use crate::content::Content;

#[derive(Serialize)]
struct Metadata<'a> {
    entries: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    /// The path below the asset root.
    name: &'a str,
    /// Bytes from the asset's payload start.
    offset: u64,
    size: u64,
}

/// Concatenates `sources`. No source is read unless there are several, and then only to digest the whole.
///
/// # Errors
///
/// Only when `content` fails.
pub fn derive(sources: &[Source<'_>], content: &dyn Content) -> io::Result<Outcome> {
    let mut offset = 0;
    let entries = sources
        .iter()
        .map(|source| {
            let entry = Entry { name: source.path, offset, size: source.content.size };
            offset += source.content.size;
            entry
        })
        .collect();
    let slices = sources.iter().map(|source| source.content).collect();
    let payload = Payload::concatenation(content, slices, metadata(&Metadata { entries }))?;
    Ok(Outcome { payload: Some(payload), diagnostics: Vec::new() })
}
