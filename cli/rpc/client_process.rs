//! Whether the process of a client still lives.

use std::os::fd::OwnedFd;

#[cfg(target_os = "linux")]
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};

use super::nudge::Nudge;

/// The process of a client.
pub struct ClientProcess {
    pid: Pid,
    /// Stands for this very process, even when its id is given to another one.
    #[cfg(target_os = "linux")]
    descriptor: Option<OwnedFd>,
}

impl ClientProcess {
    /// The process with the id `pid`. None if that can be no id of a process.
    pub fn new(pid: u32) -> Option<Self> {
        let pid = Pid::from_raw(i32::try_from(pid).ok()?)?;
        Some(Self {
            pid,
            // Not to be had from old kernels, and in some sandboxes.
            #[cfg(target_os = "linux")]
            descriptor: rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()).ok(),
        })
    }

    /// Calls `nudge` when it has ended, from a thread that ends then, or when `connection` does. Where the system does not
    /// tell, or there are no more threads, nobody is told: then the end of the connection has to do.
    pub fn tell_of_end(&self, connection: Option<OwnedFd>, nudge: Nudge) {
        if self.is_gone() {
            return nudge.nudge();
        }
        #[cfg(target_os = "linux")]
        if let Some(descriptor) = self.descriptor.as_ref().and_then(|descriptor| descriptor.try_clone().ok()) {
            let wait = move || {
                let mut polled = vec![PollFd::new(&descriptor, PollFlags::IN)];
                polled.extend(connection.as_ref().map(|connection| PollFd::new(connection, PollFlags::empty())));
                while poll(&mut polled, None) == Err(Errno::INTR) {}
                nudge.nudge();
            };
            drop(std::thread::Builder::new().name("papack client".into()).spawn(wait));
        }
    }

    /// Whether it has ended. A process that cannot be looked at lives.
    pub fn is_gone(&self) -> bool {
        #[cfg(target_os = "linux")]
        if let Some(descriptor) = &self.descriptor {
            // It can be read once the process has ended, even if nobody has asked how.
            let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
            return poll(&mut [PollFd::new(descriptor, PollFlags::IN)], Some(&at_once)).is_ok_and(|count| count > 0);
        }
        test_kill_process(self.pid) == Err(Errno::SRCH)
    }
}
