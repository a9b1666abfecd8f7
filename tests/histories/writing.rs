//! Programs that write to files bit by bit, while packs come and go.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt as _;

use memmap2::MmapMut;

use crate::deed::Writer;
use crate::space::{TestSpace, beside};

/// In how many parts a file is written.
const PARTS: usize = 3;

/// A file that a program has open, and is in the midst of writing anew.
pub struct Writing {
    path: String,
    file: File,
    /// Where it writes through a mapping.
    mapping: Option<MmapMut>,
    new: Vec<u8>,
    /// How many parts of it are written.
    written: usize,
}

impl Writing {
    /// Begins to write `new`, in place and of the same size, to the file at `path`: the first part, with the stamp of that.
    #[allow(
        unsafe_code,
        reason = "a mapping is what this is about; nobody makes the file shorter while it is written to"
    )]
    pub fn begin(space: &TestSpace, path: &str, new: Vec<u8>, writer: Writer) -> Option<Self> {
        let file = OpenOptions::new().read(true).write(true).open(space.path().join(path)).ok()?;
        if new.is_empty() || file.metadata().ok()?.len() != new.len() as u64 {
            return None;
        }
        let mapping = match writer {
            Writer::Calls => None,
            // The system tells a session of that only when the mapping ends.
            Writer::Mapping if beside::is_wanted() => None,
            // SAFETY: this process is the only one that writes to the file, and looks at its size before it does.
            Writer::Mapping => Some(unsafe { MmapMut::map_mut(&file) }.ok()?),
        };
        let mut writing = Self { path: path.to_owned(), file, mapping, new, written: 0 };
        // Each page is stamped when it is written to for the first time, and not again.
        if let Some(mapping) = &mut writing.mapping {
            mapping.chunks_mut(4096).for_each(|page| page[0] = std::hint::black_box(page[0]));
        }
        writing.go_on();
        Some(writing)
    }

    /// Writes the next part, if there is one.
    pub fn go_on(&mut self) {
        let part = |number: usize| self.new.len() * number / PARTS;
        let (start, end) = (part(self.written), part((self.written + 1).min(PARTS)));
        self.written += 1;
        if start >= end || self.file.metadata().unwrap().len() < self.new.len() as u64 {
            return;
        }
        match &mut self.mapping {
            Some(mapping) => mapping[start..end].copy_from_slice(&self.new[start..end]),
            None => self.file.write_all_at(&self.new[start..end], start as u64).unwrap(),
        }
    }

    /// Writes all that is left.
    pub fn complete(mut self) {
        while self.written < PARTS {
            self.go_on();
        }
    }

    /// What is written, in words.
    pub fn shown(&self) -> String {
        let how = if self.mapping.is_some() { "through a mapping" } else { "by calls" };
        format!("{}, {how}, {} of {PARTS} parts", self.path, self.written.min(PARTS))
    }
}
