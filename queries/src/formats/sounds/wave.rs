//! A sample as a file again: the bytes of a WAVE file before and behind its frames.

use super::metadata::Sound;

/// The chunk that holds the layout: tag, channels, rates, alignment and bits.
const FMT_BODY: u32 = 16;

/// The chunk that holds one loop.
const SMPL_BODY: u32 = 60;

/// What a WAVE file of a sample has before and behind its frames, which are as in the payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaveFile {
    /// Everything up to the first frame.
    pub front: Vec<u8>,
    /// Everything behind the last frame: the loop, where there is one.
    pub back: Vec<u8>,
}

impl WaveFile {
    /// The file of `sound`: 16-bit PCM, with a `smpl` chunk when it is looped. `None` when it is longer than a WAVE
    /// file can be.
    pub fn new(sound: Sound) -> Option<Self> {
        let back = sound.points.map_or_else(|| Some(Vec::new()), |points| smpl(sound, points.start, points.end))?;
        let data_size = u32::try_from(sound.bytes()).ok()?;
        // Behind the RIFF size: the form, and the headers of two chunks.
        let riff_size = data_size.checked_add(4 + 8 + FMT_BODY + 8)?.checked_add(back.len() as u32)?;
        let frame_bytes = sound.channels.checked_mul(2)?;
        let mut front = Vec::with_capacity(44);
        front.extend(b"RIFF");
        front.extend(riff_size.to_le_bytes());
        front.extend(b"WAVEfmt ");
        front.extend(FMT_BODY.to_le_bytes());
        front.extend(1_u16.to_le_bytes());
        front.extend(sound.channels.to_le_bytes());
        front.extend(sound.sample_rate.to_le_bytes());
        front.extend(sound.sample_rate.checked_mul(u32::from(frame_bytes))?.to_le_bytes());
        front.extend(frame_bytes.to_le_bytes());
        front.extend(16_u16.to_le_bytes());
        front.extend(b"data");
        front.extend(data_size.to_le_bytes());
        Some(Self { front, back })
    }
}

/// A `smpl` chunk with one forward loop, whose last frame is the one before `end`.
fn smpl(sound: Sound, start: u64, end: u64) -> Option<Vec<u8>> {
    const MIDDLE_C: u32 = 60;
    let period_ns = 1_000_000_000_u32.checked_div(sound.sample_rate)?;
    let (first, last) = (u32::try_from(start).ok()?, u32::try_from(end.checked_sub(1)?).ok()?);
    let fixed = [0, 0, period_ns, MIDDLE_C, 0, 0, 0, 1, 0];
    let the_loop = [0, 0, first, last, 0, 0];
    let mut chunk = b"smpl".to_vec();
    chunk.extend(SMPL_BODY.to_le_bytes());
    chunk.extend(fixed.into_iter().chain(the_loop).flat_map(u32::to_le_bytes));
    Some(chunk)
}
