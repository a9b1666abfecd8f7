//! Copying payloads into a staged file.
//!
//! The kernel copies what is published already, in runs as long as possible: in a pack of which one asset changed,
//! there are two runs. What was written to its place while it was read stays there. Everything else is read from the
//! store, and digested again before it is written.

use std::io;

use papack_queries::content::{ContentId, ContentStore, Digest};
use papack_queries::pack::PlannedPayload;
use rayon::prelude::*;

use crate::content::{PackingStore, Published};
use crate::fs::{FileHandle, PIECE, pieces, with_buffer};

/// A range of the published file that is in the staged one, too.
#[derive(Clone, Copy)]
struct Run {
    /// The offset in the published file.
    from: u64,
    /// The offset in the staged file.
    to: u64,
    /// Bytes.
    size: u64,
}

/// Copies those of `payloads` that are not there to their places in `file`, where the payload region begins at `start`. With `is_replaced`, the
/// published file will be replaced, so the kernel need not keep what was copied from it in memory.
pub(super) fn payloads(
    payloads: &[PlannedPayload],
    is_there: impl Fn(&PlannedPayload) -> bool,
    store: &PackingStore,
    file: &dyn FileHandle,
    start: u64,
    is_replaced: bool,
) -> io::Result<()> {
    let missing = payloads.iter().filter(|placed| !is_there(placed));
    let (runs, others) = split(missing, store.published(), start);
    let copied = rayon::join(
        // One after the other: the kernel lets only one thread write to a file.
        || store.published().map_or(Ok(()), |published| copy_runs(&runs, published, file, is_replaced)),
        || in_groups(&others).into_par_iter().try_for_each(|group| copy_group(group, store, file, start)),
    );
    copied.0.and(copied.1)
}

/// Splits `payloads` into those that are published, in runs, and the others.
fn split<'p>(
    payloads: impl Iterator<Item = &'p PlannedPayload>,
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

/// Divides `payloads` into groups that fit into a buffer. A payload that is too large for the buffer is a group by
/// itself.
fn in_groups<'g>(payloads: &'g [&'g PlannedPayload]) -> Vec<&'g [&'g PlannedPayload]> {
    let mut groups = Vec::new();
    let mut rest = payloads;
    while let [first, others @ ..] = rest {
        let mut size = first.id().size;
        let fits = |placed: &&&PlannedPayload| {
            size = size.saturating_add(placed.id().size);
            size <= PIECE as u64
        };
        let (group, following) = rest.split_at(1 + others.iter().take_while(fits).count());
        groups.push(group);
        rest = following;
    }
    groups
}

impl Run {
    /// The run in pieces of bounded size.
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
    // While one piece is copied, another thread lets go of the previous one: the disk writes it meanwhile, and dropping
    // what is replaced takes time, too.
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

/// Copies a group of payloads. Between them there may be places of published ones.
fn copy_group(
    group: &[&PlannedPayload],
    content: &dyn ContentStore,
    file: &dyn FileHandle,
    start: u64,
) -> io::Result<()> {
    let [first, ..] = group else { return Ok(()) };
    let begin = start + first.offset;
    let end = with_buffer(PIECE, |buffer| {
        let mut write_buffer = WriteBuffer { file, buffer, filled: 0, to: begin };
        for placed in group {
            write_buffer.go_to(start + placed.offset)?;
            placed.slices().iter().try_for_each(|slice| write_buffer.add(content, *slice))?;
        }
        write_buffer.flush()?;
        Ok::<_, io::Error>(write_buffer.to)
    })?;
    // The disk writes these while the next ones are copied.
    file.let_go(begin, end - begin);
    Ok(())
}

/// Bytes that are gathered in a buffer. One large write takes the kernel much less time than many small ones.
struct WriteBuffer<'f> {
    file: &'f dyn FileHandle,
    buffer: &'f mut [u8],
    /// How many bytes of the buffer are filled.
    filled: usize,
    /// The offset of the buffer in the file.
    to: u64,
}

impl WriteBuffer<'_> {
    /// Sets the `offset` in the file at which the next bytes begin.
    fn go_to(&mut self, offset: u64) -> io::Result<()> {
        if offset != self.to + self.filled as u64 {
            self.flush()?;
            self.to = offset;
        }
        Ok(())
    }

    /// Adds the content `id`. Fails if its bytes have not the digest of `id`.
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

    /// Writes the gathered bytes.
    fn flush(&mut self) -> io::Result<()> {
        self.file.write_all_at(self.to, &self.buffer[..self.filled])?;
        self.to += self.filled as u64;
        self.filled = 0;
        Ok(())
    }
}
