//! Hostile input, as a table: how each workspace or pack is spoilt, and what the program has to say of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

#[path = "../../queries/tests/tiles/broken.rs"]
mod broken;
mod case;
mod companions;
#[path = "../../queries/tests/tiles/encoder.rs"]
mod encoder;
mod file_system;
mod globs;
mod ground;
#[path = "../../queries/tests/envelope/cases.rs"]
mod header;
mod ignoring;
mod json;
mod manifest;
mod maps;
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

use case::Case;

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
        ignoring::cases,
        png::cases,
        wav::cases,
        maps::cases,
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
fn ignore_files_against_the_rules() {
    run::run(ignoring::cases());
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
fn maps_that_lead_nowhere() {
    run::run(maps::cases());
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
