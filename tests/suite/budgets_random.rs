//! Budgets of any workspace: what they add up to, and how long that takes.

use std::time::{Duration, Instant};

use papack_engine::{BudgetRequest, Status};
use proptest::prelude::*;

use crate::budgets::{set, told};
use crate::space::{TestSpace, entry, manifest};

/// Many stars, and many roots that nearly match: it ends soon, with a fault, whatever the budgets are.
#[test]
fn patterns_of_strangers_take_no_long_time() {
    let space = TestSpace::empty();
    let root = |id: usize| format!("{0}/{0}/{0}/{0}{id:04}", "a".repeat(200));
    let entries: Vec<_> = (1..=700).map(|id| entry(id, &root(id))).collect();
    for id in 1..=700 {
        space.write(&format!("assets/{}/asset.json", root(id)), manifest(id, &format!("n{id}"), r#"{"file": "f"}"#));
        space.write(&format!("assets/{}/f", root(id)), "f");
    }
    space.write_registry(&entries);
    space.pack();
    let patterns: Vec<_> = (0..400).map(|n| format!("'**/*{}b{n}' = {{ error = 1 }}", "a*".repeat(60))).collect();
    set(&space, &format!("[budget.folder]\n{}", patterns.join("\n")));
    let started = Instant::now();
    let run = space.run(&["check", "--message-format", "short"]);
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
    let costly = run.stdout.matches("GLOB_TOO_COSTLY").count();
    assert_eq!((run.code, costly), (1, 1), "{}", run.stdout);
    // As many budgets as a file has room for.
    let many: Vec<_> = (0..2000).map(|n| format!("[budget.asset.n{n}]\nwarn=0")).collect();
    set(&space, &many.join("\n"));
    let started = Instant::now();
    let (code, told) = told(&space, &["check"]);
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
    assert_eq!((code, told.split(", ").count()), (0, 2000));
}

/// The sizes of files by asset, which of them are packed and preloaded, and the limits of the budgets.
fn workspace() -> impl Strategy<Value = (Vec<(usize, bool, bool)>, Vec<u64>)> {
    let assets = proptest::collection::vec((0..5000_usize, proptest::bool::weighted(0.8), any::<bool>()), 0..12);
    (assets, proptest::collection::vec(prop_oneof![0..12_000_u64, Just((1 << 53) - 1)], 5))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn used_and_left_are_the_limit_and_the_whole_is_the_file((assets, limits) in workspace()) {
        let space = TestSpace::empty();
        let mut entries = Vec::new();
        for (id, (size, is_packed, is_preloaded)) in (1..).zip(&assets) {
            let root = format!("{}/a{id}", ["x", "y"][id % 2]);
            let preload = format!("\"preload\": {{ \"enabled\": true, \"slot\": {id} }},\n  \"output\"");
            let manifest = manifest(id, &format!("a{id}"), r#"{"file": "f"}"#);
            space.write(&format!("assets/{root}/asset.json"), if *is_preloaded { manifest.replace("\"output\"", &preload) } else { manifest });
            space.write(&format!("assets/{root}/f"), "b".repeat(*size));
            entries.push(entry(id, &root).replace("true", &is_packed.to_string()));
        }
        space.write_registry(&entries);
        space.pack();
        let keys = ["pack", "bank.DATA", "folder.'x/*'", "asset.a1", "slot.DATA.2"];
        let budgets: Vec<_> = keys.iter().zip(&limits).map(|(key, limit)| format!("[budget.{key}]\nerror = {limit}")).collect();
        set(&space, &budgets.join("\n"));
        let result = space.session().budget(&BudgetRequest::default(), &|_| {});
        let packed = |counts: &dyn Fn(usize, bool) -> bool| -> u64 {
            let counted = (1..).zip(&assets).filter(|(id, (_, is_packed, is_preloaded))| *is_packed && counts(*id, *is_preloaded));
            counted.map(|(_, (size, ..))| *size as u64).sum()
        };
        let file = space.read("build/assets.pa");
        let header = u64::from(u32::from_le_bytes(file[8..12].try_into().unwrap()));
        let whole = file.len() as u64;
        let expected = [whole, packed(&|_, _| true), packed(&|id, _| id % 2 == 0), packed(&|id, _| id == 1), packed(&|id, is_preloaded| id == 2 && is_preloaded)];
        prop_assert_eq!(result.limits.iter().map(|limit| limit.used).collect::<Vec<_>>(), expected);
        for (status, limit) in result.limits.iter().zip(limits) {
            prop_assert_eq!(status.limit, limit);
            prop_assert_eq!(status.used.cast_signed() + status.left, limit.cast_signed());
        }
        prop_assert_eq!(32 + header + result.banks.iter().map(|bank| bank.used).sum::<u64>(), whole);
        prop_assert_eq!(result.pack.unwrap().used, whole);
        let is_exceeded = result.limits.iter().any(|limit| limit.left < 0);
        prop_assert_eq!(result.status == Status::GateFailed, is_exceeded);
        prop_assert_eq!(space.run(&["pack"]).code, i32::from(is_exceeded));
    }
}
