//! Comparing the published outputs with new ones.

use std::io;

use papack_queries::pack::PlannedPayload;
use rayon::prelude::*;

use super::identity::Identity;
use super::output::Output;
use crate::fs::{FileHandle, FileSystem, digest_at};
use crate::operation::{Operation, Stop};
use crate::workspace::layout::{BUILD, PACK_AT, SIDECAR_AT, published_path};
use crate::workspace::{Generation, PublishedFile, conclusive_stamp, io_failure, stamp_of_promoted, stat_outputs};

/// Whether a published output has the bytes of the new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutputState {
    /// It has the same bytes.
    Same(PublishedFile),
    /// It has other bytes, or there is no file.
    Changed,
}

impl OutputState {
    /// The published file; without identity and stamp where it has other bytes.
    pub(crate) fn published(self) -> PublishedFile {
        match self {
            Self::Same(file) => file,
            Self::Changed => PublishedFile::default(),
        }
    }
}

/// Compares what is published with `outputs`. A published file with the stamp that the `last` generation recorded is
/// compared by its identity; the bytes of any other file are read.
pub(crate) fn output_states(
    operation: &mut Operation<'_>,
    fs: &dyn FileSystem,
    outputs: &[Output<'_>; 4],
    last: Option<&Generation>,
) -> Result<[OutputState; 4], Stop> {
    let found = stat_outputs(fs).map_err(|error| io_failure(operation, BUILD, &error))?;
    let _span = operation.step("compare outputs");
    let mut states = [OutputState::Changed; 4];
    for (index, output) in outputs.iter().enumerate() {
        // The sidecar takes the longest to make. It contains the digests of what is in the pack, so it changed with it.
        if index == SIDECAR_AT && states[PACK_AT] == OutputState::Changed {
            continue;
        }
        let recorded = last.map(|generation| generation.outputs[index]);
        let recorded = recorded.filter(|file| file.stamp.is_some() && file.stamp == found[index]);
        states[index] = compare(output, recorded, fs)
            .map_err(|error| io_failure(operation, published_path(output.name), &error))?;
    }
    Ok(states)
}

/// The sidecar was assumed changed because the pack is. Compares it if its identity, that of the `staged` file, is the
/// one that the `last` generation recorded, e.g. when only `assets.pa` was deleted.
pub(crate) fn recheck_sidecar(
    operation: &mut Operation<'_>,
    fs: &dyn FileSystem,
    outputs: &[Output<'_>; 4],
    staged: &PublishedFile,
    last: Option<&Generation>,
    states: &mut [OutputState; 4],
) -> Result<(), Stop> {
    let is_same = last.is_some_and(|generation| generation.outputs[SIDECAR_AT].identity == staged.identity);
    if is_same { settle_sidecar(operation, fs, outputs, states) } else { Ok(()) }
}

/// The sidecar was assumed changed because the pack is. Compares it.
pub(crate) fn settle_sidecar(
    operation: &mut Operation<'_>,
    fs: &dyn FileSystem,
    outputs: &[Output<'_>; 4],
    states: &mut [OutputState; 4],
) -> Result<(), Stop> {
    if states[SIDECAR_AT] == OutputState::Changed {
        let sidecar = &outputs[SIDECAR_AT];
        states[SIDECAR_AT] =
            compare(sidecar, None, fs).map_err(|error| io_failure(operation, published_path(sidecar.name), &error))?;
    }
    Ok(())
}

/// Records the stamps of outputs that were just promoted, as far as they are still the `staged` files. If the stamps
/// cannot be read, that is no failure: the outputs are published.
pub(crate) fn restamp_promoted<'s>(
    fs: &dyn FileSystem,
    staged: impl Iterator<Item = &'s PublishedFile>,
    states: &mut [OutputState; 4],
) {
    let found = stat_outputs(fs).unwrap_or_default();
    for ((state, found), file) in states.iter_mut().zip(found).zip(staged) {
        if *state == OutputState::Changed {
            let stamp = found.zip(file.stamp);
            let stamp = stamp.and_then(|(found, staged)| stamp_of_promoted(found, staged));
            *state = OutputState::Same(PublishedFile { stamp, ..*file });
        }
    }
}

/// The names of those of `outputs` that changed.
pub(crate) fn changed_names(outputs: &[Output<'_>; 4], states: &[OutputState; 4]) -> Vec<&'static str> {
    let all = outputs.iter().zip(states);
    all.filter(|(_, state)| **state == OutputState::Changed).map(|(output, _)| output.name).collect()
}

/// Compares the published file with `output`: by its identity if that is `recorded` and its stamp did not change since,
/// and otherwise by its bytes.
fn compare(output: &Output<'_>, recorded: Option<PublishedFile>, fs: &dyn FileSystem) -> io::Result<OutputState> {
    let identity = output.identity()?;
    if let Some(file) = recorded {
        return Ok(if file.identity == identity.digest { OutputState::Same(file) } else { OutputState::Changed });
    }
    let (file, stamp) = match fs.open(&published_path(output.name)) {
        Ok(opened) => opened,
        // A file that may not be read may still be replaced.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied) => {
            return Ok(OutputState::Changed);
        }
        Err(error) => return Err(error),
    };
    if stamp.size != identity.size {
        return Ok(OutputState::Changed);
    }
    let stamp_to_record = conclusive_stamp(&*file, stamp);
    match equals(output, &*file, &identity) {
        Ok(true) if file.stamp()? == stamp => {
            Ok(OutputState::Same(PublishedFile { identity: identity.digest, stamp: stamp_to_record }))
        }
        Ok(_) => Ok(OutputState::Changed),
        // Another process shortened the file meanwhile.
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(OutputState::Changed),
        Err(error) => Err(error),
    }
}

/// Whether `file` has the bytes of `output`, which has this `identity`.
fn equals(output: &Output<'_>, file: &dyn FileHandle, identity: &Identity) -> io::Result<bool> {
    let (mut offset, mut is_same, mut published) = (0, true, Vec::new());
    output.front.stream(&mut |piece| {
        published.resize(piece.len(), 0);
        file.read_exact_at(offset, &mut published)?;
        is_same &= published == piece;
        offset += piece.len() as u64;
        Ok(())
    })?;
    if !is_same {
        return Ok(false);
    }
    let differs = |placed: &PlannedPayload| match digest_at(file, identity.front_size + placed.offset, placed.id().size)
    {
        Ok(digest) if digest == placed.id().digest => None,
        Ok(_) => Some(Ok(false)),
        Err(error) => Some(Err(error)),
    };
    output.payloads.par_iter().find_map_any(differs).unwrap_or(Ok(true))
}
