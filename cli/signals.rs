//! Signals. Handlers set flags, or end the process, and do nothing else.
//!
//! One signal ends any command. Where an operation began, it cancels that, and if that is over already, what is printed
//! of it has only a moment left; a second one ends the process. Else there is nothing to be brought to an end: the process
//! ends at once, whatever it waits for.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use papack_engine::Cancel;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::flag;

/// Exit code where a signal ended the process, or what it did.
pub const CANCELLED: u8 = 130;

struct Flags {
    /// A signal came.
    came: Arc<AtomicBool>,
    /// The next one ends the process.
    is_last: Arc<AtomicBool>,
}

static FLAGS: LazyLock<Flags> = LazyLock::new(|| Flags { came: Arc::default(), is_last: Arc::new(true.into()) });

/// From now on signals do what they should. Where a handler cannot be set, a signal ends the process, which is safe at any
/// moment.
pub fn set_up() {
    let hangup = (!outlives_terminal()).then_some(SIGHUP);
    for signal in [SIGINT, SIGTERM].into_iter().chain(hangup) {
        // They are called in this order.
        drop(flag::register_conditional_shutdown(signal, i32::from(CANCELLED), Arc::clone(&FLAGS.is_last)));
        drop(flag::register(signal, Arc::clone(&FLAGS.came)));
        drop(flag::register(signal, Arc::clone(&FLAGS.is_last)));
    }
    // Sent where a file becomes larger than the process may write. While it is handled, the write fails with an error.
    drop(flag::register(SIGXFSZ, Arc::default()));
}

/// The flag of an operation that begins, which the first signal cancels.
pub fn cancel() -> Cancel {
    FLAGS.is_last.store(false, Ordering::SeqCst);
    Cancel::from(Arc::clone(&FLAGS.came))
}

/// Whether a signal came since an operation began.
pub fn came() -> bool {
    FLAGS.came.load(Ordering::SeqCst)
}

/// Whether who started this process wants it to live on when the terminal is gone, as `nohup` does.
fn outlives_terminal() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_some_and(|mask| mask & (1 << (SIGHUP - 1)) != 0)
}
