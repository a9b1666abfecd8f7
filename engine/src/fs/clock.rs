//! The clock that stamps files: which stamps are conclusive.
//!
//! A file system stamps changes with a clock of its own grain. What was read within the tick in which it changed may
//! change again under the same stamp, and nothing would show that. So a stamp that young is not conclusive.
//!
//! And a file system stamps a change when that begins. Where the kernel does not say that nobody writes any more, a
//! stamp is not conclusive before the longest change that papack expects must have ended.

use std::time::Duration;

use super::file_system::Stamp;

/// The longest time between two ticks of the clock that stamps files, on common kernels.
const TICK: Duration = Duration::from_millis(10);

/// The same for file systems that stamp whole seconds. FAT stamps even seconds only.
const COARSE_TICK: Duration = Duration::from_secs(2);

/// How long a change may go on under the stamp of its beginning, where the system does not say that it ended. Examples
/// are a single write of 2 GiB at 35 MB/s, and stores to a mapped page, which the kernel writes back and stamps anew
/// after 35 s.
pub(crate) const LONGEST_CHANGE: Duration = Duration::from_secs(60);

const SECOND_NS: i64 = 1_000_000_000;

const TICK_NS: i64 = TICK.as_nanos() as i64;

/// The present time of the clock that stamps files, in nanoseconds since the epoch: no file that changes from now on
/// gets an earlier stamp. The clock that people read is ahead of it, by as much as a tick, and by more where a virtual
/// machine did not run.
#[cfg(target_os = "linux")]
pub(crate) fn now_ns() -> i64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::RealtimeCoarse);
    now.tv_sec.saturating_mul(SECOND_NS).saturating_add(now.tv_nsec)
}

/// The present time, in nanoseconds since the epoch.
#[cfg(not(target_os = "linux"))]
pub(crate) fn now_ns() -> i64 {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_nanos()).unwrap_or(i64::MAX)
}

/// When the machine was started, in nanoseconds since the epoch, where the system says so.
#[cfg(target_os = "linux")]
pub(crate) fn booted_ns() -> Option<i64> {
    let up = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    let up_ns = up.tv_sec.checked_mul(SECOND_NS)?.checked_add(up.tv_nsec)?;
    now_ns().checked_sub(up_ns)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn booted_ns() -> Option<i64> {
    None
}

/// `Some(stamp)` if any change that begins after `now_ns`, when it was found, must alter it. `None` if it is too young
/// or lies in the future.
pub(crate) fn conclusive_stamp(stamp: Stamp, now_ns: i64) -> Option<Stamp> {
    let is_whole = |time: i64| time % SECOND_NS == 0;
    let is_coarse = is_whole(stamp.changed_ns) && is_whole(stamp.modified_ns);
    let tick = if is_coarse { COARSE_TICK } else { TICK };
    (age(stamp, now_ns)? >= tick).then_some(stamp)
}

/// `stamp`, found at the time `now_ns`, where it is so old that no change with this stamp can still go on.
pub(crate) fn conclusive_by_age(stamp: Stamp, now_ns: i64) -> Option<Stamp> {
    conclusive_stamp(stamp, now_ns).filter(|stamp| age(*stamp, now_ns).is_some_and(|age| age >= LONGEST_CHANGE))
}

/// Whether the clock that stamps files has ticked since `stamp_ns`, a time that it gave. On a file system with a
/// coarser grain, this is whether that grain has passed for sure.
pub(crate) fn has_ticked(stamp_ns: i64, now_ns: i64) -> bool {
    const MILLISECOND_NS: i64 = 1_000_000;
    if stamp_ns % MILLISECOND_NS != 0 { now_ns > stamp_ns } else { now_ns.saturating_sub(stamp_ns) > 2 * SECOND_NS }
}

/// How long to wait until the tick has passed in which a file with this stamp changed. A tick of whole seconds is not
/// waited for, because it is too long; nor is one where the stamp is of another clock, because that is of no use.
pub(crate) fn rest_of_tick(stamp: Stamp, now_ns: i64) -> Duration {
    // Newer kernels stamp more exactly than their clock ticks, and so a little ahead of it.
    let age_ns = now_ns.saturating_sub(stamp.changed_ns);
    if age_ns < -TICK_NS {
        return Duration::ZERO;
    }
    Duration::from_nanos(u64::try_from(TICK_NS.saturating_sub(age_ns)).unwrap_or_default())
}

/// The age of `stamp` at the time `now_ns`. None where the stamp is of the future: it is of another clock, and its age
/// is unknown.
fn age(stamp: Stamp, now_ns: i64) -> Option<Duration> {
    Some(Duration::from_nanos(u64::try_from(now_ns.checked_sub(stamp.changed_ns)?).ok()?))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::os::unix::fs::MetadataExt as _;

    use super::*;

    fn stamp(changed_ns: i64) -> Stamp {
        Stamp { size: 1, modified_ns: 7, changed_ns, inode: 1, device: 1 }
    }

    #[test]
    fn a_young_stamp_is_not_conclusive() {
        let now = 1_000 * SECOND_NS;
        for (age_ns, is_conclusive) in
            [(0, false), (9_999_999, false), (10_000_000, true), (SECOND_NS + 1, true), (-1, false)]
        {
            assert_eq!(conclusive_stamp(stamp(now - age_ns), now).is_some(), is_conclusive, "{age_ns}");
        }
        // On a clock of whole seconds, a tick may take two of them.
        let whole = |age: i64| Stamp { modified_ns: 0, ..stamp(now - age * SECOND_NS) };
        assert_eq!([0, 1, 2, 3].map(|age| conclusive_stamp(whole(age), now).is_some()), [false, false, true, true]);
        assert_eq!(conclusive_stamp(stamp(i64::MIN), now), None, "no overflow");
    }

    #[test]
    fn a_stamp_is_conclusive_by_age_when_no_change_can_go_on() {
        let now = 1_000 * SECOND_NS + 7;
        for (age_ns, is_conclusive) in
            [(0, false), (TICK_NS, false), (60 * SECOND_NS - 1, false), (60 * SECOND_NS, true), (-1, false)]
        {
            assert_eq!(conclusive_by_age(stamp(now - age_ns), now).is_some(), is_conclusive, "{age_ns}");
        }
    }

    #[test]
    fn a_stamp_is_conclusive_after_the_rest_of_its_tick() {
        let now = 1_000 * SECOND_NS;
        for age_ns in [-10_000_001, -10_000_000, -1, 0, 1, 9_999_999, 10_000_000, SECOND_NS, i64::MAX] {
            let stamp = stamp(now.saturating_sub(age_ns));
            let rest = i64::try_from(rest_of_tick(stamp, now).as_nanos()).unwrap();
            assert!(rest <= 2 * TICK_NS, "{age_ns}: {rest}");
            let is_of_another_clock = age_ns < -TICK_NS;
            assert_eq!(conclusive_stamp(stamp, now + rest).is_some(), !is_of_another_clock, "{age_ns}: {rest}");
            assert_eq!(rest == 0, is_of_another_clock || age_ns >= TICK_NS, "{age_ns}: {rest}");
        }
    }

    #[test]
    fn no_file_gets_a_stamp_of_the_past() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for round in 0_u8..200 {
            let before = now_ns();
            std::fs::write(file.path(), [round]).unwrap();
            let changed = std::fs::metadata(file.path()).unwrap();
            assert!(changed.ctime() * SECOND_NS + changed.ctime_nsec() >= before, "round {round}");
        }
    }
}
