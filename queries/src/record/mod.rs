//! The record of an asset: all that a pack takes from it, small enough to be kept for every asset.
//!
//! A record needs neither the manifest's text nor the files, so it can stand for an asset that did not change, and it
//! may come from a cache that outlives the process. These are plain values: this folder knows no database and no query.
//! Records are made by [`asset::record`](crate::asset::record) and taken by [`pack`](crate::pack).

pub mod bank;
mod inputs;

use std::slice;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::content::{ContentId, ContentKey, Digest, Outcome, Payload};
use crate::diagnostic::{Code, Diagnostic, Severity, Span, stored};
use crate::formats::{Bank, Format};
use crate::json::canonical;

pub use inputs::{InputChange, InputFile, PayloadInputs, Tilesets};

/// All that a pack takes from an asset, whatever the registry says of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The digest of the manifest, where it could be read.
    pub manifest: Option<Digest>,
    /// What the payload is made of, where that is determined.
    pub inputs: Option<PayloadInputs>,
    /// What is known all the same, where it is not determined. Nothing of it gets into a pack.
    pub blocked: Option<Box<Blocked>>,
    /// The payload, unless something is wrong.
    pub payload: Option<RecordedPayload>,
    /// The name, where the manifest has a valid one.
    pub name: Option<Claim<SmolStr>>,
    /// The bank and slot to preload into. Few assets have one.
    pub slot: Option<Box<Claim<(Bank, u8)>>>,
    /// What the format promotes, and the game's own `user`, as canonical JSON; where name and payload are there.
    pub metadata: Option<SmolStr>,
    /// The author's notes for tools, as canonical JSON.
    pub pipeline: Option<Box<str>>,
    /// What is wrong with the asset by itself, without its id and name, and as if it were in the build set.
    #[serde(with = "stored")]
    pub diagnostics: Vec<Diagnostic>,
}

impl Record {
    /// What is wrong with the asset by itself, with its id and name. Outside the build set, nothing is an error.
    pub fn placed_diagnostics(&self, asset_id: u32, is_included: bool) -> impl Iterator<Item = Diagnostic> {
        let limit = if is_included { Severity::Error } else { Severity::Warning };
        self.diagnostics.iter().map(move |diagnostic| Diagnostic {
            severity: diagnostic.severity.min(limit),
            asset_id: Some(asset_id),
            asset_name: self.name.as_ref().map(|claim| claim.key.to_string()),
            ..diagnostic.clone()
        })
    }

    /// The format, where the manifest has a valid one.
    pub fn format(&self) -> Option<Format> {
        self.inputs.as_ref().map(|inputs| inputs.format).or_else(|| self.blocked.as_ref()?.format)
    }

    /// The slot to preload into, where the manifest has a valid one.
    pub fn preload_slot(&self) -> Option<u8> {
        let blocked = || self.blocked.as_ref()?.preload_slot;
        self.slot.as_ref().map(|claim| claim.key.1).or_else(blocked)
    }

    /// The paths below the asset root of the artifact files, where it is determined which they are.
    pub fn files(&self) -> Option<Vec<&str>> {
        match (&self.inputs, &self.blocked) {
            (Some(inputs), _) => Some(inputs.files.iter().map(|file| file.path.as_str()).collect()),
            (None, blocked) => Some(blocked.as_ref()?.files.as_ref()?.iter().map(SmolStr::as_str).collect()),
        }
    }

    /// What the header takes, where it is complete.
    pub fn row(&self) -> Option<Row<'_>> {
        Some(Row {
            name: &self.name.as_ref()?.key,
            bank: self.inputs.as_ref()?.format.bank(),
            metadata: self.metadata.as_ref()?,
            preload_slot: self.slot.as_ref().map(|claim| claim.key.1),
        })
    }

    /// The content key of the asset and the outcome of its derivation, where the record has all of it: where nothing is
    /// said of the asset, but what its globs leave out, which no derivation says.
    pub fn outcome(&self) -> Option<(ContentKey, Outcome)> {
        let (inputs, payload) = (self.inputs.as_ref()?, self.payload.as_ref()?);
        if self.diagnostics.iter().any(|found| found.code != Code::FilesLeftOut) {
            return None;
        }
        let mut metadata: Box<str> = self.metadata.as_ref()?.as_str().into();
        if metadata.contains(r#""user":"#) {
            let mut promoted: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&metadata).ok()?;
            promoted.remove("user");
            metadata = canonical::to_string(&promoted).ok()?.into();
        }
        let payload = Payload { id: payload.id, slices: payload.slices().into(), metadata };
        Some((inputs.key(), Outcome { payload: Some(payload), diagnostics: Vec::new() }))
    }
}

/// What the manifest of an asset says, where it is not determined what the payload is made of. Few assets are such.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocked {
    /// The format, where there is a valid one.
    pub format: Option<Format>,
    /// The slot to preload into, where there is a valid one.
    pub preload_slot: Option<u8>,
    /// The paths below the asset root of the artifact files, where it is determined which they are: one of them has no
    /// content.
    pub files: Option<Box<[SmolStr]>>,
}

/// A payload without its metadata.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedPayload {
    /// Digest and size of the whole payload.
    pub id: ContentId,
    /// The contents that make it up. Empty where the payload is one content itself, as most are.
    parts: Box<[ContentId]>,
}

impl RecordedPayload {
    /// `payload` without its metadata.
    pub(crate) fn of(payload: &Payload) -> Self {
        let parts = if *payload.slices == [payload.id] { Box::default() } else { payload.slices.clone() };
        Self { id: payload.id, parts }
    }

    /// The contents that make up the payload, one after the other.
    pub fn slices(&self) -> &[ContentId] {
        if self.parts.is_empty() { slice::from_ref(&self.id) } else { &self.parts }
    }
}

/// Something that only one asset of the build set may have, and where its manifest says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim<K> {
    /// What is claimed.
    pub key: K,
    /// Its text in the manifest.
    pub span: ManifestSpan,
}

/// A [`Span`] of a manifest, in half the memory: there is one for each asset, and a manifest is short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestSpan {
    bytes: (u32, u32),
    start: (u32, u32),
    end: (u32, u32),
}

impl From<Span> for ManifestSpan {
    fn from(span: Span) -> Self {
        let short = |number| u32::try_from(number).unwrap_or(u32::MAX);
        Self {
            bytes: (short(span.start), short(span.end)),
            start: (short(span.line), short(span.column)),
            end: (short(span.end_line), short(span.end_column)),
        }
    }
}

impl From<ManifestSpan> for Span {
    fn from(span: ManifestSpan) -> Self {
        Self {
            start: span.bytes.0 as usize,
            end: span.bytes.1 as usize,
            line: span.start.0 as usize,
            column: span.start.1 as usize,
            end_line: span.end.0 as usize,
            end_column: span.end.1 as usize,
        }
    }
}

/// A row of the table in the header, without id, offset and size, which follow from its place there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'r> {
    /// The logical name.
    pub name: &'r str,
    /// The bank to load it into.
    pub bank: Bank,
    /// What the format promotes, and the game's own `user`, as canonical JSON.
    pub metadata: &'r str,
    /// The slot to preload into.
    pub preload_slot: Option<u8>,
}

impl Row<'_> {
    /// Bytes that the row in the header, and its entry of the preload list, have at most.
    pub(crate) fn most_bytes(self) -> u64 {
        /// Bytes besides name and metadata: the keys, a bank, a codec, and numbers of at most 16 digits.
        const BESIDE: usize = 320;
        // A quote or backslash takes two bytes; control characters are in no name.
        (BESIDE + 2 * self.name.len() + self.metadata.len()) as u64
    }
}
