//! Reading many artifact files to where the pack will have them.
//!
//! A pack begins with a header, which depends on the sizes of all payloads. Where these can be told before the files are
//! read, the layout of the pack is foretold, and files that are packed as they are go to their places while they are read:
//! neighbours together, in one large write. If that turns out to be wrong, that has cost time, and nothing else:
//! when the pack is staged, the real layout says what lies in its place.

use papack_queries::asset::Foretold;
use papack_queries::diagnostic::Diagnostic;
use papack_queries::formats::FileOutline;
use papack_queries::pack::ForetoldPack;
use rayon::prelude::*;

use super::comparison::Comparison;
use super::files::{self, AssetFiles};
use super::reading::Reading;
use crate::content::{PlacedContent, Placing};
use crate::fs::{PIECE, with_buffer};

/// How many assets are foretold at a time: enough for all threads, and few in memory.
const AT_A_TIME: usize = 1024;

/// How many assets have the sizes of their files looked up in one call.
const SIZED_AT_A_TIME: usize = 64;

/// A pack as it seems to become.
struct ForetoldLayout {
    /// Bytes before the payloads.
    front_size: u64,
    /// Of each changed asset, where its payload begins, from the start of the payload region.
    offsets: Vec<u64>,
    /// Of each changed asset, the sizes of its files.
    sizes: Vec<Box<[u64]>>,
}

/// An asset whose files have places in the pack.
struct Placed<'f> {
    files: &'f mut AssetFiles,
    /// Where its payload begins in the pack.
    start: u64,
    /// The size of each file, as it seems.
    sizes: Box<[u64]>,
}

/// Reads all of `found`, the files of the changed assets in ascending `asset_id`. Where most assets are new, those files of
/// them that are packed as they are go to their places in the pack, if the store can do that and the places can be foretold.
pub(super) fn read(found: &mut [AssetFiles], comparison: &Comparison<'_>) -> Result<(), Diagnostic> {
    let reading = comparison.reading;
    // The files of others were read already, to compare them with what is recorded.
    let is_to_place = |files: &AssetFiles| files.is_packed_as_it_is() && comparison.record(files.asset_id).is_none();
    let count = found.iter().filter(|files| is_to_place(files)).count();
    // Where most of a pack is copied from elsewhere, to foretell all of it would not pay.
    let store = reading.store.placing().filter(|_| count > comparison.admitted_count() / 2);
    let Some(store) = store else { return files::read(found.par_iter_mut(), reading) };
    // To tell the sizes of payloads that are converted, their files are looked into.
    files::read(found.par_iter_mut().filter(|files| !is_to_place(files)), reading)?;
    let Some(layout) = foretell(found, comparison).filter(|layout| store.begin(layout.front_size)) else {
        return files::read(found.par_iter_mut().filter(|files| is_to_place(files)), reading);
    };
    let ForetoldLayout { front_size, offsets, sizes } = layout;
    let places = offsets.into_iter().zip(sizes);
    let placed = found.iter_mut().zip(places).filter(|(files, _)| is_to_place(files));
    let placed = placed.map(|(files, (offset, sizes))| Placed { files, start: front_size + offset, sizes });
    read_to_places(placed.collect(), store, reading)
}

/// The pack that the assets of `comparison` seem to become, of which those that changed have the files `found`; none
/// where that cannot be told.
fn foretell(found: &[AssetFiles], comparison: &Comparison<'_>) -> Option<ForetoldLayout> {
    let reading = comparison.reading;
    let sizes: Vec<_> = found.par_chunks(SIZED_AT_A_TIME).map(|files| sizes(files, reading)).collect::<Option<_>>()?;
    let sizes: Vec<Box<[u64]>> = sizes.into_iter().flatten().collect();
    let mut pack = ForetoldPack::default();
    let mut offsets = Vec::with_capacity(found.len());
    let mut entries = comparison.admitted().peekable();
    let recorded = |pack: &mut ForetoldPack, asset_id| {
        let record = comparison.record(asset_id)?;
        pack.add(asset_id, record.row()?, record.payload.as_ref()?.id.size)
    };
    for (found, sizes) in found.chunks(AT_A_TIME).zip(sizes.chunks(AT_A_TIME)) {
        let foretold = found.par_iter().zip(sizes).map(|(files, sizes)| foretell_asset(files, sizes, reading));
        let foretold: Vec<Foretold> = foretold.collect::<Option<_>>()?;
        for (files, foretold) in found.iter().zip(foretold) {
            while let Some(entry) = entries.next_if(|entry| entry.asset_id < files.asset_id) {
                recorded(&mut pack, entry.asset_id)?;
            }
            entries.next_if(|entry| entry.asset_id == files.asset_id)?;
            offsets.push(pack.add(files.asset_id, foretold.row(), foretold.size)?);
        }
    }
    for entry in entries {
        recorded(&mut pack, entry.asset_id)?;
    }
    Some(ForetoldLayout { front_size: pack.front_size()?, offsets, sizes })
}

/// The sizes of the files of each of `found`, as they seem; none where one cannot be told.
fn sizes(found: &[AssetFiles], reading: &Reading<'_>) -> Option<Vec<Box<[u64]>>> {
    let paths: Vec<&str> = found.iter().flat_map(AssetFiles::paths).collect();
    let mut sizes = reading.sizes(&paths)?.into_iter();
    Some(found.iter().map(|files| sizes.by_ref().take(files.count()).collect()).collect())
}

fn foretell_asset(files: &AssetFiles, sizes: &[u64], reading: &Reading<'_>) -> Option<Foretold> {
    let outline = |((path, content), size): (_, &u64)| FileOutline { path, size: *size, content };
    let outlines: Vec<_> = files.contents().zip(sizes).map(outline).collect();
    files.announced.clone()?.foretell(&outlines, reading.store)
}

fn read_to_places(mut placed: Vec<Placed<'_>>, store: &dyn Placing, reading: &Reading<'_>) -> Result<(), Diagnostic> {
    in_groups(&mut placed).into_par_iter().try_for_each(|group| match group {
        [only] if only.size() > PIECE as u64 => only.read_large(store, reading),
        group => read_group(group, store, reading),
    })
}

/// Divides `placed` into groups of neighbours that fit into a buffer. An asset that is too large for the buffer is a
/// group by itself.
fn in_groups<'g, 'f>(placed: &'g mut [Placed<'f>]) -> Vec<&'g mut [Placed<'f>]> {
    let mut groups = Vec::new();
    let mut rest = placed;
    while let [first, others @ ..] = &*rest {
        let (start, mut size) = (first.start, first.size());
        let fits = |next: &&Placed<'_>| {
            let together = size + next.size();
            // One that is too large is alone, also before files that are empty.
            let is_next = next.start == start + size && together <= PIECE as u64;
            size = if is_next { together } else { size };
            is_next
        };
        let count = 1 + others.iter().take_while(fits).count();
        let (group, following) = std::mem::take(&mut rest).split_at_mut(count);
        groups.push(group);
        rest = following;
    }
    groups
}

/// Reads the files of neighbours into one buffer, and puts that to its place.
fn read_group(group: &mut [Placed<'_>], store: &dyn Placing, reading: &Reading<'_>) -> Result<(), Diagnostic> {
    let Some(start) = group.first().map(|first| first.start) else { return Ok(()) };
    let size: u64 = group.iter().map(Placed::size).sum();
    // A group fits into a buffer, whose size a number of this kind can hold.
    with_buffer(usize::try_from(size).unwrap_or(PIECE), |buffer| {
        let mut contents = Vec::with_capacity(group.len());
        let mut rest = &mut *buffer;
        let mut at = 0;
        for Placed { files, sizes, .. } in &mut *group {
            let mut pieces = Vec::with_capacity(sizes.len());
            for size in sizes {
                let size = usize::try_from(*size).unwrap_or(PIECE);
                let (piece, following) = std::mem::take(&mut rest).split_at_mut(size);
                pieces.push((at, piece));
                rest = following;
                at += size;
            }
            files.read(reading, |number, path| {
                let (at, piece) = &mut pieces[number];
                let (state, read) = reading.read_into(path, piece)?;
                contents.extend(read.map(|id| PlacedContent { at: *at, id }));
                Ok(state)
            })?;
        }
        let placed = store.place(start, buffer, &contents);
        placed.map_err(|error| group[0].files.keeping_failed(&error))
    })
}

impl Placed<'_> {
    /// Bytes of the payload.
    fn size(&self) -> u64 {
        self.sizes.iter().sum()
    }

    /// Reads the files to their places piece by piece, however large they are.
    fn read_large(&mut self, store: &dyn Placing, reading: &Reading<'_>) -> Result<(), Diagnostic> {
        let mut end = self.start;
        let starts = self.sizes.iter().map(|size| {
            let start = end;
            end += size;
            start
        });
        let starts: Vec<u64> = starts.collect();
        let sizes = &self.sizes;
        self.files.read(reading, |number, path| reading.read_to(path, store, starts[number], sizes[number]))
    }
}
