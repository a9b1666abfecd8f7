//! Every change of one byte before the payload region: refused, or harmless for a reason that is given here.

use papack_queries::envelope::Reader;

use crate::{HEADER, PAYLOAD_SIZE, good, pack_of};

/// Bytes of the header that hold a free choice: what else they may be is another valid pack, not a damaged one.
/// Each is a text of the header, the last part of it that reads so, which is free, and why.
const FREE: [(&str, &str, &str); 14] = [
    ("{\"asset_id\":9", "9", "an id that no preload names, and ids still ascend"),
    ("\"atlas\"", "atlas", "a name, unique still"),
    ("\"beeps\"", "beeps", "a name, unique still"),
    ("\"notes\"", "notes", "a name, unique still"),
    ("\"name\":\"a\"", "a", "the name of a sample, unique still"),
    ("\"name\":\"b\"", "b", "the name of a sample, unique still"),
    ("\"name\":\"one.txt\"", "one.txt", "the path of a file, unique still"),
    ("sub/two.txt", "sub/two.txt", "the path of a file, unique still"),
    ("\"sample_rate\":8000", "8000", "a rate within its bounds"),
    ("\"loop_start\":1", "1", "a loop point before the loop's end"),
    ("\"depth\":[1,2]", "depth", "a key that is the game's own"),
    ("\"depth\":[1,2]", "1,2", "values that are the game's own"),
    ("{\"asset_id\":7,\"slot\"", "7", "a preload, of another asset now"),
    ("\"slot\":0", "0", "a slot that no other asset of the bank has"),
];

/// For each byte of the header, why it is free.
fn reasons() -> Vec<Option<&'static str>> {
    let mut reasons = vec![None; HEADER.len()];
    for (around, free, reason) in FREE {
        for (at, _) in HEADER.match_indices(around) {
            let start = at + around.rfind(free).unwrap();
            reasons[start..start + free.len()].fill(Some(reason));
        }
    }
    reasons
}

fn is_open(pack: &[u8]) -> bool {
    Reader::open(pack, "p.pa").is_ok()
}

#[test]
fn every_change_of_the_prelude_is_refused() {
    let mut pack = good();
    for at in 0..32 {
        for flip in 1..=255 {
            pack[at] ^= flip;
            assert!(!is_open(&pack), "byte {at} ^ {flip:#x}");
            pack[at] ^= flip;
        }
    }
}

#[test]
fn every_change_of_the_header_is_refused_or_a_free_choice() {
    let reasons = reasons();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let harmless: usize = std::thread::scope(|scope| {
        let share = |first| {
            let reasons = &reasons;
            move || (first..reasons.len()).step_by(threads).map(|index| harmless(index, reasons[index])).sum::<usize>()
        };
        let workers: Vec<_> = (0..threads).map(|first| scope.spawn(share(first))).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).sum()
    });
    // Most of a name's bytes are letters, most other letters will do; hardly anything else is free.
    assert!(harmless > 1000 && harmless < 255 * reasons.iter().flatten().count(), "{harmless}");
}

/// How many changes of the byte `index` of the header are not refused, after a check that there is a `reason`.
fn harmless(index: usize, reason: Option<&str>) -> usize {
    let mut pack = good();
    let original = pack[32 + index];
    let mut is_harmless = |flip: &u8| {
        pack[32 + index] = original ^ flip;
        let open = is_open(&pack);
        let front = &HEADER[index.saturating_sub(20)..=index];
        assert!(!open || reason.is_some(), "byte {index} of the header, the last of {front:?}, ^ {flip:#x}");
        open
    };
    (1..=255).filter(|flip| is_harmless(flip)).count()
}

#[test]
fn every_truncation_and_every_tail_is_refused() {
    let pack = good();
    for end in 0..pack.len() {
        assert!(!is_open(&pack[..end]), "{end}");
    }
    assert!(!is_open(&pack_of(HEADER, PAYLOAD_SIZE + 1)));
}
