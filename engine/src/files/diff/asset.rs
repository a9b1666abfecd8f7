//! What changed of one asset.

use papack_queries::envelope::Asset;
use papack_queries::formats::Described;
use serde_json::{Map, Value};

use super::kind::DiffKind;
use super::pack::{Pack, Part, UnreadableFile, first_difference};
use super::parts;
use super::result::{AssetDiff, AssetSide, MetadataDiff};

/// The metadata that list the parts of a payload.
const LISTS: [&str; 3] = ["entries", "samples", "sheets"];

/// What changed of an asset that at least one pack has; `None` when nothing did.
pub(super) fn compare(
    (old, was): (&Pack<'_>, Option<&Asset>),
    (new, is): (&Pack<'_>, Option<&Asset>),
) -> Result<Option<AssetDiff>, UnreadableFile> {
    let side = |pack: &Pack<'_>, asset: &Asset| AssetSide {
        asset_name: asset.asset_name.clone(),
        bank_type: asset.bank_type,
        size: asset.size,
        preload_slot: pack.slots.get(&asset.asset_id).copied(),
    };
    let (change, asset) = match (was, is) {
        (Some(was), Some(is)) => return compare_both((old, was), (new, is), side(old, was), side(new, is)),
        (Some(was), None) => (DiffKind::Removed, was),
        (None, Some(is)) => (DiffKind::Added, is),
        (None, None) => return Ok(None),
    };
    Ok(Some(AssetDiff {
        old: was.map(|was| side(old, was)),
        new: is.map(|is| side(new, is)),
        ..blank(asset.asset_id, change)
    }))
}

fn blank(asset_id: u32, change: DiffKind) -> AssetDiff {
    AssetDiff {
        asset_id,
        change,
        old: None,
        new: None,
        metadata: Vec::new(),
        first_difference: None,
        tiles: None,
        sounds: None,
        data: None,
    }
}

fn compare_both(
    (old, was): (&Pack<'_>, &Asset),
    (new, is): (&Pack<'_>, &Asset),
    old_side: AssetSide,
    new_side: AssetSide,
) -> Result<Option<AssetDiff>, UnreadableFile> {
    let (old_part, new_part) = (Part { pack: old, asset: was, offset: 0 }, Part { pack: new, asset: is, offset: 0 });
    let first_difference = first_difference((old_part, was.size), (new_part, is.size))?;
    let same_metadata = old.reader.metadata(was) == new.reader.metadata(is);
    if first_difference.is_none() && same_metadata && old_side == new_side {
        return Ok(None);
    }
    let mut diff = AssetDiff { first_difference, ..blank(was.asset_id, DiffKind::Changed) };
    if !same_metadata {
        diff.metadata = metadata(old.reader.metadata(was), new.reader.metadata(is));
    }
    if first_difference.is_some() || !same_metadata {
        let described = old.reader.described(was).map_err(|error| old.unreadable(error))?;
        match (described, new.reader.described(is).map_err(|error| new.unreadable(error))?) {
            (Described::Tiles(was), Described::Tiles(is)) => {
                diff.tiles = Some(parts::tiles((old_part, &was), (new_part, &is))?);
            }
            (Described::Sounds(was), Described::Sounds(is)) => {
                diff.sounds = Some(parts::sounds((old_part, &was.samples), (new_part, &is.samples))?);
            }
            (Described::Data(was), Described::Data(is)) => {
                diff.data = Some(parts::data((old_part, &was.entries), (new_part, &is.entries))?);
            }
            // Of different banks there is nothing to compare.
            _ => {}
        }
    }
    Ok(Some(AssetDiff { old: Some(old_side), new: Some(new_side), ..diff }))
}

/// The keys whose values are not the same.
fn metadata(old: &str, new: &str) -> Vec<MetadataDiff> {
    let object = |text: &str| serde_json::from_str::<Map<String, Value>>(text).unwrap_or_default();
    let (mut old, mut new) = (object(old), object(new));
    let mut keys: Vec<_> = old.keys().chain(new.keys()).cloned().collect();
    keys.sort_unstable();
    keys.dedup();
    let difference = |key: String| {
        let (old, new) = (old.remove(&key), new.remove(&key));
        let shown = |value: Option<Value>| value.filter(|_| !LISTS.contains(&key.as_str()));
        (old != new).then(|| MetadataDiff { old: shown(old), new: shown(new), key: key.clone() })
    };
    keys.into_iter().filter_map(difference).collect()
}
