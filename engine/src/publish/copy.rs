//! Payloads on their way into a staged file.
//!
//! What is published already is copied by the kernel, in runs as long as possible: of a pack in which one asset changed
//! there are two. Everything else is read from the store, and digested again on its way.

use papack_queries::pack::PlannedPayload;
use std::io;

use papack_queries::content::{ContentId, ContentStore, Digest};
use rayon::prelude::*;

use crate::content::{PackingStore, Published};
use crate::fs::{FileHandle, PIECE, pieces, with_buffer};

/// A part of the published file that is a part of the staged one, too.
#[derive(Clone, Copy)]
struct Run {
    from: u64,
    to: u64,
    size: u64,
}

/// Copies `payloads` to their places in `file`, where the payload region begins at `start`. What is published is let go where
/// it `is_replaced` in the end.
pub(super) fn payloads(
    payloads: &[PlannedPayload],
    store: &PackingStore,
    file: &dyn FileHandle,
    start: u64,
    is_replaced: bool,
) -> io::Result<()> {
    let (runs, others) = split(payloads, store.published(), start);
    let copied = rayon::join(
        // One after the other: the kernel lets only one thread write to a file.
        || store.published().map_or(Ok(()), |published| copy_runs(&runs, published, file, is_replaced)),
        || in_groups(&others).into_par_iter().try_for_each(|group| copy_group(group, store, file, start)),
    );
    copied.0.and(copied.1)
}

/// Which of `payloads` are published, in runs, and the others.
fn split<'p>(
    payloads: &'p [PlannedPayload],
    published: Option<&Published>,
    start: u64,
) -> (Vec<Run>, Vec<&'p PlannedPayload>) {
    let (mut runs, mut others) = (Vec::<Run>::new(), Vec::new());
    for placed in payloads {
        let (to, size) = (start + placed.offset, placed.id().size);
        let Some(from) = published.and_then(|published| published.find(placed.asset_id, placed.id())) else {
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

/// Divides `payloads` into groups that fit into a buffer, as far as single ones do.
fn in_groups<'g>(payloads: &'g [&'g PlannedPayload]) -> Vec<&'g [&'g PlannedPayload]> {
    let mut groups = Vec::new();
    let mut rest = payloads;
    while let [first, others @ ..] = rest {
        let mut size = first.id().size;
        let fits = |placed: &&&PlannedPayload| {
            size = size.saturating_add(placed.id().size);
            size <= PIECE as u64
        };
        let (group, left) = rest.split_at(1 + others.iter().take_while(fits).count());
        groups.push(group);
        rest = left;
    }
    groups
}

impl Run {
    /// The run in pieces.
    fn pieces(&self) -> impl Iterator<Item = Self> + use<> {
        let Self { from, to, .. } = *self;
        pieces(self.size).map(move |(offset, length)| Self {
            from: from + offset,
            to: to + offset,
            size: length as u64,
        })
    }
}

fn copy_runs(runs: &[Run], published: &Published, file: &dyn FileHandle, is_replaced: bool) -> io::Result<()> {
    let source = &**published.file();
    // The disk is busy with a piece while the next one is copied. To drop what is replaced takes time, too.
    let let_go = |piece: Run| {
        file.let_go(piece.to, piece.size);
        if is_replaced {
            source.let_go(piece.from, piece.size);
        }
    };
    let mut copied = None;
    for piece in runs.iter().flat_map(Run::pieces) {
        let copy = || file.copy_from(piece.to, source, piece.from, piece.size);
        rayon::join(copy, || copied.map(let_go)).0?;
        copied = Some(piece);
    }
    copied.map(let_go);
    if !runs.is_empty() && !published.is_untouched()? {
        return Err(io::Error::other("assets.pa was altered while it was copied"));
    }
    Ok(())
}

/// Copies payloads that lie near each other.
fn copy_group(
    group: &[&PlannedPayload],
    content: &dyn ContentStore,
    file: &dyn FileHandle,
    start: u64,
) -> io::Result<()> {
    let [first, ..] = group else { return Ok(()) };
    let begin = start + first.offset;
    let end = with_buffer(PIECE, |buffer| {
        let mut gathered = Gathered { file, buffer, filled: 0, to: begin };
        for placed in group {
            gathered.go_to(start + placed.offset)?;
            placed.slices().iter().try_for_each(|slice| gathered.add(content, *slice))?;
        }
        gathered.flush()?;
        Ok::<_, io::Error>(gathered.to)
    })?;
    // The disk is busy with these while the next ones are copied.
    file.let_go(begin, end - begin);
    Ok(())
}

/// Bytes that are gathered, to be written at once: that takes the kernel much less time than many small pieces.
struct Gathered<'f> {
    file: &'f dyn FileHandle,
    buffer: &'f mut [u8],
    /// How much of the buffer is filled.
    filled: usize,
    /// Where the buffer begins in the file.
    to: u64,
}

impl Gathered<'_> {
    /// Has what comes next begin at `offset` of the file.
    fn go_to(&mut self, offset: u64) -> io::Result<()> {
        if offset != self.to + self.filled as u64 {
            self.flush()?;
            self.to = offset;
        }
        Ok(())
    }

    /// Adds the content `id`, and makes sure that it is what its handle says.
    fn add(&mut self, content: &dyn ContentStore, id: ContentId) -> io::Result<()> {
        let mut hasher = blake3::Hasher::new();
        let mut offset = 0;
        while offset < id.size {
            if self.filled == self.buffer.len() {
                self.flush()?;
            }
            let room = &mut self.buffer[self.filled..];
            let length = usize::try_from(id.size - offset).map_or(room.len(), |rest| rest.min(room.len()));
            content.read_at(id, offset, &mut room[..length])?;
            hasher.update(&room[..length]);
            self.filled += length;
            offset += length as u64;
        }
        if Digest(*hasher.finalize().as_bytes()) != id.digest {
            return Err(io::Error::other(format!("content {} was altered after it was read", id.digest)));
        }
        Ok(())
    }

    /// Writes what was gathered.
    fn flush(&mut self) -> io::Result<()> {
        self.file.write_all_at(self.to, &self.buffer[..self.filled])?;
        self.to += self.filled as u64;
        self.filled = 0;
        Ok(())
    }
}
