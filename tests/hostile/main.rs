//! Hostile input, as a table: how each workspace or pack is spoilt, and what the program has to say of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

#[path = "../../queries/tests/tiles/broken.rs"]
mod broken;
mod case;
mod companions;
mod disk;
#[path = "../../queries/tests/tiles/encoder.rs"]
mod encoder;
mod file_system;
mod globs;
mod ground;
#[path = "../../queries/tests/envelope/cases.rs"]
mod header;
mod json;
mod manifest;
mod odd;
mod operations;
mod output;
mod packs;
mod paths;
mod png;
mod registry;
mod run;
mod seeds;
#[allow(dead_code, reason = "this binary runs the program by itself")]
#[path = "../suite/space.rs"]
mod space;
mod wav;
#[path = "../../queries/tests/wave/mod.rs"]
mod wave;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use case::{Case, Code};

/// Every case.
fn all() -> Vec<Case> {
    [
        json::cases as fn() -> Vec<Case>,
        registry::cases,
        manifest::cases,
        output::cases,
        paths::cases,
        file_system::cases,
        globs::cases,
        png::cases,
        wav::cases,
        packs::cases,
        companions::cases,
        operations::cases,
    ]
    .into_iter()
    .flat_map(|family| family())
    .collect()
}

#[test]
fn the_table_is_large_and_names_no_case_twice() {
    let cases = all();
    assert!(cases.len() >= 500, "{} cases", cases.len());
    let mut names = BTreeSet::new();
    let twice: Vec<_> = cases.iter().map(|case| &case.name).filter(|name| !names.insert(*name)).collect();
    assert!(twice.is_empty(), "{twice:?}");
}

/// Codes that no spoilt workspace or pack can provoke, and the test that does.
const PROVOKED_ELSEWHERE: &[(Code, &str, &str)] = &[
    (Code::AssetUnknown, "tests/hostile/packs.rs", "an_asset_that_is_not_there_is_named"),
    (Code::FileUnstable, "tests/hostile/disk.rs", "an_execution_that_fails_says_why_and_changes_nothing"),
    (Code::Internal, "tests/hostile/disk.rs", "an_execution_that_fails_says_why_and_changes_nothing"),
    (Code::Io, "tests/hostile/disk.rs", "an_execution_that_fails_says_why_and_changes_nothing"),
    (Code::LaneBusy, "tests/suite/pack.rs", "the_lane_is_waited_for_or_not"),
    (Code::Leftover, "tests/manage/doctor.rs", "what_has_one_right_answer_is_mended_once"),
    (Code::MergeConflict, "tests/manage/merges.rs", "a_cherry_pick_takes_what_one_commit_changed"),
    (Code::OutputTooLarge, "queries/tests/queries/faults.rs", "payloads_that_no_integer_can_place_are_too_large"),
    (Code::PlaceTaken, "tests/manage/moves.rs", "what_is_in_the_way_is_told_and_nothing_moves"),
    (Code::RegistryForm, "tests/manage/doctor.rs", "the_form_of_the_registry_is_mended"),
];

#[test]
fn every_code_is_provoked() {
    let by_cases = all().into_iter().flat_map(|case| case.faults).map(|fault| fault.code);
    let elsewhere = PROVOKED_ELSEWHERE.iter().map(|(code, file, test)| {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
        let (_, body) = text.split_once(&format!("fn {test}(")).unwrap_or_else(|| panic!("{file} has no test {test}"));
        let body = body.split_once("\n}\n").map_or(body, |(body, _)| body);
        assert!(
            body.contains(&code.to_string()) || body.contains(&format!("{code:?}")),
            "{test} does not speak of {code}"
        );
        *code
    });
    let provoked: BTreeSet<_> = by_cases.chain(elsewhere).collect();
    let missing: Vec<_> = Code::ALL.iter().filter(|code| !provoked.contains(code)).collect();
    assert!(missing.is_empty(), "no test provokes {missing:?}");
}

#[test]
fn documents_that_are_no_json() {
    run::run(json::cases());
}

#[test]
fn registries_against_the_rules() {
    run::run(registry::cases());
}

#[test]
fn manifests_against_the_rules() {
    run::run(manifest::cases());
}

#[test]
fn paths_against_the_rules() {
    run::run(paths::cases());
}

#[test]
fn things_that_are_not_what_they_should_be() {
    run::run(file_system::cases());
}

#[test]
fn globs_against_the_rules() {
    run::run(globs::cases());
}

#[test]
fn pictures_that_no_tile_bank_holds() {
    run::run(png::cases());
}

#[test]
fn sounds_that_cannot_be_heard() {
    run::run(wav::cases());
}

#[test]
fn packs_that_lie() {
    run::run(packs::cases());
}

#[test]
fn what_earlier_operations_left() {
    run::run(operations::cases());
}

#[test]
fn companions_that_do_not_fit() {
    run::run(companions::cases());
}

#[test]
fn outputs_against_the_rules() {
    run::run(output::cases());
}
