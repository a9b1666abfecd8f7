//! The id of an operation.

use std::fmt;

use serde::Serialize;
use smol_str::SmolStr;

/// The id of one operation: 20 random characters of `[0-9A-Za-z]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct OperationId(SmolStr);

impl OperationId {
    const LENGTH: usize = 20;
    const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// A new id.
    ///
    /// # Errors
    ///
    /// When the operating system has no random bytes.
    pub(crate) fn random() -> Result<Self, getrandom::Error> {
        let mut id = String::with_capacity(Self::LENGTH);
        while id.len() < Self::LENGTH {
            let mut bytes = [0; 32];
            getrandom::fill(&mut bytes)?;
            // 248 is a multiple of 62: the bytes from there on would make some characters more likely.
            let usable = bytes.iter().filter(|byte| **byte < 248);
            let characters = usable.map(|byte| Self::ALPHABET[usize::from(byte % 62)]);
            id.extend(characters.map(char::from).take(Self::LENGTH - id.len()));
        }
        Ok(Self(id.into()))
    }

    /// The id of an operation for which the system has no random bytes.
    pub(crate) fn none() -> Self {
        Self("0".repeat(Self::LENGTH).into())
    }

    /// Reads an id, as a journal holds it. None where `text` is no id.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let valid = text.len() == Self::LENGTH && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        valid.then(|| Self(text.into()))
    }

    /// The characters of the id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
