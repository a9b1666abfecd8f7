//! `verify --reproduce`: packs the same workspace in different ways, which must give the same bytes.
//!
//! ```text
//! session 1, one thread, folders as listed     ──▶ outputs 1 ─┬─ compared byte by byte
//! session 2, many threads, folders reversed    ──▶ outputs 2 ─┘
//! session 2 again, which reuses derivations    ──▶ outputs 3 ─── compared with outputs 1 by digests
//!                                                  build/    ─── compared with outputs 1 too
//! ```
//!
//! Nothing is published. A promotion that was cut short is not completed.

mod change;
mod compare;
mod packing;
mod reordered;
mod result;

use std::sync::Arc;
use std::thread::available_parallelism;

use papack_queries::db::Database;
use papack_queries::diagnostic::levels::Levels;
use papack_queries::diagnostic::{Code, Diagnostic};
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::examine::explain_refusal;
use crate::content::PackingStore;
use crate::fs::FileSystem;
use crate::incremental::{Assembly, Explanation, assemble};
use crate::operation::{Cancel, Observer, Operation, Status, Stop};
use crate::publish::{Output, Staging, StagingGuard, changed_names, output_states, recovery};
use crate::session::Session;
use crate::workspace::layout::STAGING;
use crate::workspace::{io_failure, lane};

pub use compare::{Difference, Part};
pub use result::{Listing, Packing, ReproduceResult};

use compare::{Side, by_bytes, by_digests};
use packing::Relay;
use reordered::Reordered;
use result::Progress;

/// The options of a reproduction.
#[derive(Debug, Clone, Default)]
pub struct ReproduceRequest {
    /// Fail at once when another operation holds the lane, instead of waiting for it.
    pub no_wait: bool,
    /// How severe the caller takes diagnostics to be.
    pub levels: Levels,
    /// Set to cancel the operation.
    pub cancel: Cancel,
}

impl Session {
    /// Packs the workspace several times in different ways, on separate sessions, and compares the outputs. Publishes
    /// nothing. Every failure is a [`Status`] of the result.
    pub fn reproduce(&mut self, request: &ReproduceRequest, observer: &Observer<'_>) -> ReproduceResult {
        let mut progress = Progress::default();
        let mut ended = self.run_judged(&request.levels, &request.cancel, observer, |session, operation| {
            reproduce(session, operation, request.no_wait, &mut progress)
        });
        let result = progress.result(&mut ended);
        ended.finish(result)
    }
}

/// Packs and compares, while it holds the lane. `outer` is the session of the caller.
fn reproduce(
    outer: &mut Session,
    operation: &mut Operation<'_>,
    no_wait: bool,
    progress: &mut Progress,
) -> Result<(), Stop> {
    let fs = Arc::clone(outer.fs());
    let _lane = lane::expect(operation, &fs, "reproduce", no_wait)?;
    let obstacles = recovery::obstacles(operation, &*fs)?;
    if !obstacles.is_empty() {
        return explain_refusal(outer, operation, false, obstacles, &mut Explanation::new(false));
    }
    let staging = Arc::new(Staging::new(Arc::clone(&fs), operation.id()));
    // Dropped before the lane: no other operation may stage while this one still removes its staging folder.
    let _clearing = StagingGuard(&staging);
    let mut relay = Relay::new(operation);

    let mut session = Session::ephemeral(Arc::clone(&fs));
    let pool = threads(relay.operation, 1)?;
    let packed = relay.pack(&mut session, &pool, &staging, None);
    // Diagnostics of the packing are shown with the texts that the packing read.
    outer.core_mut().adopt_texts(session.core());
    let (store, outcomes) = packed?;
    let db = &session.core().graph.db;
    let assembly = assemble(relay.operation, db)?;
    progress.record_packing(Listing::AsFound, &pool, outcomes);
    let recorded = progress.record_assembly(&assembly);
    recorded.map_err(|error| io_failure(relay.operation, STAGING, &error))?;

    let first = First { db, assembly, store };
    repack(&mut relay, &first, Arc::clone(&fs), &staging, progress)?;
    let outputs = first.assembly.outputs();
    let output_states = output_states(relay.operation, &*fs, &outputs, outer.outputs().generation.as_ref())?;
    progress.build_up_to_date = Some(changed_names(&outputs, &output_states).is_empty());
    if progress.differences.is_empty() { Ok(()) } else { Err(Stop(Status::GateFailed)) }
}

/// The first packing. All others are compared with it.
struct First<'a> {
    db: &'a Database,
    assembly: Assembly<'a>,
    store: Arc<PackingStore>,
}

/// Packs twice on a second session, and compares the outputs with those of the first packing.
fn repack(
    relay: &mut Relay<'_, '_>,
    first: &First<'_>,
    fs: Arc<dyn FileSystem>,
    staging: &Arc<Staging>,
    progress: &mut Progress,
) -> Result<(), Stop> {
    let mut session = Session::ephemeral(Arc::new(Reordered(fs)));
    let pool = threads(relay.operation, available_parallelism().map_or(2, |threads| threads.get().max(2)))?;
    let (store, outcomes) = relay.pack(&mut session, &pool, staging, Some(first.db.clone()))?;
    progress.record_packing(Listing::Reordered, &pool, outcomes);
    compare(relay.operation, first, &session.core().graph.db, progress, |operation, one, other| {
        let sides = Side::new(one, &*first.store).and_then(|one| Ok((one, Side::new(other, &*store)?)));
        let (one, other) = sides.map_err(|error| io_failure(operation, STAGING, &error))?;
        by_bytes(operation, &one, &other)
    })?;
    drop(store);

    let outcomes = relay.pack_again(&mut session, &pool, first.db.clone())?;
    progress.record_packing(Listing::Reordered, &pool, outcomes);
    compare(relay.operation, first, &session.core().graph.db, progress, |operation, one, other| {
        by_digests(one, other).map_err(|error| io_failure(operation, STAGING, &error))
    })
}

/// Assembles the outputs of the latest packing from `db`, compares them with those of `first`, and reports where they
/// differ.
fn compare(
    operation: &mut Operation<'_>,
    first: &First<'_>,
    db: &Database,
    progress: &mut Progress,
    first_difference: impl Fn(&mut Operation<'_>, &Output<'_>, &Output<'_>) -> Result<Option<u64>, Stop>,
) -> Result<(), Stop> {
    let other = assemble(operation, db)?;
    for (output, other) in first.assembly.outputs().iter().zip(&other.outputs()) {
        operation.check_cancelled()?;
        if let Some(byte) = first_difference(operation, output, other)? {
            let part = Part::at(byte, output, &first.assembly, first.db);
            let difference = Difference { packing: progress.packings.len(), output: output.name, byte, part };
            operation.report(difference.diagnostic());
            progress.differences.push(difference);
        }
    }
    Ok(())
}

/// A pool of `count` threads for one packing.
fn threads(operation: &mut Operation<'_>, count: usize) -> Result<ThreadPool, Stop> {
    ThreadPoolBuilder::new().num_threads(count).build().map_err(|error| {
        let fault = Diagnostic::error(Code::Io, format!("{count} threads cannot be started: {error}"));
        operation.fail(Status::ExecutionFailed, fault)
    })
}
