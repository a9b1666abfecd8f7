//! Fixes that have pictures converted which cannot be packed as they are.

use crate::diagnostic::{Code, Data, Diagnostic, Fix};
use crate::formats::tiles::{Conversions, MOST_COLOURS};
use crate::json::Document;
use crate::schema::manifest::MAX_SIZE;

/// The alpha from which pixels become opaque where nobody said otherwise: the middle.
const MIDDLE: u8 = 128;

/// Adds to the faults of pictures the fix that has the manifest ask for a conversion: of each conversion that is not among
/// `asked`, to the first fault that it would mend. None is safe: what it costs, the author has to see. The manifest at
/// `location` has these `bytes`.
pub(crate) fn add_conversion_fixes(location: &str, bytes: &[u8], asked: Conversions, faults: &mut [Diagnostic]) {
    let mut offered = Vec::new();
    for fault in faults.iter_mut().filter(|fault| fault.is_error()) {
        let Some((field, value)) = mending(fault, asked).filter(|(field, _)| !offered.contains(field)) else {
            continue;
        };
        offered.push(field);
        fault.fixes.extend(fix(location, bytes, field, &value));
    }
}

/// The field and its value that would mend `fault`.
fn mending(fault: &Diagnostic, asked: Conversions) -> Option<(&'static str, String)> {
    let is_clear = matches!(fault.data.as_deref(), Some(Data::Pixels { places, .. }) if places.iter().all(|place| place.found == 0));
    match fault.code {
        Code::TilesSize if asked.pad.is_none() => Some(("pad", "\"BOTTOM_RIGHT\"".to_owned())),
        Code::TilesAlpha if !is_clear && asked.alpha.is_none() => Some(("alpha", MIDDLE.to_string())),
        Code::TilesAlpha if is_clear && !asked.renumber => Some(("renumber", true.to_string())),
        Code::TilesIndex if !asked.renumber && asked.colors.is_none() => Some(("renumber", true.to_string())),
        Code::TilesIndex | Code::TilesColours if asked.colors.is_none() => Some(("colors", MOST_COLOURS.to_string())),
        _ => None,
    }
}

/// A fix that sets `field` behind `tile_size`, in the same layout.
fn fix(location: &str, bytes: &[u8], field: &str, value: &str) -> Option<Fix> {
    let document = Document::parse(location, bytes, MAX_SIZE).ok()?;
    let text = std::str::from_utf8(bytes).ok()?;
    let metadata = document.root().member("output")?.member("metadata")?;
    let (key, after) = metadata.member_ranges().find(|(key, _)| text.get(key.clone()) == Some("\"tile_size\""))?;
    let before = text.get(..key.start)?;
    let space = before.get(before.trim_end_matches([' ', '\t', '\r', '\n']).len()..)?;
    let colon = text.get(key.end..after.start)?;
    let space = if space.is_empty() && colon.len() > 1 { " " } else { space };
    let title = format!("Set {field:?} to {value}");
    document.fix(title, false, vec![(after.end..after.end, format!(",{space}\"{field}\"{colon}{value}"))])
}
