//! Writing one output: the front first, then the payloads.

use std::io;

use camino::Utf8Path;
use papack_queries::pack::PlannedPayload;

use super::copy;
use super::identity::{Identity, IdentityHasher};
use super::output::Output;
use crate::content::PackingStore;
use crate::fs::{FileHandle, FileSystem};

/// A new output of which the front is written.
pub(crate) struct OutputWriter<'o> {
    payloads: &'o [PlannedPayload],
    pub(crate) file: Box<dyn FileHandle>,
    pub(crate) identity: Identity,
}

impl<'o> OutputWriter<'o> {
    /// Writes the front of `output` to a new file at `path`.
    pub(super) fn write(output: &'o Output<'o>, fs: &dyn FileSystem, path: &Utf8Path) -> io::Result<Self> {
        let file = fs.create(path)?;
        let mut identity_hasher = IdentityHasher::new();
        output.front.stream(&mut |piece| {
            file.write_all_at(identity_hasher.identity.front_size, piece)?;
            identity_hasher.front(piece);
            Ok(())
        })?;
        output.payloads.iter().for_each(|placed| identity_hasher.payload(placed.id()));
        Ok(Self { payloads: output.payloads, file, identity: identity_hasher.finish() })
    }

    /// Writes the payloads, and flushes the file. With `is_replaced`, the published pack will be replaced, so the
    /// kernel need not keep what was copied from it in memory.
    pub(super) fn complete(&self, store: &PackingStore, is_replaced: bool) -> io::Result<()> {
        copy::payloads(self.payloads, store, &*self.file, self.identity.front_size, is_replaced)?;
        self.file.sync()?;
        let (size, expected) = (self.file.stamp()?.size, self.identity.size);
        if size == expected {
            Ok(())
        } else {
            Err(io::Error::other(format!("the file was written with {expected} bytes, and has {size}")))
        }
    }
}
