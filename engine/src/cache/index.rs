//! The index of the cache: what an operation saw and concluded, for the next process.
//!
//! ```text
//! index = version line · section (head) · section (rest)
//! section = bytes (u64, little-endian) · BLAKE3 of the body · body
//! ```
//!
//! The head is what an operation needs that has nothing to do; the rest is only read when there is something. It is one
//! file, so that both are of one operation, renamed to its place when it is whole, and not flushed: what a power cut leaves of it is
//! recognized by its digests.

use std::io;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use papack_queries::diagnostic::{Diagnostic, stored};
use postcard::ser_flavors::Flavor;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::clock;
use crate::event::OperationId;
use crate::fs::{FileHandle, FileSystem, Stamp, booted_ns, remove_all};
use crate::known::Facts;
use crate::lane::CACHE;
use crate::projection::Filter;
use crate::published::{Generation, PublishedFile};
use crate::seen::Seen;

/// How a version is told from any other: by the program's and by that of this format.
const VERSION_LINE: &str = concat!("papack ", env!("CARGO_PKG_VERSION"), " cache index 2\n");

/// How the name of an index begins that is being written.
const UNFINISHED: &str = "index-";

/// How long the kernel may take to write what a program has written, in nanoseconds.
const WRITE_BACK_NS: i64 = 60_000_000_000;

/// Bytes that a section may have, which is held in memory as a whole: some hundred thousand assets.
const MAX_SECTION: usize = 512 * 1024 * 1024;

/// What is read of every index.
#[derive(Serialize, Deserialize)]
pub(crate) struct Head {
    /// When it was written.
    saved_ns: i64,
    pub(crate) seen: Seen,
    pub(crate) conclusions: Vec<Conclusion>,
}

/// What is only needed when something changed.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Rest {
    pub(crate) facts: Facts,
    pub(crate) generation: Option<Generation>,
}

/// How an operation ended that found nothing wrong: it ends so again as long as nothing changes.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Conclusion {
    /// Which assets it looked into.
    pub(crate) filter: Filter,
    /// Those assets.
    pub(crate) asset_ids: Vec<u32>,
    /// How many artifact files they have.
    pub(crate) file_count: usize,
    /// What was told at the gate.
    #[serde(with = "stored")]
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Of a pack, what was published.
    pub(crate) published: Option<Concluded>,
}

/// What a pack published.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Concluded {
    pub(crate) outputs: [PublishedFile; 4],
    pub(crate) header_bytes: u64,
    pub(crate) payload_bytes: u64,
}

impl Concluded {
    /// Whether `found` are the stamps of outputs that nobody touched since.
    pub(crate) fn is_untouched(&self, found: &[Option<Stamp>; 4]) -> bool {
        self.outputs.iter().zip(found).all(|(output, found)| output.stamp.is_some() && output.stamp == *found)
    }
}

/// An index of which the head was read.
pub(crate) struct Opened {
    file: Box<dyn FileHandle>,
    rest_at: u64,
}

/// Why there is nothing to go on from.
pub(crate) enum Unusable {
    /// There is no index.
    Missing,
    /// What is there is none, of another version, or damaged.
    Foreign,
}

/// Where the index lies, below the workspace.
pub(crate) fn path() -> Utf8PathBuf {
    Utf8Path::new(CACHE).join("index")
}

impl Opened {
    /// Opens the index of a workspace.
    pub(crate) fn open(fs: &dyn FileSystem) -> Result<(Self, Head), Unusable> {
        let (file, stamp) = fs.open(&path()).map_err(|error| match error.kind() {
            // Something else than a folder is in the place of the cache, or nobody may look into it.
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::PermissionDenied => {
                Unusable::Missing
            }
            _ => Unusable::Foreign,
        })?;
        let mut line = vec![0; VERSION_LINE.len()];
        let start = line.len() as u64;
        file.read_exact_at(0, &mut line).map_err(|_| Unusable::Foreign)?;
        if line != VERSION_LINE.as_bytes() {
            return Err(Unusable::Foreign);
        }
        let (mut head, rest_at): (Head, u64) = read_section(&*file, start, stamp.size).ok_or(Unusable::Foreign)?;
        // A power cut may keep the new stamp of a file and lose its new content.
        if booted_ns().is_none_or(|booted| booted >= head.saved_ns) {
            head.seen.distrust(head.saved_ns.saturating_sub(WRITE_BACK_NS));
        }
        Ok((Self { file, rest_at }, head))
    }

    /// Reads what is only needed when something changed; none where it is damaged.
    pub(crate) fn rest(&self) -> Option<Rest> {
        let size = self.file.stamp().ok()?.size;
        read_section(&*self.file, self.rest_at, size).map(|(rest, _)| rest)
    }
}

/// Bytes before the body of a section.
const FRAME: u64 = 40;

/// Reads a section that begins at `start` of a file with `size` bytes, and tells where it ends.
fn read_section<T: DeserializeOwned>(file: &dyn FileHandle, start: u64, size: u64) -> Option<(T, u64)> {
    let mut frame = [0; FRAME as usize];
    file.read_exact_at(start, &mut frame).ok()?;
    let (length, digest) = frame.split_at(8);
    let length = u64::from_le_bytes(length.try_into().ok()?);
    let body_at = start + frame.len() as u64;
    let end = body_at.checked_add(length).filter(|end| *end <= size)?;
    let mut body = vec![0; usize::try_from(length).ok().filter(|length| *length <= MAX_SECTION)?];
    file.read_exact_at(body_at, &mut body).ok()?;
    if blake3::hash(&body).as_bytes() != digest {
        return None;
    }
    Some((postcard::from_bytes(&body).ok()?, end))
}

/// Writes the index anew.
///
/// # Errors
///
/// The operating system's. Then there may be no index.
pub(crate) fn save(
    fs: &Arc<dyn FileSystem>,
    operation: &OperationId,
    seen: &Seen,
    conclusions: &[Conclusion],
    facts: &Facts,
    generation: Option<&Generation>,
) -> io::Result<()> {
    /// As [`Head`].
    #[derive(Serialize)]
    struct HeadRef<'a> {
        saved_ns: i64,
        seen: &'a Seen,
        conclusions: &'a [Conclusion],
    }
    /// As [`Rest`].
    #[derive(Serialize)]
    struct RestRef<'a> {
        facts: &'a Facts,
        generation: Option<&'a Generation>,
    }
    remove_unfinished(&**fs);
    let new = Utf8Path::new(CACHE).join(format!("{UNFINISHED}{operation}"));
    let written = fs.create(&new).and_then(|file| {
        let start = VERSION_LINE.len() as u64;
        file.write_all_at(0, VERSION_LINE.as_bytes())?;
        let rest_at = write_section(&*file, start, &HeadRef { saved_ns: clock::now_ns(), seen, conclusions })?;
        write_section(&*file, rest_at, &RestRef { facts, generation })
    });
    let renamed = written.and_then(|_| {
        // File systems flush what replaces a file, and this is not worth waiting for. A folder may be there instead.
        if fs.remove_file(&path()).is_err() {
            remove_all(&**fs, &path());
        }
        fs.rename(&new, &path())
    });
    if renamed.is_err() {
        drop(fs.remove_file(&new));
    }
    renamed
}

/// Removes what those left that were killed while they wrote. Where one of them still writes, its index is lost, which is as
/// well: this one is newer.
fn remove_unfinished(fs: &dyn FileSystem) {
    for (name, _) in fs.list(Utf8Path::new(CACHE)).unwrap_or_default() {
        if let Some(name) = name.to_str().filter(|name| name.starts_with(UNFINISHED)) {
            drop(fs.remove_file(&Utf8Path::new(CACHE).join(name)));
        }
    }
}

/// Writes `value` as a section that begins at `start`, and tells where it ends.
fn write_section(file: &dyn FileHandle, start: u64, value: &impl Serialize) -> io::Result<u64> {
    let mut body = Body { file, end: start + FRAME, hasher: blake3::Hasher::new(), piece: Vec::new(), fault: None };
    let serialized = postcard::serialize_with_flavor(value, &mut body);
    if let Some(fault) = body.fault.take() {
        return Err(fault);
    }
    serialized.map_err(io::Error::other)?;
    body.flush()?;
    let mut frame = (body.end - start - FRAME).to_le_bytes().to_vec();
    frame.extend_from_slice(body.hasher.finalize().as_bytes());
    file.write_all_at(start, &frame)?;
    Ok(body.end)
}

/// A section on its way into a file. It may be large, and so it is never in memory as a whole.
struct Body<'f> {
    file: &'f dyn FileHandle,
    /// Where in the file the next piece goes.
    end: u64,
    hasher: blake3::Hasher,
    piece: Vec<u8>,
    /// Why the last piece was not written: the serializer has no place for it.
    fault: Option<io::Error>,
}

impl Body<'_> {
    /// Bytes that are written at a time.
    const PIECE: usize = 256 * 1024;

    fn flush(&mut self) -> io::Result<()> {
        if self.hasher.count() > MAX_SECTION as u64 {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.hasher.update(&self.piece);
        self.file.write_all_at(self.end, &self.piece)?;
        self.end += self.piece.len() as u64;
        self.piece.clear();
        Ok(())
    }
}

impl Flavor for &mut Body<'_> {
    type Output = ();

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.try_extend(&[byte])
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() < Body::PIECE {
            return Ok(());
        }
        self.flush().map_err(|fault| {
            self.fault = Some(fault);
            postcard::Error::SerializeBufferFull
        })
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}
