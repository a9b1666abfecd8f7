//! How the payload of each asset comes about, and why. A pack and a plan decide by the same functions.

use papack_queries::record::{InputChange, PayloadInputs};
use serde::Serialize;

use crate::content::OperationStore;
use crate::operation::AssetOutcome;
use crate::workspace::{AssetSummary, BuildState};

/// How the payload of an asset came about; in a plan, how it would.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Decision {
    /// The asset.
    pub asset_id: u32,
    /// Its name; null where the manifest does not tell it.
    pub asset_name: Option<String>,
    /// What is done.
    pub outcome: DecisionOutcome,
    /// Why, the causes first.
    pub reasons: Vec<Reason>,
}

impl Decision {
    /// What is decided for an asset of which nothing changed since it became `known`.
    pub(crate) fn reused_decisions(asset_id: u32, known: &AssetSummary) -> Self {
        let asset_name = known.record.name.as_ref().map(|claim| claim.key.to_string());
        let changes = known.record.inputs.as_ref().zip(known.packed.as_ref());
        let reasons = match changes.map(|(inputs, packed)| inputs.changes_since(packed)) {
            Some(changes) => vec![Reason::InputsChanged { changes }, Reason::Recalled],
            None => vec![Reason::Unchanged],
        };
        Self { asset_id, asset_name, outcome: DecisionOutcome::Reused, reasons }
    }
}

/// What was decided for each asset, where a caller wants to know.
pub(crate) struct Explanation(Option<Vec<Decision>>);

impl Explanation {
    /// For a caller who wants to know, or does not.
    pub(crate) fn new(is_wanted: bool) -> Self {
        Self(is_wanted.then(Vec::new))
    }

    /// Whether anybody wants to know.
    pub(crate) fn is_wanted(&self) -> bool {
        self.0.is_some()
    }

    /// Adds decisions.
    pub(super) fn add(&mut self, decisions: impl IntoIterator<Item = Decision>) {
        if let Some(all) = &mut self.0 {
            all.extend(decisions);
        }
    }

    /// Adds what is decided for assets that are as they were `known`.
    pub(crate) fn add_unchanged(&mut self, known: &BuildState, ids: &[u32]) {
        if self.is_wanted() {
            self.add(reused_decisions(known, ids));
        }
    }

    /// All decisions, in ascending `asset_id`.
    pub(crate) fn into_decisions(self) -> Option<Vec<Decision>> {
        let mut decisions = self.0?;
        decisions.sort_by_key(|decision| decision.asset_id);
        Some(decisions)
    }
}

/// What is decided for assets that are as they were `known`.
pub(crate) fn reused_decisions(known: &BuildState, ids: &[u32]) -> Vec<Decision> {
    ids.iter().filter_map(|id| Some(Decision::reused_decisions(*id, known.summary.assets.get(id)?))).collect()
}

/// What is done for the payload of an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DecisionOutcome {
    /// Nothing can be: its inputs cannot be told.
    Blocked,
    /// The format does its work, in vain if it finds a fault.
    Derived,
    /// What the format made in an earlier operation is taken.
    Reused,
}

/// Why an asset is derived or reused.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "reason", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Reason {
    /// Nothing that a pack takes from the asset changed since one, or since something else looked into it first.
    Unchanged,
    /// Nothing that the payload depends on changed; something else of the asset did, such as other fields of its manifest.
    InputsUnchanged,
    /// Nothing is known of an asset with this id, uuid and root.
    NotKnownBefore,
    /// Its inputs could not be told before: something was wrong with it.
    BlockedBefore,
    /// Something that the payload depends on changed since the last pack.
    InputsChanged {
        /// What did.
        changes: Vec<InputChange>,
    },
    /// What came of the same inputs in an earlier operation is known.
    Recalled,
    /// The bytes of the payload are neither in the published `assets.pa` nor in the cache: they were lost, or never kept, as
    /// those of an asset that only a check looked into.
    BytesMissing,
    /// The bytes of the payload are there, but not all that the format told of it.
    OutcomeLost,
    /// Something is wrong with the asset, so that its inputs cannot be told.
    Faulty,
}

/// On what the outcome for an asset hangs that was looked into.
pub(crate) enum Causes {
    Faulty,
    NotKnownBefore,
    BlockedBefore,
    Changed(Vec<InputChange>),
    Same { is_held: bool },
}

impl Causes {
    /// Those of the asset `asset_id` of which this is `known`, and whose inputs are these now.
    pub(crate) fn of(
        asset_id: u32,
        known: Option<&AssetSummary>,
        inputs: Option<&PayloadInputs>,
        keeper: &dyn OperationStore,
    ) -> Self {
        let Some(inputs) = inputs else { return Self::Faulty };
        let Some(known) = known else { return Self::NotKnownBefore };
        let Some(old) = &known.record.inputs else { return Self::BlockedBefore };
        let changes = inputs.changes_since(known.packed.as_deref().unwrap_or(old));
        if changes.is_empty() {
            Self::Same { is_held: known.packed.is_some() || keeper.holds_record(asset_id, &known.record) }
        } else {
            Self::Changed(changes)
        }
    }

    /// What is decided, given whether the format does its work.
    pub(crate) fn decide(self, outcome: AssetOutcome) -> (DecisionOutcome, Vec<Reason>) {
        let is_reused = outcome == AssetOutcome::Reused;
        let cause = match self {
            Self::Faulty => return (DecisionOutcome::Blocked, vec![Reason::Faulty]),
            Self::Same { .. } if is_reused => return (DecisionOutcome::Reused, vec![Reason::InputsUnchanged]),
            Self::Same { is_held: true } => Reason::OutcomeLost,
            Self::Same { is_held: false } => Reason::BytesMissing,
            Self::NotKnownBefore => Reason::NotKnownBefore,
            Self::BlockedBefore => Reason::BlockedBefore,
            Self::Changed(changes) => Reason::InputsChanged { changes },
        };
        match outcome {
            AssetOutcome::Derived => (DecisionOutcome::Derived, vec![cause]),
            AssetOutcome::Reused => (DecisionOutcome::Reused, vec![cause, Reason::Recalled]),
        }
    }
}
