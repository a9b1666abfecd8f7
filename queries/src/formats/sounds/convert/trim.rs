//! Silence at both ends, which is left out.

use super::super::metadata::Sound;

/// Takes frames of silence away from both ends of the sound that begins at `start` of the payload and goes to its end:
/// those without a sample farther from 0 than `threshold`. Frames of a loop stay, and so do those between it and what
/// stays. Returns how many were taken from the front and from the back.
pub(super) fn apply(threshold: u16, sound: Sound, start: usize, payload: &mut Vec<u8>) -> (u64, u64) {
    let frame_bytes = sound.frame_bytes() as usize;
    let frames = || payload[start..].chunks_exact(frame_bytes);
    let is_silent = |frame: &[u8]| {
        let samples = frame.as_chunks().0;
        samples.iter().all(|sample| i16::from_le_bytes(*sample).unsigned_abs() <= threshold)
    };
    let silent_front = frames().take_while(|frame| is_silent(frame)).count() as u64;
    let silent_back = frames().rev().take_while(|frame| is_silent(frame)).count() as u64;
    let (front, back) = match sound.points {
        Some(points) => (silent_front.min(points.start), silent_back.min(sound.frames.saturating_sub(points.end))),
        // Where all of it is silence, both have counted it.
        None => (silent_front, silent_back.min(sound.frames - silent_front)),
    };
    payload.truncate(payload.len() - back as usize * frame_bytes);
    payload.drain(start..start + front as usize * frame_bytes);
    (front, back)
}

#[cfg(test)]
mod tests {
    use super::super::super::smpl::Loop;
    use super::*;

    #[test]
    fn silence_is_taken_from_both_ends_and_never_from_a_loop() {
        let loop_of = |start, end| Some(Loop { start, end });
        let some = [0, 3, -4, 0, 9, 0, 2, 0].as_slice();
        for (samples, channels, threshold, points, expected) in [
            (some, 1, 0, None, (1, 1)),
            (some, 1, 3, None, (2, 3)),
            (some, 1, 4, None, (4, 3)),
            (some, 2, 3, None, (1, 1)),
            (some, 1, 9, None, (8, 0)),
            (some, 1, 9, loop_of(2, 5), (2, 3)),
            (some, 1, 3, loop_of(0, 8), (0, 0)),
            (&[][..], 1, 9, None, (0, 0)),
            (&[i16::MIN, i16::MIN], 1, 32_767, None, (0, 0)),
        ] {
            let bytes = |samples: &[i16]| samples.iter().flat_map(|sample| sample.to_le_bytes()).collect::<Vec<_>>();
            let mut payload = [&[7; 5][..], &bytes(samples)].concat();
            let sound = Sound { channels, frames: samples.len() as u64 / u64::from(channels), sample_rate: 1, points };
            assert_eq!(apply(threshold, sound, 5, &mut payload), expected, "{samples:?} {threshold}");
            let left = &samples[expected.0 as usize * channels as usize..];
            let left = &left[..left.len() - expected.1 as usize * channels as usize];
            assert_eq!(payload, [&[7; 5][..], &bytes(left)].concat(), "{samples:?} {threshold}");
        }
    }
}
