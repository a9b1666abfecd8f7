//! `pack`: lane → recovery → snapshot → gate → assemble → stage → promote → result.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use camino::Utf8Path;
use papack_queries::asset::payload;
use papack_queries::diagnostic::{Code, Diagnostic};
use papack_queries::envelope::Prelude;
use papack_queries::inputs::FileFault;
use papack_queries::pack::{HeaderBytes, build_set, gate, header, layout, sidecar};
use serde::Serialize;

use crate::cancel::Cancel;
use crate::event::{EventKind, Observer, OperationId, Stream};
use crate::lane::{self, Lane};
use crate::output::journal::{self, StagedFile};
use crate::output::staging::{self, Staging};
use crate::output::{self, Output, Placed};
use crate::read::io_diagnostic;
use crate::session::{Published, Session};
use crate::store::Store;

/// What a caller wants of a pack.
#[derive(Debug, Clone, Default)]
pub struct PackRequest {
    /// Fail at once when another operation holds the lane, instead of waiting for it.
    pub no_wait: bool,
    /// Set to cancel the operation.
    pub cancel: Cancel,
}

/// How a pack ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// The four artifacts are published.
    Success,
    /// Blocked before emission.
    GateFailed,
    /// Failed while materializing, deriving, assembling or staging.
    ExecutionFailed,
    /// Failed while making the outputs final, or while completing an earlier promotion.
    PublicationFailed,
    /// Another operation holds the lane, and the caller does not wait.
    LaneBusy,
    /// The caller cancelled before promotion.
    Cancelled,
}

/// The companions' names, relative to `build_dir`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Companions {
    /// Mirrors `header.asset_table`.
    pub asset_table: &'static str,
    /// Mirrors `header.preload`.
    pub preload: &'static str,
    /// Provenance for tools.
    pub asset_table_metadata: &'static str,
}

/// What a pack did.
#[derive(Debug, Clone, Serialize)]
pub struct PackResult {
    /// Version of this document.
    pub schema_version: u32,
    /// Which operation.
    pub operation_id: OperationId,
    /// How it ended.
    pub status: Status,
    /// Whether it got beyond the gate.
    pub execution_started: bool,
    /// Whether the outputs were there already, byte for byte, and nothing was rewritten.
    pub up_to_date: bool,
    /// The folder of outputs, relative to the workspace.
    pub build_dir: &'static str,
    /// The authoritative artifact, relative to `build_dir`.
    pub assets_pa: &'static str,
    /// The companions, when they are published.
    pub companions: Option<Companions>,
    /// Assets in the pack.
    pub packed_asset_count: usize,
    /// Assets whose format did its work.
    pub derived_asset_count: usize,
    /// Assets known from an earlier operation.
    pub reused_asset_count: usize,
    /// Bytes of the payload region.
    pub payload_bytes: u64,
    /// Wall-clock time of the operation, in milliseconds.
    pub elapsed_ms: u64,
    /// Everything that was found.
    pub diagnostics: Vec<Diagnostic>,
}

/// Why an operation ended without success. What it has to say is among the diagnostics already.
pub(crate) struct Stop(pub(crate) Status);

/// One running pack.
pub(crate) struct Pack<'s> {
    pub(crate) session: &'s mut Session,
    pub(crate) stream: Stream<'s>,
    pub(crate) cancel: Cancel,
    result: PackResult,
}

impl Session {
    /// Packs the workspace. Every failure is a [`Status`] of the result.
    pub fn pack(&mut self, request: &PackRequest, observer: &Observer<'_>) -> PackResult {
        let started = Instant::now();
        let (operation_id, no_randomness) = match OperationId::random() {
            Ok(id) => (id, None),
            Err(error) => (OperationId::none(), Some(error)),
        };
        let stream = Stream::new(operation_id.clone(), observer);
        stream.emit(EventKind::OperationStarted);
        let result = PackResult::begun(operation_id);
        let mut pack = Pack { session: self, stream, cancel: request.cancel.clone(), result };
        let outcome = match no_randomness {
            Some(error) => {
                let fault = Diagnostic::error(Code::Io, format!("the operating system has no random bytes: {error}"));
                Err(pack.fail(Status::ExecutionFailed, fault))
            }
            // A defect of papack's own must not take an editor or a watch down with it.
            None => catch_unwind(AssertUnwindSafe(|| pack.run(request.no_wait))).unwrap_or_else(|panic| {
                let fault = Diagnostic::error(Code::Internal, format!("papack panicked: {}", panic_message(&*panic)));
                Err(pack.fail(Status::ExecutionFailed, fault.with_help("this is a defect of papack; please report it")))
            }),
        };
        pack.finish(outcome, started)
    }
}

impl Pack<'_> {
    fn finish(mut self, outcome: Result<(), Stop>, started: Instant) -> PackResult {
        match outcome {
            Ok(()) => {
                self.result.status = Status::Success;
                self.result.companions = Some(Companions {
                    asset_table: output::ASSET_TABLE,
                    preload: output::PRELOAD,
                    asset_table_metadata: output::SIDECAR,
                });
            }
            Err(Stop(status)) => {
                self.result.status = status;
                self.result.execution_started |= status == Status::ExecutionFailed;
            }
        }
        self.session.close_store(self.result.status == Status::ExecutionFailed);
        self.result.elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.stream.emit(EventKind::OperationFinished { result: Box::new(self.result.clone()) });
        self.result
    }

    fn run(&mut self, no_wait: bool) -> Result<(), Stop> {
        let fs = self.session.fs.clone();
        let fs = &*fs;
        let cancel = self.cancel.clone();
        let waiting = |holder: &str| {
            self.tell(Diagnostic::info(Code::LaneBusy, format!("{holder}; waiting for it to end")));
        };
        let _lane = match lane::enter(fs, "pack", !no_wait, &cancel, waiting) {
            Ok(Lane::Held(lane)) => lane,
            Ok(Lane::Busy(holder)) => {
                let fault = Diagnostic::error(Code::LaneBusy, holder);
                return Err(self.fail(Status::LaneBusy, fault.with_help("wait for it to end, or leave out --no-wait")));
            }
            Ok(Lane::Cancelled) => return Err(Stop(Status::Cancelled)),
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                let fault = Diagnostic::error(Code::FileForbidden, "the registry's folder may not be read");
                return self.end_gate(vec![fault.at(lane::LANE).with_help("check its permissions")]);
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => {
                return self.end_gate(vec![FileFault::Link.diagnostic(lane::LANE)]);
            }
            Err(error) => return Err(self.io_failure(lane::LANE, &error)),
        };
        let blocked = output::blocked_places(fs).map_err(|error| self.io_failure(output::BUILD, &error))?;
        if !blocked.is_empty() {
            // There is no place to work in, and an earlier promotion may lie there: nothing is touched.
            return self.end_gate(blocked);
        }
        match journal::recover(fs) {
            Ok(None) => {}
            Ok(Some(notice)) => self.tell(notice),
            Err(fault) => return Err(self.fail(Status::PublicationFailed, fault)),
        }
        staging::remove_stale(fs);
        let staging = Arc::new(Staging::new(self.session.fs.clone(), self.stream.operation_id()));
        // Dropped before the lane: nobody may stage while this still clears away.
        let _clearing = Clearing(&staging);
        self.build(&staging)
    }

    fn build(&mut self, staging: &Arc<Staging>) -> Result<(), Stop> {
        let store = self.session.open_store(staging);
        self.freeze(&store)?;
        self.derive(&store)?;
        self.pass_gate()?;
        self.result.execution_started = true;
        self.publish(staging, &store)
    }

    fn pass_gate(&mut self) -> Result<(), Stop> {
        let workspace = self.session.db.workspace();
        let faults = gate(&self.session.db, workspace).clone();
        self.end_gate(faults)
    }

    /// Tells what the gate found, and ends the operation if that is an error.
    pub(crate) fn end_gate(&mut self, faults: Vec<Diagnostic>) -> Result<(), Stop> {
        let error_count = faults.iter().filter(|fault| fault.is_error()).count();
        faults.into_iter().for_each(|fault| self.tell(fault));
        self.stream.emit(EventKind::GateFinished { error_count });
        self.check_cancelled()?;
        if error_count > 0 { Err(Stop(Status::GateFailed)) } else { Ok(()) }
    }

    fn publish(&mut self, staging: &Arc<Staging>, store: &Store) -> Result<(), Stop> {
        let db = self.session.db.clone();
        let workspace = db.workspace();
        let parts = header(&db, workspace).zip(sidecar(&db, workspace)).zip(layout(&db, workspace));
        let Some(((header, sidecar), layout)) = parts else {
            let fault = Diagnostic::error(Code::Internal, "the gate passed, but there is nothing to write");
            return Err(self.fail(Status::ExecutionFailed, fault));
        };
        let contents = self.placed_contents();
        let prelude = prelude(header);
        let outputs = [
            Output { name: output::ASSETS_PA, front: vec![&prelude, header.bytes()], contents: &contents },
            Output { name: output::ASSET_TABLE, front: vec![header.asset_table()], contents: &[] },
            Output { name: output::PRELOAD, front: vec![header.preload()], contents: &[] },
            Output { name: output::SIDECAR, front: vec![sidecar], contents: &[] },
        ];
        self.result.packed_asset_count = layout.entries.len();
        self.result.payload_bytes = layout.payload_size;
        let header_bytes = header.bytes().len() as u64;
        self.stream.emit(EventKind::Assembled { header_bytes, payload_bytes: layout.payload_size });

        let fs = self.session.fs.clone();
        let mut changed = Vec::new();
        for output in &outputs {
            let path = output::published_path(output.name);
            let published = output.is_published(&*fs).map_err(|error| self.io_failure(path.as_str(), &error))?;
            if !published {
                changed.push(output.name);
            }
        }
        if changed.is_empty() {
            self.result.up_to_date = true;
        } else {
            self.stage_and_promote(staging, store, &outputs, &changed)?;
        }
        let front_size = prelude.len() as u64 + header_bytes;
        self.session.published = Published::open(&*fs, &contents, front_size);
        Ok(())
    }

    fn stage_and_promote(
        &mut self,
        staging: &Arc<Staging>,
        store: &Store,
        outputs: &[Output<'_>],
        changed: &[&'static str],
    ) -> Result<(), Stop> {
        let fs = self.session.fs.clone();
        staging.make().map_err(|error| self.io_failure(staging.folder().as_str(), &error))?;
        let mut replacing = Vec::new();
        for output in outputs {
            self.check_cancelled()?;
            let path = staging.path(output.name);
            let digest = output.write(&*fs, &path, store).map_err(|error| self.io_failure(path.as_str(), &error))?;
            if changed.contains(&output.name) {
                replacing.push(StagedFile::new(output.name, output.size(), digest));
            }
        }
        self.stream.emit(EventKind::Staged);
        self.check_cancelled()?;
        journal::promote(&*fs, self.stream.operation_id(), staging, &replacing)
            .map_err(|fault| self.fail(Status::PublicationFailed, fault))?;
        self.stream.emit(EventKind::Promoted { replaced: changed.to_vec() });
        Ok(())
    }

    /// The contents of the payload region, in order.
    fn placed_contents(&self) -> Vec<Placed> {
        let db = &self.session.db;
        let assets = build_set(db, db.workspace()).iter();
        let mut offset = 0;
        assets
            .flat_map(|asset| payload(db, *asset).payload.iter().flat_map(|payload| payload.slices.iter()))
            .map(|&id| {
                let placed = Placed { id, offset };
                offset += id.size;
                placed
            })
            .collect()
    }

    /// Counts how the assets' payloads came about.
    pub(crate) fn count_assets(&mut self, derived: usize, reused: usize) {
        self.result.derived_asset_count = derived;
        self.result.reused_asset_count = reused;
    }

    /// Adds `diagnostic` to the stream and to the result.
    pub(crate) fn tell(&mut self, diagnostic: Diagnostic) {
        self.result.diagnostics.push(diagnostic.clone());
        self.stream.emit(EventKind::Diagnostic { diagnostic });
    }

    /// Tells `fault`, and gives the reason to stop.
    pub(crate) fn fail(&mut self, status: Status, fault: Diagnostic) -> Stop {
        self.tell(fault);
        Stop(status)
    }

    pub(crate) fn io_failure(&mut self, path: &str, error: &std::io::Error) -> Stop {
        self.fail(Status::ExecutionFailed, io_diagnostic(Utf8Path::new(path), error))
    }

    pub(crate) fn check_cancelled(&self) -> Result<(), Stop> {
        if self.cancel.is_cancelled() { Err(Stop(Status::Cancelled)) } else { Ok(()) }
    }
}

/// Removes the staging folder however the operation ends.
struct Clearing<'s>(&'s Staging);

impl Drop for Clearing<'_> {
    fn drop(&mut self) {
        self.0.remove();
    }
}

impl PackResult {
    fn begun(operation_id: OperationId) -> Self {
        Self {
            schema_version: 1,
            operation_id,
            status: Status::ExecutionFailed,
            execution_started: false,
            up_to_date: false,
            build_dir: output::BUILD,
            assets_pa: output::ASSETS_PA,
            companions: None,
            packed_asset_count: 0,
            derived_asset_count: 0,
            reused_asset_count: 0,
            payload_bytes: 0,
            elapsed_ms: 0,
            diagnostics: Vec::new(),
        }
    }
}

fn prelude(header: &HeaderBytes) -> [u8; papack_queries::envelope::PRELUDE_SIZE] {
    // The gate refuses a longer header.
    let header_len = u32::try_from(header.bytes().len()).unwrap_or(u32::MAX);
    Prelude { header_len }.to_bytes()
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}
