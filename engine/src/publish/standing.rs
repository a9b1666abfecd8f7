//! How what is published stands to outputs that are about to be.

use papack_queries::pack::PlannedPayload;
use std::io;

use rayon::prelude::*;

use super::identity::Identity;
use super::output::Output;
use crate::fs::{FileHandle, FileSystem, digest_at};
use crate::operation::{Operation, Stop};
use crate::workspace::layout::{BUILD, PACK_AT, SIDECAR_AT, published_path};
use crate::workspace::{Generation, PublishedFile, io_failure, look_at_outputs, stamp_of_promoted, telling};

/// How what is published stands to an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It has the same bytes.
    Same(PublishedFile),
    /// It has others, or there is nothing.
    Changed,
}

impl Standing {
    /// What is known of the published file.
    pub(crate) fn published(self) -> PublishedFile {
        match self {
            Self::Same(known) => known,
            Self::Changed => PublishedFile::default(),
        }
    }
}

/// How what is published stands to `outputs`, given the `last` generation.
pub(crate) fn standings(
    operation: &mut Operation<'_>,
    fs: &dyn FileSystem,
    outputs: &[Output<'_>; 4],
    last: Option<&Generation>,
) -> Result<[Standing; 4], Stop> {
    let found = look_at_outputs(fs).map_err(|error| io_failure(operation, BUILD, &error))?;
    let _span = operation.step("compare outputs");
    let mut standings = [Standing::Changed; 4];
    for (index, output) in outputs.iter().enumerate() {
        // The sidecar, which takes the longest to make, tells the digests of what is in the pack.
        if index == SIDECAR_AT && standings[PACK_AT] == Standing::Changed {
            continue;
        }
        let known = last.map(|generation| generation.outputs[index]);
        let known = known.filter(|known| known.stamp.is_some() && known.stamp == found[index]);
        standings[index] =
            standing(output, known, fs).map_err(|error| io_failure(operation, published_path(output.name), &error))?;
    }
    Ok(standings)
}

/// Takes back that the sidecar has changed, where it was made in vain: as for a pack that is only gone. `staged` is the new
/// one.
pub(crate) fn settle_sidecar(
    operation: &mut Operation<'_>,
    fs: &dyn FileSystem,
    outputs: &[Output<'_>; 4],
    staged: &PublishedFile,
    last: Option<&Generation>,
    standings: &mut [Standing; 4],
) -> Result<(), Stop> {
    let known = last.map(|generation| generation.outputs[SIDECAR_AT]);
    if standings[SIDECAR_AT] == Standing::Changed && known.is_some_and(|known| known.identity == staged.identity) {
        let sidecar = &outputs[SIDECAR_AT];
        standings[SIDECAR_AT] =
            standing(sidecar, None, fs).map_err(|error| io_failure(operation, published_path(sidecar.name), &error))?;
    }
    Ok(())
}

/// Finds the stamps of outputs that were just renamed into their places, where they are still what was `staged`. Not being
/// able to look is no failure: they are published.
pub(crate) fn look_at_promoted<'s>(
    fs: &dyn FileSystem,
    staged: impl Iterator<Item = &'s PublishedFile>,
    standings: &mut [Standing; 4],
) {
    let found = look_at_outputs(fs).unwrap_or_default();
    for ((standing, found), known) in standings.iter_mut().zip(found).zip(staged) {
        if *standing == Standing::Changed {
            let stamp = found.zip(known.stamp);
            let stamp = stamp.and_then(|(found, staged)| stamp_of_promoted(found, staged));
            *standing = Standing::Same(PublishedFile { stamp, ..*known });
        }
    }
}

/// The names of those of `outputs` that are not published already.
pub(crate) fn changed_names(outputs: &[Output<'_>; 4], standings: &[Standing; 4]) -> Vec<&'static str> {
    let all = outputs.iter().zip(standings);
    all.filter(|(_, standing)| **standing == Standing::Changed).map(|(output, _)| output.name).collect()
}

/// How what is published stands to `output`. What is `known` of it is what it was before, and it is that still.
fn standing(output: &Output<'_>, known: Option<PublishedFile>, fs: &dyn FileSystem) -> io::Result<Standing> {
    let identity = output.identity()?;
    if let Some(known) = known {
        return Ok(if known.identity == identity.digest { Standing::Same(known) } else { Standing::Changed });
    }
    let (file, stamp) = match fs.open(&published_path(output.name)) {
        Ok(opened) => opened,
        // What may not be read may still be replaced.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied) => {
            return Ok(Standing::Changed);
        }
        Err(error) => return Err(error),
    };
    if stamp.size != identity.size {
        return Ok(Standing::Changed);
    }
    let telling = telling(&*file, stamp);
    match equals(output, &*file, &identity) {
        Ok(true) if file.stamp()? == stamp => {
            Ok(Standing::Same(PublishedFile { identity: identity.digest, stamp: telling }))
        }
        Ok(_) => Ok(Standing::Changed),
        // It became shorter meanwhile.
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(Standing::Changed),
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
