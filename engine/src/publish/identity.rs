//! The identity of an output: it differs from that of any other output with the same name.

use std::io;

use papack_queries::content::{ContentId, Digest};
use papack_queries::envelope::{Asset, OpenError, Reader};
use rayon::prelude::*;

use crate::fs::{FileHandle, OpenFile, digest_at, in_pieces};
use crate::workspace::layout::ASSETS_PA;

/// The identity of an output: it differs from that of any other output with the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Identity {
    /// The digest of all bytes of the front, followed by the digest and size of each payload.
    pub(crate) digest: Digest,
    /// Bytes before the payloads.
    pub(crate) front_size: u64,
    /// Bytes in all.
    pub(crate) size: u64,
}

/// Computes an identity from the front, which comes first, and the payloads.
pub(super) struct IdentityHasher {
    hasher: blake3::Hasher,
    pub(super) identity: Identity,
}

impl IdentityHasher {
    pub(super) fn new() -> Self {
        let identity = Identity::default();
        Self { hasher: blake3::Hasher::new(), identity }
    }

    pub(super) fn front(&mut self, piece: &[u8]) {
        self.hasher.update(piece);
        self.identity.front_size += piece.len() as u64;
        self.identity.size += piece.len() as u64;
    }

    pub(super) fn payload(&mut self, id: ContentId) {
        self.hasher.update(&id.digest.0);
        self.hasher.update(&id.size.to_le_bytes());
        self.identity.size += id.size;
    }

    pub(super) fn finish(self) -> Identity {
        Identity { digest: Digest(*self.hasher.finalize().as_bytes()), ..self.identity }
    }
}

/// The identity of the output `name` in `file`; none where the file is no such output.
pub(crate) fn identity_of(name: &str, file: Box<dyn FileHandle>) -> io::Result<Option<Identity>> {
    let mut identity_hasher = IdentityHasher::new();
    if name != ASSETS_PA {
        in_pieces(file.stamp()?.size, |offset, piece| {
            file.read_exact_at(offset, piece)?;
            identity_hasher.front(piece);
            Ok(())
        })?;
        return Ok(Some(identity_hasher.finish()));
    }
    let reader = match Reader::open(OpenFile::new(file), name) {
        Ok(reader) => reader,
        Err(OpenError::Refused(_)) => return Ok(None),
        Err(OpenError::Io(error)) => return Err(error),
    };
    let file = reader.source().handle();
    in_pieces(reader.payload_offset(), |offset, piece| {
        file.read_exact_at(offset, piece)?;
        identity_hasher.front(piece);
        Ok(())
    })?;
    let digest = |asset: &Asset| {
        Ok(ContentId { digest: digest_at(file, reader.start_of(asset), asset.size)?, size: asset.size })
    };
    let payloads: Vec<ContentId> = reader.assets().par_iter().map(digest).collect::<io::Result<_>>()?;
    payloads.into_iter().for_each(|id| identity_hasher.payload(id));
    Ok(Some(identity_hasher.finish()))
}
