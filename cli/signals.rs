//! Signals. Handlers set flags, or end the process, and do nothing else.
//!
//! One signal ends any command. Where an operation is under way, it cancels that, and a second one ends the process. Else
//! there is nothing to be brought to an end: the process ends at once, whatever it waits for.

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
    for signal in [SIGINT, SIGTERM, SIGHUP] {
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

/// Says that no operation is under way any more. Tells whether a signal came while there was one.
pub fn operation_ended() -> bool {
    FLAGS.is_last.store(true, Ordering::SeqCst);
    FLAGS.came.load(Ordering::SeqCst)
}
