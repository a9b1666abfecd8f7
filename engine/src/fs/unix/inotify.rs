//! Changes as the Linux kernel reports them.

use std::ffi::OsString;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::sync::Arc;
use std::time::Duration;

use camino::Utf8Path;
use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use rustix::fs::inotify::{self, CreateFlags, Event, ReadFlags, Reader, WatchFlags};
use rustix::io::Errno;

use super::super::file_system::{FolderEvent, NameChange, WatchId, Watcher};
use super::real_fs::RealFs;

/// The events that are reported. That a file was opened or read is not among them, because a build reads every file.
const WANTED: WatchFlags = WatchFlags::CREATE
    .union(WatchFlags::MOVED_TO)
    .union(WatchFlags::MOVED_FROM)
    .union(WatchFlags::DELETE)
    .union(WatchFlags::MODIFY)
    // Changes of a mapped file are reported when it is closed.
    .union(WatchFlags::CLOSE_WRITE)
    .union(WatchFlags::ATTRIB)
    .union(WatchFlags::EXCL_UNLINK);

/// How much is read from the queue at once, in bytes.
const BUFFER: usize = 64 * 1024;

/// Folders of one workspace, watched by the kernel.
pub(super) struct Inotify {
    fs: RealFs,
    queue: OwnedFd,
    /// Can be read when a wait is to end.
    wakeup: Arc<OwnedFd>,
    buffer: Box<[MaybeUninit<u8>]>,
    /// Whether a watched folder is on a file system that others than this kernel may change.
    is_shared: bool,
}

/// The file systems that only this kernel changes, by the numbers that `statfs` gives: ext2 to ext4, XFS, Btrfs, tmpfs,
/// overlayfs, F2FS, ZFS, bcachefs, ramfs and JFS.
const LOCAL: [u64; 10] = [
    0xef53,
    0x5846_5342,
    0x9123_683e,
    0x0102_1994,
    0x794c_7630,
    0xf2f5_2010,
    0x2fc1_2fc1,
    0xca45_1a4e,
    0x8584_58f6,
    0x3153_464a,
];

impl Inotify {
    pub(super) fn new(fs: RealFs) -> io::Result<Self> {
        let queue = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).map_err(|error| match error {
            Errno::MFILE => limit("fs.inotify.max_user_instances", 1024),
            other => other.into(),
        })?;
        let wakeup = Arc::new(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?);
        Ok(Self { fs, queue, wakeup, buffer: vec![MaybeUninit::uninit(); BUFFER].into(), is_shared: false })
    }
}

/// The error that says which limit of the kernel is too low, and what to set it to.
fn limit(name: &str, enough: u32) -> io::Error {
    let message =
        format!("the system watches no more folders: raise {name} (sudo sysctl {name}={enough}), and start anew");
    io::Error::new(io::ErrorKind::QuotaExceeded, message)
}

impl Watcher for Inotify {
    fn add(&mut self, folder: &Utf8Path) -> io::Result<WatchId> {
        // The folder is opened, following no link, and watched by its descriptor. So no other folder is watched,
        // whatever happens to the path meanwhile.
        let folder = self.fs.folder(folder)?;
        let kind = rustix::fs::fstatfs(&folder).ok().and_then(|found| u64::try_from(found.f_type).ok());
        self.is_shared |= kind.is_none_or(|kind| !LOCAL.contains(&kind));
        let by_descriptor = format!("/proc/self/fd/{}", folder.as_raw_fd());
        match inotify::add_watch(&self.queue, by_descriptor, WANTED | WatchFlags::ONLYDIR) {
            Ok(watch) => Ok(WatchId(watch)),
            Err(Errno::NOSPC) => Err(limit("fs.inotify.max_user_watches", 1_048_576)),
            Err(Errno::NOENT) => Err(io::Error::new(io::ErrorKind::Unsupported, "/proc is not mounted")),
            Err(error) => Err(error.into()),
        }
    }

    fn remove(&mut self, WatchId(watch): WatchId) {
        // The watch may have ended by itself.
        _ = inotify::remove_watch(&self.queue, watch);
    }

    fn is_shared(&self) -> bool {
        self.is_shared
    }

    fn wait(&mut self, timeout: Duration) -> io::Result<Vec<FolderEvent>> {
        let timeout = Timespec::try_from(timeout).map_err(|_| io::ErrorKind::InvalidInput)?;
        let polled = &mut [PollFd::new(&self.queue, PollFlags::IN), PollFd::new(&*self.wakeup, PollFlags::IN)];
        match poll(polled, Some(&timeout)) {
            Ok(0) | Err(Errno::INTR) => return Ok(Vec::new()),
            Ok(_) => {}
            Err(error) => return Err(error.into()),
        }
        // Fails where nobody ended the wait.
        _ = rustix::io::read(&self.wakeup, &mut [0; 8]);
        let mut events = Vec::new();
        let mut reader = Reader::new(&self.queue, &mut self.buffer);
        loop {
            match reader.next() {
                Ok(event) => events.extend(folder_event(&event)),
                Err(Errno::AGAIN | Errno::INTR) => return Ok(events),
                Err(error) => return Err(error.into()),
            }
            if reader.is_buffer_empty() {
                return Ok(events);
            }
        }
    }

    fn waker(&self) -> Arc<dyn Fn() + Send + Sync> {
        let wakeup = Arc::clone(&self.wakeup);
        Arc::new(move || {
            // Fails where it can be read already.
            _ = rustix::io::write(&wakeup, &1_u64.to_ne_bytes());
        })
    }
}

fn folder_event(event: &Event<'_>) -> Option<FolderEvent> {
    let flags = event.events();
    let watch = WatchId(event.wd());
    if flags.intersects(ReadFlags::QUEUE_OVERFLOW | ReadFlags::UNMOUNT) {
        return Some(FolderEvent::Lost);
    }
    if flags.contains(ReadFlags::IGNORED) {
        return Some(FolderEvent::Ended(watch));
    }
    // An event without a name is about the folder itself. Its parent reports that, too.
    let name = OsString::from_vec(event.file_name()?.to_bytes().to_vec());
    let change = if flags.contains(ReadFlags::MOVED_TO) {
        NameChange::MovedHere
    } else if flags.intersects(ReadFlags::MOVED_FROM | ReadFlags::DELETE) {
        NameChange::Removed
    } else {
        NameChange::CreatedOrChanged
    };
    Some(FolderEvent::Changed { watch, name, is_folder: flags.contains(ReadFlags::ISDIR), change })
}
