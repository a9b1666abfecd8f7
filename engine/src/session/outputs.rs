//! The outputs as a session knows them.

use crate::workspace::{Generation, OutputFingerprints};

/// The outputs as they were published last.
#[derive(Default)]
pub(crate) struct LastOutputs {
    /// What was published.
    pub(crate) generation: Option<Generation>,
    /// Which files the last operation that published, or looked, left.
    pub(crate) fingerprints: OutputFingerprints,
}

impl LastOutputs {
    /// Looks into the outputs themselves from now on.
    pub(super) fn distrust(&mut self) {
        let outputs = self.generation.iter_mut().flat_map(|generation| &mut generation.outputs);
        outputs.for_each(|output| output.stamp = None);
    }
}
