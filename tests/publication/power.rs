//! Power cuts: what was not flushed is lost, kept or reordered, and one generation stands in the end.

use std::collections::HashSet;
use std::io;
use std::sync::Arc;

use papack_engine::Status;

use crate::generations::{Build, edit, expected, pack, pack_until, published, spoil, staging, workspace};
use crate::hooked::{Call, HookedFs, Operation};
use crate::memory::{Bound, Disk, MemoryFs};

const QUICK: Bound = Bound { all: 8, pairs: false };
const LONG: Bound = Bound { all: 4_000, pairs: true };
/// For a cut after another.
const LONG_SECOND: Bound = Bound { all: 16, pairs: false };

/// What may be published, and what the sources give.
struct Expected<'a> {
    whole: &'a [&'a Build],
    new: &'a Build,
}

/// Looks at what a cut left, and at what the next operations make of it.
fn check(left: Disk, expected: &Expected<'_>, moment: &str) {
    let fs = MemoryFs::of(left);
    for file in &published(&fs) {
        assert!(expected.whole.iter().any(|build| build.contains(file)), "{moment}: {} is torn", file.0);
    }
    // An operation that only passes through the lane heals, even if it cannot pack.
    let sources = fs.tree("assets/a")["asset.json"].clone().unwrap();
    spoil(&fs);
    let passed = pack(Arc::new(fs.clone()));
    assert_eq!(passed.status, Status::GateFailed, "{moment}: {:#?}", passed.diagnostics);
    let dropped = passed.diagnostics.iter().find(|diagnostic| diagnostic.code.to_string() == "PROMOTION_DROPPED");
    assert!(dropped.is_none(), "{moment}: {dropped:#?}");
    assert!(expected.whole.contains(&&published(&fs)), "{moment}: a mix of generations");
    fs.write("assets/a/asset.json", sources);
    assert_eq!(pack(Arc::new(fs.clone())).status, Status::Success, "{moment}");
    assert!(published(&fs) == *expected.new, "{moment}: the next pack did not heal");
    assert!(staging(&fs).is_empty(), "{moment}: litter");
}

/// A workspace whose sources are of generation 2, with generation 1 published if `packed`.
fn before(packed: bool) -> MemoryFs {
    let fs = workspace();
    if packed {
        assert_eq!(pack(Arc::new(fs.clone())).status, Status::Success);
    }
    edit(&fs, 2);
    fs
}

/// Cuts the power at every call of a pack.
fn cuts_of_a_pack(packed: bool, bound: Bound) -> usize {
    let (old, new) = (if packed { expected(1) } else { Build::new() }, expected(2));
    let expected = Expected { whole: &[&old, &new], new: &new };
    let mut seen = HashSet::new();
    for at in 0.. {
        let fs = before(packed);
        let reached = pack_until(Arc::new(fs.clone()), at);
        fs.disk().cut(bound, &mut seen, |left| check(left, &expected, &format!("cut at call {at}")));
        if !reached {
            break;
        }
    }
    seen.len()
}

/// The states in which a promotion of generation 2 was cut short: by the death of its process, with nothing lost, or by
/// a power cut.
fn cut_short(packed: bool, by_power: bool, bound: Bound) -> Vec<Disk> {
    let (mut starts, mut seen) = (Vec::new(), HashSet::new());
    for at in 0.. {
        let fs = before(packed);
        let reached = pack_until(Arc::new(fs.clone()), at);
        let mut keep = |left: Disk| {
            if MemoryFs::of(left.clone()).tree("build").contains_key(".staging/journal.json") {
                starts.push(left);
            }
        };
        if by_power {
            fs.disk().cut(bound, &mut seen, keep);
        } else {
            keep(fs.disk());
        }
        if !reached {
            break;
        }
    }
    assert!(!starts.is_empty(), "no promotion was cut short");
    starts
}

/// Cuts the power at every call of an operation that finds a promotion cut short. It publishes generation 3 then, or
/// nothing.
fn cuts_of_a_recovery(starts: &[Disk], packed: bool, publishes: bool, bound: Bound) -> usize {
    let (old, new, third) = (if packed { expected(1) } else { Build::new() }, expected(2), expected(3));
    let expected = Expected { whole: &[&old, &new, &third], new: if publishes { &third } else { &new } };
    let mut seen = HashSet::new();
    for (number, start) in starts.iter().enumerate() {
        for at in 0.. {
            let fs = MemoryFs::of(start.clone());
            edit(&fs, 3);
            if !publishes {
                spoil(&fs);
            }
            let reached = pack_until(Arc::new(fs.clone()), at);
            if !publishes {
                edit(&fs, 2);
            }
            let moment = format!("start {number}, cut at call {at}");
            fs.disk().cut(bound, &mut seen, |left| check(left, &expected, &moment));
            if !reached {
                break;
            }
        }
    }
    seen.len()
}

#[test]
fn a_power_cut_at_any_moment_leaves_one_generation() {
    let states = [false, true].map(|packed| cuts_of_a_pack(packed, QUICK));
    println!("distinct states after a cut: first pack {}, second generation {}", states[0], states[1]);
    assert!(states.iter().all(|states| *states > 50), "{states:?}");
}

#[test]
#[ignore = "takes a minute"]
fn a_power_cut_while_a_killed_promotion_is_completed_leaves_one_generation() {
    let starts = cut_short(true, false, QUICK);
    let states = cuts_of_a_recovery(&starts, true, false, QUICK);
    println!("{} promotions cut short, {states} distinct states after a cut", starts.len());
    assert!(states > 50);
}

/// A promotion that could replace nothing is taken back; a power cut does not bring it back in part.
#[test]
#[ignore = "takes a minute"]
fn a_power_cut_after_a_promotion_was_taken_back_leaves_the_old_generation() {
    let (old, new) = (expected(1), expected(2));
    let fs = before(true);
    let refuse = |call: Call<'_>| match call.operation {
        Operation::Rename if call.path.parent() == Some("build".into()) => Err(io::Error::other("refused")),
        _ => Ok(()),
    };
    assert_eq!(pack(HookedFs::new(Arc::new(fs.clone()), refuse)).status, Status::PublicationFailed);
    assert!(published(&fs) == old);
    let mut seen = HashSet::new();
    let expected = Expected { whole: &[&old], new: &new };
    for at in 0.. {
        let later = MemoryFs::of(fs.disk());
        spoil(&later);
        let reached = pack_until(Arc::new(later.clone()), at);
        edit(&later, 2);
        later.disk().cut(LONG, &mut seen, |left| check(left, &expected, &format!("cut at call {at}")));
        if !reached {
            break;
        }
    }
    assert!(seen.len() > 10, "{} distinct states", seen.len());
}

/// More combinations, and cuts of the recovery from a cut, with another generation published after it.
#[test]
#[ignore = "long tier"]
fn power_cuts_one_after_the_other_leave_one_generation() {
    for packed in [false, true] {
        println!("{} distinct states after a cut", cuts_of_a_pack(packed, LONG));
        for by_power in [false, true] {
            let starts = cut_short(packed, by_power, LONG_SECOND);
            // What follows a recovery does not depend on what cut the promotion short.
            for publishes in if by_power { &[false][..] } else { &[false, true] } {
                let states = cuts_of_a_recovery(&starts, packed, *publishes, LONG_SECOND);
                println!("{} promotions cut short, {states} distinct states after a second cut", starts.len());
                assert!(states > 50);
            }
        }
    }
}
