//! Dropping dead entries: those of payloads that no asset has now. They are kept for the time when an edit is taken back,
//! but not without end: a cache of a year is not larger than one of a few days.

use std::collections::HashSet;
use std::io;
use std::sync::Arc;

use papack_queries::content::ContentId;

use super::limits::{Key, MAX_MERGED};
use super::segment::Segment;
use super::segment_writer::SegmentWriter;
use super::store::Payloads;

/// Bytes of dead entries that are kept in any case. Beyond that, as many are kept as there are bytes of live ones.
pub(super) const MIN_DEAD: u64 = 4 * 1024 * 1024;

/// What one segment has.
struct Share {
    /// The keys of its live entries, without those that a more recently used segment has, too.
    live_keys: Vec<Key>,
    /// Bytes of these entries.
    live: u64,
    /// All other bytes.
    dead: u64,
}

/// Drops dead entries of `segments`, most recently used first, where there are too many: those of the least recently used
/// segments that are dead for the larger part. `live_contents` gives the contents of all payloads that assets have. If the
/// rest of these segments cannot be written anew, all stay.
pub(super) fn drop_dead(
    payloads: &Payloads,
    segments: Vec<Arc<Segment>>,
    live_contents: &dyn Fn() -> HashSet<ContentId>,
) -> Vec<Arc<Segment>> {
    if segments.iter().map(|segment| segment.size()).sum::<u64>() <= 2 * MIN_DEAD {
        return segments;
    }
    let shares = shares(&segments, &live_contents());
    let live: u64 = shares.iter().map(|share| share.live).sum();
    let mut dead: u64 = shares.iter().map(|share| share.dead).sum();
    let most = live.max(MIN_DEAD);
    if dead <= most {
        return segments;
    }
    // A quarter less, so that the next operations need not write anything anew.
    let goal = most / 4 * 3;
    let (mut rewritten, mut dropped) = (0, HashSet::new());
    for (number, share) in shares.iter().enumerate().rev() {
        if dead > goal && share.live <= share.dead && rewritten + share.live <= MAX_MERGED {
            dead -= share.dead;
            rewritten += share.live;
            dropped.insert(number);
        }
    }
    let Ok(written) = write_live(payloads, &segments, &shares, &dropped) else { return segments };
    let rest = segments.into_iter().enumerate().filter(|(number, _)| !dropped.contains(number));
    written.into_iter().chain(rest.map(|(_, segment)| segment)).collect()
}

/// What each of `segments` has.
fn shares(segments: &[Arc<Segment>], live_contents: &HashSet<ContentId>) -> Vec<Share> {
    let mut seen = HashSet::new();
    let share = |segment: &Arc<Segment>| {
        let (mut live_keys, mut contents) = (Vec::new(), HashSet::new());
        for key in segment.keys() {
            let slices = segment.slices(key);
            if slices.iter().skip(1).all(|slice| live_contents.contains(slice)) && seen.insert(*key) {
                live_keys.push(*key);
                contents.extend(slices);
            }
        }
        let live = contents.iter().map(|content| content.size).sum();
        Share { live_keys, live, dead: segment.size().saturating_sub(live) }
    };
    segments.iter().map(share).collect()
}

/// Writes the live entries of those `segments` that are `dropped` to a new one. None where there are no such entries.
fn write_live(
    payloads: &Payloads,
    segments: &[Arc<Segment>],
    shares: &[Share],
    dropped: &HashSet<usize>,
) -> io::Result<Option<Arc<Segment>>> {
    let Payloads { fs, key, .. } = payloads;
    if dropped.iter().all(|number| shares[*number].live_keys.is_empty()) {
        return Ok(None);
    }
    let mut writer = SegmentWriter::begin(fs, key)?;
    for number in dropped {
        for key in &shares[*number].live_keys {
            writer.adopt(key, &segments[*number])?;
        }
    }
    Ok(writer.complete()?.and_then(|name| Segment::open(&**fs, &name, key)).map(Arc::new))
}
