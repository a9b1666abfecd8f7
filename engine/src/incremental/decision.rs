//! Decisions: whether the payload of each asset is derived or reused, and why. A pack and a plan use the same
//! functions.

use papack_queries::record::{InputChange, PayloadInputs};
use rayon::prelude::*;
use serde::Serialize;

use crate::content::OperationStore;
use crate::workspace::{AssetSummary, BuildState};

/// Whether the payload of an asset was derived or reused, and why; in a plan, whether it would be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Decision {
    /// The asset.
    pub asset_id: u32,
    /// Its name; null where the manifest has none that can be read.
    pub asset_name: Option<String>,
    /// What is done.
    pub outcome: DecisionOutcome,
    /// Why. The cause comes first.
    pub reasons: Vec<Reason>,
}

impl Decision {
    /// The decision for an asset of which nothing changed since `summary` was made.
    fn reused(asset_id: u32, summary: &AssetSummary) -> Self {
        let asset_name = summary.record.name.as_ref().map(|claim| claim.key.to_string());
        let changes = summary.record.inputs.as_ref().zip(summary.packed.as_ref());
        let reasons = match changes.map(|(inputs, packed)| inputs.changes_since(packed)) {
            Some(changes) => vec![Reason::InputsChanged { changes }, Reason::Recalled],
            None => vec![Reason::Unchanged],
        };
        Self { asset_id, asset_name, outcome: DecisionOutcome::Reused, reasons }
    }
}

/// The decisions for all assets, if the caller asked for them.
#[derive(Default)]
pub(crate) struct Explanation(Option<Vec<Decision>>);

impl Explanation {
    /// No decisions yet. They are collected only if the caller asked for them.
    pub(crate) fn new(is_wanted: bool) -> Self {
        Self(is_wanted.then(Vec::new))
    }

    /// Whether the caller asked for the decisions.
    pub(crate) fn is_wanted(&self) -> bool {
        self.0.is_some()
    }

    /// Adds decisions.
    pub(super) fn add(&mut self, decisions: impl IntoIterator<Item = Decision>) {
        if let Some(all) = &mut self.0 {
            all.extend(decisions);
        }
    }

    /// Adds the decisions for assets of which nothing changed since `state` was made.
    pub(crate) fn add_unchanged(&mut self, state: &BuildState, ids: &[u32]) {
        if self.is_wanted() {
            self.add(reused_decisions(state, ids));
        }
    }

    /// All decisions, in ascending `asset_id`.
    pub(crate) fn into_decisions(self) -> Option<Vec<Decision>> {
        let mut decisions = self.0?;
        decisions.sort_by_key(|decision| decision.asset_id);
        Some(decisions)
    }
}

/// The decisions for assets of which nothing changed since `state` was made.
pub(crate) fn reused_decisions(state: &BuildState, ids: &[u32]) -> Vec<Decision> {
    ids.par_iter().filter_map(|id| Some(Decision::reused(*id, state.summary.assets.get(*id)?))).collect()
}

/// What is done for the payload of an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DecisionOutcome {
    /// Nothing can be done: its inputs cannot be determined.
    Blocked,
    /// The format runs. If it finds a fault, there is no payload.
    Derived,
    /// The payload that the format made in an earlier operation is used.
    Reused,
}

/// Why an asset is derived or reused.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "reason", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Reason {
    /// Nothing that a pack takes from the asset changed since the last one, or since another operation first examined
    /// it.
    Unchanged,
    /// Nothing that the payload depends on changed. Something else of the asset did, such as other fields of its
    /// manifest.
    InputsUnchanged,
    /// No earlier operation examined an asset with this id, uuid and root.
    NotKnownBefore,
    /// Its inputs could not be determined before: something was wrong with it.
    BlockedBefore,
    /// Something that the payload depends on changed since the last pack.
    InputsChanged {
        /// The inputs that changed.
        changes: Vec<InputChange>,
    },
    /// The result that the same inputs gave in an earlier operation is recorded.
    Recalled,
    /// The bytes of the payload are neither in the published `assets.pa` nor in the cache. They were lost, or never
    /// kept, as where the cache could not be written.
    BytesMissing,
    /// The bytes of the payload are held, but not everything else that the format returned with them.
    OutcomeLost,
    /// Something is wrong with the asset, so that its inputs cannot be determined.
    Faulty,
}

/// The causes of the decision for an asset that was read again. They are collected before anything is derived.
pub(crate) enum Causes {
    Faulty,
    NotKnownBefore,
    BlockedBefore,
    Changed(Vec<InputChange>),
    /// The inputs are those of before, and `is_held` says whether the store holds the payload.
    Same {
        is_held: bool,
    },
}

impl Causes {
    /// The causes for the asset `asset_id`, given its `old` summary and its present `inputs`.
    pub(crate) fn of(
        asset_id: u32,
        old: Option<&AssetSummary>,
        inputs: Option<&PayloadInputs>,
        store: &dyn OperationStore,
    ) -> Self {
        let Some(inputs) = inputs else { return Self::Faulty };
        let Some(old) = old else { return Self::NotKnownBefore };
        let Some(old_inputs) = &old.record.inputs else { return Self::BlockedBefore };
        let changes = inputs.changes_since(old.packed.as_deref().unwrap_or(old_inputs));
        if changes.is_empty() {
            Self::Same { is_held: old.packed.is_some() || store.holds_record(asset_id, &old.record) }
        } else {
            Self::Changed(changes)
        }
    }

    /// The causes for an asset that asks for tilesets, of which its present `inputs` do not tell where they are: only a pack finds that
    /// out. Where nothing else changed, they may have changed.
    pub(crate) fn of_asking(old: Option<&AssetSummary>, inputs: Option<&PayloadInputs>) -> Self {
        let Some(inputs) = inputs else { return Self::Faulty };
        let Some(old) = old else { return Self::NotKnownBefore };
        let Some(old_inputs) = old.packed.as_deref().or(old.record.inputs.as_ref()) else { return Self::BlockedBefore };
        let changes = inputs.changes_since(&PayloadInputs { tilesets: None, ..old_inputs.clone() });
        if !changes.is_empty() {
            return Self::Changed(changes);
        }
        let pictures = old_inputs.tilesets().iter().map(|asked| asked.picture.clone());
        Self::Changed(pictures.map(|picture| InputChange::Tileset { picture }).collect())
    }

    /// The decision and its reasons, given whether the format has run.
    pub(crate) fn decide(self, ran_format: bool) -> (DecisionOutcome, Vec<Reason>) {
        let cause = match self {
            Self::Faulty => return (DecisionOutcome::Blocked, vec![Reason::Faulty]),
            Self::Same { .. } if !ran_format => return (DecisionOutcome::Reused, vec![Reason::InputsUnchanged]),
            Self::Same { is_held: true } => Reason::OutcomeLost,
            Self::Same { is_held: false } => Reason::BytesMissing,
            Self::NotKnownBefore => Reason::NotKnownBefore,
            Self::BlockedBefore => Reason::BlockedBefore,
            Self::Changed(changes) => Reason::InputsChanged { changes },
        };
        if ran_format {
            (DecisionOutcome::Derived, vec![cause])
        } else {
            (DecisionOutcome::Reused, vec![cause, Reason::Recalled])
        }
    }
}
