//! What changed of one asset.

use papack_queries::envelope::Asset;
use papack_queries::formats::Described;
use serde_json::{Map, Value};

use super::kind::DiffKind;
use super::pack::{Pack, Part, UnreadableFile, first_difference};
use super::parts;
use super::result::{AssetDiff, AssetSide, MetadataDiff};

/// The keys of the metadata that list the parts of a payload.
const LISTS: [&str; 3] = ["entries", "samples", "sheets"];

/// What changed of an asset that at least one pack has; `None` when nothing did.
pub(super) fn compare(
    (old, old_asset): (&Pack<'_>, Option<&Asset>),
    (new, new_asset): (&Pack<'_>, Option<&Asset>),
) -> Result<Option<AssetDiff>, UnreadableFile> {
    let side = |pack: &Pack<'_>, asset: &Asset| AssetSide {
        asset_name: asset.asset_name.clone(),
        bank_type: asset.bank_type,
        size: asset.size,
        preload_slot: pack.slots.get(&asset.asset_id).copied(),
    };
    let (change, asset) = match (old_asset, new_asset) {
        (Some(old_asset), Some(new_asset)) => {
            return compare_both((old, old_asset), (new, new_asset), side(old, old_asset), side(new, new_asset));
        }
        (Some(old_asset), None) => (DiffKind::Removed, old_asset),
        (None, Some(new_asset)) => (DiffKind::Added, new_asset),
        (None, None) => return Ok(None),
    };
    Ok(Some(AssetDiff {
        old: old_asset.map(|old_asset| side(old, old_asset)),
        new: new_asset.map(|new_asset| side(new, new_asset)),
        ..blank(asset.asset_id, change)
    }))
}

/// The difference of one asset, with only its id and the kind of change set.
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
    (old, old_asset): (&Pack<'_>, &Asset),
    (new, new_asset): (&Pack<'_>, &Asset),
    old_side: AssetSide,
    new_side: AssetSide,
) -> Result<Option<AssetDiff>, UnreadableFile> {
    let (old_part, new_part) =
        (Part { pack: old, asset: old_asset, offset: 0 }, Part { pack: new, asset: new_asset, offset: 0 });
    let first_difference = first_difference((old_part, old_asset.size), (new_part, new_asset.size))?;
    let same_metadata = old.reader.metadata(old_asset) == new.reader.metadata(new_asset);
    if first_difference.is_none() && same_metadata && old_side == new_side {
        return Ok(None);
    }
    let mut diff = AssetDiff { first_difference, ..blank(old_asset.asset_id, DiffKind::Changed) };
    if !same_metadata {
        diff.metadata = metadata(old.reader.metadata(old_asset), new.reader.metadata(new_asset));
    }
    if first_difference.is_some() || !same_metadata {
        let described = old.reader.described(old_asset).map_err(|error| old.unreadable(error))?;
        match (described, new.reader.described(new_asset).map_err(|error| new.unreadable(error))?) {
            (Described::Tiles(old_bank), Described::Tiles(new_bank)) => {
                diff.tiles = Some(parts::tiles((old_part, &old_bank), (new_part, &new_bank))?);
            }
            (Described::Sounds(old_bank), Described::Sounds(new_bank)) => {
                diff.sounds = Some(parts::sounds((old_part, &old_bank.samples), (new_part, &new_bank.samples))?);
            }
            (Described::Data(old_bank), Described::Data(new_bank)) => {
                diff.data = Some(parts::data((old_part, &old_bank.entries), (new_part, &new_bank.entries))?);
            }
            // The asset is in another bank now: its parts cannot be compared.
            _ => {}
        }
    }
    Ok(Some(AssetDiff { old: Some(old_side), new: Some(new_side), ..diff }))
}

/// The keys whose values differ. The values of [`LISTS`] are left out.
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
