//! A header without faults, read some rows at a time.
//!
//! A document is held with an index of all its values, which takes several times the memory of its text. Nearly every
//! header that is read is sound, and of a sound one nothing is held but what its reader keeps. Where anything at all is
//! wrong, this says no more than that: the [`Survey`](super::Survey) reads the header as one document then, and says
//! what.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

use super::preload::PreloadEntry;
use super::prelude::{PRELUDE_SIZE, Prelude};
use super::table::{self, Entry};
use crate::formats::Bank;
use crate::json::{Document, Node, end_of_nested};

/// What comes before the first row.
const START: &[u8] = b"{\"asset_table\":[";

/// What comes behind the last row of some.
const END: &[u8] = b"],\"preload\":[]}";

/// Bytes of the rows that are read at a time, at least: a row may have more. Tests have short headers, and need several.
const PIECE: usize = if cfg!(test) { 200 } else { 64 * 1024 };

/// The lists of a sound header: where they are in it, and what the second one holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lists {
    /// Where the bytes of `asset_table` are.
    pub asset_table: Range<usize>,
    /// Where the bytes of `preload` are.
    pub preload: Range<usize>,
    /// The entries of `preload`.
    pub(super) preloaded: Vec<PreloadEntry>,
}

impl Lists {
    /// The lists of the pack that begins with `prelude` and `header` and has `file_size` bytes; none where the strict
    /// [`Reader`](super::Reader) refuses it.
    pub fn of_sound(prelude: &[u8], header: &[u8], file_size: u64) -> Option<Self> {
        let (prelude, faults) = Prelude::parse(prelude, file_size);
        let prelude = prelude.filter(|prelude| faults.is_empty() && prelude.header_len as usize == header.len())?;
        Self::read(header, file_size.checked_sub(prelude.payload_offset())?, |_| {})
    }

    /// Reads the whole `header` of a pack whose payload region has `region_size` bytes, and gives each entry to `take`.
    /// None where anything is wrong.
    pub(super) fn read(header: &[u8], region_size: u64, mut take: impl FnMut(Entry)) -> Option<Self> {
        let mut so_far = SoFar::default();
        let mut at = START.len();
        header.starts_with(START).then_some(())?;
        while let Some(end) = end_of_rows(header, at) {
            for entry in read_rows(header.get(at..end)?, at)? {
                so_far.add(&entry)?;
                take(entry);
            }
            at = end;
            if header.get(at..at + 2)? != b",{" {
                break;
            }
            at += 1;
        }
        (so_far.payload_end == region_size).then_some(())?;
        let asset_table = START.len() - 1..at + 1;
        let banks = so_far.into_banks()?;
        let tail = [START, header.get(at..)?].concat();
        let (preload, preloaded) = sound(&tail, |table, preload| {
            let range = preload.range();
            let is_behind = table.elements().next().is_none();
            is_behind.then(|| {
                (range.start + at - START.len()..range.end + at - START.len(), table::read_preload(preload, banks))
            })
        })?;
        Some(Self { asset_table, preload, preloaded })
    }
}

/// Behind the last of the rows that are read at a time, the first of which begins at byte `at`; none where no row does.
fn end_of_rows(header: &[u8], at: usize) -> Option<usize> {
    let mut end = None;
    let mut next = at;
    while header.get(next) == Some(&b'{') && next - at < PIECE {
        let behind = end_of_nested(header, next)?;
        end = Some(behind);
        next = behind + usize::from(header.get(behind) == Some(&b','));
    }
    end
}

/// The entries of `rows`, which begin at byte `at` of the header; none where anything is wrong with one by itself.
fn read_rows(rows: &[u8], at: usize) -> Option<Vec<Entry>> {
    let text = [START, rows, END].concat();
    let mut entries = sound(&text, |table, _| table.elements().map(table::read_entry).collect::<Option<Vec<_>>>())?;
    for entry in &mut entries {
        let metadata = entry.metadata.as_mut()?;
        *metadata = metadata.start + at - START.len()..metadata.end + at - START.len();
    }
    Some(entries)
}

/// What `read` makes of the two lists of `header`; none where it, or the grammar, finds any fault.
fn sound<T>(header: &[u8], read: impl FnOnce(Node<'_, '_>, Node<'_, '_>) -> Option<T>) -> Option<T> {
    let document = Document::parse_embedded("", header, PRELUDE_SIZE).ok()?;
    document.refuse_not_canonical("the header");
    let (table, preload) = table::lists(&document)?;
    let value = read(table, preload)?;
    document.into_faults().is_empty().then_some(value)
}

/// What the rows so far leave to those behind them.
#[derive(Default)]
struct SoFar {
    /// The id and bank of each.
    banks: Vec<(u32, Option<Bank>)>,
    /// The ids of the banks of tiles that maps name.
    named: Vec<u32>,
    /// A hash of each name. Where two are equal, the names probably are.
    names: Vec<u64>,
    /// Where the payloads end.
    payload_end: u64,
}

impl SoFar {
    /// Adds the entry of the next row; none where it owes something to the ones before.
    fn add(&mut self, entry: &Entry) -> Option<()> {
        let asset_id = entry.asset_id?;
        let is_behind = self.banks.last().is_none_or(|(last, _)| *last < asset_id);
        (is_behind && entry.offset? == self.payload_end).then_some(())?;
        self.payload_end = self.payload_end.checked_add(entry.size?)?;
        let mut hasher = DefaultHasher::new();
        entry.asset_name.as_ref()?.hash(&mut hasher);
        self.names.push(hasher.finish());
        self.named.extend(&entry.named_banks);
        self.banks.push((asset_id, entry.bank_type));
        Some(())
    }

    /// The id and bank of each; none where a name may occur twice, or a map names what is no bank of tiles.
    fn into_banks(mut self) -> Option<Vec<(u32, Option<Bank>)>> {
        self.names.sort_unstable();
        let bank = |id| self.banks.binary_search_by_key(&id, |(id, _)| *id).ok().and_then(|at| self.banks[at].1);
        let are_known = self.named.iter().all(|id| bank(*id) == Some(Bank::Tiles));
        (are_known && self.names.is_sorted_by(|one, next| one < next)).then_some(self.banks)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::{Index, select};

    use super::*;

    /// What the strict reader makes of the header as one document; none where it finds a fault.
    fn as_one(header: &[u8], region_size: u64) -> Option<(Vec<Entry>, Lists)> {
        let prelude = Prelude { header_len: u32::try_from(header.len()).unwrap() };
        let document = Document::parse_embedded("", header, PRELUDE_SIZE).ok()?;
        document.refuse_not_canonical("the header");
        let table = table::read(&document, prelude, Some(region_size));
        let lists = Lists { asset_table: table.entry_list, preload: table.preload_list, preloaded: table.preload };
        document.into_faults().is_empty().then_some((table.entries, lists))
    }

    fn in_pieces(header: &[u8], region_size: u64) -> Option<(Vec<Entry>, Lists)> {
        let mut entries = Vec::new();
        let lists = Lists::read(header, region_size, |entry| entries.push(entry))?;
        Some((entries, lists))
    }

    fn row((id, name, size, user): (u32, String, u64, String), offset: u64) -> String {
        format!(
            r#"{{"asset_id":{id},"asset_name":"{name}","bank_type":"DATA","codec":"NONE","decoded_size":{size},"metadata":{{"entries":[{{"name":"a","offset":0,"size":{size}}}],"user":{{"x":"{user}"}}}},"offset":{offset},"size":{size}}}"#
        )
    }

    /// A header of rows that are mostly sound, and the size of its payload region.
    fn header() -> impl Strategy<Value = (String, u64)> {
        let user =
            vec(select(vec!["x", "]", "}", "{", "[", r#"\""#, r"\\", ","]), 0..120).prop_map(|parts| parts.concat());
        let rows = vec((1..4_u32, "[a-z]{1,2}", 0..9_u64, user), 0..8);
        (rows, vec((0..12_u32, 0..3_u8), 0..3), select(vec![0, 0, 0, 1_u64])).prop_map(|(rows, preload, gap)| {
            let (mut id, mut offset) = (0, 0);
            let rows = rows.into_iter().map(|(step, name, size, user)| {
                id += step;
                let row = row((id, format!("{name}{}", id % 7), size, user), offset + gap);
                offset += size;
                row
            });
            let rows = rows.collect::<Vec<_>>().join(",");
            let preload = preload.iter().map(|(id, slot)| format!(r#"{{"asset_id":{id},"slot":{slot}}}"#));
            let preload = preload.collect::<Vec<_>>().join(",");
            (format!(r#"{{"asset_table":[{rows}],"preload":[{preload}]}}"#), offset)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_read_in_pieces_is_what_one_document_says(
            (header, size) in header(),
            changes in vec((any::<Index>(), select(b"{}[],:\"1 \\".to_vec())), 0..2),
            removed in proptest::option::weighted(0.3, (any::<Index>(), 1..4_usize)),
        ) {
            let mut header = header.into_bytes();
            prop_assert_eq!(in_pieces(&header, size), as_one(&header, size));
            if let Some((at, count)) = removed {
                let at = at.index(header.len());
                header.drain(at..(at + count).min(header.len()));
            }
            for (at, byte) in changes {
                let at = at.index(header.len());
                header[at] = byte;
            }
            prop_assert_eq!(in_pieces(&header, size), as_one(&header, size));
        }
    }

    #[test]
    fn pieces_are_not_put_together_by_less_than_a_comma() {
        let rows: Vec<_> = (0..4).map(|at| row((at + 1, format!("n{at}"), 1, "x".repeat(PIECE)), at.into())).collect();
        for (between, is_sound) in
            [(",", true), ("", false), (",,", false), ("],[", false), (r#"],"preload":[],"asset_table":["#, false)]
        {
            let header = format!(r#"{{"asset_table":[{}],"preload":[]}}"#, rows.join(between));
            let read = in_pieces(header.as_bytes(), 4);
            assert_eq!(read, as_one(header.as_bytes(), 4), "{between}");
            assert_eq!(read.is_some_and(|(entries, _)| entries.len() == 4), is_sound, "{between}");
        }
    }
}
