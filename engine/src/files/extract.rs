//! `extract`: the payloads of an `assets.pa` become files again.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::time::Instant;

use papack_queries::diagnostic::Diagnostic;
use papack_queries::envelope::{Asset, Reader, Source as _, Survey};
use papack_queries::extraction::Extraction;
use papack_queries::formats::Bank;
use serde::Serialize;

use super::folder::{Folder, Halt, Payload, failed_call};
use super::inspect::{find, unknown};
use crate::fs::OpenFile;
use crate::operation::{Cancel, Status, Stop};

/// What to extract, and how.
#[derive(Debug, Clone, Default)]
pub struct ExtractRequest {
    /// The pack.
    pub file: PathBuf,
    /// The assets to extract, each by its id or its name; if empty, all assets.
    pub assets: Vec<String>,
    /// The folder to extract to. If it does not exist it is made; the folder that it lies in must exist.
    pub to: PathBuf,
    /// Whether pictures and sounds become PNG and WAVE files, instead of their payloads.
    pub decode: bool,
    /// Set by the caller to cancel.
    pub cancel: Cancel,
}

/// What was extracted, and what is wrong.
#[derive(Debug, Clone, Serialize)]
pub struct ExtractResult {
    /// Version of this document.
    pub schema_version: u32,
    /// The pack, as the user named it.
    pub file: String,
    /// The folder, as the user named it.
    pub to: String,
    /// `SUCCESS`; `GATE_FAILED` if writing was never begun; `EXECUTION_FAILED` or `CANCELLED` if the files that had
    /// been written were removed again.
    pub status: Status,
    /// Whether pictures and sounds became PNG and WAVE files.
    pub decoded: bool,
    /// The assets that were written; empty unless `SUCCESS`.
    pub assets: Vec<ExtractedAsset>,
    /// Files that were written.
    pub file_count: usize,
    /// Bytes that were written.
    pub byte_count: u64,
    /// Wall-clock time of the operation, in milliseconds.
    pub elapsed_ms: u64,
    /// All diagnostics.
    pub diagnostics: Vec<Diagnostic>,
}

/// The files that one asset became.
#[derive(Debug, Clone, Serialize)]
pub struct ExtractedAsset {
    /// The stable id.
    pub asset_id: u32,
    /// The logical name.
    pub asset_name: String,
    /// The bank that it is loaded into.
    pub bank_type: Bank,
    /// Its files, relative to the folder of extraction, in artifact order.
    pub files: Vec<String>,
}

/// Extracts assets of a pack. It checks everything before it writes anything, and overwrites nothing. If it fails, it
/// removes what it has written.
///
/// # Errors
///
/// When the pack cannot be read, or is no regular file.
pub fn extract(request: &ExtractRequest) -> io::Result<ExtractResult> {
    let started = Instant::now();
    let file = OpenFile::open(&request.file)?;
    let name = request.file.to_string_lossy().into_owned();
    let survey = Survey::new(&file, &name)?;
    let mut job = Job { request, name, diagnostics: Vec::new(), byte_count: 0 };
    let (status, assets) = match job.run(file, survey) {
        Ok(assets) => (Status::Success, assets),
        Err(Stop(status)) => (status, Vec::new()),
    };
    Ok(ExtractResult {
        schema_version: 1,
        to: request.to.to_string_lossy().into_owned(),
        status,
        decoded: request.decode,
        file_count: assets.iter().map(|asset| asset.files.len()).sum(),
        byte_count: if status == Status::Success { job.byte_count } else { 0 },
        assets,
        elapsed_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        file: job.name,
        diagnostics: job.diagnostics,
    })
}

/// One extraction under way.
struct Job<'r> {
    request: &'r ExtractRequest,
    /// The pack, as the user named it.
    name: String,
    diagnostics: Vec<Diagnostic>,
    byte_count: u64,
}

impl Job<'_> {
    fn run(&mut self, file: OpenFile, mut survey: Survey) -> Result<Vec<ExtractedAsset>, Stop> {
        self.refuse_if_any(std::mem::take(&mut survey.faults))?;
        let chosen = self.chosen(&survey)?;
        let reader = Reader::from_survey(file, survey).map_err(|survey| self.refuse(survey.faults))?;
        let is_chosen = |asset: &&Asset| chosen.as_ref().is_none_or(|chosen| chosen.contains(&asset.asset_id));
        let assets: Vec<_> = reader.assets().iter().filter(is_chosen).collect();
        let places = self.places(&reader, &assets)?;
        let mut folder = Folder::open(&self.request.to, &self.request.cancel).map_err(|fault| self.fail(fault))?;
        let obstacles = folder.obstacles(&places).map_err(|fault| self.fail(fault))?;
        self.refuse_if_any(obstacles)?;
        assets.into_iter().map(|asset| self.write(&reader, asset, &mut folder)).collect()
    }

    /// The ids of the assets that were asked for; `None` for all.
    fn chosen(&mut self, survey: &Survey) -> Result<Option<BTreeSet<u32>>, Stop> {
        if self.request.assets.is_empty() {
            return Ok(None);
        }
        let mut chosen = BTreeSet::new();
        let mut faults = Vec::new();
        for asked in &self.request.assets {
            match find(&survey.entries, asked) {
                Some(entry) => chosen.extend(entry.asset_id),
                None => faults.push(unknown(&self.name, &survey.entries, asked)),
            }
        }
        self.refuse_if_any(faults)?;
        Ok(Some(chosen))
    }

    /// The place of each asset in the folder. An asset whose name cannot be a path ends the extraction.
    fn places(&mut self, reader: &Reader<OpenFile>, assets: &[&Asset]) -> Result<Vec<String>, Stop> {
        let mut places = Vec::with_capacity(assets.len());
        let mut faults = Vec::new();
        for asset in assets {
            let described = reader.described(asset).map_err(|error| self.fail(self.unreadable(&error)))?;
            match Extraction::plan(asset, &described, self.request.decode) {
                Ok(extraction) => places.push(extraction.place),
                Err(fault) => faults.push(fault.at(self.name.as_str())),
            }
        }
        self.refuse_if_any(faults)?;
        Ok(places)
    }

    /// Writes one asset. If that fails, removes everything that was written so far.
    fn write(
        &mut self,
        reader: &Reader<OpenFile>,
        asset: &Asset,
        folder: &mut Folder<'_>,
    ) -> Result<ExtractedAsset, Stop> {
        match self.write_files(reader, asset, folder) {
            Ok(files) => Ok(ExtractedAsset {
                asset_id: asset.asset_id,
                asset_name: asset.asset_name.clone(),
                bank_type: asset.bank_type,
                files,
            }),
            Err(halt) => {
                let status = halt.status();
                self.diagnostics.extend(halt.into_fault());
                self.diagnostics.extend(folder.remove());
                Err(Stop(status))
            }
        }
    }

    fn write_files(
        &mut self,
        reader: &Reader<OpenFile>,
        asset: &Asset,
        folder: &mut Folder<'_>,
    ) -> Result<Vec<String>, Halt> {
        let described = reader.described(asset).map_err(|error| self.unreadable(&error))?;
        let extraction = Extraction::plan(asset, &described, self.request.decode)?;
        let start = reader.start_of(asset);
        let read = |offset, buffer: &mut [u8]| reader.source().read_exact_at(start + offset, buffer);
        self.byte_count += folder.write(&extraction, &Payload { holder: &self.name, size: asset.size, read: &read })?;
        Ok(extraction.files.iter().map(|file| extraction.path_of(file)).collect())
    }

    fn refuse_if_any(&mut self, faults: Vec<Diagnostic>) -> Result<(), Stop> {
        if faults.is_empty() { Ok(()) } else { Err(self.refuse(faults)) }
    }

    /// Ends the extraction before anything is written.
    fn refuse(&mut self, faults: Vec<Diagnostic>) -> Stop {
        self.diagnostics.extend(faults);
        Stop(Status::GateFailed)
    }

    fn fail(&mut self, fault: Diagnostic) -> Stop {
        self.diagnostics.push(fault);
        Stop(Status::ExecutionFailed)
    }

    fn unreadable(&self, error: &io::Error) -> Diagnostic {
        failed_call(&self.name, error)
    }
}
