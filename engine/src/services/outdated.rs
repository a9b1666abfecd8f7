//! Which of the published outputs are not what a pack would give. Nothing is written to find that out.

use std::sync::Arc;

use papack_queries::diagnostic::Diagnostic;
use serde::Serialize;

use super::examine::freeze_and_derive;
use crate::incremental::{Explanation, Outcomes, assemble, pass_gate};
use crate::operation::{Operation, Stop};
use crate::publish::{OutputState, output_states, settle_sidecar};
use crate::session::Session;
use crate::workspace::layout::BUILD;
use crate::workspace::{DirtySet, Filter, WalkPolicy, io_failure, stat_outputs};

/// An output that a pack would replace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct OutdatedOutput {
    /// Its name, relative to `build/`.
    pub name: &'static str,
    /// What is in its place.
    pub found: FoundOutput,
}

/// What is in the place of an output that a pack would replace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FoundOutput {
    /// No file.
    Missing,
    /// A file with other bytes.
    Different,
}

/// What a pack would give, held against what is published.
pub(super) struct Comparison {
    /// How many assets came to which outcome.
    pub(super) outcomes: Outcomes,
    /// Assets in the pack.
    pub(super) asset_count: usize,
    /// Bytes of the payload region.
    pub(super) payload_bytes: u64,
    /// The outputs that a pack would replace.
    pub(super) outdated: Vec<OutdatedOutput>,
}

/// Derives what is in `dirty_set`, passes the gate with `faults` and all that is wrong, assembles the outputs, and
/// compares them with what is published.
pub(super) fn compare(
    session: &mut Session,
    operation: &mut Operation<'_>,
    dirty_set: DirtySet,
    faults: Vec<Diagnostic>,
    explanation: &mut Explanation,
) -> Result<Comparison, Stop> {
    let fs = Arc::clone(session.fs());
    let policy = WalkPolicy::runtime(Filter::Included);
    let (_, outcomes) = freeze_and_derive(session, operation, policy, dirty_set, explanation)?;
    pass_gate(operation, &*fs, session.core(), faults)?;
    let assembly = assemble(operation, &session.core().graph.db)?;
    let outputs = assembly.outputs();
    let mut states = output_states(operation, &*fs, &outputs, session.outputs().generation.as_ref())?;
    settle_sidecar(operation, &*fs, &outputs, &mut states)?;
    let files = stat_outputs(&*fs).map_err(|error| io_failure(operation, BUILD, &error))?;
    let outdated = outputs.iter().zip(states).zip(files).filter(|((_, state), _)| *state == OutputState::Changed);
    let outdated = outdated.map(|((output, _), file)| OutdatedOutput {
        name: output.name,
        found: if file.is_some() { FoundOutput::Different } else { FoundOutput::Missing },
    });
    Ok(Comparison {
        outcomes,
        asset_count: assembly.asset_count(),
        payload_bytes: assembly.payload_size(),
        outdated: outdated.collect(),
    })
}
