//! Sounds that artists have: compressed ones, and conversions that manifests ask for.

use serde_json::{Value, json};

use crate::space::{Run, TestSpace, entry, manifest};

const FILES: [(&str, &[u8]); 5] = [
    ("a.flac", include_bytes!("../../queries/tests/audio/stereo.flac")),
    ("b.ogg", include_bytes!("../../queries/tests/audio/stereo.ogg")),
    ("c.ogg", include_bytes!("../../queries/tests/audio/mono.ogg")),
    ("d.mp3", include_bytes!("../../queries/tests/audio/stereo.mp3")),
    ("e.mp3", include_bytes!("../../queries/tests/audio/mono.mp3")),
];

/// A workspace with one asset of `files`, whose manifest has these fields in `metadata`.
fn space(fields: &str, files: &[(&str, &[u8])]) -> TestSpace {
    let space = TestSpace::empty();
    let output = format!(r#""SOUNDS/pcm_v1", "metadata": {{ {fields} }}"#);
    let artifacts: Vec<_> = files.iter().map(|(name, _)| format!(r#"{{"file": "{name}"}}"#)).collect();
    let manifest = manifest(1, "sfx", &artifacts.join(", ")).replace(r#""DATA/raw_v1""#, &output);
    space.write("assets/sfx/asset.json", manifest);
    for (name, bytes) in files {
        space.write(&format!("assets/sfx/{name}"), bytes);
    }
    space.write_registry(&[entry(1, "sfx")]);
    space
}

/// The numbers of each sample in the pack: channels, frames and sample rate.
fn samples(space: &TestSpace) -> Vec<Value> {
    let pack = space.read("build/assets.pa");
    let text = String::from_utf8_lossy(&pack);
    let start = text.find(r#""samples":"#).unwrap() + r#""samples":"#.len();
    let mut values = serde_json::Deserializer::from_str(&text[start..]).into_iter::<Value>();
    let samples = values.next().unwrap().unwrap();
    let numbers = |sample: &Value| json!([sample["channels"], sample["frames"], sample["sample_rate"]]);
    samples.as_array().unwrap().iter().map(numbers).collect()
}

#[test]
fn compressed_sounds_are_packed_and_do_not_depend_on_the_processor() {
    let space = space("", &FILES);
    space.pack();
    let expected = [[2, 2_205, 22_050], [2, 2_205, 22_050], [1, 1_600, 8_000], [2, 2_205, 22_050], [1, 1_600, 8_000]];
    assert_eq!(samples(&space), expected.map(|numbers| json!(numbers)));
    let first = space.build();
    // The C library chooses its functions by what the processor has; on others, this is ignored.
    let mut command = space.command(&["pack"]);
    command.env("GLIBC_TUNABLES", "glibc.cpu.hwcaps=-AVX2,-AVX,-FMA,-FMA4,-AVX2_Usable,-FMA_Usable");
    space.forget_payloads();
    std::fs::remove_dir_all(space.path().join("build")).unwrap();
    assert_eq!(Run::of(command).code, 0);
    assert_eq!(space.build()["assets.pa"], first["assets.pa"]);
}

#[test]
fn conversions_are_applied_and_told() {
    let space = space(r#""channels": 1, "sample_rate": 11025, "trim": 100, "normalize": 20000"#, &FILES[..2]);
    let told = space.pack().stderr;
    insta::assert_snapshot!(told, @r#"
    info[SOUNDS_CONVERTED]: the sound is converted, as "output.metadata" asks for: 2 channels are mixed to 1; 2205 frames at 22050 Hz become 1103 at 11025 Hz, without what is above 4961 Hz; 69 frames of silence at the front and 0 at the back are left out; the peak of 25604 is brought to 20000
    --> assets/sfx/a.flac
     = note: in asset 1 "sfx"

    info[SOUNDS_CONVERTED]: the sound is converted, as "output.metadata" asks for: 2 channels are mixed to 1; 2205 frames at 22050 Hz become 1103 at 11025 Hz, without what is above 4961 Hz; the peak of 26930 is brought to 20000
    --> assets/sfx/b.ogg
     = note: in asset 1 "sfx"
    "#);
    assert_eq!(samples(&space).iter().map(|sample| &sample[2]).collect::<Vec<_>>(), [11_025, 11_025]);
    // Each field is an input of the payload.
    let before = space.build();
    let manifest = String::from_utf8(space.read("assets/sfx/asset.json")).unwrap();
    space.write("assets/sfx/asset.json", manifest.replace("20000", "20001"));
    space.pack();
    assert_ne!(space.build()["assets.pa"], before["assets.pa"]);
}

#[test]
fn fields_that_ask_for_what_cannot_be_are_refused() {
    let fields = r#""channels": 2, "sample_rate": 999, "trim": -1, "gain": 0, "normalize": 32768"#;
    insta::assert_snapshot!(space(fields, &FILES[..1]).run(&["pack"]).stderr, @r#"
    error[FIELD_INVALID]: "channels" is 1, not 2
     --> assets/sfx/asset.json:6:68
      |
    6 |   "output": { "format": "SOUNDS/pcm_v1", "metadata": { "channels": 2, "sample_rate": 999, "trim": -1, "gain": 0, "normalize": 32768 } }
      |                                                                    ^
      |
      = note: in asset 1 "sfx"
      = help: 1 mixes stereo to mono; without the field, each sound has the channels of its file

    error[FIELD_INVALID]: 999 is out of range; 1000 to 192000 are allowed
     --> assets/sfx/asset.json:6:86
      |
    6 |   "output": { "format": "SOUNDS/pcm_v1", "metadata": { "channels": 2, "sample_rate": 999, "trim": -1, "gain": 0, "normalize": 32768 } }
      |                                                                                      ^^^
      |
      = note: in asset 1 "sfx"

    error[FIELD_INVALID]: -1 is out of range; 0 to 32767 are allowed
     --> assets/sfx/asset.json:6:99
      |
    6 |   "output": { "format": "SOUNDS/pcm_v1", "metadata": { "channels": 2, "sample_rate": 999, "trim": -1, "gain": 0, "normalize": 32768 } }
      |                                                                                                   ^^
      |
      = note: in asset 1 "sfx"

    error[FIELD_INVALID]: 0 is out of range; 1 to 10000 are allowed
     --> assets/sfx/asset.json:6:111
      |
    6 |   "output": { "format": "SOUNDS/pcm_v1", "metadata": { "channels": 2, "sample_rate": 999, "trim": -1, "gain": 0, "normalize": 32768 } }
      |                                                                                                               ^
      |
      = note: in asset 1 "sfx"

    error[FIELD_INVALID]: 32768 is out of range; 1 to 32767 are allowed
     --> assets/sfx/asset.json:6:127
      |
    6 |   "output": { "format": "SOUNDS/pcm_v1", "metadata": { "channels": 2, "sample_rate": 999, "trim": -1, "gain": 0, "normalize": 32768 } }
      |                                                                                                                               ^^^^^
      |
      = note: in asset 1 "sfx"

    error[FIELD_INVALID]: "gain" and "normalize" both say how loud the sound is
     --> assets/sfx/asset.json:6:127
      |
    6 |   "output": { "format": "SOUNDS/pcm_v1", "metadata": { "channels": 2, "sample_rate": 999, "trim": -1, "gain": 0, "normalize": 32768 } }
      |                                                                                                                               ^^^^^
      |
      = note: in asset 1 "sfx"
      = help: keep the one that is meant

    For more about a code: papack explain FIELD_INVALID
    "#);
    insta::assert_snapshot!(space(r#""gain": 50, "normalize": 9"#, &FILES[..1]).run(&["pack"]).stderr, @r#"
    error[FIELD_INVALID]: "gain" and "normalize" both say how loud the sound is
     --> assets/sfx/asset.json:6:81
      |
    6 |   "output": { "format": "SOUNDS/pcm_v1", "metadata": { "gain": 50, "normalize": 9 } }
      |                                                                                 ^
      |
      = note: in asset 1 "sfx"
      = help: keep the one that is meant

    For more about a code: papack explain FIELD_INVALID
    "#);
}

/// The decoder panics at this one. Others are packed all the same, and nobody reads of a panic.
#[test]
fn a_decoder_that_panics_is_an_error_of_its_file() {
    let mut broken = FILES[2].1.to_vec();
    broken[503] ^= 1;
    // The checksum of the second page, with that bit.
    let page = broken.windows(4).skip(1).position(|window| window == b"OggS").unwrap() + 1;
    let checksum = 0x34d3_9816_u32.to_le_bytes();
    broken[page + 22..page + 26].copy_from_slice(&checksum);
    let run = space("", &[("c.ogg", &broken), FILES[0]]).run(&["pack"]);
    insta::assert_snapshot!(run.stderr, @r#"
    error[AUDIO_INVALID]: the Ogg cannot be decoded: the decoder gave up on it
    --> assets/sfx/c.ogg
     = note: in asset 1 "sfx"
     = help: the file is cut short or damaged: copy it again, or export it again from the program that made it

    For more about a code: papack explain AUDIO_INVALID
    "#);
}
