//! The threads of an operation.

use std::process::ExitCode;
use std::thread::available_parallelism;

use rayon::{ThreadPool, ThreadPoolBuilder};

use super::refusal::refuse_for;
use crate::render::RefusalStatus;

/// A pool of `jobs` threads, or of one for each processor. Where the system refuses so many, the pool has fewer; where
/// it refuses any, an error is printed, and its exit code returned.
pub fn thread_pool(jobs: Option<u16>) -> Result<ThreadPool, ExitCode> {
    let mut count = jobs.map_or_else(|| available_parallelism().map_or(1, Into::into), usize::from);
    loop {
        let builder = ThreadPoolBuilder::new().num_threads(count);
        // One thread need not be started: the current one serves.
        let pool = if count == 1 { builder.use_current_thread().build() } else { builder.build() };
        match pool {
            Ok(pool) => return Ok(pool),
            Err(_) if count > 1 => count /= 2,
            Err(error) => {
                let message = format!("no thread can be used: {error}");
                return Err(refuse_for(RefusalStatus::NoThread, &message, "end other programs"));
            }
        }
    }
}
