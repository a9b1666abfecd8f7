//! Any history of any workspace.

use proptest::prelude::*;
use proptest::test_runner::{FileFailurePersistence, TestCaseError, TestRunner};

use crate::deed::steps;
use crate::player::Player;
use crate::world::world;

/// Where histories that failed are kept, to be played again first.
const FAILURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/histories/failures.txt");

/// A history is as long as many cases of another property: there is one where `PROPTEST_CASES` asks for 25.
fn config() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig {
        cases: (usual.cases / 25).max(1),
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(FAILURES))),
        max_shrink_iters: 1000,
        max_shrink_time: 300_000,
        ..usual
    }
}

#[test]
fn every_pack_of_a_history_gives_what_a_clean_one_gives() {
    let played = TestRunner::new(config())
        .run(&(world(), steps()), |(world, steps)| Player::of(world.write()).play(&steps).map_err(TestCaseError::fail));
    if let Err(fault) = played {
        panic!("{fault}");
    }
}
