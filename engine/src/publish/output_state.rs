//! How what is published stands to outputs that are about to be.

use papack_queries::pack::PlannedPayload;
use std::io;

use rayon::prelude::*;

use super::identity::Identity;
use super::output::Output;
use crate::fs::{FileHandle, FileSystem, digest_at};
use crate::operation::{Operation, Stop};
use crate::workspace::layout::{BUILD, PACK_AT, SIDECAR_AT, published_path};
use crate::workspace::{Generation, PublishedFile, conclusive_stamp, io_failure, stamp_of_promoted, stat_outputs};

/// How what is published stands to an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutputState {
    /// It has the same bytes.
    Same(PublishedFile),
    /// It has others, or there is nothing.
    Changed,
}

impl OutputState {
    /// What is known of the published file.
    pub(crate) fn published(self) -> PublishedFile {
        match self {
            Self::Same(known) => known,
            Self::Changed => PublishedFile::default(),
        }
    }
}

/// How what is published stands to `outputs`, given the `last` generation.
pub(crate) fn output_states(
    operation: &mut Operation<'_>,
    fs: &dyn FileSystem,
    outputs: &[Output<'_>; 4],
    last: Option<&Generation>,
) -> Result<[OutputState; 4], Stop> {
    let found = stat_outputs(fs).map_err(|error| io_failure(operation, BUILD, &error))?;
    let _span = operation.step("compare outputs");
    let mut output_states = [OutputState::Changed; 4];
    for (index, output) in outputs.iter().enumerate() {
        // The sidecar, which takes the longest to make, tells the digests of what is in the pack.
        if index == SIDECAR_AT && output_states[PACK_AT] == OutputState::Changed {
            continue;
        }
        let known = last.map(|generation| generation.outputs[index]);
        let known = known.filter(|known| known.stamp.is_some() && known.stamp == found[index]);
        output_states[index] = output_state(output, known, fs)
            .map_err(|error| io_failure(operation, published_path(output.name), &error))?;
    }
    Ok(output_states)
}

/// Takes back that the sidecar has changed, where it was made in vain: as for a pack that is only gone. `staged` is the new
/// one.
pub(crate) fn recheck_sidecar(
    operation: &mut Operation<'_>,
    fs: &dyn FileSystem,
    outputs: &[Output<'_>; 4],
    staged: &PublishedFile,
    last: Option<&Generation>,
    output_states: &mut [OutputState; 4],
) -> Result<(), Stop> {
    let known = last.map(|generation| generation.outputs[SIDECAR_AT]);
    if output_states[SIDECAR_AT] == OutputState::Changed && known.is_some_and(|known| known.identity == staged.identity)
    {
        let sidecar = &outputs[SIDECAR_AT];
        output_states[SIDECAR_AT] = output_state(sidecar, None, fs)
            .map_err(|error| io_failure(operation, published_path(sidecar.name), &error))?;
    }
    Ok(())
}

/// Finds the stamps of outputs that were just renamed into their places, where they are still what was `staged`. Not being
/// able to look is no failure: they are published.
pub(crate) fn restamp_promoted<'s>(
    fs: &dyn FileSystem,
    staged: impl Iterator<Item = &'s PublishedFile>,
    output_states: &mut [OutputState; 4],
) {
    let found = stat_outputs(fs).unwrap_or_default();
    for ((output_state, found), known) in output_states.iter_mut().zip(found).zip(staged) {
        if *output_state == OutputState::Changed {
            let stamp = found.zip(known.stamp);
            let stamp = stamp.and_then(|(found, staged)| stamp_of_promoted(found, staged));
            *output_state = OutputState::Same(PublishedFile { stamp, ..*known });
        }
    }
}

/// The names of those of `outputs` that are not published already.
pub(crate) fn changed_names(outputs: &[Output<'_>; 4], output_states: &[OutputState; 4]) -> Vec<&'static str> {
    let all = outputs.iter().zip(output_states);
    all.filter(|(_, output_state)| **output_state == OutputState::Changed).map(|(output, _)| output.name).collect()
}

/// How what is published stands to `output`. What is `known` of it is what it was before, and it is that still.
fn output_state(output: &Output<'_>, known: Option<PublishedFile>, fs: &dyn FileSystem) -> io::Result<OutputState> {
    let identity = output.identity()?;
    if let Some(known) = known {
        return Ok(if known.identity == identity.digest { OutputState::Same(known) } else { OutputState::Changed });
    }
    let (file, stamp) = match fs.open(&published_path(output.name)) {
        Ok(opened) => opened,
        // What may not be read may still be replaced.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied) => {
            return Ok(OutputState::Changed);
        }
        Err(error) => return Err(error),
    };
    if stamp.size != identity.size {
        return Ok(OutputState::Changed);
    }
    let conclusive_stamp = conclusive_stamp(&*file, stamp);
    match equals(output, &*file, &identity) {
        Ok(true) if file.stamp()? == stamp => {
            Ok(OutputState::Same(PublishedFile { identity: identity.digest, stamp: conclusive_stamp }))
        }
        Ok(_) => Ok(OutputState::Changed),
        // It became shorter meanwhile.
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(OutputState::Changed),
        Err(error) => Err(error),
    }
}

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
