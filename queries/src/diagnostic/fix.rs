//! Fixes: what would mend a fault, as edits of documents.

use std::borrow::Cow;
use std::ops::{Deref, Range};

use serde::{Deserialize, Serialize, Serializer};
use smol_str::SmolStr;
use uuid::Uuid;

/// Most edits of one fix. More become one, from the first to the last.
const MAX_EDITS: usize = 64;

/// A change of documents that mends what a diagnostic tells of.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fix {
    /// What it does, as a command to a person: `Rename "nmae" to "name"`.
    pub title: String,
    /// Whether it is the one right answer, so that a tool may apply it unasked.
    pub is_safe: bool,
    /// Its edits, in the order of their places; of different places.
    pub edits: Box<[Edit]>,
}

/// The replacement of a piece of a document. With `start == end` it is an insertion.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Edit {
    /// The document, relative to the workspace: a manifest or the registry.
    pub path: SmolStr,
    /// First byte, in the document as it was read.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// What stands there afterwards.
    pub text: String,
}

/// A fix of the registry by what it does. Its edits are made where it is told: an edit anywhere else in the registry
/// moves their places, and must not make whatever remembers the diagnostic wrong.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RegistryFix {
    /// Rewrite it in the version that papack writes.
    Migrate,
    /// Give an asset another root, where it was found.
    Relocate {
        /// The asset.
        asset_id: u32,
        /// Its new root, relative to `assets/`.
        root: SmolStr,
    },
    /// Register an asset under the next id, and include it in the build.
    Register {
        /// Its root, relative to `assets/`.
        root: SmolStr,
        /// Its identity.
        asset_uuid: Uuid,
    },
}

/// The fixes of a diagnostic. Most have none, so there is no more of them than a pointer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Fixes(Option<Box<SomeFixes>>);

/// At least one fix.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct SomeFixes {
    with_edits: Vec<Fix>,
    /// That of the registry, until it is one with edits.
    of_registry: Option<RegistryFix>,
}

impl Fixes {
    /// Adds fixes.
    pub fn extend(&mut self, fixes: impl IntoIterator<Item = Fix>) {
        for fix in fixes {
            self.0.get_or_insert_default().with_edits.push(fix);
        }
    }

    /// Adds the fix of the registry, of which there is one at most.
    pub fn set_of_registry(&mut self, fix: RegistryFix) {
        self.0.get_or_insert_default().of_registry = Some(fix);
    }

    /// Whether a fix of the registry has no edits yet.
    pub fn has_of_registry(&self) -> bool {
        self.0.as_ref().is_some_and(|some| some.of_registry.is_some())
    }

    /// Takes out the fix of the registry.
    pub fn take_of_registry(&mut self) -> Option<RegistryFix> {
        let taken = self.0.as_mut()?.of_registry.take();
        self.0.take_if(|some| some.with_edits.is_empty());
        taken
    }
}

/// Those that have edits.
impl Deref for Fixes {
    type Target = [Fix];

    fn deref(&self) -> &[Fix] {
        self.0.as_ref().map_or(&[], |some| &some.with_edits)
    }
}

impl<'f> IntoIterator for &'f Fixes {
    type Item = &'f Fix;
    type IntoIter = std::slice::Iter<'f, Fix>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Those that have edits.
impl Serialize for Fixes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

/// All [`Fixes`] of a diagnostic, as they are stored with it.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredFixes<'a>(Option<Cow<'a, SomeFixes>>);

impl<'a> StoredFixes<'a> {
    pub(super) fn of(fixes: &'a Fixes) -> Self {
        Self(fixes.0.as_deref().map(Cow::Borrowed))
    }

    pub(super) fn restored(self) -> Fixes {
        Fixes(self.0.map(|some| Box::new(some.into_owned())))
    }
}

impl Fix {
    /// A fix that makes `edits` of one document with the text `text`, which are in the order of their places.
    pub fn new(title: impl Into<String>, is_safe: bool, text: &str, edits: Vec<Edit>) -> Self {
        let edits = if edits.len() > MAX_EDITS { joined(text, edits) } else { edits };
        Self { title: title.into(), is_safe, edits: edits.into_boxed_slice() }
    }
}

/// One edit that does the same as `edits` of one document with the text `text`; `edits` themselves, where there is none.
fn joined(text: &str, edits: Vec<Edit>) -> Vec<Edit> {
    let (Some(first), Some(last)) = (edits.first(), edits.last()) else { return edits };
    let (start, end) = (first.start, last.end);
    let moved = edits.iter().map(|edit| Edit { start: edit.start - start, end: edit.end - start, ..edit.clone() });
    let moved: Vec<_> = moved.collect();
    match text.get(start..end).and_then(|piece| apply_edits(piece, &moved)) {
        Some(text) => vec![Edit { path: first.path.clone(), start, end, text }],
        None => edits,
    }
}

/// `text` after all of `edits`, which are of this one document, in any order: each place is one of `text` as it is.
/// `None` where a place does not lie in the text, on the boundaries of characters, or where two of them overlap or begin
/// at the same byte.
pub fn apply_edits(text: &str, edits: &[Edit]) -> Option<String> {
    let mut in_order: Vec<&Edit> = edits.iter().collect();
    in_order.sort_by_key(|edit| edit.start);
    if in_order.windows(2).any(|pair| pair[0].start == pair[1].start) {
        return None;
    }
    let mut edited = String::with_capacity(text.len());
    let mut rest = 0;
    for edit in in_order {
        // None also where `edit` begins before the last one ends.
        edited += text.get(rest..edit.start)?;
        text.get(edit.start..edit.end)?;
        edited += &edit.text;
        rest = edit.end;
    }
    Some(edited + text.get(rest..)?)
}

/// What has to be replaced to make `after` of `before`, and by what: all that is between what they begin and end with.
pub fn difference<'a>(before: &str, after: &'a str) -> (Range<usize>, &'a str) {
    let is_same = |(one, other): &(char, char)| one == other;
    let length = |(c, _): (char, char)| c.len_utf8();
    let start: usize = before.chars().zip(after.chars()).take_while(is_same).map(length).sum();
    let (old, new) = (&before[start..], &after[start..]);
    let tail: usize = old.chars().rev().zip(new.chars().rev()).take_while(is_same).map(length).sum();
    (start..before.len() - tail, &new[..new.len() - tail])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn edit(start: usize, end: usize, text: &str) -> Edit {
        Edit { path: "assets/a/asset.json".into(), start, end, text: text.to_owned() }
    }

    #[test]
    fn edits_that_cannot_be_applied_are_refused() {
        let text = "a\u{e9}b";
        for (edits, expected) in [
            (vec![], Some(text)),
            (vec![edit(0, 0, "x")], Some("xa\u{e9}b")),
            (vec![edit(3, 4, ""), edit(0, 1, "")], Some("\u{e9}")),
            (vec![edit(1, 3, "e"), edit(3, 3, "!")], Some("ae!b")),
            (vec![edit(4, 4, "c")], Some("a\u{e9}bc")),
            (vec![edit(1, 2, "")], None),
            (vec![edit(2, 3, "")], None),
            (vec![edit(4, 5, "")], None),
            (vec![edit(3, 1, "")], None),
            (vec![edit(usize::MAX, usize::MAX, "")], None),
            (vec![edit(0, 3, ""), edit(1, 4, "")], None),
            (vec![edit(1, 1, "x"), edit(1, 3, "y")], None),
            (vec![edit(1, 1, "x"), edit(1, 1, "x")], None),
        ] {
            assert_eq!(apply_edits(text, &edits).as_deref(), expected, "{edits:?}");
        }
    }

    #[test]
    fn a_difference_is_as_short_as_it_can_be() {
        for (before, after, expected) in [
            ("", "", (0..0, "")),
            ("abc", "abc", (3..3, "")),
            ("aa", "aaa", (2..2, "a")),
            ("aaa", "aa", (2..3, "")),
            ("a\u{e9}b", "a\u{e8}b", (1..3, "\u{e8}")),
            ("x", "y", (0..1, "y")),
        ] {
            let (range, text) = difference(before, after);
            assert_eq!(apply_edits(before, &[edit(range.start, range.end, text)]).as_deref(), Some(after));
            assert_eq!((range, text), expected, "{before} {after}");
        }
    }

    #[test]
    fn many_edits_become_one() {
        let text = "0123456789".repeat(20);
        let edits: Vec<_> = (0..=MAX_EDITS).map(|index| edit(2 * index + 3, 2 * index + 4, "\u{e9}")).collect();
        let fix = Fix::new("t", true, &text, edits.clone());
        assert_eq!(fix.edits.len(), 1);
        assert_eq!((fix.edits[0].start, fix.edits[0].end), (3, 2 * MAX_EDITS + 4));
        assert_eq!(apply_edits(&text, &fix.edits), apply_edits(&text, &edits));
        assert_eq!(Fix::new("t", true, &text, edits[1..].to_vec()).edits.len(), MAX_EDITS);
    }

    proptest! {
        #[test]
        fn any_edits_in_any_order_give_the_same_or_nothing(
            text in "[a\u{e9}\u{1F600}]{0,8}",
            (edits, shuffled) in prop::collection::vec((0..20_usize, 0..20_usize, "[xy]{0,2}"), 0..5).prop_flat_map(|edits| {
                let edits: Vec<_> = edits.iter().map(|(start, end, text)| edit(*start, *end, text)).collect();
                (Just(edits.clone()), Just(edits).prop_shuffle())
            }),
        ) {
            prop_assert_eq!(apply_edits(&text, &edits), apply_edits(&text, &shuffled));
        }
    }
}
