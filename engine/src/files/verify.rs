//! `verify`: whether a file is an `assets.pa` as papack writes it, and whether its companions agree with it.

use std::io;
use std::path::Path;
use std::time::Instant;

use camino::Utf8Path;
use papack_queries::content::Digest;
use papack_queries::diagnostic::{Code, Data, Diagnostic};
use papack_queries::envelope::{Asset, Reader, Source, Survey, check_sidecar};
use rayon::prelude::*;
use serde::Serialize;

use super::verdict::Verdict;
use crate::fs::{FileHandle, FileSystem, NodeKind, OpenFile, RealFs, digest_at, in_pieces};
use crate::workspace::io_diagnostic;
use crate::workspace::layout::{ASSET_TABLE, PRELOAD, SIDECAR};

/// What was verified, and what is wrong.
#[derive(Debug, Clone, Serialize)]
pub struct VerifyResult {
    /// Version of this document.
    pub schema_version: u32,
    /// The file, as the user named it.
    pub file: String,
    /// Whether the file and its companions are valid.
    pub status: Verdict,
    /// Bytes of the file.
    pub file_size: u64,
    /// Entries of the asset table that could be read.
    pub asset_count: usize,
    /// The companions beside the file that were compared with it. Companions of a refused file are not compared.
    pub companions: Vec<&'static str>,
    /// How many payloads were compared with the digests that the sidecar states.
    pub payloads_hashed: usize,
    /// Wall-clock time of the operation, in milliseconds.
    pub elapsed_ms: u64,
    /// All diagnostics.
    pub diagnostics: Vec<Diagnostic>,
}

impl VerifyResult {
    /// Whether the file is valid as far as it was checked, but payloads were not: what states their digests was not
    /// there.
    pub fn is_envelope_only(&self) -> bool {
        self.status == Verdict::Valid && self.payloads_hashed < self.asset_count
    }
}

/// Verifies the file at `path`, and the companions in the folder of that path.
///
/// # Errors
///
/// When the file cannot be read, or is no regular file. What is wrong with a companion is a diagnostic.
pub fn verify(path: &Path) -> io::Result<VerifyResult> {
    let started = Instant::now();
    let file = OpenFile::open(path)?;
    let name = path.to_string_lossy().into_owned();
    let survey = Survey::new(&file, &name)?;
    let mut result = VerifyResult {
        schema_version: 1,
        file: name,
        status: Verdict::Valid,
        file_size: survey.file_size,
        asset_count: survey.entries.len(),
        companions: Vec::new(),
        payloads_hashed: 0,
        elapsed_ms: 0,
        diagnostics: Vec::new(),
    };
    match Reader::from_survey(file, survey) {
        Ok(reader) => Companions::beside(path, &reader)?.check(&mut result)?,
        Err(survey) => result.diagnostics = survey.faults,
    }
    if result.diagnostics.iter().any(Diagnostic::is_error) {
        result.status = Verdict::Refused;
    }
    result.elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(result)
}

/// The companions beside a sound pack.
struct Companions<'r> {
    reader: &'r Reader<OpenFile>,
    /// The folder that holds them, as the user named it.
    folder: &'r Path,
    /// The same folder, open.
    fs: RealFs,
}

impl<'r> Companions<'r> {
    fn beside(path: &'r Path, reader: &'r Reader<OpenFile>) -> io::Result<Self> {
        let folder = path.parent().unwrap_or(Path::new(""));
        let opened = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        Ok(Self { reader, folder, fs: RealFs::new(opened)? })
    }

    fn check(&self, result: &mut VerifyResult) -> io::Result<()> {
        for (name, expected) in [(ASSET_TABLE, self.reader.asset_table()), (PRELOAD, self.reader.preload())] {
            if let Some(companion) = self.open(name, result) {
                let compared = first_difference(&*companion, expected);
                self.record(name, compared, result, |difference, result| {
                    result.diagnostics.extend(difference.map(|at| self.not_a_mirror(name, at)));
                });
            }
        }
        if let Some(companion) = self.open(SIDECAR, result) {
            let companion = OpenFile::new(companion);
            let read = companion.size().and_then(|size| companion.read(0, size));
            let mut digests = Vec::new();
            self.record(SIDECAR, read, result, |bytes, result| {
                let check = check_sidecar(self.reader, &self.location(SIDECAR), &bytes);
                result.diagnostics.extend(check.faults);
                digests = check.digests;
            });
            self.check_payloads(&digests, result)?;
        }
        Ok(())
    }

    /// Where the companion `name` is, for diagnostics.
    fn location(&self, name: &str) -> String {
        self.folder.join(name).to_string_lossy().into_owned()
    }

    /// Opens the companion `name`. Returns `None` if there is none. If it cannot be opened, or something else is in its
    /// place, adds a fault to `result` and returns `None`.
    fn open(&self, name: &str, result: &mut VerifyResult) -> Option<Box<dyn FileHandle>> {
        let path = Utf8Path::new(name);
        let fault = match self.fs.kind(path) {
            Ok(None) => return None,
            Ok(Some(NodeKind::File)) => match self.fs.open(path) {
                Ok((file, _)) => return Some(file),
                Err(error) => unreadable(path, &error),
            },
            Ok(Some(other)) => {
                Diagnostic::error(Code::PackCompanion, format!("{} is in the place of a companion", other.describe()))
            }
            Err(error) => unreadable(path, &error),
        };
        result.diagnostics.push(fault.at(self.location(name)));
        None
    }

    /// If the companion `name` could be read, lists it as compared and passes the value to `report`; otherwise adds a
    /// fault to `result`.
    fn record<T>(
        &self,
        name: &'static str,
        read: io::Result<T>,
        result: &mut VerifyResult,
        report: impl FnOnce(T, &mut VerifyResult),
    ) {
        match read {
            Ok(value) => {
                result.companions.push(name);
                report(value, result);
            }
            Err(error) => {
                result.diagnostics.push(unreadable(Utf8Path::new(name), &error).at(self.location(name)));
            }
        }
    }

    fn not_a_mirror(&self, name: &str, at: u64) -> Diagnostic {
        let message = format!("the companion is not what the header holds: it differs first at byte {at}");
        Diagnostic::error(Code::PackCompanion, message).at(self.location(name)).at_bytes(at..at)
    }

    /// Compares every payload with the digest that the sidecar states.
    fn check_payloads(&self, digests: &[Option<Digest>], result: &mut VerifyResult) -> io::Result<()> {
        let stated: Vec<_> = self.reader.assets().iter().zip(digests).filter_map(|(a, d)| Some((a, (*d)?))).collect();
        let faults = stated
            .par_iter()
            .map(|(asset, stated)| {
                let found = digest_at(self.reader.source().handle(), self.reader.start_of(asset), asset.size)?;
                Ok((found != *stated).then(|| self.altered(asset, found, *stated, &result.file)))
            })
            .collect::<io::Result<Vec<_>>>()?;
        result.payloads_hashed = stated.len();
        result.diagnostics.extend(faults.into_iter().flatten());
        Ok(())
    }

    fn altered(&self, asset: &Asset, found: Digest, stated: Digest, file: &str) -> Diagnostic {
        let start = self.reader.start_of(asset);
        let message = format!("the payload has the digest {found}, but the sidecar states {stated}");
        let fault = Diagnostic::error(Code::PackDigest, message).with_data(Data::mismatch(found, stated));
        let fault = fault.at(file).at_bytes(start..start + asset.size);
        Diagnostic { asset_id: Some(asset.asset_id), asset_name: Some(asset.asset_name.clone()), ..fault }
            .with_related("stated here", Some(self.location(SIDECAR)))
    }
}

/// The fault that the companion `name` cannot be read.
fn unreadable(name: &Utf8Path, error: &io::Error) -> Diagnostic {
    let fault = io_diagnostic(name, error);
    match error.kind() {
        io::ErrorKind::PermissionDenied => {
            fault.with_help("papack must be allowed to read this file: check its permissions")
        }
        _ => fault,
    }
}

/// The first byte at which `file` differs from `expected`; `None` if they are equal.
fn first_difference(file: &dyn FileHandle, expected: &[u8]) -> io::Result<Option<u64>> {
    let size = file.stamp()?.size;
    let shared = size.min(expected.len() as u64);
    let mut rest = expected;
    let mut difference = None;
    in_pieces(shared, |offset, piece| {
        file.read_exact_at(offset, piece)?;
        let (expected_piece, remaining) = rest.split_at(piece.len());
        rest = remaining;
        if difference.is_none() {
            let differs = piece.iter().zip(expected_piece).position(|(a, b)| a != b);
            difference = differs.map(|at| offset + at as u64);
        }
        Ok(())
    })?;
    Ok(difference.or((size != expected.len() as u64).then_some(shared)))
}
