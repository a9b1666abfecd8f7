//! The outcome for each asset and each output, which `--verbose` shows.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use papack_engine::{AssetOutcome, EventKind};

use super::styles::step_line;
use crate::args::MessageFormat;

/// The outcomes that events reported so far.
#[derive(Default)]
pub struct Outcomes {
    /// How often each outcome occurred for each asset id. Sorted, since threads finish in any order; counted, since
    /// some operations derive an asset more than once.
    assets: Mutex<BTreeMap<(u32, &'static str), usize>>,
    outputs: Mutex<Vec<&'static str>>,
}

impl Outcomes {
    /// Records the outcome that `event` reports, if any.
    pub fn event(&self, event: &EventKind) {
        match event {
            EventKind::AssetFinished { asset_id, outcome } => {
                let mut assets = self.assets.lock().unwrap_or_else(PoisonError::into_inner);
                let verb = match outcome {
                    AssetOutcome::Derived => "Derived",
                    AssetOutcome::Reused => "Reused",
                    AssetOutcome::Faulty => "Faulty",
                };
                *assets.entry((*asset_id, verb)).or_default() += 1;
            }
            EventKind::Promoted { replaced } => {
                self.outputs.lock().unwrap_or_else(PoisonError::into_inner).extend(replaced);
            }
            _ => {}
        }
    }

    /// A line for each outcome.
    pub fn lines(&self, format: MessageFormat) -> Vec<String> {
        let assets = self.assets.lock().unwrap_or_else(PoisonError::into_inner);
        let outputs = self.outputs.lock().unwrap_or_else(PoisonError::into_inner);
        let assets = assets.iter().map(|((id, verb), times)| match times {
            1 => step_line(format, verb, &format!("asset {id}")),
            _ => step_line(format, verb, &format!("asset {id}, {times} times")),
        });
        assets.chain(outputs.iter().map(|output| step_line(format, "Replaced", output))).collect()
    }
}
