//! Payloads on their way into a staged file.
//!
//! What is published already is copied by the kernel, in runs as long as possible: of a pack in which one asset changed
//! there are two. Everything else is read from the store, and digested again on its way.

use std::io;

use papack_queries::content::{Content, ContentId, Digest};
use rayon::prelude::*;

use super::Placed;
use crate::fs::{FileHandle, in_pieces, pieces};
use crate::published::Published;
use crate::store::Store;

/// How many payloads from the store one thread copies before the disk is told of them.
const AT_ONCE: usize = 64;

/// A part of the published file that is a part of the staged one, too.
#[derive(Clone, Copy)]
struct Run {
    from: u64,
    to: u64,
    size: u64,
}

/// Copies `payloads` to their places in `file`, where the payload region begins at `start`.
pub(super) fn payloads(payloads: &[Placed<'_>], store: &Store, file: &dyn FileHandle, start: u64) -> io::Result<()> {
    let (runs, others) = split(payloads, store.published(), start);
    let copied = rayon::join(
        // One after the other: the kernel lets only one thread write to a file.
        || store.published().map_or(Ok(()), |published| copy_runs(&runs, published, file)),
        || others.par_chunks(AT_ONCE).try_for_each(|group| copy_group(group, store, file, start)),
    );
    copied.0.and(copied.1)
}

/// Which of `payloads` are published, in runs, and the others.
fn split<'p, 's>(
    payloads: &'p [Placed<'s>],
    published: Option<&Published>,
    start: u64,
) -> (Vec<Run>, Vec<&'p Placed<'s>>) {
    let (mut runs, mut others) = (Vec::<Run>::new(), Vec::new());
    for placed in payloads {
        let (to, size) = (start + placed.offset, placed.id.size);
        let Some(from) = published.and_then(|published| published.find(placed.asset_id, placed.id)) else {
            others.push(placed);
            continue;
        };
        match runs.last_mut().filter(|run| run.from + run.size == from && run.to + run.size == to) {
            Some(run) => run.size += size,
            None => runs.push(Run { from, to, size }),
        }
    }
    (runs, others)
}

fn copy_runs(runs: &[Run], published: &Published, file: &dyn FileHandle) -> io::Result<()> {
    for run in runs {
        for (offset, length) in pieces(run.size) {
            let size = length as u64;
            file.copy_from(run.to + offset, &**published.file(), run.from + offset, size)?;
            // The disk is busy with this piece while the next one is copied.
            file.begin_sync(run.to + offset, size);
        }
    }
    if !runs.is_empty() && !published.is_untouched()? {
        return Err(io::Error::other("assets.pa was altered while it was copied"));
    }
    Ok(())
}

/// Copies payloads that lie near each other.
fn copy_group(group: &[&Placed<'_>], store: &Store, file: &dyn FileHandle, start: u64) -> io::Result<()> {
    group.iter().try_for_each(|placed| copy(placed, store, file, start + placed.offset))?;
    if let [first, .., last] | [first @ last] = group {
        file.begin_sync(start + first.offset, last.offset + last.id.size - first.offset);
    }
    Ok(())
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
