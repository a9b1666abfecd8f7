//! Pictures and sounds of kinds that no format reads.

use crate::diagnostic::{Code, Data, Diagnostic};
use crate::repeated::Repeated;
use crate::signature::{Media, Signature};

/// Collects pictures and sounds of kinds that no format reads. Who puts them into a folder seldom wants them as data.
#[derive(Debug, Default)]
pub struct UnreadFiles {
    found: Repeated<(String, &'static Signature)>,
}

impl UnreadFiles {
    /// How many bytes from the beginning of a file tell what it is.
    pub const HEAD: usize = 4096;

    /// Adds the file at `location`, its path below the workspace, that begins with `head`, if it is a picture or a sound.
    /// It is of no kind that a format reads.
    pub fn inspect(&mut self, location: &str, head: &[u8]) {
        if let Some(signature) = Signature::of(head).filter(|signature| signature.media != Media::Other) {
            self.found.push((location.to_owned(), signature));
        }
    }

    /// The fault that the format of an asset with these files cannot be told.
    pub fn fault(&self) -> Option<Diagnostic> {
        let (location, signature) = self.found.first()?;
        let message = self.found.message(
            |(_, signature)| format!("the file is {}, which no format reads", signature.name),
            |count, list| format!("{count} files are pictures or sounds of kinds that no format reads: {list}"),
            |(location, signature)| format!("{location:?} is {}", signature.name),
        )?;
        let advice = signature.advice(signature.media, location);
        let help = format!("{advice}; or say --format data, which takes files as they are");
        let paths = self.found.places().map(|(location, _)| location.clone()).collect();
        let data = Data::Paths { count: self.found.count(), paths };
        Some(Diagnostic::error(Code::FormatUnclear, message).at(location).with_help(help).with_data(data))
    }
}
