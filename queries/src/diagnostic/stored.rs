//! Diagnostics as they are stored in the cache: every field in its place, and codes by name.
//!
//! The printed form leaves out empty fields and tells the kind of data by a field, so only a format with named fields can
//! read it again.

use std::borrow::Cow;

use serde::de::IntoDeserializer;
use serde::de::value::Error as UnknownCode;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::fix::StoredFixes;
use super::{Code, Data, Diagnostic, Related, Severity, Span};

#[derive(Serialize, Deserialize)]
struct Stored<'a> {
    code: Cow<'a, str>,
    severity: Severity,
    message: Cow<'a, str>,
    help: Option<Cow<'a, str>>,
    data: Option<StoredData>,
    path: Option<Cow<'a, str>>,
    pointer: Option<Cow<'a, str>>,
    span: Option<Span>,
    asset_id: Option<u32>,
    asset_name: Option<Cow<'a, str>>,
    related: Vec<(Cow<'a, str>, Option<Cow<'a, str>>)>,
    fixes: StoredFixes<'a>,
}

/// [`Data`], with its kind as a number.
#[derive(Serialize, Deserialize)]
enum StoredData {
    Version { found: i64, oldest: i64, newest: i64 },
}

/// Writes `diagnostics`.
///
/// # Errors
///
/// Those of `serializer`.
pub fn serialize<S: Serializer>(diagnostics: &[Diagnostic], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(diagnostics.iter().map(Stored::of))
}

/// Reads what [`serialize`] wrote.
///
/// # Errors
///
/// Those of `deserializer`, and where a code is unknown.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Diagnostic>, D::Error> {
    let stored = Vec::<Stored<'_>>::deserialize(deserializer)?;
    stored.into_iter().map(Stored::restored).collect::<Result<_, _>>().map_err(serde::de::Error::custom)
}

impl<'a> Stored<'a> {
    fn of(diagnostic: &'a Diagnostic) -> Self {
        let text = |text: &'a Option<String>| text.as_deref().map(Cow::Borrowed);
        let related = |related: &'a Related| (Cow::Borrowed(&*related.message), text(&related.path));
        Self {
            code: Cow::Owned(diagnostic.code.to_string()),
            severity: diagnostic.severity,
            message: Cow::Borrowed(&diagnostic.message),
            help: text(&diagnostic.help),
            data: diagnostic.data.as_deref().map(StoredData::of),
            path: text(&diagnostic.path),
            pointer: text(&diagnostic.pointer),
            span: diagnostic.span,
            asset_id: diagnostic.asset_id,
            asset_name: text(&diagnostic.asset_name),
            related: diagnostic.related.iter().map(related).collect(),
            fixes: StoredFixes::of(&diagnostic.fixes),
        }
    }

    fn restored(self) -> Result<Diagnostic, UnknownCode> {
        let text = |text: Option<Cow<'_, str>>| text.map(Cow::into_owned);
        let related = |(message, path): (Cow<'_, str>, _)| Related { message: message.into_owned(), path: text(path) };
        Ok(Diagnostic {
            code: Code::deserialize((&*self.code).into_deserializer())?,
            severity: self.severity,
            message: self.message.into_owned(),
            help: text(self.help),
            data: self.data.map(|data| Box::new(data.restored())),
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

impl StoredData {
    fn of(data: &Data) -> Self {
        match *data {
            Data::Version { found, oldest, newest } => Self::Version { found, oldest, newest },
        }
    }

    fn restored(self) -> Data {
        match self {
            Self::Version { found, oldest, newest } => Data::Version { found, oldest, newest },
        }
    }
}
