//! A folder that payloads are written to as files. Nothing in it is overwritten, and no link in it is followed.

mod copy;
mod fault;
mod halt;

use std::io;
use std::path::Path;

use camino::{Utf8Path, Utf8PathBuf};
use papack_queries::diagnostic::{Code, Diagnostic};
use papack_queries::extraction::Extraction;

use copy::{Copy, Target};
use fault::shown_below;

pub(super) use copy::Payload;
pub(super) use fault::failed_call;
pub(super) use halt::Halt;

use crate::fs::{self, FileSystem, NodeKind, RealFs};
use crate::operation::Cancel;

/// The folder, and what was made in it.
pub(super) struct Folder<'r> {
    fs: RealFs,
    /// As the user named it.
    named: &'r Path,
    cancel: &'r Cancel,
    /// Whether the operation made the folder.
    is_new: bool,
    /// The names directly in the folder that this operation made: folders and files.
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
            faults.push(fault.with_help("move it away, or name another folder"));
        }
        if let Some(last) = faults.last_mut().filter(|_| more > 0) {
            last.help = Some(format!("{more} more are in the way; name another folder"));
        }
        Ok(faults)
    }

    /// Writes the files that `payload` becomes, and returns how many bytes they have.
    pub(super) fn write(&mut self, extraction: &Extraction<'_>, payload: &Payload<'_>) -> Result<u64, Halt> {
        let copy = Copy { payload, cancel: self.cancel };
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

    /// Makes `folder` and the folders that it is in. The outermost one must be new, or made by this operation: below it
    /// there is nothing but what this operation made.
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
                let message = "this was written before the operation failed, and could not be removed again";
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
