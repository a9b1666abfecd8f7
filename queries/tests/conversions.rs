//! What `output.metadata` may ask of sounds: mixing, resampling, trimming, and loudness.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]
#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "numbers of tests are small"
)]

mod memory;
#[expect(dead_code, reason = "what is broken is no matter here")]
mod wave;

use std::f64::consts::TAU;
use std::num::NonZeroU32;

use memory::Memory;
use papack_queries::content::ContentStore;
use papack_queries::diagnostic::{Code, Diagnostic, Severity};
use papack_queries::formats::sounds::{Level, Loops, Options};
use papack_queries::formats::{Format, Source};
use proptest::prelude::*;
use serde_json::{Value, json};
use wave::{chunk, data, fmt, riff, smpl};

/// A WAVE of these interleaved samples.
fn file(channels: u16, rate: u32, samples: &[i16]) -> Vec<u8> {
    riff(&[fmt(1, channels, rate, 16), data(samples)])
}

/// The samples that `file` becomes, the metadata of the sound, and what is told.
fn derive(options: Options, file: &[u8]) -> (Vec<i16>, Value, Vec<Diagnostic>) {
    let memory = Memory::default();
    let content = memory.put(file).unwrap();
    let outcome =
        Format::SoundsPcmV1(options).derive(&[Source { path: "s.wav", content, part: None }], &[], &memory).unwrap();
    let Some(payload) = outcome.payload else { return (Vec::new(), Value::Null, outcome.diagnostics) };
    let bytes = memory.read(payload.id).unwrap();
    let samples = bytes.as_chunks().0.iter().map(|sample| i16::from_le_bytes(*sample)).collect();
    let metadata: Value = serde_json::from_str(&payload.metadata).unwrap();
    (samples, metadata["samples"][0].clone(), outcome.diagnostics)
}

fn resampled(to: u32) -> Options {
    Options { sample_rate: NonZeroU32::new(to), ..Options::default() }
}

/// A sine of so many Hz and this amplitude.
fn sine(rate: u32, hertz: f64, amplitude: f64, frames: u32) -> Vec<i16> {
    let sample = |frame| (amplitude * (TAU * hertz * f64::from(frame) / f64::from(rate)).sin()).round() as i16;
    (0..frames).map(sample).collect()
}

/// How much stronger than all else the sine of so many Hz is in `samples`, in dB: what the nearest such sine leaves.
fn signal_to_noise(samples: &[i16], rate: u32, hertz: f64) -> f64 {
    let angle = |frame: usize| TAU * hertz * frame as f64 / f64::from(rate);
    let numbers = || samples.iter().enumerate().map(|(frame, sample)| (angle(frame), f64::from(*sample)));
    let sums = numbers().fold([0.0; 5], |[ss, cc, sc, sy, cy], (angle, y)| {
        let (s, c) = angle.sin_cos();
        [ss + s * s, cc + c * c, sc + s * c, sy + s * y, cy + c * y]
    });
    let [ss, cc, sc, sy, cy] = sums;
    let determinant = ss * cc - sc * sc;
    let (a, b) = ((sy * cc - cy * sc) / determinant, (cy * ss - sy * sc) / determinant);
    let (signal, noise) = numbers().fold((0.0, 0.0), |(signal, noise), (angle, y)| {
        let fit = a * angle.sin() + b * angle.cos();
        (signal + fit * fit, noise + (y - fit).powi(2))
    });
    10.0 * (signal / noise).log10()
}

/// `samples` without what the silence before and behind the sound has to do with.
fn middle(samples: &[i16]) -> &[i16] {
    let edge = samples.len() / 8;
    &samples[edge..samples.len() - edge]
}

#[test]
fn a_sine_stays_one() {
    for (from, to, hertz) in [
        (44_100, 22_050, 1_000.0),
        (44_100, 22_050, 9_000.0),
        (48_000, 32_000, 440.0),
        (48_000, 32_000, 14_000.0),
        (44_100, 48_000, 1_000.0),
        (44_100, 48_000, 19_000.0),
        (48_000, 44_100, 1_000.0),
        (22_050, 44_100, 9_000.0),
        (44_100, 8_000, 3_000.0),
        // Rates without a common divisor: no place between two frames comes twice.
        (44_100, 31_999, 5_000.0),
    ] {
        let (samples, ..) = derive(resampled(to), &file(1, from, &sine(from, hertz, 30_000.0, from / 2)));
        let ratio = signal_to_noise(middle(&samples), to, hertz);
        println!("{from} -> {to}, {hertz} Hz: {ratio:.1} dB");
        assert!(ratio > 90.0, "{from} to {to}, {hertz} Hz: {ratio:.1} dB");
    }
}

#[test]
fn what_the_lower_rate_cannot_hold_is_gone() {
    for (from, to, hertz) in [(44_100, 22_050, 11_100.0), (44_100, 22_050, 15_000.0), (48_000, 8_000, 20_000.0)] {
        let (samples, ..) = derive(resampled(to), &file(1, from, &sine(from, hertz, 30_000.0, from / 2)));
        let loudest = middle(&samples).iter().map(|sample| sample.unsigned_abs()).max().unwrap();
        assert!(loudest <= 1, "{from} to {to}, {hertz} Hz: {loudest}");
    }
}

#[test]
fn what_is_level_stays_so() {
    let level = vec![12_345; 6_000];
    for to in [8_000, 11_025, 22_050, 44_099, 48_000, 192_000] {
        let (samples, ..) = derive(resampled(to), &file(1, 44_100, &level));
        assert!(middle(&samples).iter().all(|sample| *sample == 12_345), "{to}");
    }
}

#[test]
fn channels_are_resampled_apart_and_mixed_before() {
    let (left, right) = (sine(48_000, 500.0, 20_000.0, 2_000), sine(48_000, 3_000.0, 9_000.0, 2_000));
    let stereo: Vec<i16> = left.iter().zip(&right).flat_map(|(left, right)| [*left, *right]).collect();
    let (both, sound, _) = derive(resampled(32_000), &file(2, 48_000, &stereo));
    assert_eq!((&sound["channels"], &sound["frames"]), (&json!(2), &json!(1_334)));
    for (channel, alone) in [left, right].iter().enumerate() {
        let (alone, ..) = derive(resampled(32_000), &file(1, 48_000, alone));
        assert_eq!(both.iter().skip(channel).step_by(2).copied().collect::<Vec<_>>(), alone);
    }
    let mixed = Options { mono: true, ..resampled(32_000) };
    let mean: Vec<i16> = stereo
        .as_chunks::<2>()
        .0
        .iter()
        .map(|[l, r]| (f64::from(i32::from(*l) + i32::from(*r)) / 2.0).round() as i16)
        .collect();
    let (found, sound, told) = derive(mixed, &file(2, 48_000, &stereo));
    assert_eq!(found, derive(resampled(32_000), &file(1, 48_000, &mean)).0);
    assert_eq!(sound["channels"], 1);
    let message = "the sound is converted, as \"output.metadata\" asks for: 2 channels are mixed to 1; 2000 frames at 48000 \
                   Hz become 1334 at 32000 Hz, without what is above 14400 Hz";
    assert_eq!(
        told.iter().map(|told| (told.severity, told.code, told.message.as_str())).collect::<Vec<_>>(),
        [(Severity::Info, Code::SoundsConverted, message)]
    );
}

#[test]
fn what_changes_nothing_is_not_told() {
    let options = Options {
        mono: true,
        sample_rate: NonZeroU32::new(8_000),
        trim: Some(0),
        level: Some(Level::Normalize(9)),
        ..Options::default()
    };
    let samples = [1, -9, 8];
    assert_eq!(derive(options, &file(1, 8_000, &samples)), derive(Options::default(), &file(1, 8_000, &samples)));
    assert_eq!(derive(options, &file(1, 8_000, &samples)).0, samples);
    // Nothing at all can be converted, too.
    assert_eq!(derive(options, &file(2, 9_000, &[])).1["frames"], 0);
}

#[test]
fn loops_follow_the_frames() {
    let looped = |channels, rate, samples: &[i16], first, last| {
        riff(&[fmt(1, channels, rate, 16), data(samples), chunk(b"smpl", &smpl(1, &[(0, first, last)]))])
    };
    let detect = |rate: Option<u32>, trim| Options {
        sample_rate: rate.and_then(NonZeroU32::new),
        trim,
        ..Options::with_loops(Loops::Detect)
    };
    let quiet = [0, 0, 0, 500, 600, 700, 0, 0];
    for (options, bytes, expected) in [
        (detect(None, Some(0)), looped(1, 8_000, &quiet, 4, 5), (3, 1, 3)),
        (detect(None, Some(0)), looped(1, 8_000, &quiet, 1, 6), (6, 0, 6)),
        (detect(Some(4_000), None), looped(1, 8_000, &quiet, 2, 5), (4, 1, 3)),
        // 1.5 and 3.5 become 2 and 4.
        (detect(Some(4_000), None), looped(1, 8_000, &quiet, 3, 6), (4, 2, 4)),
        // One frame is a loop still.
        (detect(Some(1_000), None), looped(1, 8_000, &quiet, 3, 3), (1, 0, 1)),
        (detect(Some(24_000), None), looped(2, 8_000, &quiet, 1, 3), (12, 3, 12)),
    ] {
        let (_, sound, told) = derive(options, &bytes);
        let found = json!([sound["frames"], sound["loop_start"], sound["loop_end"]]);
        assert_eq!(found, json!([expected.0, expected.1, expected.2]), "{options:?} {told:?}");
    }
}

#[test]
fn clipping_is_told() {
    // A square wave overshoots where what is above the cutoff is taken from it.
    let square: Vec<i16> = (0..4_000).map(|frame| if frame / 20 % 2 == 0 { i16::MAX } else { i16::MIN }).collect();
    let (_, _, told) = derive(resampled(22_050), &file(1, 44_100, &square));
    assert!(told[0].message.contains(" samples clipped"), "{}", told[0].message);
    let louder = Options { level: Some(Level::Gain(200)), trim: Some(5), ..Options::default() };
    let (samples, _, told) = derive(louder, &file(1, 44_100, &[3, -5, 20_000, -100, -20_000, 0]));
    assert_eq!(samples, [i16::MAX, -200, i16::MIN]);
    assert!(told[0].message.ends_with(
        "2 frames of silence at the front and 1 at the back are left out; samples are multiplied by 200 %, with 2 samples \
         clipped"
    ), "{}", told[0].message);
}

#[test]
fn no_more_is_made_than_a_payload_may_have() {
    // A second at 1 Hz becomes one at 192,000 Hz; this many would take more than 128 MiB.
    let (samples, sound, told) = derive(resampled(192_000), &file(1, 1, &[0; 350]));
    assert_eq!((samples.len(), sound), (0, Value::Null));
    assert_eq!((told[0].severity, told[0].code), (Severity::Error, Code::SoundsTooLong));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn lengths_are_exact_and_results_are_the_same_again(
        from in 1_000_u32..60_000,
        to in 1_000_u32..60_000,
        samples in prop::collection::vec(any::<i16>(), 0..600),
        stereo: bool,
    ) {
        let channels = if stereo { 2 } else { 1 };
        let samples = &samples[..samples.len() / channels * channels];
        let file = file(channels as u16, from, samples);
        let (found, sound, told) = derive(resampled(to), &file);
        let frames = (samples.len() / channels) as u64;
        let expected = (frames * u64::from(to)).div_ceil(from.into());
        prop_assert_eq!(found.len() as u64, expected * channels as u64);
        prop_assert_eq!(sound["frames"].as_u64(), Some(expected));
        prop_assert_eq!(derive(resampled(to), &file), (found, sound, told));
        prop_assert_eq!(&derive(resampled(from), &file).0, samples);
    }
}
