//! Merging loses nothing, breaks no rule of the registry, and changes no id that a game may know.

use papack_queries::diagnostic::{Diagnostic, Severity};
use papack_queries::schema::edit::RegistryEdit;
use papack_queries::schema::merge::{Conflict, ConflictOutcome, Merged, merge};
use papack_queries::schema::registry::{self, RegistryEntry};
use proptest::prelude::*;
use uuid::Uuid;

fn entry(asset_id: u32, uuid: u128, root: &str, included_in_build: bool) -> RegistryEntry {
    RegistryEntry { asset_id, asset_uuid: Uuid::from_u128(uuid), root: root.into(), included_in_build }
}

/// The registry of `entries` with this counter.
fn registry(next_asset_id: u32, entries: &[RegistryEntry]) -> RegistryEdit {
    let line = |entry: &RegistryEntry| {
        let RegistryEntry { asset_id, asset_uuid, root, included_in_build } = entry;
        format!(
            r#"{{"asset_id": {asset_id}, "asset_uuid": "{asset_uuid}", "root": "{root}", "included_in_build": {included_in_build}}}"#
        )
    };
    let assets = entries.iter().map(line).collect::<Vec<_>>().join(",");
    let text = format!(r#"{{"schema_version": 2, "next_asset_id": {next_asset_id}, "assets": [{assets}]}}"#);
    let parsed = registry::parse(text.as_bytes());
    RegistryEdit::new(&parsed).unwrap_or_else(|| panic!("{text}: {:#?}", parsed.diagnostics))
}

fn is_clean(merged: &Merged) -> bool {
    !merged.conflicts.iter().any(Conflict::is_open)
}

const ROOTS: [&str; 8] = ["a", "b", "c", "a/x", "a/y", "b/x/y", "b/x", "c-1"];

/// Sound registries, so alike that they clash in every way.
fn any_registry() -> impl Strategy<Value = RegistryEdit> {
    let asset = (1_u32..9, 1_u128..7, prop::sample::select(&ROOTS[..]), prop::bool::weighted(0.8));
    (prop::collection::vec(asset, 0..7), 1_u32..4).prop_map(|(assets, room)| {
        let mut entries = Vec::<RegistryEntry>::new();
        for (id, uuid, root, included) in assets {
            let new = entry(id, uuid, root, included);
            let lies_in = |inner: &str, outer: &str| inner.starts_with(&format!("{outer}/")) || inner == outer;
            let clashes = |other: &RegistryEntry| {
                (other.asset_id, other.asset_uuid) == (new.asset_id, new.asset_uuid)
                    || other.asset_id == new.asset_id
                    || other.asset_uuid == new.asset_uuid
                    || lies_in(&other.root, &new.root)
                    || lies_in(&new.root, &other.root)
            };
            if !entries.iter().any(clashes) {
                entries.push(new);
            }
        }
        let highest = entries.iter().map(|entry| entry.asset_id).max().unwrap_or(0);
        registry(highest + room, &entries)
    })
}

/// The same assets under a counter that has gone on from that of `base`.
fn after(base: &RegistryEdit, it: &RegistryEdit) -> RegistryEdit {
    registry(base.next_asset_id().max(it.next_asset_id()), it.entries())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn what_only_one_side_changed_is_taken(base in any_registry(), one in any_registry()) {
        let one = after(&base, &one);
        for merged in [merge(&base, &one, &base), merge(&base, &base, &one), merge(&base, &one, &one)] {
            prop_assert_eq!(merged.registry.to_text(), one.to_text());
            prop_assert_eq!(merged.conflicts, vec![]);
        }
    }

    #[test]
    fn where_the_sides_agree_it_does_not_matter_which_is_ours(
        base in any_registry(), one in any_registry(), other in any_registry()
    ) {
        let (merged, mirrored) = (merge(&base, &one, &other), merge(&base, &other, &one));
        prop_assert_eq!(is_clean(&merged), is_clean(&mirrored));
        if is_clean(&merged) {
            prop_assert_eq!(merged.registry.to_text(), mirrored.registry.to_text());
        }
    }

    #[test]
    fn any_merge_is_a_sound_registry_that_lost_nothing(
        base in any_registry(), ours in any_registry(), theirs in any_registry()
    ) {
        let Merged { registry: merged, conflicts } = merge(&base, &ours, &theirs);
        let read = registry::parse(merged.to_text().as_bytes());
        prop_assert_eq!(&read.diagnostics, &Vec::<Diagnostic>::new());
        prop_assert_eq!(&read.entries, merged.entries());
        let counters = [&base, &ours, &theirs].map(RegistryEdit::next_asset_id);
        let highest = *counters.iter().max().unwrap();
        prop_assert!(merged.next_asset_id() >= highest);
        for entry in merged.entries() {
            let sides = [&ours, &theirs].map(|side| side.of_uuid(entry.asset_uuid));
            let is_renumbered = conflicts.iter().any(|conflict| matches!(conflict,
                Conflict::Taken { theirs, outcome: ConflictOutcome::Renumbered(id), .. }
                    if theirs.asset_uuid == entry.asset_uuid && *id == entry.asset_id && *id >= highest));
            let stays = sides.iter().flatten().any(|side| side.asset_id == entry.asset_id);
            prop_assert!(stays || is_renumbered, "{entry:?}");
            prop_assert!(sides.iter().flatten().any(|side| side.root == entry.root));
        }
        for (side, other) in [(&ours, &theirs), (&theirs, &ours)] {
            for added in side.entries().iter().filter(|entry| base.of_uuid(entry.asset_uuid).is_none()) {
                let is_told = conflicts.iter().any(|conflict| matches!(conflict,
                    Conflict::Taken { theirs, outcome: ConflictOutcome::LeftOut, .. } if theirs == added));
                prop_assert!(merged.of_uuid(added.asset_uuid).is_some() || is_told, "{added:?}");
            }
            for kept in side.entries().iter().filter(|entry| other.of_uuid(entry.asset_uuid).is_some()) {
                prop_assert!(merged.of_uuid(kept.asset_uuid).is_some(), "{kept:?}");
            }
        }
        // What a side added may be known to games by the id that it gave, excluded since or not.
        if conflicts.iter().all(|conflict| !conflict.is_open()) {
            for side in [&ours, &theirs] {
                let added = side.entries().iter().filter(|entry| base.of_uuid(entry.asset_uuid).is_none());
                for entry in added {
                    let merged = merged.of_uuid(entry.asset_uuid).map(|merged| merged.asset_id);
                    prop_assert_eq!(merged, Some(entry.asset_id), "{:?}", entry);
                }
            }
        }
        for conflict in &conflicts {
            let told = conflict.diagnostic();
            prop_assert_eq!(told.severity == Severity::Error, conflict.is_open());
            prop_assert!(told.help.is_some());
        }
    }
}

/// What two sides make of a base of two assets, and the conflicts in words.
fn merged(ours: &RegistryEdit, theirs: &RegistryEdit) -> (String, Vec<String>) {
    let base = registry(3, &[entry(1, 1, "one", true), entry(2, 2, "two", true)]);
    let Merged { registry, conflicts } = merge(&base, ours, theirs);
    let told = conflicts.iter().map(|conflict| {
        let told = conflict.diagnostic();
        format!("{} {}\n  {}", told.severity, told.message, told.help.unwrap())
    });
    let line = |entry: &RegistryEntry| {
        format!("{}:{}{}", entry.asset_id, entry.root, if entry.included_in_build { "" } else { " (out)" })
    };
    let lines = registry.entries().iter().map(line).collect::<Vec<_>>().join(", ");
    (format!("{lines}; next {}", registry.next_asset_id()), told.collect())
}

#[test]
fn changes_of_both_sides_are_taken() {
    let ours = registry(4, &[entry(1, 1, "moved", true), entry(2, 2, "two", true), entry(3, 3, "three", true)]);
    let theirs = registry(6, &[entry(1, 1, "one", false), entry(5, 5, "one-b", true)]);
    let (registry, told) = merged(&ours, &theirs);
    assert_eq!(registry, "1:moved (out), 3:three, 5:one-b; next 6");
    insta::assert_snapshot!(told.join("\n"), @r#"
    WARNING ours gave asset_id 3 to "three"; theirs, whose counter is past it, may have given it to an asset that is gone
      if a game knows another asset by it: papack doctor --renumber three
    "#);
}

fn one() -> RegistryEntry {
    entry(1, 1, "one", true)
}

fn two() -> RegistryEntry {
    entry(2, 2, "two", true)
}

/// What is to be shown, and what ours and theirs have.
type Case = (&'static str, Vec<RegistryEntry>, Vec<RegistryEntry>);

/// What becomes of each case, and what is told.
fn shown(cases: &[Case]) -> String {
    let shown = cases.iter().map(|(what, ours, theirs)| {
        let (registry, told) = merged(&registry(5, ours), &registry(5, theirs));
        format!("{what}: {registry}\n{}", told.join("\n"))
    });
    shown.collect::<Vec<_>>().join("\n\n")
}

#[test]
fn conflicts_are_told_in_full_and_ours_is_kept() {
    let cases = [
        (
            "one id for two assets",
            vec![one(), two(), entry(3, 3, "ours", true)],
            vec![one(), two(), entry(3, 4, "theirs", true)],
        ),
        ("moved to two places", vec![entry(1, 1, "here", true), two()], vec![entry(1, 1, "there", true), two()]),
        ("removed and moved", vec![two()], vec![entry(1, 1, "there", true), two()]),
        ("moved and removed", vec![entry(1, 1, "here", true), two()], vec![two()]),
        (
            "two assets in one place",
            vec![one(), two(), entry(3, 3, "new", true)],
            vec![one(), two(), entry(4, 4, "new", true)],
        ),
        (
            "one inside the other",
            vec![one(), two(), entry(3, 3, "a/b", true)],
            vec![one(), two(), entry(4, 4, "a", true)],
        ),
        (
            "one asset under two ids",
            vec![one(), two(), entry(3, 3, "new", true)],
            vec![one(), two(), entry(4, 3, "new", true)],
        ),
        (
            "a chain of moves",
            vec![one(), two(), entry(3, 3, "x", true)],
            vec![entry(1, 1, "x", true), entry(2, 2, "one", true), entry(4, 4, "two", true)],
        ),
    ];
    insta::assert_snapshot!(shown(&cases), @r#"
    one id for two assets: 1:one, 2:two, 3:ours, 5:theirs; next 6
    ERROR ours gives asset_id 3 to "ours", theirs to "theirs", and games may know both by it; the latter gets the next id, 5
      to accept that: git add assets/.prometeu/index.json. If games know "theirs" as asset 3: papack doctor --renumber ours --give-to theirs, and then git add

    moved to two places: 1:here, 2:two; next 5
    ERROR ours has asset 1 in "here", theirs has it in "there"; ours is kept
      its folder must be where the registry has it: see git status, and papack doctor

    removed and moved: 2:two; next 5
    ERROR ours removed "there" (asset 1), theirs changed it; it stays removed
      if it is to stay, put this line back: { "asset_id": 1, "asset_uuid": "00000000-0000-0000-0000-000000000001", "root": "there", "included_in_build": true }

    moved and removed: 1:here, 2:two; next 5
    ERROR theirs removed "here" (asset 1), ours changed it; it stays as ours has it
      if it is to go: papack rm here

    two assets in one place: 1:one, 2:two, 3:new; next 5
    ERROR ours has asset 3 in "new", theirs has another asset there, 4 (00000000-0000-0000-0000-000000000004); the latter is not registered
      move its folder to a place of its own, and register it there with: papack add ROOT
    WARNING ours gave asset_id 3 to "new"; theirs, whose counter is past it, may have given it to an asset that is gone
      if a game knows another asset by it: papack doctor --renumber new

    one inside the other: 1:one, 2:two, 3:a/b; next 5
    ERROR the root of "a/b" (asset 3) in ours and that of "a" (asset 4) in theirs lie in each other; the latter is not registered
      move its folder to a place of its own, and register it there with: papack add ROOT
    WARNING ours gave asset_id 3 to "a/b"; theirs, whose counter is past it, may have given it to an asset that is gone
      if a game knows another asset by it: papack doctor --renumber a/b

    one asset under two ids: 1:one, 2:two, 3:new; next 5
    ERROR ours has "new" as asset 3, theirs has it as asset 4; ours is kept
      an id that a game knows must stay: if that is theirs, write 4

    a chain of moves: 1:one, 2:two, 3:x; next 5
    ERROR ours has asset 3 in "x", theirs has another asset there, 1 (00000000-0000-0000-0000-000000000001); the latter stays asset 1 in "one"
      give one of the two another place or id; papack doctor tells what is left
    ERROR ours has asset 1 in "one", theirs has another asset there, 2 (00000000-0000-0000-0000-000000000002); the latter stays asset 2 in "two"
      give one of the two another place or id; papack doctor tells what is left
    ERROR ours has asset 2 in "two", theirs has another asset there, 4 (00000000-0000-0000-0000-000000000004); the latter is not registered
      move its folder to a place of its own, and register it there with: papack add ROOT
    WARNING ours gave asset_id 3 to "x"; theirs, whose counter is past it, may have given it to an asset that is gone
      if a game knows another asset by it: papack doctor --renumber x
    "#);
}

#[test]
fn an_id_that_may_be_out_in_the_world_is_never_given_away_without_a_stop() {
    // An asset was included when it was added, so a pack may have it, though it is excluded by now.
    for (ours, theirs) in [(true, true), (true, false), (false, true), (false, false)] {
        let ours = registry(5, &[one(), two(), entry(3, 3, "ours", ours)]);
        let theirs = registry(5, &[one(), two(), entry(3, 4, "theirs", theirs)]);
        let base = registry(3, &[one(), two()]);
        let merged = merge(&base, &ours, &theirs);
        assert!(merged.conflicts.iter().any(Conflict::is_open), "{:?}", merged.conflicts);
    }
}

#[test]
fn what_leaves_nothing_to_decide_does_not_stop() {
    let cases = [
        ("removed and excluded", vec![two()], vec![entry(1, 1, "one", false), two()]),
        ("excluded and removed", vec![entry(1, 1, "one", false), two()], vec![two()]),
        (
            "added by both, excluded by one",
            vec![one(), two(), entry(3, 3, "new", true)],
            vec![one(), two(), entry(3, 3, "new", false)],
        ),
        (
            "one added by each, under ids of their own",
            vec![one(), two(), entry(3, 3, "ours", true)],
            vec![one(), two(), entry(4, 4, "theirs", true)],
        ),
    ];
    insta::assert_snapshot!(shown(&cases), @r#"
    removed and excluded: 2:two; next 5


    excluded and removed: 2:two; next 5


    added by both, excluded by one: 1:one, 2:two, 3:new (out); next 5


    one added by each, under ids of their own: 1:one, 2:two, 3:ours, 4:theirs; next 5
    WARNING ours gave asset_id 3 to "ours"; theirs, whose counter is past it, may have given it to an asset that is gone
      if a game knows another asset by it: papack doctor --renumber ours
    WARNING theirs gave asset_id 4 to "theirs"; ours, whose counter is past it, may have given it to an asset that is gone
      if a game knows another asset by it: papack doctor --renumber theirs
    "#);
}
