//! What a session records of the outputs.

use crate::workspace::{Generation, OutputFingerprints};

/// The outputs that were published last.
#[derive(Default)]
pub(crate) struct LastOutputs {
    /// The last generation.
    pub(crate) generation: Option<Generation>,
    /// Which files the outputs were after the last operation that published or examined them.
    pub(crate) fingerprints: OutputFingerprints,
}

impl LastOutputs {
    /// Forgets the stamps of the outputs, so that the next operation compares their bytes.
    pub(super) fn distrust(&mut self) {
        let outputs = self.generation.iter_mut().flat_map(|generation| &mut generation.outputs);
        outputs.for_each(|output| output.stamp = None);
    }
}
