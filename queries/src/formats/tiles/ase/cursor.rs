//! Bytes of an Aseprite file, read one value after the other.

use std::borrow::Cow;

/// What is left of a part of the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    /// Where the bytes begin in the file.
    offset: usize,
    /// What the part is, as messages name it: `the layer chunk`.
    name: &'static str,
}

impl<'a> Cursor<'a> {
    /// Reads `bytes`, which begin at `offset` in the file.
    pub(super) fn new(bytes: &'a [u8], offset: usize, name: &'static str) -> Self {
        Self { bytes, offset, name }
    }

    /// Where the next byte is in the file.
    pub(super) fn offset(&self) -> usize {
        self.offset
    }

    /// What was not read yet.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes
    }

    /// The next `count` bytes.
    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let Some((taken, rest)) = self.bytes.split_at_checked(count) else {
            let (name, offset, left) = (self.name, self.offset, self.bytes.len());
            return Err(format!("{name} is cut off: it needs {count} bytes from byte {offset} on, and has {left}"));
        };
        self.bytes = rest;
        self.offset += count;
        Ok(taken)
    }

    pub(super) fn skip(&mut self, count: usize) -> Result<(), String> {
        self.take(count).map(|_| ())
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    pub(super) fn u8(&mut self) -> Result<u8, String> {
        self.array().map(|[byte]: [u8; 1]| byte)
    }

    pub(super) fn u16(&mut self) -> Result<u16, String> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn i16(&mut self) -> Result<i16, String> {
        self.array().map(i16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, String> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn i32(&mut self) -> Result<i32, String> {
        self.array().map(i32::from_le_bytes)
    }

    /// A text behind its length in bytes. What is no UTF-8 becomes U+FFFD.
    pub(super) fn text(&mut self) -> Result<Cow<'a, str>, String> {
        let length = self.u16()?;
        self.take(length.into()).map(String::from_utf8_lossy)
    }
}
