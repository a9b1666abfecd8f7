//! The image data of a PNG file: one zlib stream, cut into `IDAT` chunks.

use std::cell::Cell;

use flate2::{Decompress, FlushDecompress, Status};

use super::Piece;

/// Most and least inflated bytes held at a time. An image that fits is inflated at once, straight to its place;
/// otherwise what the stream may refer back to is copied for each part.
const MAX_BUFFER: usize = 512 * 1024;
const MIN_BUFFER: usize = 4 * 1024;

/// The inflated image data, from which rows are taken from its beginning to its end.
pub(super) struct Inflated<'a> {
    pieces: std::slice::Iter<'a, Piece<'a>>,
    /// What is left of the piece being read, and its place in the file.
    current: Piece<'a>,
    workshop: Workshop,
    /// Whether the end of the stream was reached and its Adler-32 found right.
    ended: bool,
    /// How much of the buffer is used. It follows from the image alone, so that faults do.
    size: usize,
    /// The inflated bytes that were not taken.
    start: usize,
    end: usize,
    /// How many bytes `IHDR` implies.
    implied: u64,
}

/// What inflating needs. To make it anew for each small image costs as much as to inflate that.
struct Workshop {
    zlib: Decompress,
    buffer: Vec<u8>,
}

thread_local! {
    static WORKSHOP: Cell<Option<Workshop>> = const { Cell::new(None) };
}

impl<'a> Inflated<'a> {
    /// The data of `pieces`, of which `implied` bytes are going to be taken, at most `longest` at a time, and as many
    /// looked back at.
    pub(super) fn new(pieces: &'a [Piece<'a>], implied: u64, longest: usize) -> Self {
        // A byte more, so that the end of the stream is seen together with the last row.
        let whole = usize::try_from(implied).map_or(MAX_BUFFER, |implied| implied.saturating_add(1));
        let size = whole.clamp(MIN_BUFFER, MAX_BUFFER).max(longest.saturating_mul(2));
        // Where it is in use already, another one is made.
        let mut workshop =
            WORKSHOP.take().unwrap_or_else(|| Workshop { zlib: Decompress::new(true), buffer: Vec::new() });
        workshop.zlib.reset(true);
        if workshop.buffer.len() < size {
            workshop.buffer.resize(size, 0);
        }
        let current = Piece { offset: 0, bytes: &[] };
        Self { pieces: pieces.iter(), current, workshop, ended: false, size, start: 0, end: 0, implied }
    }

    /// The `behind` bytes that were taken last, and the next `count`; or why these cannot be had.
    pub(super) fn take(&mut self, behind: usize, count: usize) -> Result<(&[u8], &mut [u8]), String> {
        if self.end - self.start < count {
            self.keep(behind);
            self.fill()?;
            if self.end - self.start < count {
                return Err(format!(
                    "the image data inflates to {} bytes, less than the {} that IHDR implies",
                    self.workshop.zlib.total_out(),
                    self.implied
                ));
            }
        }
        let (taken, rest) = self.workshop.buffer.split_at_mut(self.start);
        self.start += count;
        Ok((&taken[taken.len() - behind..], &mut rest[..count]))
    }

    /// Inflates what is left, to see that the stream ends as it should. More data than `IHDR` implies is no fault.
    pub(super) fn finish(mut self) -> Result<(), String> {
        while !self.ended {
            (self.start, self.end) = (0, 0);
            self.fill()?;
        }
        if self.workshop.buffer.len() <= MAX_BUFFER {
            WORKSHOP.set(Some(self.workshop));
        }
        Ok(())
    }

    /// Moves what was not taken, with `behind` bytes before it, to the beginning of the buffer.
    fn keep(&mut self, behind: usize) {
        let from = self.start - behind;
        self.workshop.buffer.copy_within(from..self.end, 0);
        (self.start, self.end) = (behind, self.end - from);
    }

    /// Fills the buffer with the next bytes; fewer only at the end of the stream.
    fn fill(&mut self) -> Result<(), String> {
        let Workshop { zlib, buffer } = &mut self.workshop;
        while !self.ended && self.end < self.size {
            if self.current.bytes.is_empty()
                && let Some(piece) = self.pieces.next()
            {
                self.current = *piece;
            }
            let (before_in, before_out) = (zlib.total_in(), zlib.total_out());
            // Told to finish, it keeps no copy of what it inflated if all of it fits.
            let result = zlib.decompress(self.current.bytes, &mut buffer[self.end..self.size], FlushDecompress::Finish);
            // Both differences are within the slices that were passed.
            let consumed = (zlib.total_in() - before_in) as usize;
            let produced = (zlib.total_out() - before_out) as usize;
            self.current.bytes = self.current.bytes.get(consumed..).unwrap_or_default();
            self.current.offset += consumed;
            self.end += produced;
            let offset = self.current.offset;
            match result {
                Ok(Status::StreamEnd) => self.ended = true,
                Ok(Status::Ok | Status::BufError) => {
                    let stuck = consumed == 0 && produced == 0;
                    if stuck && self.current.bytes.is_empty() && self.pieces.len() == 0 {
                        return Err(format!(
                            "the image data is cut off at byte {offset}, where its zlib stream has not ended"
                        ));
                    }
                    if stuck && !self.current.bytes.is_empty() {
                        return Err(format!("the image data cannot be inflated at byte {offset}"));
                    }
                }
                Err(error) => {
                    let reason = error.message().unwrap_or("not a valid zlib stream");
                    return Err(format!("the image data cannot be inflated at byte {offset}: {reason}"));
                }
            }
        }
        Ok(())
    }
}
