//! The four outputs: what they hold, whether they are published already, and how they get below `build/`.
//!
//! ```text
//! Output ──stage──▶ build/.staging/<operation-id>/ ──journal──▶ coherent ──promote──▶ build/
//! ```

pub(crate) mod journal;
pub(crate) mod staging;
pub(crate) mod traces;

use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use papack_queries::content::{Content, ContentId, Digest};
use papack_queries::diagnostic::{Code, Diagnostic};
use rayon::prelude::*;

use crate::fs::{FileHandle, FileSystem, NodeKind};

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

/// How much of a content is moved at a time.
pub(crate) const PIECE: usize = 1024 * 1024;

/// One output: some bytes, then contents one after the other.
pub(crate) struct Output<'a> {
    pub(crate) name: &'static str,
    pub(crate) front: Vec<&'a [u8]>,
    pub(crate) contents: &'a [Placed],
}

/// A content and where it begins, in bytes from the end of the front.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Placed {
    pub(crate) id: ContentId,
    pub(crate) offset: u64,
}

impl Output<'_> {
    fn front_size(&self) -> u64 {
        self.front.iter().map(|part| part.len() as u64).sum()
    }

    /// Bytes of the whole output.
    pub(crate) fn size(&self) -> u64 {
        self.front_size() + self.contents.last().map_or(0, |last| last.offset + last.id.size)
    }

    /// Whether `build/` has exactly these bytes already.
    pub(crate) fn is_published(&self, fs: &dyn FileSystem) -> io::Result<bool> {
        let (file, stamp) = match fs.open(&published_path(self.name)) {
            Ok(opened) => opened,
            // What may not be read may still be replaced.
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied) => {
                return Ok(false);
            }
            Err(error) => return Err(error),
        };
        if stamp.size != self.size() {
            return Ok(false);
        }
        match self.equals(&*file) {
            // It became shorter meanwhile.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
            other => other,
        }
    }

    fn equals(&self, file: &dyn FileHandle) -> io::Result<bool> {
        let mut offset = 0;
        for part in &self.front {
            let mut published = vec![0; part.len()];
            file.read_exact_at(offset, &mut published)?;
            if published != *part {
                return Ok(false);
            }
            offset += part.len() as u64;
        }
        let differs = |placed: &Placed| match digest_at(file, offset + placed.offset, placed.id.size) {
            Ok(digest) if digest == placed.id.digest => None,
            Ok(_) => Some(Ok(false)),
            Err(error) => Some(Err(error)),
        };
        self.contents.par_iter().find_map_any(differs).unwrap_or(Ok(true))
    }

    /// Fills `buffer` from `offset`, as a file with these bytes would; an error of kind `UnexpectedEof` when the output
    /// ends before.
    pub(crate) fn read_at(&self, content: &dyn Content, mut offset: u64, mut buffer: &mut [u8]) -> io::Result<()> {
        for part in &self.front {
            let start = usize::try_from(offset).map_or(part.len(), |start| start.min(part.len()));
            let length = buffer.len().min(part.len() - start);
            let (head, rest) = buffer.split_at_mut(length);
            head.copy_from_slice(&part[start..start + length]);
            buffer = rest;
            offset -= start as u64;
        }
        let first = self.contents.partition_point(|placed| placed.offset + placed.id.size <= offset);
        for placed in &self.contents[first..] {
            let start = offset - placed.offset;
            let length = usize::try_from(placed.id.size - start).map_or(buffer.len(), |rest| rest.min(buffer.len()));
            let (head, rest) = buffer.split_at_mut(length);
            content.read_at(placed.id, start, head)?;
            buffer = rest;
            offset += length as u64;
            if buffer.is_empty() {
                break;
            }
        }
        if buffer.is_empty() { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    /// Writes the output to a new file at `path` and flushes it. Returns the digest of the whole file.
    pub(crate) fn write(&self, fs: &dyn FileSystem, path: &Utf8Path, content: &dyn Content) -> io::Result<Digest> {
        let file = fs.create(path)?;
        let mut offset = 0;
        for part in &self.front {
            file.write_all_at(offset, part)?;
            offset += part.len() as u64;
        }
        self.contents.par_iter().try_for_each(|placed| copy(content, placed.id, &*file, offset + placed.offset))?;
        // The disk is slow and the processor idle meanwhile.
        let (synced, digest) = rayon::join(|| file.sync(), || digest_at(&*file, 0, self.size()));
        synced?;
        digest
    }
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

/// Copies a content to `start` of `file`, and makes sure that it is what its handle says.
fn copy(content: &dyn Content, id: ContentId, file: &dyn FileHandle, start: u64) -> io::Result<()> {
    let mut hasher = blake3::Hasher::new();
    in_pieces(id.size, |offset, piece| {
        content.read_at(id, offset, piece)?;
        hasher.update(piece);
        file.write_all_at(start + offset, piece)
    })?;
    if Digest(*hasher.finalize().as_bytes()) != id.digest {
        return Err(io::Error::other(format!("content {} was altered after it was read", id.digest)));
    }
    Ok(())
}

/// Calls `each` with the offset of, and a buffer for, every piece of `size` bytes.
pub(crate) fn in_pieces(size: u64, mut each: impl FnMut(u64, &mut [u8]) -> io::Result<()>) -> io::Result<()> {
    let mut buffer = Vec::new();
    for (offset, length) in pieces(size) {
        buffer.resize(length, 0);
        each(offset, &mut buffer)?;
    }
    Ok(())
}

/// The offset and the length of every piece of `size` bytes. No piece is longer than the first.
pub(crate) fn pieces(size: u64) -> impl Iterator<Item = (u64, usize)> {
    (0..size)
        .step_by(PIECE)
        .map(move |offset| (offset, usize::try_from(size - offset).map_or(PIECE, |rest| rest.min(PIECE))))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::store::Store;

    #[test]
    fn an_output_reads_like_the_file_that_it_becomes() {
        let store = Store::new(|| Err(io::ErrorKind::Unsupported.into()));
        let mut whole = b"prelude, header".to_vec();
        let mut contents = Vec::new();
        for bytes in [&b"first"[..], b"", b"s", b"third"] {
            contents.push(Placed { id: store.put(bytes).unwrap(), offset: whole.len() as u64 - 15 });
            whole.extend(bytes);
        }
        let output = Output { name: ASSETS_PA, front: vec![b"prelude, ", b"", b"header"], contents: &contents };
        assert_eq!(output.size(), whole.len() as u64);
        for start in 0..=whole.len() {
            for end in start..=whole.len() {
                let mut buffer = vec![0; end - start];
                output.read_at(&store, start as u64, &mut buffer).unwrap();
                assert_eq!(buffer, whole[start..end]);
            }
            let mut beyond = vec![0; whole.len() - start + 1];
            let error = output.read_at(&store, start as u64, &mut beyond).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        }
    }
}
