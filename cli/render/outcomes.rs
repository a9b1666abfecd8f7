//! What became of each asset and each output: told where the user wants to know all.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use papack_engine::{AssetOutcome, EventKind};

use super::GOOD;
use crate::args::MessageFormat;

/// What events told of assets and outputs.
#[derive(Default)]
pub struct Outcomes {
    /// How often each thing happened to each asset, in the order of ids: threads finish in any order, and some operations
    /// derive more than once.
    assets: Mutex<BTreeMap<(u32, &'static str), usize>>,
    outputs: Mutex<Vec<&'static str>>,
}

impl Outcomes {
    /// Remembers what `event` tells.
    pub fn event(&self, event: &EventKind) {
        match event {
            EventKind::AssetFinished { asset_id, outcome } => {
                let mut assets = self.assets.lock().unwrap_or_else(PoisonError::into_inner);
                let word = match outcome {
                    AssetOutcome::Derived => "Derived",
                    AssetOutcome::Reused => "Reused",
                };
                *assets.entry((*asset_id, word)).or_default() += 1;
            }
            EventKind::Promoted { replaced } => {
                self.outputs.lock().unwrap_or_else(PoisonError::into_inner).extend(replaced);
            }
            _ => {}
        }
    }

    /// All of it, a line each.
    pub fn lines(&self, format: MessageFormat) -> Vec<String> {
        let line = |verb: &str, what: &str| match format {
            MessageFormat::Human => format!("{GOOD}{verb:>12}{GOOD:#} {what}"),
            _ => format!("{} {what}", verb.to_lowercase()),
        };
        let assets = self.assets.lock().unwrap_or_else(PoisonError::into_inner);
        let outputs = self.outputs.lock().unwrap_or_else(PoisonError::into_inner);
        let assets = assets.iter().map(|((id, verb), times)| match times {
            1 => line(verb, &format!("asset {id}")),
            _ => line(verb, &format!("asset {id}, {times} times")),
        });
        assets.chain(outputs.iter().map(|output| line("Replaced", output))).collect()
    }
}
