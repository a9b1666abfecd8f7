//! The four outputs: what they hold, whether they are published already, and how they get below `build/`.
//!
//! ```text
//! Output ──stage──▶ build/.staging/<operation-id>/ ──journal──▶ coherent ──promote──▶ build/
//! ```

mod copy;
pub(crate) mod journal;
pub(crate) mod proof;
pub(crate) mod staging;
pub(crate) mod traces;
pub(crate) mod writing;

use std::io;
use std::sync::{Mutex, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};
use papack_queries::content::{ContentId, Digest};
use papack_queries::db::Database;
use papack_queries::diagnostic::{Code, Diagnostic};
use papack_queries::envelope::{Asset, OpenError, Reader};
use papack_queries::pack::{PlannedPayload, write_sidecar};
use rayon::prelude::*;

use crate::fs::{FileHandle, FileSystem, NodeKind, in_pieces};
use crate::open_file::OpenFile;
use crate::published::PublishedFile;
use crate::read::telling;
use crate::store::Store;

/// The folder of outputs, below the workspace.
pub const BUILD: &str = "build";

/// The authoritative artifact.
pub const ASSETS_PA: &str = "assets.pa";
/// The companion that mirrors `header.asset_table`.
pub const ASSET_TABLE: &str = "asset_table.json";
/// The companion that mirrors `header.preload`.
pub const PRELOAD: &str = "preload.json";
/// The companion for tools.
pub const SIDECAR: &str = "asset_table_metadata.json";

/// All that papack ever publishes.
pub(crate) const NAMES: [&str; 4] = [ASSETS_PA, ASSET_TABLE, PRELOAD, SIDECAR];
/// Which of them is the pack.
pub(crate) const PACK_AT: usize = 0;
/// Which of them is the sidecar.
pub(crate) const SIDECAR_AT: usize = 3;

/// One output: a front, then payloads one after the other.
pub(crate) struct Output<'a> {
    pub(crate) name: &'static str,
    pub(crate) front: Front<'a>,
    pub(crate) payloads: &'a [PlannedPayload],
}

/// The bytes before the payloads.
pub(crate) enum Front<'a> {
    /// These, one after the other.
    Parts(Vec<&'a [u8]>),
    /// The sidecar, which is made as it is written, on whatever thread.
    Sidecar(Mutex<Database>),
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

/// What tells an output from any other of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Identity {
    /// Of all bytes of the front, and of the digest and size of each payload.
    pub(crate) digest: Digest,
    /// Bytes of the front.
    pub(crate) front_size: u64,
    /// Bytes in all.
    pub(crate) size: u64,
}

/// How what is published stands to an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It has the same bytes.
    Same(PublishedFile),
    /// It has others, or there is nothing.
    Changed,
}

impl Standing {
    /// What is known of the published file.
    pub(crate) fn published(self) -> PublishedFile {
        match self {
            Self::Same(known) => known,
            Self::Changed => PublishedFile::default(),
        }
    }
}

/// Puts an identity together.
struct Identifier {
    hasher: blake3::Hasher,
    identity: Identity,
}

impl Identifier {
    fn new() -> Self {
        let identity = Identity::default();
        Self { hasher: blake3::Hasher::new(), identity }
    }

    fn front(&mut self, piece: &[u8]) {
        self.hasher.update(piece);
        self.identity.front_size += piece.len() as u64;
        self.identity.size += piece.len() as u64;
    }

    fn payload(&mut self, id: ContentId) {
        self.hasher.update(&id.digest.0);
        self.hasher.update(&id.size.to_le_bytes());
        self.identity.size += id.size;
    }

    fn finish(self) -> Identity {
        Identity { digest: Digest(*self.hasher.finalize().as_bytes()), ..self.identity }
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
        self.payloads.iter().for_each(|placed| identifier.payload(placed.id()));
        Ok(identifier.finish())
    }

    /// How what is published stands to this output. What is `known` of it is what it was before, and it is that still.
    pub(crate) fn standing(&self, known: Option<PublishedFile>, fs: &dyn FileSystem) -> io::Result<Standing> {
        let identity = self.identity()?;
        if let Some(known) = known {
            return Ok(if known.identity == identity.digest { Standing::Same(known) } else { Standing::Changed });
        }
        let (file, stamp) = match fs.open(&published_path(self.name)) {
            Ok(opened) => opened,
            // What may not be read may still be replaced.
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied) => {
                return Ok(Standing::Changed);
            }
            Err(error) => return Err(error),
        };
        if stamp.size != identity.size {
            return Ok(Standing::Changed);
        }
        let telling = telling(&*file, stamp);
        match self.equals(&*file, &identity) {
            Ok(true) if file.stamp()? == stamp => {
                Ok(Standing::Same(PublishedFile { identity: identity.digest, stamp: telling }))
            }
            Ok(_) => Ok(Standing::Changed),
            // It became shorter meanwhile.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(Standing::Changed),
            Err(error) => Err(error),
        }
    }

    fn equals(&self, file: &dyn FileHandle, identity: &Identity) -> io::Result<bool> {
        let (mut offset, mut is_same, mut published) = (0, true, Vec::new());
        self.front.stream(&mut |piece| {
            published.resize(piece.len(), 0);
            file.read_exact_at(offset, &mut published)?;
            is_same &= published == piece;
            offset += piece.len() as u64;
            Ok(())
        })?;
        if !is_same {
            return Ok(false);
        }
        let differs =
            |placed: &PlannedPayload| match digest_at(file, identity.front_size + placed.offset, placed.id().size) {
                Ok(digest) if digest == placed.id().digest => None,
                Ok(_) => Some(Ok(false)),
                Err(error) => Some(Err(error)),
            };
        self.payloads.par_iter().find_map_any(differs).unwrap_or(Ok(true))
    }

    /// Writes the front of the output to a new file at `path`.
    pub(crate) fn begin(&self, fs: &dyn FileSystem, path: &Utf8Path) -> io::Result<Begun<'_>> {
        let file = fs.create(path)?;
        let mut identifier = Identifier::new();
        self.front.stream(&mut |piece| {
            file.write_all_at(identifier.identity.front_size, piece)?;
            identifier.front(piece);
            Ok(())
        })?;
        self.payloads.iter().for_each(|placed| identifier.payload(placed.id()));
        Ok(Begun { payloads: self.payloads, file, identity: identifier.finish() })
    }
}

/// An output of which the front is written.
pub(crate) struct Begun<'o> {
    payloads: &'o [PlannedPayload],
    pub(crate) file: Box<dyn FileHandle>,
    pub(crate) identity: Identity,
}

impl Begun<'_> {
    /// Writes the payloads, and flushes the file. Where the published pack `is_replaced` in the end, what was copied from it is
    /// not needed in memory any more.
    pub(crate) fn complete(&self, store: &Store, is_replaced: bool) -> io::Result<()> {
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

/// The identity of the output `name` that lies in `file`. There is none where it is no such output.
pub(crate) fn identity_of(name: &str, file: Box<dyn FileHandle>) -> io::Result<Option<Identity>> {
    let mut identifier = Identifier::new();
    if name != ASSETS_PA {
        in_pieces(file.stamp()?.size, |offset, piece| {
            file.read_exact_at(offset, piece)?;
            identifier.front(piece);
            Ok(())
        })?;
        return Ok(Some(identifier.finish()));
    }
    let reader = match Reader::open(OpenFile::new(file), name) {
        Ok(reader) => reader,
        Err(OpenError::Refused(_)) => return Ok(None),
        Err(OpenError::Io(error)) => return Err(error),
    };
    let file = reader.source().handle();
    in_pieces(reader.payload_offset(), |offset, piece| {
        file.read_exact_at(offset, piece)?;
        identifier.front(piece);
        Ok(())
    })?;
    let digest = |asset: &Asset| {
        Ok(ContentId { digest: digest_at(file, reader.start_of(asset), asset.size)?, size: asset.size })
    };
    let payloads: Vec<ContentId> = reader.assets().par_iter().map(digest).collect::<io::Result<_>>()?;
    payloads.into_iter().for_each(|id| identifier.payload(id));
    Ok(Some(identifier.finish()))
}

/// Where `name` is published, below the workspace.
pub(crate) fn published_path(name: &str) -> Utf8PathBuf {
    Utf8Path::new(BUILD).join(name)
}

/// What stands in the place of an output. The packer replaces only its own files.
pub(crate) fn blocked_places(fs: &dyn FileSystem) -> io::Result<Vec<Diagnostic>> {
    let mut faults = Vec::new();
    match expect_places(fs, &mut faults) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            let fault = Diagnostic::error(Code::OutputBlocked, "papack may not look into the folder of outputs");
            faults.push(fault.at(BUILD).with_help("check its permissions"));
        }
        other => other?,
    }
    Ok(faults)
}

fn expect_places(fs: &dyn FileSystem, faults: &mut Vec<Diagnostic>) -> io::Result<()> {
    let mut expect = |path: &Utf8Path, expected: NodeKind| -> io::Result<bool> {
        let found = fs.kind(path)?;
        if found.is_some_and(|found| found != expected) {
            let (found, expected) = (found.map_or("", describe), describe(expected));
            let message = format!("{found} is where papack puts {expected}");
            faults.push(Diagnostic::error(Code::OutputBlocked, message).at(path.as_str()).with_help("move it away"));
        }
        Ok(found == Some(expected))
    };
    if expect(Utf8Path::new(BUILD), NodeKind::Folder)? {
        expect(Utf8Path::new(staging::STAGING), NodeKind::Folder)?;
        for name in NAMES {
            expect(&published_path(name), NodeKind::File)?;
        }
    }
    Ok(())
}

pub(crate) fn describe(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::File => "a file",
        NodeKind::Folder => "a folder",
        NodeKind::Link => "a symbolic link",
        NodeKind::Special => "a FIFO, socket or device",
    }
}

/// The digest of `size` bytes of `file` from `start` on, read in pieces.
pub(crate) fn digest_at(file: &dyn FileHandle, start: u64, size: u64) -> io::Result<Digest> {
    let mut hasher = blake3::Hasher::new();
    in_pieces(size, |offset, piece| {
        file.read_exact_at(start + offset, piece)?;
        hasher.update(piece);
        Ok(())
    })?;
    Ok(Digest(*hasher.finalize().as_bytes()))
}
