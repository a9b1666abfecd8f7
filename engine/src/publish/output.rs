//! The four outputs: what they hold.

use std::io;
use std::sync::{Mutex, PoisonError};

use papack_queries::asset::RecordedPayload;
use papack_queries::db::Database;
use papack_queries::pack::write_sidecar;

use super::identity::{Identifier, Identity};

/// One output: a front, then payloads one after the other.
pub(crate) struct Output<'a> {
    pub(crate) name: &'static str,
    pub(crate) front: Front<'a>,
    pub(crate) payloads: &'a [Placed<'a>],
}

/// The bytes before the payloads.
pub(crate) enum Front<'a> {
    /// These, one after the other.
    Parts(Vec<&'a [u8]>),
    /// The sidecar, which is made as it is written, on whatever thread.
    Sidecar(Mutex<Database>),
}

/// A payload and where it begins, in bytes from the end of the front.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Placed<'a> {
    /// Its asset.
    pub(crate) asset_id: u32,
    /// What it is.
    pub(crate) payload: &'a RecordedPayload,
    /// Where it begins.
    pub(crate) offset: u64,
}

impl Front<'_> {
    /// Gives all bytes to `sink`, piece by piece.
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
    /// What tells this output from any other of its name.
    pub(crate) fn identity(&self) -> io::Result<Identity> {
        let mut identifier = Identifier::new();
        self.front.stream(&mut |piece| {
            identifier.front(piece);
            Ok(())
        })?;
        self.payloads.iter().for_each(|placed| identifier.payload(placed.payload.id));
        Ok(identifier.finish())
    }
}
