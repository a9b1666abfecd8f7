//! The artifact files of changed assets: which there are, and what is in them.

use std::io;

use camino::Utf8Path;
use papack_queries::asset::{Announced, announced, derivation};
use papack_queries::content::ContentId;
use papack_queries::db::Database;
use papack_queries::diagnostic::Diagnostic;
use papack_queries::formats::{Format, Part};
use papack_queries::inputs::{Asset, File, FileState};
use papack_queries::record::{InputFile, PayloadInputs};
use rayon::prelude::*;

use super::reading::Reading;
use crate::workspace::io_diagnostic;
use crate::workspace::layout::{ASSETS, below_assets};

/// The artifact files of a changed asset.
pub(super) struct AssetFiles {
    pub(super) asset_id: u32,
    format: Format,
    /// What the manifest says of the asset's row in the table.
    pub(super) announced: Option<Announced>,
    /// How much of a path is that of the asset root, with the slash behind it.
    prefix: usize,
    /// Their paths below the workspace.
    paths: Vec<String>,
    /// Which part of each is taken; empty where that is all of every file.
    parts: Vec<Option<Part>>,
    /// What is in them, once they are read.
    states: Vec<FileState>,
}

/// Finds the artifact files of those of `assets` of which they can be told, in the order of `assets`. With
/// `is_announced`, also tells what the manifests say of their rows.
pub(super) fn find(db: &Database, assets: &[Asset], is_announced: bool, reading: &Reading<'_>) -> Vec<AssetFiles> {
    let find = |db: &mut Database, asset: &Asset| {
        let derivation = derivation(db, *asset).filter(|_| !reading.cancel.is_cancelled())?;
        Some(AssetFiles {
            asset_id: asset.entry(db).asset_id,
            format: derivation.format,
            announced: if is_announced { announced(db, *asset) } else { None },
            prefix: derivation.root.len() + 1,
            paths: derivation.files.iter().map(|file: &File| file.path(db).clone()).collect(),
            parts: derivation.parts.clone(),
            states: Vec::new(),
        })
    };
    let found: Vec<_> = assets.par_iter().map_with(db.clone(), find).collect();
    found.into_iter().flatten().collect()
}

/// Reads all of `files`, as far as their bytes are needed.
pub(super) fn read<'f>(
    files: impl ParallelIterator<Item = &'f mut AssetFiles>,
    reading: &Reading<'_>,
) -> Result<(), Diagnostic> {
    files.try_for_each(|files| files.read(reading, |_, path| reading.read(path)))
}

impl AssetFiles {
    /// Whether the payload consists of the files as they are.
    pub(super) fn is_packed_as_it_is(&self) -> bool {
        self.format.takes_files_as_they_are()
    }

    /// How many they are.
    pub(super) fn count(&self) -> usize {
        self.paths.len()
    }

    /// The error that what was read of them cannot be kept.
    pub(super) fn keeping_failed(&self, error: &io::Error) -> Diagnostic {
        io_diagnostic(Utf8Path::new(self.paths.first().map_or(ASSETS, String::as_str)), error)
    }

    /// Their paths below `assets/`.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.paths.iter().map(|path| below_assets(path).unwrap_or_default())
    }

    /// The path below the asset root of each, and its content, if it was read.
    pub(super) fn contents(&self) -> impl Iterator<Item = (&str, Option<ContentId>)> {
        let content = |number: usize| match self.states.get(number) {
            Some(FileState::Content(content)) => Some(*content),
            Some(FileState::Unread | FileState::Refused(_)) | None => None,
        };
        self.relative().enumerate().map(move |(number, path)| (path, content(number)))
    }

    /// Their paths below the workspace, with what is in them. None where the operation was cancelled before they were
    /// read.
    pub(super) fn into_states(self) -> impl Iterator<Item = (String, FileState)> {
        self.paths.into_iter().zip(self.states)
    }

    /// Reads them: first only those that may have changed, with `read`, which gets the number and the path of each. If
    /// the outcome of these inputs is recorded, and the store holds the bytes of the payload, the other files are not
    /// read.
    pub(super) fn read(
        &mut self,
        reading: &Reading<'_>,
        mut read: impl FnMut(usize, &str) -> Result<FileState, Diagnostic>,
    ) -> Result<(), Diagnostic> {
        if reading.cancel.is_cancelled() {
            return Ok(());
        }
        let recorded: Vec<_> = self.paths().map(|path| reading.recorded_content(path)).collect();
        let state = |(number, (path, recorded)): (usize, (&str, &Option<ContentId>))| match recorded {
            Some(content) => Ok(FileState::Content(*content)),
            None => read(number, path),
        };
        self.states = self.paths().zip(&recorded).enumerate().map(state).collect::<Result<_, _>>()?;
        let is_recalled = || self.inputs().is_some_and(|inputs| reading.store.recall(inputs.key()).is_some());
        if recorded.iter().any(Option::is_some) && !is_recalled() {
            self.states = self.paths().map(|path| reading.read(path)).collect::<Result<_, _>>()?;
        }
        Ok(())
    }

    /// What the payload is made of; none where a file has no content, or where that depends on what is in the files.
    fn inputs(&self) -> Option<PayloadInputs> {
        if self.format.asks_for_tilesets() {
            return None;
        }
        let file = |(number, (path, content)): (usize, (&str, Option<ContentId>))| {
            let part = self.parts.get(number).and_then(Clone::clone).map(Box::new);
            Some(InputFile { path: path.into(), content: content?, part })
        };
        Some(PayloadInputs {
            format: self.format,
            files: self.contents().enumerate().map(file).collect::<Option<_>>()?,
            tilesets: None,
        })
    }

    /// Their paths below the asset root.
    fn relative(&self) -> impl Iterator<Item = &str> {
        self.paths.iter().map(|path| path.get(self.prefix..).unwrap_or_default())
    }
}
