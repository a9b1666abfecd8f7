//! `pack`: lane → recovery → snapshot → gate → assemble → stage → promote → result.

use std::sync::Arc;

use papack_queries::content::ContentId;
use papack_queries::diagnostic::Diagnostic;
use serde::Serialize;

use crate::cache::index::{Concluded, Conclusion, Draft};
use crate::cancel::Cancel;
use crate::decision::Decision;
use crate::derive::Outcomes;
use crate::event::{EventKind, Observer, OperationId};
use crate::operation::{Ended, Operation, Status, Stop};
use crate::output::journal::{self, StagedFile};
use crate::output::proof;
use crate::output::staging::{Clearing, Staging};
use crate::output::traces::Traces;
use crate::output::writing::{Failure, Writing, Written};
use crate::output::{self, Output, PACK_AT, SIDECAR_AT, Standing, published_path};
use crate::projection::Filter;
use crate::published::{self, Generation, PublishedFile, look_at_outputs};
use crate::seen::Noticed;
use crate::session::Session;
use crate::store::Store;

/// What a caller wants of a pack.
#[derive(Debug, Clone, Default)]
pub struct PackRequest {
    /// Fail at once when another operation holds the lane, instead of waiting for it.
    pub no_wait: bool,
    /// Believe nothing but the inputs: read and derive all of them again, and look into the outputs.
    pub rehash: bool,
    /// Tell what was decided for each asset, and why.
    pub explain: bool,
    /// Set to cancel the operation.
    pub cancel: Cancel,
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
    /// Whether it got beyond the gate, or failed or was cancelled after it had begun to read artifact files.
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
    /// What was decided for each asset of the build set that was got to, in ascending `asset_id`; where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explained: Option<Vec<Decision>>,
}

impl Session {
    /// Packs the workspace. Every failure is a [`Status`] of the result.
    pub fn pack(&mut self, request: &PackRequest, observer: &Observer<'_>) -> PackResult {
        let mut progress = Progress::default();
        let mut ended = Operation::run(self, &request.cancel, observer, |operation| {
            operation.explained = request.explain.then(Vec::new);
            pack(operation, request, &mut progress)
        });
        let result = progress.result(&mut ended);
        ended.tell(result)
    }
}

/// How far a pack got.
#[derive(Default)]
struct Progress {
    has_passed_gate: bool,
    up_to_date: bool,
    packed_asset_count: usize,
    outcomes: Outcomes,
    payload_bytes: u64,
    /// Whether the strict reader refused what was staged.
    is_refused: bool,
    /// The next index of the cache, where it was begun.
    draft: Option<Draft>,
}

impl Progress {
    /// A pack that would do what was done.
    fn repeat(&mut self, operation: &mut Operation<'_>, conclusion: Conclusion, published: &Concluded) {
        let Concluded { header_bytes, payload_bytes, .. } = *published;
        self.packed_asset_count = conclusion.asset_ids.len();
        self.outcomes.reused = conclusion.asset_ids.len();
        self.payload_bytes = payload_bytes;
        self.has_passed_gate = true;
        self.up_to_date = true;
        operation.explain_at_rest(&conclusion.asset_ids);
        operation.repeat(conclusion);
        operation.stream.emit(EventKind::Assembled { header_bytes, payload_bytes });
    }

    fn result(self, ended: &mut Ended<'_>) -> PackResult {
        let companions = Companions {
            asset_table: output::ASSET_TABLE,
            preload: output::PRELOAD,
            asset_table_metadata: output::SIDECAR,
        };
        let was_cut_short = matches!(ended.status, Status::ExecutionFailed | Status::Cancelled);
        PackResult {
            schema_version: 1,
            operation_id: ended.operation_id.clone(),
            status: ended.status,
            execution_started: self.has_passed_gate || was_cut_short && ended.had_read_inputs,
            up_to_date: self.up_to_date,
            build_dir: output::BUILD,
            assets_pa: output::ASSETS_PA,
            companions: (ended.status == Status::Success).then_some(companions),
            packed_asset_count: self.packed_asset_count,
            derived_asset_count: self.outcomes.derived,
            reused_asset_count: self.outcomes.reused,
            payload_bytes: self.payload_bytes,
            elapsed_ms: ended.elapsed_ms,
            diagnostics: std::mem::take(&mut ended.diagnostics),
            explained: ended.explained.take(),
        }
    }
}

fn pack(operation: &mut Operation<'_>, request: &PackRequest, progress: &mut Progress) -> Result<(), Stop> {
    let Some(_lane) = operation.enter_lane("pack", request.no_wait)? else {
        // The same link is in the way of what a check reads, which names it best.
        explain_refusal(operation, request.rehash, Vec::new())?;
        return Err(operation.refuse_lane());
    };
    let blocked = operation.recover()?;
    if !blocked.is_empty() {
        // There is no place to work in. But all that is wrong is told.
        return explain_refusal(operation, request.rehash, blocked);
    }
    let fs = Arc::clone(&operation.session.fs);
    let staging = Arc::new(Staging::new(Arc::clone(&fs), operation.stream.operation_id()));
    // Dropped before the lane: nobody may stage while this still clears away.
    let _clearing = Clearing(&staging);

    let mut noticed = operation.notice(request.rehash)?;
    if request.explain {
        // Names are only there.
        noticed = operation.read_cache(noticed);
    }
    if let Some((conclusion, published)) = operation.concluded_pack(&noticed)? {
        progress.repeat(operation, conclusion, &published);
        return Ok(());
    }
    let packed = pack_changed(operation, noticed, &staging, progress);
    if progress.is_refused {
        operation.discard_cache();
    } else {
        operation.keep(progress.draft.take());
    }
    packed
}

fn pack_changed(
    operation: &mut Operation<'_>,
    noticed: Noticed,
    staging: &Arc<Staging>,
    progress: &mut Progress,
) -> Result<(), Stop> {
    let noticed = operation.read_cache(noticed);
    let store = operation.session.open_store(staging);
    let packed = pack_into(operation, noticed, staging, &store, progress);
    // Whatever came of the pack, what was derived need not be derived again.
    let _step = operation.session.timings.step("keep payloads");
    store.finish(packed.is_ok());
    // With it goes the published file of before, which takes the system as long as it has bytes: meanwhile the rest is done.
    operation.session.close_store();
    rayon::spawn(move || drop(store));
    packed
}

fn pack_into(
    operation: &mut Operation<'_>,
    noticed: Noticed,
    staging: &Staging,
    store: &Store,
    progress: &mut Progress,
) -> Result<(), Stop> {
    let mut snapshot = operation.freeze(Filter::Included, noticed, store)?;
    progress.outcomes = operation.derive(Filter::Included, &mut snapshot, store)?;
    operation.pass_gate(Vec::new())?;
    progress.has_passed_gate = true;
    let concluded = publish(operation, staging, store, progress)?;
    operation.conclude_as(Filter::Included, &snapshot, Some(concluded));
    Ok(())
}

/// Reports everything that is wrong with the workspace besides the faults that `blocked` the pack.
pub(crate) fn explain_refusal(
    operation: &mut Operation<'_>,
    trusts_nothing: bool,
    blocked: Vec<Diagnostic>,
) -> Result<(), Stop> {
    let noticed = operation.notice(trusts_nothing)?;
    let probe = operation.session.open_probe();
    let mut snapshot = operation.freeze(Filter::Included, noticed, &*probe)?;
    operation.derive(Filter::Included, &mut snapshot, &*probe)?;
    operation.pass_gate(blocked)
}

fn publish(
    operation: &mut Operation<'_>,
    staging: &Staging,
    store: &Store,
    progress: &mut Progress,
) -> Result<Concluded, Stop> {
    let db = operation.session.db.clone();
    let assembly = operation.assemble(&db)?;
    progress.packed_asset_count = assembly.asset_count();
    progress.payload_bytes = assembly.payload_size();

    let payloads: Arc<[_]> = assembly.payloads().iter().map(|placed| (placed.asset_id, placed.id())).collect();

    let fs = Arc::clone(&operation.session.fs);
    let outputs = assembly.outputs();
    // What somebody else does to the outputs from here on is seen by their traces.
    let mut traces = Traces::look(&*fs);
    let mut standings = operation.standings(&outputs)?;
    let changed = changed_names(&outputs, &standings);
    if changed.is_empty() {
        progress.up_to_date = true;
    } else {
        let (staged, draft) = stage(operation, staging, store, &outputs, standings[PACK_AT], &payloads, progress)?;
        operation.settle_sidecar(&outputs[SIDECAR_AT], &staged[SIDECAR_AT].1, &mut standings[SIDECAR_AT])?;
        let changed = changed_names(&outputs, &standings);
        changed.iter().for_each(|name| traces.replace(&*fs, name, &staging.path(name)));
        promote(operation, staging, &staged, &changed)?;
        progress.draft = draft;
        operation.look_at_promoted(&staged, &mut standings);
        operation.stream.emit(EventKind::Promoted { replaced: changed });
    }
    operation.session.left = traces;
    let published = standings.map(Standing::published);
    operation.session.generation = Some(Generation { outputs: published, front_size: assembly.front_size(), payloads });
    let (header_bytes, payload_bytes) = (assembly.header_size(), assembly.payload_size());
    Ok(Concluded { outputs: published, header_bytes, payload_bytes })
}

/// A staged output, and its stamp.
type Staged = (StagedFile, PublishedFile);

/// Stages all outputs, has the strict reader read them, and begins the next index of the cache, for a pack with these
/// `payloads`. `standing` is that of the published pack.
fn stage(
    operation: &mut Operation<'_>,
    staging: &Staging,
    store: &Store,
    outputs: &[Output<'_>; 4],
    standing: Standing,
    payloads: &[(u32, ContentId)],
    progress: &mut Progress,
) -> Result<(Vec<Staged>, Option<Draft>), Stop> {
    let fs = Arc::clone(&operation.session.fs);
    let _step = operation.session.timings.step("stage");
    staging.make().map_err(|error| operation.io_failure(staging.folder().as_str(), &error))?;
    let is_replaced = standing == Standing::Changed;
    let index_of = operation.session.keeps_now().then_some(payloads);
    let writing = Writing::new(operation, staging, store, is_replaced);
    let mut written = writing.write(outputs, index_of);
    if index_of.is_some() && written.is_disk_full() {
        // The index takes room, too, and is worth less.
        drop(written);
        outputs.iter().for_each(|output| drop(fs.remove_file(&staging.path(output.name))));
        written = writing.write(outputs, None);
    }
    operation.check_cancelled()?;
    let Written { outputs, proof, draft } = written;
    let staged = outputs.into_iter().map(|written| {
        // Looked at only now, when the small files have aged while the large one was written.
        let (name, identity, file) = written?;
        let stamp = published::stamp_of_staged(&*file).map_err(|error| (staging.path(name), error))?;
        Ok((StagedFile::new(name, &identity), PublishedFile { identity: identity.digest, stamp }))
    });
    let staged: Result<Vec<Staged>, Failure> = staged.collect();
    let staged_and_proven = staged.and_then(|staged| Ok((staged, proof?)));
    let (staged, fault) = staged_and_proven.map_err(|(path, error)| operation.io_failure(path.as_str(), &error))?;
    if let Some(fault) = fault {
        progress.is_refused = true;
        return Err(operation.fail(Status::ExecutionFailed, proof::refusal(&fault)));
    }
    operation.stream.emit(EventKind::Staged);
    operation.check_cancelled()?;
    Ok((staged, draft))
}

/// Publishes those of the `staged` files that are to replace something.
fn promote(
    operation: &mut Operation<'_>,
    staging: &Staging,
    staged: &[Staged],
    replaced: &[&'static str],
) -> Result<(), Stop> {
    let fs = Arc::clone(&operation.session.fs);
    let _step = operation.session.timings.step("promote");
    let files = staged.iter().map(|(file, _)| file).filter(|file| replaced.contains(&&*file.name));
    let files: Vec<_> = files.cloned().collect();
    journal::expect_replaceable(&*fs, staging.folder(), &files)
        .map_err(|fault| operation.fail(Status::PublicationFailed, fault))?;
    operation.check_cancelled()?;
    journal::promote(&*fs, operation.stream.operation_id(), staging, &files)
        .map_err(|fault| operation.fail(Status::PublicationFailed, fault))
}

impl Operation<'_> {
    /// How what is published stands to `outputs`.
    pub(crate) fn standings(&mut self, outputs: &[Output<'_>; 4]) -> Result<[Standing; 4], Stop> {
        let fs = Arc::clone(&self.session.fs);
        let found = look_at_outputs(&*fs).map_err(|error| self.io_failure(output::BUILD, &error))?;
        let _step = self.session.timings.step("compare outputs");
        let mut standings = [Standing::Changed; 4];
        for (index, output) in outputs.iter().enumerate() {
            // The sidecar, which takes the longest to make, tells the digests of what is in the pack.
            if index == SIDECAR_AT && standings[PACK_AT] == Standing::Changed {
                continue;
            }
            let known = self.session.generation.as_ref().map(|generation| generation.outputs[index]);
            let known = known.filter(|known| known.stamp.is_some() && known.stamp == found[index]);
            let standing = output.standing(known, &*fs);
            standings[index] =
                standing.map_err(|error| self.io_failure(published_path(output.name).as_str(), &error))?;
        }
        Ok(standings)
    }

    /// Takes back that the sidecar has changed, where it was made in vain: as for a pack that is only gone.
    fn settle_sidecar(
        &mut self,
        sidecar: &Output<'_>,
        staged: &PublishedFile,
        standing: &mut Standing,
    ) -> Result<(), Stop> {
        let known = self.session.generation.as_ref().map(|generation| generation.outputs[SIDECAR_AT]);
        if *standing == Standing::Changed && known.is_some_and(|known| known.identity == staged.identity) {
            let fs = Arc::clone(&self.session.fs);
            let found = sidecar.standing(None, &*fs);
            *standing = found.map_err(|error| self.io_failure(published_path(sidecar.name).as_str(), &error))?;
        }
        Ok(())
    }

    /// Finds the stamps of outputs that were just renamed into their places, where they are still what was `staged`. Not
    /// being able to look is no failure: they are published.
    fn look_at_promoted(&self, staged: &[Staged], standings: &mut [Standing; 4]) {
        let found = look_at_outputs(&*self.session.fs).unwrap_or_default();
        for ((standing, found), (_, known)) in standings.iter_mut().zip(found).zip(staged) {
            if *standing == Standing::Changed {
                let stamp = found.zip(known.stamp);
                let stamp = stamp.and_then(|(found, staged)| published::stamp_of_promoted(found, staged));
                *standing = Standing::Same(PublishedFile { stamp, ..*known });
            }
        }
    }
}

/// The names of those of `outputs` that are not published already.
pub(crate) fn changed_names(outputs: &[Output<'_>; 4], standings: &[Standing; 4]) -> Vec<&'static str> {
    let all = outputs.iter().zip(standings);
    all.filter(|(_, standing)| **standing == Standing::Changed).map(|(output, _)| output.name).collect()
}
