//! One of the two packs: its bytes and its sidecar.

use std::collections::HashMap;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use papack_queries::diagnostic::{Code, Data, Diagnostic};
use papack_queries::envelope::{Asset, Reader, Source, Survey, check_sidecar};
use serde::Serialize;

use super::super::picture::sidecar;
use super::super::verdict::Verdict;
use crate::fs::{OpenFile, pieces};
use crate::workspace::layout::SIDECAR;

/// One of the two packs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PackSide {
    /// The file, as the user named it.
    pub file: String,
    /// Whether it keeps every rule that can be checked without the payloads.
    pub status: Verdict,
    /// Bytes of the file.
    pub file_size: u64,
    /// Entries of the asset table that could be read.
    pub asset_count: usize,
    /// Bytes of all payloads, according to the asset table.
    pub payload_bytes: u64,
}

/// A file that cannot be read.
#[derive(Debug)]
pub struct UnreadableFile {
    /// The file, as the user named it.
    pub file: PathBuf,
    /// Why.
    pub error: io::Error,
}

/// An open file with the survey of it, which says what is wrong with it.
pub(super) struct Opened<'p> {
    path: &'p Path,
    name: String,
    file: OpenFile,
    survey: Survey,
}

impl<'p> Opened<'p> {
    pub(super) fn new(path: &'p Path) -> Result<Self, UnreadableFile> {
        let unreadable = |error| UnreadableFile { file: path.to_owned(), error };
        let name = path.to_string_lossy().into_owned();
        let file = OpenFile::open(path).map_err(unreadable)?;
        let survey = Survey::new(&file, &name).map_err(unreadable)?;
        Ok(Self { path, name, file, survey })
    }

    pub(super) fn side(&self) -> PackSide {
        let sizes = self.survey.entries.iter().filter_map(|entry| entry.size);
        PackSide {
            file: self.name.clone(),
            status: if self.survey.faults.is_empty() { Verdict::Valid } else { Verdict::Refused },
            file_size: self.survey.file_size,
            asset_count: self.survey.entries.len(),
            payload_bytes: sizes.fold(0, u64::saturating_add),
        }
    }

    /// The pack, or what is wrong with the file.
    pub(super) fn pack(self) -> Result<Pack<'p>, Vec<Diagnostic>> {
        let reader = Reader::from_survey(self.file, self.survey).map_err(|survey| survey.faults)?;
        let slots = reader.preloads().map(|(asset, slot)| (asset.asset_id, slot)).collect();
        Ok(Pack { path: self.path, reader, slots })
    }
}

/// A sound pack.
pub(super) struct Pack<'p> {
    path: &'p Path,
    pub(super) reader: Reader<OpenFile>,
    /// Preload slots, by asset id.
    pub(super) slots: HashMap<u32, u8>,
}

/// A part of a payload.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) pack: &'a Pack<'a>,
    pub(super) asset: &'a Asset,
    /// Bytes from the payload's start.
    pub(super) offset: u64,
}

impl Part<'_> {
    fn read(&self, offset: u64, buffer: &mut [u8]) -> Result<(), UnreadableFile> {
        let start = self.pack.reader.start_of(self.asset) + self.offset + offset;
        self.pack.reader.source().read_exact_at(start, buffer).map_err(|error| self.pack.unreadable(error))
    }
}

/// Reads `size` bytes of both parts piece by piece. Calls `each` for every piece that differs, with its offset and both
/// versions of it, until `each` breaks off.
pub(super) fn differing_pieces(
    old: Part<'_>,
    new: Part<'_>,
    size: u64,
    mut each: impl FnMut(u64, &[u8], &[u8]) -> ControlFlow<()>,
) -> Result<(), UnreadableFile> {
    let (mut old_piece, mut new_piece) = (Vec::new(), Vec::new());
    for (offset, length) in pieces(size) {
        old_piece.resize(length, 0);
        new_piece.resize(length, 0);
        old.read(offset, &mut old_piece)?;
        new.read(offset, &mut new_piece)?;
        if old_piece != new_piece && each(offset, &old_piece, &new_piece).is_break() {
            break;
        }
    }
    Ok(())
}

/// The first byte at which two parts of `old_size` and `new_size` bytes differ. Where one part begins with the other,
/// that is the size of the shorter one.
pub(super) fn first_difference(
    (old, old_size): (Part<'_>, u64),
    (new, new_size): (Part<'_>, u64),
) -> Result<Option<u64>, UnreadableFile> {
    let shared = old_size.min(new_size);
    let mut first = None;
    differing_pieces(old, new, shared, |offset, old, new| {
        first = old.iter().zip(new).position(|(old, new)| old != new).map(|at| offset + at as u64);
        ControlFlow::Break(())
    })?;
    Ok(first.or((old_size != new_size).then_some(shared)))
}

impl Pack<'_> {
    pub(super) fn unreadable(&self, error: io::Error) -> UnreadableFile {
        UnreadableFile { file: self.path.to_owned(), error }
    }

    /// The roots that the sidecar beside the pack states, by asset id. If the sidecar cannot be read or does not fit
    /// the pack, adds a warning to `diagnostics` and returns nothing.
    pub(super) fn roots(&self, diagnostics: &mut Vec<Diagnostic>) -> HashMap<u32, String> {
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let name = folder.join(SIDECAR).to_string_lossy().into_owned();
        let check = match sidecar(folder) {
            Ok(None) => return HashMap::new(),
            Ok(Some(bytes)) => check_sidecar(&self.reader, &name, &bytes),
            Err(error) => {
                let fault = Diagnostic::warning(Code::Io, error.to_string()).with_data(Data::system(&error));
                diagnostics.push(fault.at(name));
                return HashMap::new();
            }
        };
        if check.faults.iter().any(Diagnostic::is_error) {
            let message = "the sidecar does not mirror the pack beside it; it is not asked what was moved";
            let help = "`papack verify` says what is wrong with it";
            diagnostics.push(Diagnostic::warning(Code::PackCompanion, message).at(name).with_help(help));
            return HashMap::new();
        }
        let roots = self.reader.assets().iter().zip(check.roots);
        roots.filter_map(|(asset, root)| Some((asset.asset_id, root?))).collect()
    }
}
