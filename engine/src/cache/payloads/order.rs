//! The order in which segments were used, in a small file of its own.
//!
//! The times of the files cannot be used: they change when a cache is copied, and the clocks of machines that share a
//! cache differ.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use camino::Utf8Path;

use super::segment::Segment;
use crate::fs::FileSystem;
use crate::operation::OperationId;

/// The file with the names of the segments, one a line, the most recently used first.
pub(super) const ORDER: &str = "assets/.prometeu/cache/payloads/order";

/// The new file, before it is renamed over the old one.
const NEW_ORDER: &str = "assets/.prometeu/cache/payloads/order.new";

/// Bytes that are read of the file: far more than papack writes.
const MAX_ORDER: usize = 4096;

/// Whether `name` is a valid name of a segment.
pub(super) fn is_segment_name(name: &str) -> bool {
    OperationId::parse(name).is_some()
}

/// Sorts `names` of segments by the recorded order of their last use. Names that are not in the file are new and come
/// first. If the file is damaged, only the order is wrong, so that other segments are removed first.
pub(super) fn put_in_order(fs: &dyn FileSystem, names: &mut [String]) {
    let order = read_order(fs);
    let places: HashMap<_, _> = order.iter().zip(1..).collect();
    names.sort_by_cached_key(|name| (places.get(name).copied().unwrap_or(0), name.clone()));
}

fn read_order(fs: &dyn FileSystem) -> Vec<String> {
    let read = || {
        let (file, stamp) = fs.open(Utf8Path::new(ORDER))?;
        let mut bytes = vec![0; usize::try_from(stamp.size).map_or(MAX_ORDER, |size| size.min(MAX_ORDER))];
        file.read_exact_at(0, &mut bytes)?;
        Ok::<_, io::Error>(bytes)
    };
    String::from_utf8_lossy(&read().unwrap_or_default()).lines().map(str::to_owned).collect()
}

/// Records the order of `segments`, unless the file has it already. Reports no error: the order is only advice.
pub(super) fn write_order(fs: &dyn FileSystem, segments: &[Arc<Segment>]) {
    let names: Vec<_> = segments.iter().map(|segment| segment.name.clone()).collect();
    if names == read_order(fs) {
        return;
    }
    let text: String = names.iter().flat_map(|name| [name.as_str(), "\n"]).collect();
    let written = fs.create(Utf8Path::new(NEW_ORDER)).and_then(|file| file.write_all_at(0, text.as_bytes()));
    drop(written.and_then(|()| fs.rename(Utf8Path::new(NEW_ORDER), Utf8Path::new(ORDER))));
}
