//! The image data of a PNG file: one zlib stream, cut into `IDAT` chunks.

use flate2::{Decompress, FlushDecompress, Status};

use super::Piece;

/// Most and least inflated bytes kept between reads. Inflating is slow when it is asked for few bytes at a time.
const MAX_BUFFER: usize = 64 * 1024;
const MIN_BUFFER: usize = 4 * 1024;

/// The inflated image data, read from its beginning to its end.
pub(super) struct Inflated<'a> {
    pieces: std::slice::Iter<'a, Piece<'a>>,
    /// What is left of the piece being read, and its place in the file.
    current: Piece<'a>,
    zlib: Decompress,
    /// Whether the end of the stream was reached and its Adler-32 found right.
    ended: bool,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    /// How many bytes `IHDR` implies.
    implied: u64,
}

impl<'a> Inflated<'a> {
    /// The data of `pieces`, of which `implied` bytes are going to be read.
    pub(super) fn new(pieces: &'a [Piece<'a>], implied: u64) -> Self {
        let size = usize::try_from(implied).map_or(MAX_BUFFER, |implied| implied.clamp(MIN_BUFFER, MAX_BUFFER));
        Self {
            pieces: pieces.iter(),
            current: Piece { offset: 0, bytes: &[] },
            zlib: Decompress::new(true),
            ended: false,
            buffer: vec![0; size].into(),
            start: 0,
            end: 0,
            implied,
        }
    }

    /// Fills `out` with the next bytes, or says why that cannot be done.
    pub(super) fn read(&mut self, mut out: &mut [u8]) -> Result<(), String> {
        while !out.is_empty() {
            if self.start == self.end {
                self.refill()?;
                if self.end == 0 {
                    return Err(format!(
                        "the image data inflates to {} bytes, less than the {} that IHDR implies",
                        self.zlib.total_out(),
                        self.implied
                    ));
                }
            }
            let count = out.len().min(self.end - self.start);
            let (now, later) = out.split_at_mut(count);
            now.copy_from_slice(&self.buffer[self.start..self.start + count]);
            self.start += count;
            out = later;
        }
        Ok(())
    }

    /// Inflates what is left, to see that the stream ends as it should. More data than `IHDR` implies is no fault.
    pub(super) fn finish(mut self) -> Result<(), String> {
        while !self.ended {
            self.refill()?;
        }
        Ok(())
    }

    /// Replaces the buffer's bytes by the next ones; by none only at the end of the stream.
    fn refill(&mut self) -> Result<(), String> {
        (self.start, self.end) = (0, 0);
        while !self.ended && self.end < self.buffer.len() {
            if self.current.bytes.is_empty()
                && let Some(piece) = self.pieces.next()
            {
                self.current = *piece;
            }
            let (before_in, before_out) = (self.zlib.total_in(), self.zlib.total_out());
            let out = &mut self.buffer[self.end..];
            let result = self.zlib.decompress(self.current.bytes, out, FlushDecompress::None);
            // Both differences are within the slices that were passed.
            let consumed = (self.zlib.total_in() - before_in) as usize;
            let produced = (self.zlib.total_out() - before_out) as usize;
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
