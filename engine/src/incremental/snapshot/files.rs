//! Reading the artifact files of changed assets.

use papack_queries::asset::{Derivation, derivation};
use papack_queries::content::ContentId;
use papack_queries::db::Database;
use papack_queries::diagnostic::Diagnostic;
use papack_queries::inputs::{Asset, FileState};
use papack_queries::record::PayloadInputs;
use rayon::prelude::*;

use super::reading::Reading;
use crate::workspace::layout::below_assets;

/// Reads the artifact files of `assets`, as far as their bytes are needed. Returns them by their paths below the
/// workspace.
pub(super) fn read(
    db: &Database,
    assets: &[Asset],
    reading: &Reading<'_>,
) -> Result<Vec<(String, FileState)>, Diagnostic> {
    let read = |db: &mut Database, asset: &Asset| {
        if reading.cancel.is_cancelled() {
            return Ok(Vec::new());
        }
        derivation(db, *asset).map_or(Ok(Vec::new()), |derivation| read_files(db, derivation, reading))
    };
    let files: Vec<Vec<_>> = assets.par_iter().map_with(db.clone(), read).collect::<Result<_, _>>()?;
    Ok(files.into_iter().flatten().collect())
}

/// Reads the files of one asset: first only those that may have changed. If the outcome of these inputs is recorded,
/// and the store holds the bytes of the payload, the other files are not read.
fn read_files(
    db: &Database,
    derivation: &Derivation,
    reading: &Reading<'_>,
) -> Result<Vec<(String, FileState)>, Diagnostic> {
    let paths: Vec<&str> = derivation.files.iter().map(|file| file.path(db).as_str()).collect();
    let all: Vec<(String, String)> =
        paths.iter().filter_map(|path| Some(((*path).to_owned(), below_assets(path)?.to_owned()))).collect();
    let state = |recorded: Option<ContentId>, path: &str| match recorded {
        Some(content) => Ok(FileState::Content(content)),
        None => reading.read(path),
    };
    let states: Vec<FileState> =
        all.iter().map(|(_, path)| state(reading.recorded_content(path), path)).collect::<Result<_, _>>()?;
    let inputs = PayloadInputs::with(db, derivation, states.iter().copied());
    let states = if inputs.is_some_and(|inputs| reading.store.recall(inputs.key()).is_some()) {
        states
    } else {
        all.iter().map(|(_, path)| reading.read(path)).collect::<Result<_, _>>()?
    };
    Ok(all.into_iter().map(|(path, _)| path).zip(states).collect())
}
