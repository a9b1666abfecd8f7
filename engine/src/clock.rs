//! Clocks: which stamps tell a later change.
//!
//! A file system stamps changes with a clock of its own grain. What was read within the tick in which it changed may
//! change again under the same stamp, and nobody would notice; so a stamp that young tells nothing.

use std::time::{Duration, SystemTime};

use crate::fs::Stamp;

/// How long a change may bear the stamp of an earlier one: the clock that stamps files ticks every 10 ms at the longest, on
/// the kernels that are common, and may be as late.
const TICK: Duration = Duration::from_millis(20);

/// The same for file systems that stamp whole seconds. FAT has even ones only.
const COARSE_TICK: Duration = Duration::from_secs(2);

const SECOND_NS: i64 = 1_000_000_000;

/// The present time, in nanoseconds since the epoch.
pub(crate) fn now_ns() -> i64 {
    let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_nanos()).unwrap_or(i64::MAX)
}

/// `stamp`, found at the time `now_ns`, where it will be another one after any later change; none where it is too young,
/// or of a clock that is ahead.
pub(crate) fn telling(stamp: Stamp, now_ns: i64) -> Option<Stamp> {
    let is_whole = |time: i64| time % SECOND_NS == 0;
    let is_coarse = is_whole(stamp.changed_ns) && is_whole(stamp.modified_ns);
    let tick = if is_coarse { COARSE_TICK } else { TICK };
    (age(stamp, now_ns)? >= tick).then_some(stamp)
}

/// How long to wait until the tick has passed in which a file with this stamp changed. On a clock of whole seconds that is
/// too long to wait for.
pub(crate) fn rest(stamp: Stamp) -> Duration {
    age(stamp, now_ns()).map_or(Duration::ZERO, |age| TICK.saturating_sub(age))
}

/// None where the stamp is of the future: of another clock, which tells nothing.
fn age(stamp: Stamp, now_ns: i64) -> Option<Duration> {
    Some(Duration::from_nanos(u64::try_from(now_ns.checked_sub(stamp.changed_ns)?).ok()?))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_young_stamp_tells_nothing() {
        let stamp = |changed_ns: i64| Stamp { size: 1, modified_ns: 7, changed_ns, inode: 1, device: 1 };
        let now = 1_000 * SECOND_NS;
        for (age_ns, tells) in [(0, false), (19_999_999, false), (20_000_000, true), (SECOND_NS + 1, true), (-1, false)]
        {
            assert_eq!(telling(stamp(now - age_ns), now).is_some(), tells, "{age_ns}");
        }
        // Whole seconds: the clock may not tick for two of them.
        let whole = |age: i64| Stamp { modified_ns: 0, ..stamp(now - age * SECOND_NS) };
        assert_eq!([0, 1, 2, 3].map(|age| telling(whole(age), now).is_some()), [false, false, true, true]);
        assert_eq!(telling(stamp(i64::MIN), now), None, "no overflow");
    }
}
