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
    /// Tiles of the new bank. Tiles beyond the smaller count were added or removed.
    pub new_count: u32,
    /// The tiles that both banks have and whose pixels differ; null if the banks have tiles of different sizes.
    pub changed: Option<Vec<TileRange>>,
    /// The numbers of the palettes that differ.
    pub palettes: Vec<usize>,
}

/// Consecutive tiles, by their numbers.
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
    /// The samples that differ.
    pub samples: Vec<SampleDiff>,
    /// Whether those that both have are in another order.
    pub reordered: bool,
}

/// What changed of one sample.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SampleDiff {
    /// Its name. Samples of the same name are compared.
    pub name: String,
    /// What happened to it.
    pub change: DiffKind,
    /// Its description in the old pack.
    pub old: Option<Sound>,
    /// Its description in the new pack.
    pub new: Option<Sound>,
    /// The first frame that differs, of those that both samples have; null if none does, or if the numbers of channels
    /// differ.
    pub first_frame: Option<u64>,
    /// How many of the frames that both samples have differ.
    pub frame_count: u64,
}

/// What changed of an asset of bank `DATA`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DataDiff {
    /// The files that differ.
    pub entries: Vec<EntryDiff>,
    /// Whether those that both have are in another order.
    pub reordered: bool,
}

/// What changed of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EntryDiff {
    /// Its path. Files of the same path are compared.
    pub name: String,
    /// What happened to it.
    pub change: DiffKind,
    /// Its old size in bytes.
    pub old_size: Option<u64>,
    /// Its new size in bytes.
    pub new_size: Option<u64>,
    /// The first byte that differs; the shorter size if one file begins with the other.
    pub first_difference: Option<u64>,
}

/// Compares two tile banks. A bank has a few MiB at most.
pub(super) fn tiles(
    (old, old_metadata): (Part<'_>, &Metadata),
    (new, new_metadata): (Part<'_>, &Metadata),
) -> Result<TilesDiff, UnreadableFile> {
    let payload = |part: Part<'_>| part.pack.reader.read(part.asset).map_err(|error| part.pack.unreadable(error));
    let (old, new) = (payload(old)?, payload(new)?);
    let (old, new) = ((old_metadata, old.as_slice()), (new_metadata, new.as_slice()));
    let changed = || {
        let ranges = tiles::changed_tiles(old, new).into_iter();
        ranges.map(|range| TileRange { first: range.start, last: range.end - 1 }).collect()
    };
    Ok(TilesDiff {
        old_count: old_metadata.tile_count(),
        new_count: new_metadata.tile_count(),
        changed: (old_metadata.tile_size == new_metadata.tile_size).then(changed),
        palettes: tiles::changed_palettes(old, new),
    })
}

/// Compares two sound banks, sample by sample.
pub(super) fn sounds(
    (old, old_samples): (Part<'_>, &[Sample<'_>]),
    (new, new_samples): (Part<'_>, &[Sample<'_>]),
) -> Result<SoundsDiff, UnreadableFile> {
    let (pairs, reordered) = by_name(old_samples, new_samples, |sample| &*sample.name);
    let mut samples = Vec::new();
    for (name, old_sample, new_sample) in pairs {
        let (mut first_frame, mut frame_count) = (None, 0);
        if let (Some(old_sample), Some(new_sample)) = (old_sample, new_sample)
            && old_sample.sound.channels == new_sample.sound.channels
        {
            let (old, new) = (Part { offset: old_sample.offset, ..old }, Part { offset: new_sample.offset, ..new });
            (first_frame, frame_count) = differing_frames(old, old_sample.sound, new, new_sample.sound)?;
        }
        let (old, new) = (old_sample.map(|sample| sample.sound), new_sample.map(|sample| sample.sound));
        if old != new || frame_count > 0 {
            samples.push(SampleDiff { name, change: change(old, new), old, new, first_frame, frame_count });
        }
    }
    Ok(SoundsDiff { samples, reordered })
}

/// Compares the frames that both samples have. Returns the first that differs, and how many do.
fn differing_frames(
    old: Part<'_>,
    old_sound: Sound,
    new: Part<'_>,
    new_sound: Sound,
) -> Result<(Option<u64>, u64), UnreadableFile> {
    let frame_bytes = old_sound.frame_bytes();
    let width = usize::try_from(frame_bytes).unwrap_or(2);
    let (mut first, mut count) = (None, 0);
    // A frame has 2 or 4 bytes, so every piece holds whole frames.
    differing_pieces(old, new, old_sound.bytes().min(new_sound.bytes()), |offset, old, new| {
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
    (old, old_entries): (Part<'_>, &[Entry<'_>]),
    (new, new_entries): (Part<'_>, &[Entry<'_>]),
) -> Result<DataDiff, UnreadableFile> {
    let (pairs, reordered) = by_name(old_entries, new_entries, |entry| &*entry.name);
    let mut entries = Vec::new();
    for (name, old_entry, new_entry) in pairs {
        let mut first = None;
        if let (Some(old_entry), Some(new_entry)) = (old_entry, new_entry) {
            let old = (Part { offset: old_entry.offset, ..old }, old_entry.size);
            first = first_difference(old, (Part { offset: new_entry.offset, ..new }, new_entry.size))?;
            if first.is_none() {
                continue;
            }
        }
        let (old_size, new_size) = (old_entry.map(|entry| entry.size), new_entry.map(|entry| entry.size));
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

/// A name, with the part of the old list and the part of the new list that have it.
type Pair<'a, T> = (String, Option<&'a T>, Option<&'a T>);

/// Pairs the parts of two lists by their names: first those of the old list in its order, then those that were added.
/// Also returns whether the parts that both lists have come in another order.
fn by_name<'a, T>(old: &'a [T], new: &'a [T], name: impl Fn(&T) -> &str) -> (Vec<Pair<'a, T>>, bool) {
    let mut added: HashMap<&str, (usize, &T)> =
        new.iter().enumerate().map(|(at, part)| (name(part), (at, part))).collect();
    let (mut pairs, mut last, mut reordered) = (Vec::new(), 0, false);
    for old_part in old {
        let found = added.remove(name(old_part));
        if let Some((at, _)) = found {
            reordered |= at < last;
            last = at;
        }
        pairs.push((name(old_part).to_owned(), Some(old_part), found.map(|(_, new_part)| new_part)));
    }
    let is_added = |part: &&T| added.contains_key(name(part));
    pairs.extend(new.iter().filter(is_added).map(|part| (name(part).to_owned(), None, Some(part))));
    (pairs, reordered)
}
