//! Signals. A handler sets a flag, wakes a thread that waits, or ends the process, and does nothing else.
//!
//! One signal ends any command. While an operation runs, the first signal cancels it, and a second one ends the
//! process. If the operation is over by then, its output has a short time left to be written. Where no operation has
//! started, nothing needs to be completed, so the first signal ends the process at once.

use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use papack_engine::Cancel;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::flag;
use signal_hook::low_level::pipe;

use crate::exit_code::CANCELLED;

struct Flags {
    /// A signal was received.
    received: Arc<AtomicBool>,
    /// The next signal ends the process.
    exit_on_next: Arc<AtomicBool>,
}

static FLAGS: LazyLock<Flags> =
    LazyLock::new(|| Flags { received: Arc::default(), exit_on_next: Arc::new(true.into()) });

/// Installs the handlers. Where one cannot be installed, the signal ends the process, which is safe at any moment.
pub fn set_up() {
    for signal in handled() {
        // Handlers run in the order of their registration: the flag is tested before this signal sets it.
        drop(flag::register_conditional_shutdown(signal, i32::from(CANCELLED), Arc::clone(&FLAGS.exit_on_next)));
        drop(flag::register(signal, Arc::clone(&FLAGS.received)));
        drop(flag::register(signal, Arc::clone(&FLAGS.exit_on_next)));
    }
    // Sent when a file exceeds the size limit of the process. With a handler, the write fails with an error instead.
    drop(flag::register(SIGXFSZ, Arc::default()));
}

/// The cancellation flag for an operation that is about to start. The first signal sets it.
pub fn cancel() -> Cancel {
    FLAGS.exit_on_next.store(false, Ordering::SeqCst);
    Cancel::from(Arc::clone(&FLAGS.received))
}

/// Has a thread call `tell` after each signal, for whoever waits: it has not to look for signals again and again.
///
/// # Errors
///
/// When the system has no more descriptors or threads.
pub fn on_signal(tell: impl Fn() + Send + 'static) -> io::Result<()> {
    let (mut reader, writer) = UnixStream::pair()?;
    for signal in handled() {
        // After the handlers that set flags.
        pipe::register(signal, writer.try_clone()?)?;
    }
    let wait = move || {
        if received() {
            tell();
        }
        // What ends the loop does not come: this process has the other end.
        while reader.read_exact(&mut [0]).is_ok() {
            tell();
        }
    };
    std::thread::Builder::new().name("papack signals".into()).spawn(wait).map(drop)
}

/// Whether a signal was received.
pub fn received() -> bool {
    FLAGS.received.load(Ordering::SeqCst)
}

/// The signals that end a command.
fn handled() -> impl Iterator<Item = i32> {
    [SIGINT, SIGTERM].into_iter().chain((!ignores_hangup()).then_some(SIGHUP))
}

/// Whether the process was started to survive the end of its terminal, as `nohup` does.
fn ignores_hangup() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_some_and(|mask| mask & (1 << (SIGHUP - 1)) != 0)
}
