//! An output: its bytes, before they are written.

use std::io;
use std::sync::{Mutex, PoisonError};

use papack_queries::db::Database;
use papack_queries::pack::{PlannedPayload, write_sidecar};

use super::identity::{Identity, IdentityHasher};

/// One output: a front, then payloads one after the other.
pub(crate) struct Output<'a> {
    pub(crate) name: &'static str,
    pub(crate) front: Front<'a>,
    pub(crate) payloads: &'a [PlannedPayload],
}

/// The bytes before the payloads.
pub(crate) enum Front<'a> {
    /// These parts, one after the other.
    Parts(Vec<&'a [u8]>),
    /// The sidecar, which is made from the database while it is written. The lock lets any thread do that.
    Sidecar(Mutex<Database>),
}

impl Front<'_> {
    /// Passes all bytes to `sink`, piece by piece.
    pub(crate) fn stream(&self, sink: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        match self {
            Self::Parts(parts) => parts.iter().try_for_each(|part| sink(part)),
            Self::Sidecar(db) => {
                let is_complete = write_sidecar(&*db.lock().unwrap_or_else(PoisonError::into_inner), sink)?;
                let incomplete = || io::Error::other("an asset of the sidecar is not complete");
                is_complete.then_some(()).ok_or_else(incomplete)
            }
        }
    }
}

impl Output<'_> {
    /// Bytes before the payloads, and in all, where that is known before it is made.
    pub(super) fn sizes(&self) -> Option<(u64, u64)> {
        let Front::Parts(parts) = &self.front else { return None };
        let front_size = parts.iter().map(|part| part.len() as u64).sum();
        Some((front_size, self.payloads.iter().fold(front_size, |size, placed| size + placed.id().size)))
    }

    /// The identity of this output.
    pub(crate) fn identity(&self) -> io::Result<Identity> {
        let mut identity_hasher = IdentityHasher::new();
        self.front.stream(&mut |piece| {
            identity_hasher.front(piece);
            Ok(())
        })?;
        self.payloads.iter().for_each(|placed| identity_hasher.payload(placed.id()));
        Ok(identity_hasher.finish())
    }
}
