//! `diff`: what changed between two packs.

mod asset;
mod kind;
mod pack;
mod parts;
mod result;

use std::path::Path;
use std::time::Instant;

use papack_queries::diagnostic::levels::Levels;
use papack_queries::envelope::Asset;
use rayon::prelude::*;

pub use kind::DiffKind;
pub use pack::{PackSide, UnreadableFile};
pub use parts::{DataDiff, EntryDiff, SampleDiff, SoundsDiff, TileRange, TilesDiff};
pub use result::{AssetDiff, AssetSide, DiffResult, DiffStatus, MetadataDiff, MovedAsset};

use crate::operation::apply_levels;

use pack::{Opened, Pack};

/// Compares the packs at `old` and `new`, piece by piece. Their sidecars, where they have any, say which assets were
/// moved. Diagnostics are told as the `levels` of the caller say.
///
/// # Errors
///
/// When one of the packs cannot be read, or is no regular file.
pub fn diff(old: &Path, new: &Path, levels: &Levels) -> Result<DiffResult, UnreadableFile> {
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
        allowed_diagnostic_count: 0,
    };
    match (old.pack(), new.pack()) {
        (Ok(old), Ok(new)) => compare(&old, &new, &mut result)?,
        (old, new) => {
            result.diagnostics = [old.err(), new.err()].into_iter().flatten().flatten().collect();
        }
    }
    result.allowed_diagnostic_count = apply_levels(levels, &mut result.diagnostics);
    result.elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(result)
}

fn compare(old: &Pack, new: &Pack, result: &mut DiffResult) -> Result<(), UnreadableFile> {
    let pairs = pairs(old.reader.assets(), new.reader.assets());
    let compared = pairs.par_iter().map(|(in_old, in_new)| asset::compare((old, *in_old), (new, *in_new)));
    result.assets = compared.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
    result.unchanged_count = pairs.len() - result.assets.len();
    result.status = if result.assets.is_empty() { DiffStatus::Equal } else { DiffStatus::Different };
    let (old_roots, new_roots) = (old.roots(&mut result.diagnostics), new.roots(&mut result.diagnostics));
    result.moved = pairs
        .into_iter()
        .filter_map(|(in_old, in_new)| {
            let (asset_id, asset_name) = (in_new?.asset_id, in_new?.asset_name.clone());
            let (old, new) = (old_roots.get(&in_old?.asset_id)?.clone(), new_roots.get(&asset_id)?.clone());
            (old != new).then_some(MovedAsset { asset_id, asset_name, old, new })
        })
        .collect();
    Ok(())
}

/// Every asset of either pack, paired by id, in ascending id. Both lists must ascend.
fn pairs<'a>(old: &'a [Asset], new: &'a [Asset]) -> Vec<(Option<&'a Asset>, Option<&'a Asset>)> {
    let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
    let mut pairs = Vec::new();
    while let Some(id) = old.peek().into_iter().chain(new.peek()).map(|asset| asset.asset_id).min() {
        pairs.push((old.next_if(|asset| asset.asset_id == id), new.next_if(|asset| asset.asset_id == id)));
    }
    pairs
}
