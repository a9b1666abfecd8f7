//! Hostile input, as a table: how each workspace or pack is spoilt, and what the program has to say of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

mod case;
#[path = "../../queries/tests/tiles/encoder.rs"]
mod encoder;
mod ground;
mod json;
mod manifest;
mod paths;
mod registry;
mod run;
#[allow(dead_code, reason = "this binary runs the program by itself")]
#[path = "../suite/space.rs"]
mod space;
#[path = "../../queries/tests/wave/mod.rs"]
mod wave;

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
