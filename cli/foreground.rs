//! Whether a terminal lets this process write to it.

use std::os::fd::AsFd;

use rustix::io::Errno;
use rustix::process::getpgrp;
use rustix::termios::{LocalModes, tcgetattr, tcgetpgrp};

/// Whether the system would stop this process (SIGTTOU) where it writes to `output` now: a terminal in which another job is
/// in the foreground, and which lets nobody else write (`stty tostop`).
pub fn would_stop(output: impl AsFd) -> bool {
    let is_background = match tcgetpgrp(&output) {
        Ok(foreground) => foreground != getpgrp(),
        // It is one of which this container cannot know.
        Err(error) => error == Errno::OPNOTSUPP,
    };
    is_background && tcgetattr(output).is_ok_and(|settings| settings.local_modes.contains(LocalModes::TOSTOP))
}
