//! What conversions made of a sound, in words.

use super::super::metadata::Sound;
use super::super::options::{Level, Options};
use super::level::Levelled;
use crate::diagnostic::{Code, Diagnostic};
use crate::formats::faults::Faults;

/// What happened to a sound on its way to the payload.
#[derive(Debug, Clone, Copy)]
pub(super) struct Report {
    /// As the file has it.
    pub(super) source: Sound,
    /// Frames behind resampling.
    pub(super) frames: u64,
    /// Samples that resampling clipped.
    pub(super) clipped: u64,
    /// Frames that were taken from the front and from the back.
    pub(super) trimmed: (u64, u64),
    /// What became of its loudness.
    pub(super) level: Levelled,
}

impl Report {
    /// Tells what was done to get `sound`, if anything was.
    pub(super) fn tell(self, options: Options, sound: Sound, faults: &mut Faults<'_>) {
        let deeds: Vec<String> =
            [self.mixing(sound), self.resampling(sound), self.trimming(), self.levelling(options.level)]
                .into_iter()
                .flatten()
                .collect();
        if deeds.is_empty() {
            return;
        }
        let message = format!("the sound is converted, as \"output.metadata\" asks for: {}", deeds.join("; "));
        faults.push(Diagnostic::info(Code::SoundsConverted, message));
    }

    fn mixing(&self, sound: Sound) -> Option<String> {
        (self.source.channels != sound.channels).then(|| "2 channels are mixed to 1".to_owned())
    }

    fn resampling(&self, sound: Sound) -> Option<String> {
        let (from, to) = (self.source.sample_rate, sound.sample_rate);
        if from == to {
            return None;
        }
        let frames = format!("{} frames at {from} Hz become {} at {to} Hz", self.source.frames, self.frames);
        // Where the filter begins to fall, at 9/10 of half the rate.
        let lost =
            if to < from { format!(", without what is above {} Hz", u64::from(to) * 9 / 20) } else { String::new() };
        Some(format!("{frames}{lost}{}", clipping(self.clipped)))
    }

    fn trimming(&self) -> Option<String> {
        match self.trimmed {
            (0, 0) => None,
            (front, back) if front + back == self.frames => Some(format!("all {} frames are silence", self.frames)),
            (front, back) => {
                Some(format!("{front} frames of silence at the front and {back} at the back are left out"))
            }
        }
    }

    fn levelling(&self, level: Option<Level>) -> Option<String> {
        let Levelled { peak, clipped } = self.level;
        let done = match level? {
            Level::Gain(100) => return None,
            Level::Gain(per_cent) => format!("samples are multiplied by {per_cent} %"),
            Level::Normalize(target) if target == peak || peak == 0 => return None,
            Level::Normalize(target) => format!("the peak of {peak} is brought to {target}"),
        };
        Some(format!("{done}{}", clipping(clipped)))
    }
}

fn clipping(clipped: u64) -> String {
    match clipped {
        0 => String::new(),
        1 => ", with 1 sample clipped".to_owned(),
        count => format!(", with {count} samples clipped"),
    }
}
