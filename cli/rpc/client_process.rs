//! Whether the process of a client still lives.

use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};

/// The process of a client.
pub struct ClientProcess {
    pid: Pid,
    /// Stands for this very process, even when its id is given to another one.
    #[cfg(target_os = "linux")]
    descriptor: Option<std::os::fd::OwnedFd>,
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

    /// Whether it has ended. A process that cannot be looked at lives.
    pub fn is_gone(&self) -> bool {
        #[cfg(target_os = "linux")]
        if let Some(descriptor) = &self.descriptor {
            use rustix::event::{PollFd, PollFlags, Timespec, poll};
            // It can be read once the process has ended, even if nobody has asked how.
            let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
            return poll(&mut [PollFd::new(descriptor, PollFlags::IN)], Some(&at_once)).is_ok_and(|count| count > 0);
        }
        test_kill_process(self.pid) == Err(Errno::SRCH)
    }
}
