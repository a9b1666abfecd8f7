//! The folder that a pack is extracted to. Nothing in it is overwritten, and no link in it is followed.

use std::io;
use std::ops::Range;
use std::path::Path;

use camino::{Utf8Path, Utf8PathBuf};
use papack_queries::diagnostic::{Code, Diagnostic};
use papack_queries::envelope::{Asset, Reader};
use papack_queries::extraction::{ExtractedFile, Extraction, FileContent};
use papack_queries::formats::tiles::Picture;

use super::fault::{failed_call, shown_below};
use crate::fs::{self, FileHandle, FileSystem, NodeKind, OpenFile, RealFs, pieces};
use crate::operation::{Cancel, Status};

/// Why writing ended early.
pub(super) enum Halt {
    /// The caller cancelled.
    Cancelled,
    /// An error, described by this diagnostic.
    Failed(Box<Diagnostic>),
}

impl Halt {
    pub(super) fn status(&self) -> Status {
        match self {
            Self::Cancelled => Status::Cancelled,
            Self::Failed(_) => Status::ExecutionFailed,
        }
    }

    pub(super) fn into_fault(self) -> Option<Diagnostic> {
        match self {
            Self::Cancelled => None,
            Self::Failed(fault) => Some(*fault),
        }
    }
}

impl From<Diagnostic> for Halt {
    fn from(fault: Diagnostic) -> Self {
        Self::Failed(Box::new(fault))
    }
}

/// The folder, and what was made in it.
pub(super) struct Folder<'r> {
    fs: RealFs,
    /// As the user named it.
    named: &'r Path,
    cancel: &'r Cancel,
    /// Whether the extraction made the folder.
    is_new: bool,
    /// The names directly in the folder that this extraction made: folders and files.
    made: Vec<Utf8PathBuf>,
}

impl<'r> Folder<'r> {
    /// Opens the folder at `named`, and makes it if it does not exist.
    pub(super) fn open(named: &'r Path, cancel: &'r Cancel) -> Result<Self, Diagnostic> {
        let opened = fs::make_named_folder(named).and_then(|is_new| Ok((is_new, RealFs::new(named)?)));
        let (is_new, fs) = opened.map_err(|error| failed_call(named.to_string_lossy(), &error))?;
        Ok(Self { fs, named, cancel, is_new, made: Vec::new() })
    }

    /// The obstacles: one fault for each of `places` where something exists already.
    pub(super) fn obstacles(&self, places: &[String]) -> Result<Vec<Diagnostic>, Diagnostic> {
        /// How many obstacles are named. The help of the last one says how many more there are.
        const LIMIT: usize = 5;
        let mut faults = Vec::new();
        let mut more = 0;
        for place in places {
            let shown = shown_below(self.named, place);
            let Some(kind) = self.fs.kind(Utf8Path::new(place)).map_err(|error| failed_call(shown.as_str(), &error))?
            else {
                continue;
            };
            if faults.len() == LIMIT {
                more += 1;
                continue;
            }
            let message = format!("{} is in the way; nothing is overwritten", kind.describe());
            let fault = Diagnostic::error(Code::OutputBlocked, message).at(shown);
            faults.push(fault.with_help("move it away, or extract to another folder"));
        }
        if let Some(last) = faults.last_mut().filter(|_| more > 0) {
            last.help = Some(format!("{more} more are in the way; extract to another folder"));
        }
        Ok(faults)
    }

    /// Writes the files of `asset`, and returns how many bytes they have. `pack` is the name of the pack, for errors.
    pub(super) fn write(
        &mut self,
        reader: &Reader<OpenFile>,
        asset: &Asset,
        extraction: &Extraction<'_>,
        pack: &str,
    ) -> Result<u64, Halt> {
        let copy = Copy { reader, asset, pack, cancel: self.cancel };
        let mut last_parent = Utf8PathBuf::new();
        let mut total = 0;
        for file in &extraction.files {
            let path = Utf8PathBuf::from(extraction.path_of(file));
            let shown = shown_below(self.named, path.as_str());
            let failed = |error: io::Error| Halt::from(failed_call(shown.as_str(), &error));
            let parent = path.parent().unwrap_or(Utf8Path::new(""));
            if parent != last_parent {
                self.make_folders(parent).map_err(failed)?;
                last_parent = parent.to_owned();
            }
            let target = self.fs.create(&path).map_err(failed)?;
            if parent == "" {
                self.made.push(path.clone());
            }
            total += copy.file(file, &Target { handle: &*target, shown: &shown })?;
        }
        Ok(total)
    }

    /// Makes `folder` and the folders that it is in. The outermost one must be new, or made by this extraction: below
    /// it there is nothing but what this extraction made.
    fn make_folders(&mut self, folder: &Utf8Path) -> io::Result<()> {
        let mut path = Utf8PathBuf::new();
        for name in folder {
            let is_outermost = path == "";
            path.push(name);
            match self.fs.create_folder(&path) {
                Ok(()) if is_outermost => self.made.push(path.clone()),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && self.is_in_last_made(&path) => {}
                other => other?,
            }
        }
        Ok(())
    }

    /// Whether `path` is, or is in, what was made last.
    fn is_in_last_made(&self, path: &Utf8Path) -> bool {
        self.made.last().is_some_and(|place| path.starts_with(place))
    }

    /// Removes everything that was made. Returns a warning for everything that could not be removed.
    pub(super) fn remove(&mut self) -> Vec<Diagnostic> {
        let mut warnings = Vec::new();
        for place in self.made.drain(..) {
            let kind = self.fs.kind(&place);
            if matches!(kind, Ok(Some(NodeKind::Folder))) {
                fs::remove_all(&self.fs, &place);
            } else {
                drop(self.fs.remove_file(&place));
            }
            if !matches!(self.fs.kind(&place), Ok(None)) {
                let message = "this was written before the extraction failed, and could not be removed again";
                warnings.push(Diagnostic::warning(Code::Io, message).at(shown_below(self.named, place.as_str())));
            }
        }
        if self.is_new {
            // This fails if somebody else put something into the folder: then it stays.
            drop(fs::remove_named_folder(self.named));
        }
        warnings
    }
}

/// A new file.
struct Target<'t> {
    handle: &'t dyn FileHandle,
    /// Its name for people.
    shown: &'t str,
}

impl Target<'_> {
    fn write(&self, offset: u64, bytes: &[u8]) -> Result<u64, Halt> {
        match self.handle.write_all_at(offset, bytes) {
            Ok(()) => Ok(bytes.len() as u64),
            Err(error) => Err(failed_call(self.shown, &error).into()),
        }
    }
}

/// Copies parts of one asset's payload.
struct Copy<'c> {
    reader: &'c Reader<OpenFile>,
    asset: &'c Asset,
    pack: &'c str,
    cancel: &'c Cancel,
}

impl Copy<'_> {
    /// Writes `file`, and returns how many bytes it has.
    fn file(&self, file: &ExtractedFile<'_>, target: &Target<'_>) -> Result<u64, Halt> {
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
        let read = |part: &Range<u64>| self.reader.read_part(self.asset, part.clone());
        picture.png(&read(&picture.pixels)?, &read(&picture.palette)?)
    }

    /// Copies `range` of the payload to the byte `start` of the file, piece by piece. Returns how many bytes it copied.
    fn bytes(&self, range: &Range<u64>, start: u64, target: &Target<'_>) -> Result<u64, Halt> {
        let from = self.reader.start_of(self.asset) + range.start;
        let size = range.end - range.start;
        let mut buffer = Vec::new();
        for (offset, length) in pieces(size) {
            self.check_cancelled()?;
            buffer.resize(length, 0);
            let read = self.reader.source().handle().read_exact_at(from + offset, &mut buffer);
            read.map_err(|error| self.unreadable(&error))?;
            target.write(start + offset, &buffer)?;
        }
        Ok(size)
    }

    fn check_cancelled(&self) -> Result<(), Halt> {
        if self.cancel.is_cancelled() { Err(Halt::Cancelled) } else { Ok(()) }
    }

    fn unreadable(&self, error: &io::Error) -> Halt {
        failed_call(self.pack, error).into()
    }
}
