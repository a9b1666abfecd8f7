//! "Did you mean": the name that the user probably meant.

use std::cmp::Reverse;

/// Longest name that is compared, in bytes. Longer ones come from no keyboard, and comparing takes the product of the
/// lengths.
pub const MAX_BYTES: usize = 128;

/// How alike two names must be to suggest one for the other, in thousandths.
const ENOUGH: usize = 600;

/// The `count` candidates whose `name` is most like `wanted`, the best first; of equals the first ones. Those that are
/// not alike are left out, and so are names longer than [`MAX_BYTES`].
pub fn nearest<T>(
    wanted: &str,
    candidates: impl IntoIterator<Item = T>,
    name: impl Fn(&T) -> &str,
    count: usize,
) -> Vec<T> {
    let wanted = wanted.to_lowercase();
    let alike = |candidate: T| Some((likeness(&wanted, name(&candidate))?, candidate));
    let mut found: Vec<_> = candidates.into_iter().filter_map(alike).collect();
    found.sort_by_key(|(likeness, _)| Reverse(*likeness));
    found.into_iter().take(count).map(|(_, candidate)| candidate).collect()
}

/// Help where `wanted` is none of `allowed`: the most similar name, or `list`, which has all of them in words.
pub fn one_of(wanted: &str, allowed: &[&str], list: &str) -> String {
    match nearest_of(wanted, allowed) {
        Some(meant) => format!("did you mean {meant:?}? ({list})"),
        None => list.to_owned(),
    }
}

/// The one of `allowed` that is `wanted` in another case, or else the only one that is like it.
pub fn only_one_of<'a>(wanted: &str, allowed: &[&'a str]) -> Option<&'a str> {
    if let Some(same) = allowed.iter().find(|name| name.eq_ignore_ascii_case(wanted)) {
        return Some(same);
    }
    match nearest(wanted, allowed.iter().copied(), |name| name, 2)[..] {
        [meant] => Some(meant),
        _ => None,
    }
}

/// The name of `allowed` that is most like `wanted`.
pub fn nearest_of<'a>(wanted: &str, allowed: &[&'a str]) -> Option<&'a str> {
    nearest(wanted, allowed.iter().copied(), |name| name, 1).first().copied()
}

/// How alike `name` is to `wanted`, which is in lower case, in thousandths, if it is enough.
///
/// A part stands for the whole, as `uuid` for `asset_uuid`; else it is the share of characters that need no typing.
fn likeness(wanted: &str, name: &str) -> Option<usize> {
    const SHORTEST_PART: usize = 3;
    let name = if name.len() > MAX_BYTES { return None } else { name.to_lowercase() };
    let (shorter, longer) = if wanted.len() < name.len() { (wanted, name.as_str()) } else { (name.as_str(), wanted) };
    if longer.len() > MAX_BYTES || longer.is_empty() {
        return None;
    }
    if shorter.len() >= SHORTEST_PART && longer.contains(shorter) {
        return Some(ENOUGH + (1000 - ENOUGH) * shorter.len() / longer.len());
    }
    // So many edits are needed for the difference in length alone.
    if shorter.len() * 1000 < longer.len() * ENOUGH {
        return None;
    }
    let length = wanted.chars().count().max(name.chars().count());
    let same = length.saturating_sub(strsim::osa_distance(wanted, &name));
    Some(same * 1000 / length).filter(|likeness| *likeness >= ENOUGH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_that_was_meant_comes_first() {
        let fields = ["schema_version", "asset_uuid", "name", "artifacts", "output", "preload"];
        for (wanted, meant) in [
            ("schemaVersion", "schema_version"),
            ("uuid", "asset_uuid"),
            ("artefacts", "artifacts"),
            ("NAME", "name"),
            ("preloads", "preload"),
            ("otuput", "output"),
        ] {
            assert_eq!(nearest(wanted, fields, |name| name, 1), [meant], "{wanted}");
        }
        for wanted in ["", "x", "palettes", "id", "été"] {
            assert!(nearest(wanted, fields, |name| name, 1).is_empty(), "{wanted}");
        }
    }

    #[test]
    fn equals_keep_their_order_and_long_names_are_left_out() {
        assert_eq!(nearest("frame_0", ["frame_2", "frame_1", "frame_3"], |name| name, 2), ["frame_2", "frame_1"]);
        let long = "a".repeat(MAX_BYTES + 1);
        assert!(nearest(&long, [long.as_str()], |name| name, 1).is_empty());
        assert_eq!(one_of("off", &["OFF", "DETECT"], "choose"), "did you mean \"OFF\"? (choose)");
        assert_eq!(one_of("ping-pong", &["OFF", "DETECT"], "choose"), "choose");
    }
}
