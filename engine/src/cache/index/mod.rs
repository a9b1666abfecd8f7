//! The cache index: the file that keeps the build state and the clean runs for the next process.
//!
//! ```text
//! index = version line · sequences · end · bytes of the end (u64, little-endian) · keyed BLAKE3 of line and end
//! sequences = folders · registry entries · assets · payloads
//! sequence = pieces, each with up to 1,024 items
//! ```
//!
//! The sequences are nearly all of the file. Their content is settled before anything is published, so a pack writes
//! them while it waits for the disk. The end has what is settled only after publication. It also has the size and
//! digest of each piece, and it is authenticated together with the version line, so it vouches for the whole file.
//! Nothing else is read before it. An operation that has nothing to do reads the end and the folders only, and keeps no folder.
//!
//! It is one file, so that everything in it is of one operation. It is renamed to its place when it is complete. It is
//! not flushed: what a power cut damages is detected by the digests.

mod format;
mod reader;
mod sequence;
#[cfg(test)]
mod tests;
mod writer;

pub(crate) use format::{CleanRun, IndexBody, PublishedRun, path, stat};
pub(crate) use reader::{IndexReader, Unusable};
pub(crate) use writer::IndexWriter;
