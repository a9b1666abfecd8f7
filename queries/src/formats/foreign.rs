//! Files that are not what their format reads at all.

use std::io;

use super::faults::Faults;
use crate::content::{ContentId, ContentStore};
use crate::diagnostic::{Code, Data, Diagnostic};
use crate::signature::{LfsPointer, Media, Signature};

/// A kind of file that a format reads.
pub(super) struct Expected {
    /// What it holds.
    pub(super) media: Media,
    /// The format that reads it.
    pub(super) format: &'static str,
    /// Its name.
    pub(super) name: &'static str,
    /// What it begins with.
    pub(super) start: &'static [u8],
    /// The same, in words.
    pub(super) start_name: &'static str,
    /// The code of a file that is none.
    pub(super) code: Code,
}

impl Expected {
    /// How many bytes are read of a file that is none: enough for the end of most pictures, which tells a TGA.
    const LARGEST: u64 = 32 * 1024 * 1024;

    /// Reads `id` from `content`. Of a file that does not begin as it should, no more than the first 32 MiB are read.
    pub(super) fn read(&self, id: ContentId, content: &dyn ContentStore) -> io::Result<Vec<u8>> {
        if id.size <= Self::LARGEST {
            return content.read(id);
        }
        let mut start = vec![0; self.start.len()];
        content.read_at(id, 0, &mut start)?;
        if start == self.start {
            return content.read(id);
        }
        let mut head = vec![0; usize::try_from(Self::LARGEST).map_err(io::Error::other)?];
        content.read_at(id, 0, &mut head)?;
        Ok(head)
    }

    /// Reports that `bytes` are no such file, and what they are instead. `advice` is for what is not known.
    pub(super) fn refuse(&self, bytes: &[u8], advice: &str, faults: &mut Faults<'_>) {
        if let Some(pointer) = LfsPointer::of(bytes) {
            return faults.push(pointer.fault());
        }
        let Self { media, format, name, start, code, .. } = self;
        let (message, advice) = match Signature::of(bytes) {
            Some(found) => {
                let message = match found.damage_of(name) {
                    _ if found.taken_by.is_some() && found.media != *media => {
                        format!("the file is {}, which {format} does not take", found.name)
                    }
                    Some(damage) => format!("the file is a damaged {name}, one {damage}; {}", self.beginning()),
                    None => format!("the file is no {name}: it is {}; {}", found.name, self.beginning()),
                };
                (message, found.advice(*media, faults.path()))
            }
            None => {
                let found = bytes[..bytes.len().min(start.len())].escape_ascii();
                (format!("the file is no {name}: it begins with `{found}`; {}", self.beginning()), advice.to_owned())
            }
        };
        let data = Data::bytes(0, bytes.len().min(start.len()));
        faults.push(Diagnostic::error(*code, message).with_help(advice).with_data(data));
    }

    /// How such a file begins, in words.
    fn beginning(&self) -> String {
        format!("a {} begins with {} (byte 0)", self.name, self.start_name)
    }
}
