//! Writing one output: the front first, then the payloads.

use std::io;
use std::sync::Arc;

use papack_queries::pack::PlannedPayload;

use super::copy;
use super::identity::{Identity, IdentityHasher};
use super::output::Output;
use crate::content::PackingStore;
use crate::fs::FileHandle;

/// A new output of which the front is written.
pub(crate) struct OutputWriter<'o> {
    payloads: &'o [PlannedPayload],
    pub(crate) file: Arc<dyn FileHandle>,
    /// Whether the file is the draft, in which some payloads lie already.
    is_drafted: bool,
    pub(crate) identity: Identity,
}

impl<'o> OutputWriter<'o> {
    /// Writes the front of `output` to `file`, which is new, or the draft of it.
    pub(super) fn write(output: &'o Output<'o>, file: Arc<dyn FileHandle>, is_drafted: bool) -> io::Result<Self> {
        let mut identity_hasher = IdentityHasher::new();
        output.front.stream(&mut |piece| {
            file.write_all_at(identity_hasher.identity.front_size, piece)?;
            identity_hasher.front(piece);
            Ok(())
        })?;
        output.payloads.iter().for_each(|placed| identity_hasher.payload(placed.id()));
        Ok(Self { payloads: output.payloads, file, is_drafted, identity: identity_hasher.finish() })
    }

    /// Writes the payloads that are not there yet, and flushes the file. With `is_replaced`, the published pack will be replaced, so the
    /// kernel need not keep what was copied from it in memory.
    pub(super) fn complete(&self, store: &PackingStore, is_replaced: bool) -> io::Result<()> {
        let start = self.identity.front_size;
        let is_there =
            |placed: &PlannedPayload| self.is_drafted && store.is_drafted(placed.slices(), start + placed.offset);
        copy::payloads(self.payloads, is_there, store, &*self.file, start, is_replaced)?;
        self.file.sync()?;
        let (size, expected) = (self.file.stamp()?.size, self.identity.size);
        if size == expected {
            Ok(())
        } else {
            Err(io::Error::other(format!("the file was written with {expected} bytes, and has {size}")))
        }
    }
}
