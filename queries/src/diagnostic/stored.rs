//! Diagnostics as they are stored in the cache: every field in its place, and codes by name.
//!
//! The printed form leaves out empty fields and tells the kind of data by a field, so only a format with named fields can
//! read it again. So the data is stored as it is printed, in a text of its own.

use std::borrow::Cow;

use serde::de::Error;
use serde::de::IntoDeserializer;
use serde::de::value::Error as Unreadable;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::fix::StoredFixes;
use super::{Code, Diagnostic, Related, Severity, Span};

#[derive(Serialize, Deserialize)]
struct Stored<'a> {
    code: Cow<'a, str>,
    severity: Severity,
    message: Cow<'a, str>,
    help: Option<Cow<'a, str>>,
    data: Option<String>,
    path: Option<Cow<'a, str>>,
    pointer: Option<Cow<'a, str>>,
    span: Option<Span>,
    asset_id: Option<u32>,
    asset_name: Option<Cow<'a, str>>,
    related: Vec<StoredRelated<'a>>,
    fixes: StoredFixes<'a>,
}

/// Message, path, place and asset of a [`Related`].
type StoredRelated<'a> = (Cow<'a, str>, Option<Cow<'a, str>>, Option<Span>, Option<u32>);

/// Writes `diagnostics`.
///
/// # Errors
///
/// Those of `serializer`.
pub fn serialize<S: Serializer>(diagnostics: &[Diagnostic], serializer: S) -> Result<S::Ok, S::Error> {
    let stored = diagnostics.iter().map(Stored::of).collect::<Result<Vec<_>, _>>();
    stored.map_err(serde::ser::Error::custom)?.serialize(serializer)
}

/// Reads what [`serialize`] wrote.
///
/// # Errors
///
/// Those of `deserializer`, and where a code or kind of data is unknown.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Diagnostic>, D::Error> {
    let stored = Vec::<Stored<'_>>::deserialize(deserializer)?;
    stored.into_iter().map(Stored::restored).collect::<Result<_, _>>().map_err(serde::de::Error::custom)
}

impl<'a> Stored<'a> {
    fn of(diagnostic: &'a Diagnostic) -> serde_json::Result<Self> {
        let text = |text: &'a Option<String>| text.as_deref().map(Cow::Borrowed);
        let related = |related: &'a Related| {
            (Cow::Borrowed(&*related.message), text(&related.path), related.span, related.asset_id)
        };
        Ok(Self {
            code: Cow::Owned(diagnostic.code.to_string()),
            severity: diagnostic.severity,
            message: Cow::Borrowed(&diagnostic.message),
            help: text(&diagnostic.help),
            data: diagnostic.data.as_ref().map(serde_json::to_string).transpose()?,
            path: text(&diagnostic.path),
            pointer: text(&diagnostic.pointer),
            span: diagnostic.span,
            asset_id: diagnostic.asset_id,
            asset_name: text(&diagnostic.asset_name),
            related: diagnostic.related.iter().map(related).collect(),
            fixes: StoredFixes::of(&diagnostic.fixes),
        })
    }

    fn restored(self) -> Result<Diagnostic, Unreadable> {
        let text = |text: Option<Cow<'_, str>>| text.map(Cow::into_owned);
        let related = |(message, path, span, asset_id): StoredRelated<'_>| Related {
            span,
            asset_id,
            ..Related::new(message, text(path))
        };
        let data = self.data.map(|data| serde_json::from_str(&data)).transpose();
        Ok(Diagnostic {
            code: Code::deserialize((&*self.code).into_deserializer())?,
            severity: self.severity,
            found_severity: None,
            message: self.message.into_owned(),
            help: text(self.help),
            data: data.map_err(Unreadable::custom)?,
            path: text(self.path),
            pointer: text(self.pointer),
            span: self.span,
            asset_id: self.asset_id,
            asset_name: text(self.asset_name),
            related: self.related.into_iter().map(related).collect(),
            fixes: self.fixes.restored(),
        })
    }
}
