//! `papack cache`.

use std::process::ExitCode;

use papack_engine::{CacheRequest, CacheTask};

use super::shared::{refuse, run_in_workspace};
use crate::args::{CacheAction, CacheArgs, JobsArgs};
use crate::signals;

/// Shows how much the cache holds, prunes it, or clears it.
pub fn run(args: &CacheArgs) -> ExitCode {
    let task = match args.action {
        CacheAction::Show => CacheTask::Show,
        CacheAction::Prune => CacheTask::Prune,
        CacheAction::Clear => CacheTask::Clear,
    };
    if args.max_size.is_some() && task != CacheTask::Prune {
        return refuse("--max-size is for papack cache prune alone", "papack cache prune --max-size 200MiB");
    }
    // The service works on one thread.
    let jobs = JobsArgs { jobs: Some(1) };
    run_in_workspace(&args.workspace, &jobs, &args.output, |session, observer| {
        let cancel = signals::cancel();
        let request = CacheRequest { task, max_bytes: args.max_size, no_wait: args.wait.no_wait, cancel };
        let result = session.cache(&request, observer);
        (result.status, result)
    })
}
