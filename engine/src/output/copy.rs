//! Payloads on their way into a staged file.
//!
//! What is published already is copied by the kernel, in runs as long as possible: of a pack in which one asset changed
//! there are two. Everything else is read from the store, and digested again on its way.

use std::io;

use papack_queries::content::{Content, ContentId, Digest};
use rayon::prelude::*;

use super::Placed;
use crate::fs::{FileHandle, in_pieces};
use crate::store::Store;

/// How much of a run one thread copies at a time.
const LONGEST: u64 = 16 * 1024 * 1024;

/// One thing to copy.
enum Step<'a> {
    /// Bytes of what is published.
    Run(Run),
    /// A payload from the store, and where it goes.
    Payload(&'a Placed<'a>, u64),
}

/// A part of the published file that is a part of the staged one, too.
#[derive(Clone, Copy)]
struct Run {
    from: u64,
    to: u64,
    size: u64,
}

/// Copies `payloads` to their places in `file`, where the payload region begins at `start`.
pub(super) fn payloads(payloads: &[Placed<'_>], store: &Store, file: &dyn FileHandle, start: u64) -> io::Result<()> {
    let steps = steps(payloads, store, start);
    steps.par_iter().try_for_each(|step| match step {
        Step::Run(run) => match store.published() {
            Some(published) => file.copy_from(run.to, &**published.file(), run.from, run.size),
            None => Err(io::ErrorKind::NotFound.into()),
        },
        Step::Payload(placed, to) => copy(placed, store, file, *to),
    })?;
    let is_used = steps.iter().any(|step| matches!(step, Step::Run(_)));
    match store.published() {
        Some(published) if is_used && !published.is_untouched()? => {
            Err(io::Error::other("assets.pa was altered while it was copied"))
        }
        _ => Ok(()),
    }
}

fn steps<'a>(payloads: &'a [Placed<'a>], store: &Store, start: u64) -> Vec<Step<'a>> {
    let mut steps = Vec::new();
    let mut run: Option<Run> = None;
    for placed in payloads {
        let to = start + placed.offset;
        let from = store.published().and_then(|published| published.find(placed.asset_id, placed.id));
        match (from, &mut run) {
            (Some(from), Some(run)) if from == run.from + run.size && run.size + placed.id.size <= LONGEST => {
                run.size += placed.id.size;
            }
            (Some(from), run) => steps.extend(run.replace(Run { from, to, size: placed.id.size }).map(Step::Run)),
            (None, run) => {
                steps.extend(run.take().map(Step::Run));
                steps.push(Step::Payload(placed, to));
            }
        }
    }
    steps.extend(run.map(Step::Run));
    steps
}

/// Copies a payload to `start` of `file`, and makes sure that it is what its handles say.
fn copy(placed: &Placed<'_>, content: &dyn Content, file: &dyn FileHandle, start: u64) -> io::Result<()> {
    let mut to = start;
    for slice in placed.slices {
        copy_slice(content, *slice, file, to)?;
        to += slice.size;
    }
    Ok(())
}

fn copy_slice(content: &dyn Content, id: ContentId, file: &dyn FileHandle, start: u64) -> io::Result<()> {
    let mut hasher = blake3::Hasher::new();
    in_pieces(id.size, |offset, piece| {
        content.read_at(id, offset, piece)?;
        hasher.update(piece);
        file.write_all_at(start + offset, piece)
    })?;
    if Digest(*hasher.finalize().as_bytes()) != id.digest {
        return Err(io::Error::other(format!("content {} was altered after it was read", id.digest)));
    }
    Ok(())
}
