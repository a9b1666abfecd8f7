//! `convert`: what files become in a pack, as files again, before there is a pack.

mod fields;
mod source;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

use papack_queries::content::ContentStore as _;
use papack_queries::diagnostic::{Code, Data, Diagnostic};
use papack_queries::extraction::Extraction;
use papack_queries::formats::{Bank, Described, FileKind, Format, FormatName, Source};
use papack_queries::path;
use papack_queries::signature::{Media, Signature};
use serde::Serialize;
use serde_json::Value;

use super::folder::{Folder, Payload, failed_call};
use super::picture::AssetPicture;
use crate::fs::OpenFile;
use crate::operation::{Cancel, Status};
use fields::{Wanted, read as read_fields};
use source::{Contents, SourceFile};

/// Which files to convert, and how.
#[derive(Debug, Clone, Default)]
pub struct ConvertRequest {
    /// The files: pictures and sounds of every kind that a pack takes. Each is converted by itself; where `fields` have a
    /// `palette`, the first one is that of all others, and becomes no file.
    pub files: Vec<PathBuf>,
    /// The fields of a manifest that say how: those of `output.metadata`, and those of an entry of `artifacts` that
    /// choose a part. Without `tile_size`, tiles have 8 pixels.
    pub fields: Vec<(String, Value)>,
    /// The folder to write to. If it does not exist it is made; the folder that it lies in must exist.
    pub to: PathBuf,
    /// Set by the caller to cancel.
    pub cancel: Cancel,
}

/// What became of the files, and what is wrong.
#[derive(Debug, Clone, Serialize)]
pub struct ConvertResult {
    /// Version of this document.
    pub schema_version: u32,
    /// The folder, as the user named it.
    pub to: String,
    /// `SUCCESS`; `GATE_FAILED` if something is wrong with a file or a field, or in the way; `EXECUTION_FAILED` or
    /// `CANCELLED`. If it is not `SUCCESS`, the files that had been written were removed again.
    pub status: Status,
    /// The files that were converted; empty unless `SUCCESS`.
    pub files: Vec<ConvertedFile>,
    /// Files that were written.
    pub file_count: usize,
    /// Bytes that were written.
    pub byte_count: u64,
    /// Wall-clock time of the operation, in milliseconds.
    pub elapsed_ms: u64,
    /// All diagnostics. What a conversion took from a file is among them.
    pub diagnostics: Vec<Diagnostic>,
}

/// What one file became.
#[derive(Debug, Clone, Serialize)]
pub struct ConvertedFile {
    /// The file, as the user named it.
    pub file: String,
    /// The bank that it would be packed for.
    pub bank_type: Bank,
    /// The files, relative to the folder.
    pub written: Vec<String>,
    /// The palettes of a picture: colours as `#rrggbb`, of which the first is transparent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub palettes: Vec<Vec<String>>,
    /// What a picture looks like.
    #[serde(skip)]
    pub image: Option<AssetPicture>,
}

/// Converts files as a pack would, and writes them: pictures as PNG, sounds as WAVE. It overwrites nothing. If something
/// is wrong with one of them, it removes what it has written.
pub fn convert(request: &ConvertRequest) -> ConvertResult {
    let started = Instant::now();
    let mut job = Job { request, diagnostics: Vec::new(), byte_count: 0, places: HashSet::new() };
    let (status, files) = match job.run() {
        Ok(files) => (Status::Success, files),
        Err(status) => (status, Vec::new()),
    };
    ConvertResult {
        schema_version: 1,
        to: request.to.to_string_lossy().into_owned(),
        status,
        file_count: files.iter().map(|file| file.written.len()).sum(),
        byte_count: if status == Status::Success { job.byte_count } else { 0 },
        files,
        elapsed_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        diagnostics: job.diagnostics,
    }
}

/// One conversion under way.
struct Job<'r> {
    request: &'r ConvertRequest,
    diagnostics: Vec<Diagnostic>,
    byte_count: u64,
    /// Where something was put, as file systems compare names that do not tell cases apart.
    places: HashSet<String>,
}

impl Job<'_> {
    fn run(&mut self) -> Result<Vec<ConvertedFile>, Status> {
        let has_palette = self.request.fields.iter().any(|(name, _)| name == "palette");
        let (palette, files) = match self.request.files.split_first() {
            Some((palette, files)) if has_palette => (Some(palette.as_path()), files),
            _ => (None, &*self.request.files),
        };
        if files.is_empty() {
            let message = "no file is left to convert: with a palette, the first one gives the colours of the others";
            return Err(
                self.refuse(Diagnostic::error(Code::FileMissing, message).with_help("name the pictures after it"))
            );
        }
        let palette = palette.map(|path| self.open(path)).transpose().inspect_err(|_| self.look_at(files))?;
        let folder = Folder::open(&self.request.to, &self.request.cancel);
        let mut folder = folder.map_err(|fault| self.fail(fault))?;
        // All files are looked at, so that all that is wrong is told.
        let results: Vec<_> = files.iter().map(|file| self.convert(file, palette.as_ref(), &mut folder)).collect();
        let worst = results.iter().filter_map(|result| result.as_ref().err()).max_by_key(|status| rank(**status));
        if let Some(worst) = worst {
            self.diagnostics.extend(folder.remove());
            return Err(*worst);
        }
        Ok(results.into_iter().flatten().collect())
    }

    /// Reports what can be told of `files` where they cannot be converted.
    fn look_at(&mut self, files: &[PathBuf]) {
        for path in files {
            // What is wrong is among the diagnostics.
            drop(self.open(path).and_then(|file| self.wanted(&file)));
        }
    }

    /// Converts one file.
    fn convert(
        &mut self,
        path: &Path,
        palette: Option<&Named>,
        folder: &mut Folder<'_>,
    ) -> Result<ConvertedFile, Status> {
        if self.request.cancel.is_cancelled() {
            return Err(Status::Cancelled);
        }
        let file = self.open(path)?;
        let Wanted { format, part } = self.wanted(&file)?;
        // Sounds have no palette.
        let palette = palette.filter(|_| matches!(format, Format::TilesIndexedV1(_)));
        let contents = Contents::new(palette.into_iter().chain([&file]).map(|named| &named.file).collect());
        let first = palette.map(|named| Source { path: &named.name, content: named.file.id, part: None });
        let own = Source { path: &file.name, content: file.file.id, part: part.as_ref() };
        let sources: Vec<_> = first.into_iter().chain([own]).collect();
        let outcome =
            format.derive(&sources, &[], &contents).map_err(|error| self.fail(failed_call(&*file.shown, &error)))?;
        let of_palette = |found: &Diagnostic| palette.filter(|named| found.path.as_ref() == Some(&named.name));
        self.diagnostics.extend(outcome.diagnostics.into_iter().map(|found| {
            let shown = of_palette(&found).unwrap_or(&file).shown.clone();
            found.at(shown)
        }));
        let payload = outcome.payload.ok_or(Status::GateFailed)?;
        // What a format wrote can be read.
        let described = Described::read(format.bank(), &payload.metadata);
        let described = described.map_err(|error| self.refuse(Diagnostic::error(Code::Internal, error.to_string())))?;
        let stem = file.name.rsplit_once('.').map_or(&*file.name, |(stem, _)| stem);
        let extraction = Extraction::of_file(stem, &described).map_err(|fault| self.refuse(fault.at(&*file.shown)))?;
        self.claim(&extraction.place, &file.shown, folder)?;
        let read = |offset, buffer: &mut [u8]| contents.read_at(payload.id, offset, buffer);
        let written = folder.write(&extraction, &Payload { holder: &file.shown, size: payload.id.size, read: &read });
        self.byte_count += written.map_err(|halt| {
            let status = halt.status();
            self.diagnostics.extend(halt.into_fault());
            status
        })?;
        let image = match &described {
            Described::Tiles(metadata) => {
                let bytes = contents.read(payload.id).map_err(|error| self.fail(failed_call(&*file.shown, &error)))?;
                Some(AssetPicture::new(metadata.clone(), bytes, Vec::new()))
            }
            Described::Sounds(_) | Described::Data(_) => None,
        };
        Ok(ConvertedFile {
            bank_type: format.bank(),
            written: extraction.files.iter().map(|file| extraction.path_of(file)).collect(),
            palettes: image.as_ref().map_or(Vec::new(), |image| image.palettes.clone()),
            image,
            file: file.shown,
        })
    }

    fn open(&mut self, path: &Path) -> Result<Named, Status> {
        let shown = path.to_string_lossy().into_owned();
        let Some(name) = path.file_name().and_then(|name| name.to_str()).map(str::to_owned) else {
            let fault = Diagnostic::error(Code::NameNotUtf8, "the name of the file is not UTF-8").at(shown);
            return Err(self.refuse(fault.with_help("rename the file")));
        };
        match OpenFile::open(path).and_then(SourceFile::new) {
            Ok(file) => Ok(Named { file, name, shown }),
            Err(error) => Err(self.fail(failed_call(shown, &error))),
        }
    }

    /// What `file` is to become. Its kind is told by its bytes.
    fn wanted(&mut self, file: &Named) -> Result<Wanted, Status> {
        /// Enough to tell what a file is.
        const HEAD: usize = 4096;
        let head = file.file.head(HEAD).map_err(|error| self.fail(failed_call(&*file.shown, &error)))?;
        let media = Signature::of(&head).map(|signature| signature.media);
        let name = match (FileKind::of(&file.name, &head), media) {
            (FileKind::Picture, _) | (FileKind::Other, Some(Media::Picture)) => FormatName::TilesIndexedV1,
            (FileKind::Sound, _) | (FileKind::Other, Some(Media::Sound)) => FormatName::SoundsPcmV1,
            (FileKind::Other, _) => {
                let message =
                    "the file is no picture and no sound: a pack takes it as it is, in an asset of the bank DATA";
                return Err(self.refuse(Diagnostic::error(Code::FormatUnclear, message).at(&*file.shown)));
            }
        };
        read_fields(name, &self.request.fields).map_err(|faults| {
            // They are the same for all files of a kind, and are told of the first.
            let is_new = |fault: &Diagnostic| {
                !self.diagnostics.iter().any(|known| (known.code, &known.message) == (fault.code, &fault.message))
            };
            let new: Vec<_> = faults.into_iter().filter(is_new).map(|fault| fault.at(&*file.shown)).collect();
            self.diagnostics.extend(new);
            Status::GateFailed
        })
    }

    /// Makes sure that nothing is at `place`, where `file` is to go.
    fn claim(&mut self, place: &str, file: &str, folder: &Folder<'_>) -> Result<(), Status> {
        if !self.places.insert(path::folded(place).into_owned()) {
            let message = format!("another of the files becomes {place:?}, too");
            let fault = Diagnostic::error(Code::PathAmbiguous, message).with_data(Data::value(place)).at(file);
            return Err(self.refuse(fault.with_help("convert them to different folders, or rename one of them")));
        }
        let obstacles = folder.obstacles(&[place.to_owned()]).map_err(|fault| self.fail(fault))?;
        if obstacles.is_empty() {
            return Ok(());
        }
        self.diagnostics.extend(obstacles);
        Err(Status::GateFailed)
    }

    fn refuse(&mut self, fault: Diagnostic) -> Status {
        self.diagnostics.push(fault);
        Status::GateFailed
    }

    fn fail(&mut self, fault: Diagnostic) -> Status {
        self.diagnostics.push(fault);
        Status::ExecutionFailed
    }
}

/// A file that the user named.
struct Named {
    file: SourceFile,
    /// Its name in its folder.
    name: String,
    /// As the user named it.
    shown: String,
}

/// Which of several ends counts: the highest.
fn rank(status: Status) -> u8 {
    match status {
        Status::Cancelled => 2,
        Status::ExecutionFailed => 1,
        _ => 0,
    }
}
