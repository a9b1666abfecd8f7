//! The index of the cache: what an operation saw and concluded, for the next process.
//!
//! ```text
//! index = version line · sequences · end · bytes of the end (u64, little-endian) · keyed BLAKE3 of line and end
//! sequences = folders · registry entries · assets · payloads
//! sequence = pieces, each with up to 1,024 items
//! ```
//!
//! The sequences are nearly all of it, and are known before anything is published: a pack writes them while it waits for the
//! disk. The end tells what is known when all is done, and size and digest of each piece, and so holds it all together: it
//! is authenticated, with the version line, and nothing is read before. An operation that has nothing to do reads the end
//! and the folders, and not the rest.
//!
//! It is one file, so that all is of one operation, renamed to its place when it is whole, and not flushed: what a power
//! cut leaves of it is recognized by its digests.

mod format;
mod reader;
mod sequence;
#[cfg(test)]
mod tests;
mod writer;

pub(crate) use format::{CleanRun, IndexBody, PublishedRun, found, path};
pub(crate) use reader::{IndexReader, Unusable};
pub(crate) use writer::IndexWriter;
