//! Compressed pixels and tiles: a zlib stream of which the size is known before.

use flate2::{Decompress, FlushDecompress, Status};

/// Deflate turns a byte into at most so many.
const MAX_RATIO: usize = 1032;

/// The bytes of the zlib stream `data`, which must be `length`; or why they cannot be had. Where `data` are too few for
/// that, no memory is taken.
pub(super) fn inflate(data: &[u8], length: usize) -> Result<Vec<u8>, String> {
    if length > data.len().saturating_mul(MAX_RATIO) {
        return Err(format!("{} compressed bytes inflate to less than the {length} that are needed", data.len()));
    }
    // A byte more, so that the end of the stream is seen, and a stream that is too long.
    let mut bytes = Vec::with_capacity(length.saturating_add(1));
    let mut zlib = Decompress::new(true);
    match zlib.decompress_vec(data, &mut bytes, FlushDecompress::Finish) {
        Ok(Status::StreamEnd) if bytes.len() == length => Ok(bytes),
        Ok(_) if bytes.len() > length => Err(format!("the compressed data inflate to more than {length} bytes")),
        Ok(Status::StreamEnd) => {
            Err(format!("the compressed data inflate to {} bytes, less than the {length} that are needed", bytes.len()))
        }
        Ok(Status::Ok | Status::BufError) => {
            Err("the compressed data are cut off: their zlib stream does not end".into())
        }
        Err(error) => {
            let reason = error.message().unwrap_or("not a valid zlib stream");
            Err(format!("the compressed data cannot be inflated: {reason}"))
        }
    }
}
