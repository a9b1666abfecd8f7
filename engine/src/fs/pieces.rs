//! Contents, moved in pieces: they take little memory, however large they are.

use std::cell::Cell;
use std::io;

/// How much of a content is moved at a time, in bytes.
pub(crate) const PIECE: usize = 1024 * 1024;

/// Calls `each` with the offset of, and a buffer for, every piece of `size` bytes.
pub(crate) fn in_pieces(size: u64, mut each: impl FnMut(u64, &mut [u8]) -> io::Result<()>) -> io::Result<()> {
    let longest = usize::try_from(size).map_or(PIECE, |size| size.min(PIECE));
    with_buffer(longest, |buffer| pieces(size).try_for_each(|(offset, length)| each(offset, &mut buffer[..length])))
}

/// Calls `operate` with a buffer of `size` bytes, at most [`PIECE`], of any content.
pub(crate) fn with_buffer<T>(size: usize, operate: impl FnOnce(&mut [u8]) -> T) -> T {
    thread_local! {
        // Kept for each thread: to clear memory for each small file costs more than to read the file.
        static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
    }
    // Where the buffer is in use already, another one is made.
    let mut buffer = BUFFER.take();
    if buffer.len() < size {
        buffer.resize(size, 0);
    }
    let result = operate(&mut buffer[..size]);
    BUFFER.set(buffer);
    result
}

/// The offset and the length of every piece of `size` bytes. No piece is longer than the first.
pub(crate) fn pieces(size: u64) -> impl Iterator<Item = (u64, usize)> {
    (0..size)
        .step_by(PIECE)
        .map(move |offset| (offset, usize::try_from(size - offset).map_or(PIECE, |rest| rest.min(PIECE))))
}
