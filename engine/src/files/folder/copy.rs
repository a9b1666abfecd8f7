//! Copying parts of a payload to new files.

use std::io;
use std::ops::Range;

use papack_queries::extraction::{ExtractedFile, FileContent};
use papack_queries::formats::tiles::Picture;

use super::fault::failed_call;
use super::halt::Halt;
use crate::fs::{FileHandle, pieces};
use crate::operation::Cancel;

/// The bytes of a payload, wherever they are.
pub(in crate::files) struct Payload<'p> {
    /// What holds them, for errors.
    pub(in crate::files) holder: &'p str,
    /// How many there are.
    pub(in crate::files) size: u64,
    /// Fills a buffer with the bytes that begin at an offset.
    pub(in crate::files) read: &'p dyn Fn(u64, &mut [u8]) -> io::Result<()>,
}

impl Payload<'_> {
    /// The bytes `part`. An error where there are none such, or they do not fit in memory.
    fn part(&self, part: &Range<u64>) -> io::Result<Vec<u8>> {
        let size = part.end.checked_sub(part.start).filter(|_| part.end <= self.size);
        let size = usize::try_from(size.ok_or(io::ErrorKind::InvalidInput)?).map_err(io::Error::other)?;
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(size)?;
        bytes.resize(size, 0);
        (self.read)(part.start, &mut bytes)?;
        Ok(bytes)
    }
}

/// A new file.
pub(super) struct Target<'t> {
    pub(super) handle: &'t dyn FileHandle,
    /// Its name for people.
    pub(super) shown: &'t str,
}

impl Target<'_> {
    fn write(&self, offset: u64, bytes: &[u8]) -> Result<u64, Halt> {
        match self.handle.write_all_at(offset, bytes) {
            Ok(()) => Ok(bytes.len() as u64),
            Err(error) => Err(failed_call(self.shown, &error).into()),
        }
    }
}

/// Copies parts of one payload.
pub(super) struct Copy<'c> {
    pub(super) payload: &'c Payload<'c>,
    pub(super) cancel: &'c Cancel,
}

impl Copy<'_> {
    /// Writes `file`, and returns how many bytes it has.
    pub(super) fn file(&self, file: &ExtractedFile<'_>, target: &Target<'_>) -> Result<u64, Halt> {
        self.check_cancelled()?;
        match &file.content {
            FileContent::Bytes(range) => self.bytes(range, 0, target),
            FileContent::Picture(picture) => {
                let png = self.png(picture).map_err(|error| self.unreadable(&error))?;
                target.write(0, &png)
            }
            FileContent::Sample(wave, range) => {
                let mut size = target.write(0, &wave.front)?;
                size += self.bytes(range, size, target)?;
                Ok(size + target.write(size, &wave.back)?)
            }
        }
    }

    /// The picture as a PNG file: a few MiB at most, since the size of pictures is limited.
    fn png(&self, picture: &Picture) -> io::Result<Vec<u8>> {
        picture.png(&self.payload.part(&picture.pixels)?, &self.payload.part(&picture.palette)?)
    }

    /// Copies `range` of the payload to the byte `start` of the file, piece by piece. Returns how many bytes it copied.
    fn bytes(&self, range: &Range<u64>, start: u64, target: &Target<'_>) -> Result<u64, Halt> {
        let size = range.end - range.start;
        let mut buffer = Vec::new();
        for (offset, length) in pieces(size) {
            self.check_cancelled()?;
            buffer.resize(length, 0);
            let read = (self.payload.read)(range.start + offset, &mut buffer);
            read.map_err(|error| self.unreadable(&error))?;
            target.write(start + offset, &buffer)?;
        }
        Ok(size)
    }

    fn check_cancelled(&self) -> Result<(), Halt> {
        if self.cancel.is_cancelled() { Err(Halt::Cancelled) } else { Ok(()) }
    }

    fn unreadable(&self, error: &io::Error) -> Halt {
        failed_call(self.payload.holder, error).into()
    }
}
