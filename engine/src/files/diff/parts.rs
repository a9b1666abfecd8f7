//! What changed within a payload: tiles, samples, or files.

use std::collections::HashMap;
use std::ops::ControlFlow;

use papack_queries::formats::data::Entry;
use papack_queries::formats::sounds::{Sample, Sound};
use papack_queries::formats::tiles::{self, Metadata};
use serde::Serialize;

use super::kind::DiffKind;
use super::pack::{Part, UnreadableFile, differing_pieces, first_difference};

/// What changed of a tile bank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TilesDiff {
    /// Tiles of the old bank.
    pub old_count: u32,
    /// Tiles of the new bank. What is beyond the smaller count was added or removed.
    pub new_count: u32,
    /// The tiles that both have and whose pixels are not the same; null where the size of tiles is another.
    pub changed: Option<Vec<TileRange>>,
    /// The numbers of the palettes that are not the same.
    pub palettes: Vec<usize>,
}

/// Tiles one after the other, by their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct TileRange {
    /// The first.
    pub first: u32,
    /// The last.
    pub last: u32,
}

/// What changed of a sound bank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SoundsDiff {
    /// The samples that are not the same.
    pub samples: Vec<SampleDiff>,
    /// Whether those that both have come in another order.
    pub reordered: bool,
}

/// What changed of one sample.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SampleDiff {
    /// Its name, which is what makes it the same sample.
    pub name: String,
    /// What happened to it.
    pub change: DiffKind,
    /// What the old pack says of it.
    pub old: Option<Sound>,
    /// What the new pack says of it.
    pub new: Option<Sound>,
    /// The first frame that is not the same, of those that both have; null where none is, or where the number of
    /// channels is another.
    pub first_frame: Option<u64>,
    /// How many of the frames that both have are not the same.
    pub frame_count: u64,
}

/// What changed of an asset of bank `DATA`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DataDiff {
    /// The files that are not the same.
    pub entries: Vec<EntryDiff>,
    /// Whether those that both have come in another order.
    pub reordered: bool,
}

/// What changed of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EntryDiff {
    /// Its path, which is what makes it the same file.
    pub name: String,
    /// What happened to it.
    pub change: DiffKind,
    /// Its old size in bytes.
    pub old_size: Option<u64>,
    /// Its new size in bytes.
    pub new_size: Option<u64>,
    /// The first byte that is not the same; the shorter size where one begins with the other.
    pub first_difference: Option<u64>,
}

/// Compares two tile banks. A bank has a few MiB at most.
pub(super) fn tiles(
    (old, was): (Part<'_>, &Metadata),
    (new, is): (Part<'_>, &Metadata),
) -> Result<TilesDiff, UnreadableFile> {
    let payload = |part: Part<'_>| part.pack.reader.read(part.asset).map_err(|error| part.pack.unreadable(error));
    let (old, new) = (payload(old)?, payload(new)?);
    let (old, new) = ((was, old.as_slice()), (is, new.as_slice()));
    let changed = || {
        let ranges = tiles::changed_tiles(old, new).into_iter();
        ranges.map(|range| TileRange { first: range.start, last: range.end - 1 }).collect()
    };
    Ok(TilesDiff {
        old_count: was.tile_count(),
        new_count: is.tile_count(),
        changed: (was.tile_size == is.tile_size).then(changed),
        palettes: tiles::changed_palettes(old, new),
    })
}

/// Compares two sound banks, sample by sample.
pub(super) fn sounds(
    (old, was): (Part<'_>, &[Sample<'_>]),
    (new, is): (Part<'_>, &[Sample<'_>]),
) -> Result<SoundsDiff, UnreadableFile> {
    let (pairs, reordered) = by_name(was, is, |sample| &*sample.name);
    let mut samples = Vec::new();
    for (name, was, is) in pairs {
        let (mut first_frame, mut frame_count) = (None, 0);
        if let (Some(was), Some(is)) = (was, is)
            && was.sound.channels == is.sound.channels
        {
            let parts = (Part { offset: was.offset, ..old }, Part { offset: is.offset, ..new });
            (first_frame, frame_count) = differing_frames(parts.0, was.sound, parts.1, is.sound)?;
        }
        let (old, new) = (was.map(|sample| sample.sound), is.map(|sample| sample.sound));
        if old != new || frame_count > 0 {
            samples.push(SampleDiff { name, change: change(old, new), old, new, first_frame, frame_count });
        }
    }
    Ok(SoundsDiff { samples, reordered })
}

/// The first of the frames that both samples have and that are not the same, and their number.
fn differing_frames(old: Part<'_>, was: Sound, new: Part<'_>, is: Sound) -> Result<(Option<u64>, u64), UnreadableFile> {
    let frame_bytes = was.frame_bytes();
    let width = usize::try_from(frame_bytes).unwrap_or(2);
    let (mut first, mut count) = (None, 0);
    // A frame has 2 or 4 bytes, so that every piece holds whole frames.
    differing_pieces(old, new, was.bytes().min(is.bytes()), |offset, old, new| {
        for (number, (old, new)) in old.chunks(width).zip(new.chunks(width)).enumerate() {
            if old != new {
                first = first.or(Some(offset / frame_bytes + number as u64));
                count += 1;
            }
        }
        ControlFlow::Continue(())
    })?;
    Ok((first, count))
}

/// Compares the files of two assets, one by one.
pub(super) fn data(
    (old, was): (Part<'_>, &[Entry<'_>]),
    (new, is): (Part<'_>, &[Entry<'_>]),
) -> Result<DataDiff, UnreadableFile> {
    let (pairs, reordered) = by_name(was, is, |entry| &*entry.name);
    let mut entries = Vec::new();
    for (name, was, is) in pairs {
        let mut first = None;
        if let (Some(was), Some(is)) = (was, is) {
            let old = (Part { offset: was.offset, ..old }, was.size);
            first = first_difference(old, (Part { offset: is.offset, ..new }, is.size))?;
            if first.is_none() {
                continue;
            }
        }
        let (old_size, new_size) = (was.map(|entry| entry.size), is.map(|entry| entry.size));
        let change = change(old_size, new_size);
        entries.push(EntryDiff { name, change, old_size, new_size, first_difference: first });
    }
    Ok(DataDiff { entries, reordered })
}

fn change<T>(old: Option<T>, new: Option<T>) -> DiffKind {
    match (old, new) {
        (Some(_), Some(_)) => DiffKind::Changed,
        (Some(_), None) => DiffKind::Removed,
        (None, _) => DiffKind::Added,
    }
}

/// Something of the old list, of the new list, or of both, by its name.
type Pair<'a, T> = (String, Option<&'a T>, Option<&'a T>);

/// What either list has: first in the order of the old one, then what was added. And whether what both have comes in
/// another order.
fn by_name<'a, T>(old: &'a [T], new: &'a [T], name: impl Fn(&T) -> &str) -> (Vec<Pair<'a, T>>, bool) {
    let mut added: HashMap<&str, (usize, &T)> =
        new.iter().enumerate().map(|(at, part)| (name(part), (at, part))).collect();
    let (mut pairs, mut last, mut reordered) = (Vec::new(), 0, false);
    for was in old {
        let found = added.remove(name(was));
        if let Some((at, _)) = found {
            reordered |= at < last;
            last = at;
        }
        pairs.push((name(was).to_owned(), Some(was), found.map(|(_, is)| is)));
    }
    let is_added = |part: &&T| added.contains_key(name(part));
    pairs.extend(new.iter().filter(is_added).map(|part| (name(part).to_owned(), None, Some(part))));
    (pairs, reordered)
}
