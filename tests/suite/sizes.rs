//! Contents of all sizes, small and large ones beside each other, come out as they went in.

use std::time::Duration;

use crate::space::TestSpace;

/// Bytes that papack moves at a time.
const PIECE: usize = 1024 * 1024;

/// From nothing to more than a piece.
const SIZES: [usize; 12] =
    [16_384, 0, PIECE - 1, 1, PIECE, 300_000, PIECE + 1, 70_001, 2 * PIECE, 4_096, 3 * PIECE + 5, 12];

/// So many that they do not all stay in memory.
const COUNT: usize = 60;

fn content(id: usize, generation: usize) -> Vec<u8> {
    let seed = id * 31 + generation * 7;
    (0..SIZES[id % SIZES.len()]).map(|at| (seed + at + at / 251) as u8).collect()
}

#[test]
fn every_byte_of_every_size_is_published() {
    let space = TestSpace::with_many(COUNT, |id| content(id, 0));
    let mut contents: Vec<_> = (1..=COUNT).map(|id| content(id, 0)).collect();
    let expect = |contents: &[Vec<u8>], when: &str| {
        space.pack();
        assert!(space.read("build/assets.pa").ends_with(&contents.concat()), "{when}");
    };
    expect(&contents, "cold");
    for (generation, every) in [(1, 3), (2, 7), (3, COUNT)] {
        // An edit that is older than a tick of the clock.
        std::thread::sleep(Duration::from_millis(20));
        for id in (1..=COUNT).filter(|id| id % every == 0) {
            contents[id - 1] = content(id + generation, generation);
            space.write(&format!("assets/g{}/a{id}/f", id % 100), &contents[id - 1]);
        }
        expect(&contents, &format!("every {every}th asset has other bytes, and most of them another size"));
    }
}
