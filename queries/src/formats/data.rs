//! `DATA/raw_v1`: any files, one after the other, with a directory of them.

use std::borrow::Cow;
use std::io;

use serde::{Deserialize, Serialize};

use super::payload::{concatenation, metadata};
use super::source::Source;
use crate::content::{ContentStore, Outcome};

/// The runtime metadata of files that are packed as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata<'a> {
    /// The files, in artifact order.
    #[serde(borrow)]
    pub entries: Vec<Entry<'a>>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry<'a> {
    /// The path below the asset root.
    #[serde(borrow)]
    pub name: Cow<'a, str>,
    /// Bytes from the asset's payload start.
    pub offset: u64,
    /// Bytes.
    pub size: u64,
}

/// Concatenates `sources`. No source is read unless there are several, and then only to digest the whole.
///
/// # Errors
///
/// Only when `content` fails.
pub fn derive(sources: &[Source<'_>], content: &dyn ContentStore) -> io::Result<Outcome> {
    let mut offset = 0;
    let entries = sources
        .iter()
        .map(|source| {
            let entry = Entry { name: Cow::Borrowed(source.path), offset, size: source.content.size };
            offset += source.content.size;
            entry
        })
        .collect();
    let slices = sources.iter().map(|source| source.content).collect();
    let payload = concatenation(content, slices, metadata(&Metadata { entries }))?;
    Ok(Outcome { payload: Some(payload), diagnostics: Vec::new() })
}
