//! Loops: what the `smpl` chunk says about the frames to repeat.

use serde::{Deserialize, Serialize};

use super::walk::{Chunk, u32_at};
use crate::diagnostic::{Code, Data, Diagnostic};
use crate::formats::faults::Faults;

/// Size of the part before the loops.
const FIXED: usize = 36;

/// Size of the part before the loops and of the first loop.
const WITH_LOOP: usize = 60;

/// Where the fixed part holds the number of loops.
const COUNT: usize = 28;

/// What to do about a loop that cannot be used.
const MEND: &str = "make it one forward loop within the sound, or set \"loops\" to \"OFF\"";

/// The frames that are played again and again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loop {
    /// First frame.
    #[serde(rename = "loop_start")]
    pub start: u64,
    /// One past the last frame.
    #[serde(rename = "loop_end")]
    pub end: u64,
}

/// The first loop of `chunk`. The file has `frames` frames, if that is known.
pub(super) fn read(chunk: Chunk<'_>, frames: Option<u64>, faults: &mut Faults<'_>) -> Option<Loop> {
    let size = chunk.body.len();
    let Some(count) = count(chunk) else {
        faults.error(Code::SoundsLoop, format!("{chunk} has {size} bytes; at least {FIXED} are needed"), MEND);
        return None;
    };
    if count == 0 {
        return None;
    }
    let Some(first) = Fields::of(chunk) else {
        faults.error(
            Code::SoundsLoop,
            format!("{chunk} tells of {count} loops but has {size} bytes; at least {WITH_LOOP} are needed"),
            MEND,
        );
        return None;
    };
    first.check(chunk, frames, faults)
}

/// Help for who wants a loop that cannot be used.
pub(crate) const UNUSABLE_LOOP_HELP: &str = "do nothing if the sound is not to repeat; else make it one forward loop within \
                                             the sound, and set \"loops\" in \"output.metadata\" to \"DETECT\"";

/// Tells of the loops in `chunks` that are not used, and whether they could be. The file has `frames` frames, if that is
/// known.
pub(super) fn report_ignored(chunks: &[Chunk<'_>], frames: Option<u64>, faults: &mut Faults<'_>) {
    for (index, chunk) in chunks.iter().enumerate().filter(|(_, chunk)| has_loop(**chunk)) {
        let message = format!("the loop in {chunk} is ignored, because \"loops\" is \"OFF\"");
        let mut unusable = Faults::new("");
        read(*chunk, frames, &mut unusable);
        let reason = unusable.into_diagnostics().into_iter().find(Diagnostic::is_error);
        let (message, help) = match reason {
            _ if index > 0 => (message, "nothing can use it: only the first `smpl` chunk of a file counts"),
            Some(reason) => (format!("{message}; it cannot be used: {}", reason.message), UNUSABLE_LOOP_HELP),
            None => (message, "set \"loops\" in \"output.metadata\" to \"DETECT\" to use it"),
        };
        let data = Data::bytes(chunk.range().start, chunk.range().end);
        faults.push(Diagnostic::info(Code::SoundsLoopIgnored, message).with_help(help).with_data(data));
    }
}

/// How many loops `chunk` claims; nothing when it is too short to be valid.
fn count(chunk: Chunk<'_>) -> Option<u32> {
    if chunk.body.len() < FIXED { None } else { u32_at(chunk.body, COUNT) }
}

fn has_loop(chunk: Chunk<'_>) -> bool {
    count(chunk).is_some_and(|count| count > 0) && chunk.body.len() >= WITH_LOOP
}

/// The fields of a loop that papack reads.
struct Fields {
    kind: u32,
    first: u32,
    last: u32,
}

impl Fields {
    const KIND: usize = FIXED + 4;
    const FIRST: usize = FIXED + 8;
    const LAST: usize = FIXED + 12;

    /// The first loop of `chunk`, if it is there as a whole.
    fn of(chunk: Chunk<'_>) -> Option<Self> {
        let body = chunk.body.get(..WITH_LOOP)?;
        Some(Self {
            kind: u32_at(body, Self::KIND)?,
            first: u32_at(body, Self::FIRST)?,
            last: u32_at(body, Self::LAST)?,
        })
    }

    fn check(&self, chunk: Chunk<'_>, frames: Option<u64>, faults: &mut Faults<'_>) -> Option<Loop> {
        let Self { kind, first, last } = *self;
        let mut valid = true;
        let mut fault = |message: String| {
            faults.error(Code::SoundsLoop, message, MEND);
            valid = false;
        };
        if kind != 0 {
            let name = match kind {
                1 => " (alternating)",
                2 => " (backward)",
                _ => "",
            };
            fault(format!(
                "the loop at byte {} has type {kind}{name}; only 0 (forward) is allowed",
                chunk.byte(Self::KIND)
            ));
        }
        let byte = chunk.byte(Self::FIRST);
        if first > last {
            fault(format!("the loop at byte {byte} starts at frame {first}, after its last frame {last}"));
        }
        // Some programs write the end, which is one too many, in place of the last frame.
        let is_end = frames.is_some_and(|frames| frames == u64::from(last)) && first < last;
        if let Some(frames) = frames
            && u64::from(last) >= frames
            && !is_end
        {
            fault(format!(
                "the loop at byte {byte} goes from frame {first} to {last}, but the file has {frames} frames"
            ));
        }
        if !valid {
            return None;
        }
        if is_end {
            let message = format!(
                "the loop at byte {byte} ends at frame {last}, but the file has {last} frames, counted from 0; it is taken \
                 to end at the last of them"
            );
            faults.warning(Code::SoundsLoop, message);
        }
        Some(Loop { start: first.into(), end: if is_end { last.into() } else { u64::from(last) + 1 } })
    }
}
