//! Whether the terminal lets this process write.

use std::os::fd::AsFd;

use rustix::io::Errno;
use rustix::process::getpgrp;
use rustix::termios::{LocalModes, tcgetattr, tcgetpgrp};

/// Whether the system would stop this process (SIGTTOU) if it wrote to `output` now: the process is in the background
/// of a terminal that only the foreground job may write to (`stty tostop`).
pub fn would_stop(output: impl AsFd) -> bool {
    let is_background = match tcgetpgrp(&output) {
        Ok(foreground) => foreground != getpgrp(),
        // The foreground group is outside this container, so it is not this process.
        Err(error) => error == Errno::OPNOTSUPP,
    };
    is_background && tcgetattr(output).is_ok_and(|settings| settings.local_modes.contains(LocalModes::TOSTOP))
}
