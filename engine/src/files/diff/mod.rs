//! `diff`: what changed between two packs.

mod asset;
mod kind;
mod pack;
mod parts;
mod result;

use std::path::Path;
use std::time::Instant;

use papack_queries::envelope::Asset;
use rayon::prelude::*;

pub use kind::DiffKind;
pub use pack::{PackSide, UnreadableFile};
pub use parts::{DataDiff, EntryDiff, SampleDiff, SoundsDiff, TileRange, TilesDiff};
pub use result::{AssetDiff, AssetSide, DiffResult, DiffStatus, MetadataDiff, MovedAsset};

use pack::{Opened, Pack};

/// Compares the packs at `old` and `new`, piece by piece. Sidecars in the folders where they are named tell of assets
/// that were moved.
///
/// # Errors
///
/// When one of them cannot be read, or is no regular file.
pub fn diff(old: &Path, new: &Path) -> Result<DiffResult, UnreadableFile> {
    let started = Instant::now();
    let (old, new) = (Opened::new(old)?, Opened::new(new)?);
    let mut result = DiffResult {
        schema_version: 1,
        status: DiffStatus::Refused,
        old: old.side(),
        new: new.side(),
        unchanged_count: 0,
        assets: Vec::new(),
        moved: Vec::new(),
        elapsed_ms: 0,
        diagnostics: Vec::new(),
    };
    match (old.pack(), new.pack()) {
        (Ok(old), Ok(new)) => compare(&old, &new, &mut result)?,
        (old, new) => {
            result.diagnostics = [old.err(), new.err()].into_iter().flatten().flatten().collect();
        }
    }
    result.elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(result)
}

fn compare(old: &Pack, new: &Pack, result: &mut DiffResult) -> Result<(), UnreadableFile> {
    let pairs = pairs(old.reader.assets(), new.reader.assets());
    let compared = pairs.par_iter().map(|(was, is)| asset::compare((old, *was), (new, *is)));
    result.assets = compared.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
    result.unchanged_count = pairs.len() - result.assets.len();
    result.status = if result.assets.is_empty() { DiffStatus::Equal } else { DiffStatus::Different };
    let (old_roots, new_roots) = (old.roots(&mut result.diagnostics), new.roots(&mut result.diagnostics));
    result.moved = pairs
        .into_iter()
        .filter_map(|(was, is)| {
            let (asset_id, asset_name) = (is?.asset_id, is?.asset_name.clone());
            let (old, new) = (old_roots.get(&was?.asset_id)?.clone(), new_roots.get(&asset_id)?.clone());
            (old != new).then_some(MovedAsset { asset_id, asset_name, old, new })
        })
        .collect();
    Ok(())
}

/// Each asset that one of the packs has, in ascending id. Both lists ascend.
fn pairs<'a>(old: &'a [Asset], new: &'a [Asset]) -> Vec<(Option<&'a Asset>, Option<&'a Asset>)> {
    let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
    let mut pairs = Vec::new();
    while let Some(id) = old.peek().into_iter().chain(new.peek()).map(|asset| asset.asset_id).min() {
        pairs.push((old.next_if(|asset| asset.asset_id == id), new.next_if(|asset| asset.asset_id == id)));
    }
    pairs
}
