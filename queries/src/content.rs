//! File and payload bytes, held as content handles.
//!
//! Bytes do not belong in salsa values: they could neither be bounded nor dropped within a revision. The
//! database holds a [`ContentId`], and queries read the bytes behind it through [`Content`], which the engine
//! implements. The handle names its bytes completely, so a query that reads through it stays a pure function.

use std::fmt;
use std::io;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::formats::Outcome;

/// A BLAKE3 digest; displayed in lower-case hex, and serialized so where people read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// The digest that `hex` shows, in lower case.
    pub fn from_hex(hex: &str) -> Option<Self> {
        let digest = Self(*blake3::Hash::from_hex(hex).ok()?.as_bytes());
        (digest.to_string() == hex).then_some(digest)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(blake3::Hash::from_bytes(self.0).to_hex().as_str())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() { serializer.collect_str(self) } else { self.0.serialize(serializer) }
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let hex = String::deserialize(deserializer)?;
            Self::from_hex(&hex).ok_or_else(|| D::Error::custom("this is no digest in lower-case hex"))
        } else {
            Ok(Self(<[u8; 32]>::deserialize(deserializer)?))
        }
    }
}

/// What names the inputs of a payload completely, on every machine: assets of the same key have the same outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ContentKey(pub Digest);

impl fmt::Display for ContentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A handle to a byte string: what it is (its digest) and how long it is, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ContentId {
    /// Digest of the bytes.
    pub digest: Digest,
    /// Their number.
    pub size: u64,
}

impl ContentId {
    /// The handle of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self { digest: Digest::of(bytes), size: bytes.len() as u64 }
    }
}

/// Content-addressed bytes: the only way in which a query sees a file or leaves a payload.
///
/// An error is transient by definition (a disk that fails, a handle that the store no longer holds) and is never
/// memoized.
pub trait Content: Send + Sync {
    /// Fills `buffer` with the bytes of `id` that begin at `offset`.
    ///
    /// # Errors
    ///
    /// When the bytes cannot be had. A range beyond `id.size` is a caller's mistake and an error too.
    fn read_at(&self, id: ContentId, offset: u64, buffer: &mut [u8]) -> io::Result<()>;

    /// Keeps `bytes` and returns their handle.
    ///
    /// # Errors
    ///
    /// When they cannot be kept, for example on a full disk.
    fn put(&self, bytes: &[u8]) -> io::Result<ContentId>;

    /// What a format made of the inputs that `key` names, if that is remembered and its payload can be read.
    fn recall(&self, _key: ContentKey) -> Option<Outcome> {
        None
    }

    /// All bytes of `id`.
    ///
    /// # Errors
    ///
    /// As [`read_at`](Content::read_at).
    fn read(&self, id: ContentId) -> io::Result<Vec<u8>> {
        let size = usize::try_from(id.size).map_err(|_| io::ErrorKind::OutOfMemory)?;
        // A file that is one great hole costs its author nothing: memory that is not to be had is an error.
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(size)?;
        bytes.resize(size, 0);
        self.read_at(id, 0, &mut bytes)?;
        Ok(bytes)
    }
}
