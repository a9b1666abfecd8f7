//! A session beside a workspace that does for other processes what they are asked for, where tests are to run over it.
//!
//! `PAPACK_TEST_SERVED=1` keeps `papack serve` running beside each workspace; with `PAPACK_TEST_SERVED=kill` it is killed at
//! some moment after every fourth command, and started again before the next one.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::{CACHE, KEY};

/// Names what is wanted.
const VARIABLE: &str = "PAPACK_TEST_SERVED";

/// The longest time after which a session is killed.
const MAX_DELAY_US: u64 = 40_000;

/// How many commands there were.
static COUNT: AtomicU64 = AtomicU64::new(0);

/// The session beside a workspace, if one is wanted.
#[derive(Default)]
pub struct Beside(Arc<Mutex<Option<Session>>>);

/// A process that is killed when this is dropped.
struct Session(Child);

impl Drop for Session {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Whether the tests run over a session.
pub fn is_wanted() -> bool {
    std::env::var_os(VARIABLE).is_some()
}

/// Whether the session is killed, again and again.
pub fn is_killed() -> bool {
    std::env::var_os(VARIABLE).is_some_and(|wanted| wanted == "kill")
}

impl Beside {
    /// Sees to it that a session serves the workspace in `folder` as far as one is wanted: a command is about to run there.
    pub fn keep(&self, folder: &Path) {
        if !is_wanted() || !folder.join("assets/.prometeu/index.json").is_file() {
            return;
        }
        let mut session = self.0.lock().unwrap();
        if session.as_mut().is_none_or(|session| session.0.try_wait().unwrap().is_some()) {
            *session = Session::start(folder);
        }
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        if is_killed() && count.is_multiple_of(4) {
            // Spread without a pattern that a test could follow.
            let delay = Duration::from_micros(count.wrapping_mul(7919) % MAX_DELAY_US);
            let session = Arc::clone(&self.0);
            std::thread::spawn(move || {
                std::thread::sleep(delay);
                drop(session.lock().unwrap().take());
            });
        }
    }
}

impl Session {
    /// Starts `papack serve`, which may refuse: then there is none.
    fn start(folder: &Path) -> Option<Self> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_papack"));
        command.arg("serve").current_dir(folder).env("PAPACK_CACHE_KEY", KEY);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut session = Self(command.spawn().unwrap());
        let (socket, until) = (folder.join(CACHE).join("serving/socket"), Instant::now() + Duration::from_millis(500));
        while !socket.exists() && session.0.try_wait().unwrap().is_none() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(1));
        }
        // It watches the folders a moment later.
        std::thread::sleep(Duration::from_millis(10));
        socket.exists().then_some(session)
    }
}
