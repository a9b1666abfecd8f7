//! The index of the cache: what an operation saw and concluded, for the next process.
//!
//! ```text
//! index = version line · section (head) · section (rest)
//! section = bytes (u64, little-endian) · BLAKE3 of the body · body
//! ```
//!
//! The head is what an operation needs that has nothing to do; the rest is only read when there is something. It is one
//! file, so that both are of one operation, replaced whole by a rename, and not flushed: what a power cut leaves of it is
//! recognized by its digests.

use std::io;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use papack_queries::diagnostic::{Diagnostic, stored};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::clock;
use crate::event::OperationId;
use crate::fs::{FileHandle, FileSystem, NodeKind, Stamp, booted_ns};
use crate::known::Facts;
use crate::lane::CACHE;
use crate::projection::Filter;
use crate::published::{Generation, PublishedFile};
use crate::seen::Seen;

/// How a version is told from any other: by the program's and by that of this format.
const VERSION_LINE: &str = concat!("papack ", env!("CARGO_PKG_VERSION"), " cache index 1\n");

/// What the name of an index begins with that is not complete. Its operation follows.
const NEW: &str = "index-";

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
        let (file, stamp) = match fs.open(&path()) {
            Ok(opened) => opened,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Unusable::Missing),
            Err(_) => return Err(Unusable::Foreign),
        };
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

/// Reads a section that begins at `start` of a file with `size` bytes, and tells where it ends.
fn read_section<T: DeserializeOwned>(file: &dyn FileHandle, start: u64, size: u64) -> Option<(T, u64)> {
    let mut frame = [0; 40];
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
/// The operating system's. What was there before is there still.
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
    let (head, rest) = rayon::join(
        || section(&HeadRef { saved_ns: clock::now_ns(), seen, conclusions }),
        || section(&RestRef { facts, generation }),
    );
    remove_litter(&**fs);
    let new = Utf8Path::new(CACHE).join(format!("{NEW}{operation}"));
    let written = write(&**fs, &new, &[VERSION_LINE.as_bytes(), &head?, &rest?]);
    let renamed = written.and_then(|()| fs.rename(&new, &path()));
    if renamed.is_err() {
        drop(fs.remove_file(&new));
    }
    renamed
}

/// Removes what processes left that died while they wrote an index. One that lives, as a check may, writes its own next time.
fn remove_litter(fs: &dyn FileSystem) {
    for (name, kind) in fs.list(Utf8Path::new(CACHE)).unwrap_or_default() {
        if let Some(name) = name.to_str().filter(|name| kind == NodeKind::File && name.starts_with(NEW)) {
            drop(fs.remove_file(&Utf8Path::new(CACHE).join(name)));
        }
    }
}

fn section(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut section = postcard::to_extend(value, vec![0; 40]).map_err(io::Error::other)?;
    let (frame, body) = section.split_at_mut(40);
    if body.len() > MAX_SECTION {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    frame[..8].copy_from_slice(&(body.len() as u64).to_le_bytes());
    frame[8..].copy_from_slice(blake3::hash(body).as_bytes());
    Ok(section)
}

fn write(fs: &dyn FileSystem, path: &Utf8Path, parts: &[&[u8]]) -> io::Result<()> {
    let file = fs.create(path)?;
    let mut offset = 0;
    for part in parts {
        file.write_all_at(offset, part)?;
        offset += part.len() as u64;
    }
    Ok(())
}
