//! Sounds: broken files, liars, and what `DETECT` cannot take.

use papack_queries::diagnostic::Code::{SoundsLoop, SoundsLoopIgnored, SoundsNameTaken, WavInconsistent, WavInvalid};

use crate::case::{Case, Fault, case, error, info, warning};
use crate::ground::{Ground, SND};
use crate::wave::{broken, chunk, data, mono, riff, smpl, with};

const WAV: &str = "assets/snd/snd.wav";

fn sound(name: &str, bytes: Vec<u8>, faults: impl Into<Vec<Fault>>) -> Case {
    case(format!("wav: {name}"), move |ground| ground.write(WAV, &bytes), faults)
}

pub fn cases() -> Vec<Case> {
    let table = broken().into_iter().map(|(name, file, code, says)| {
        // A file that is cut off often contradicts its RIFF size as well.
        Case { and_more: true, ..sound(name, file, [error(code, WAV, "", says)]) }
    });
    table.chain([loops(), liars(), several()].into_iter().flatten()).collect()
}

/// A file of four frames with a `smpl` chunk.
fn looped(body: &[u8]) -> Vec<u8> {
    riff(&[mono(), data(&[1, 2, 3, 4]), chunk(b"smpl", body)])
}

fn loops() -> Vec<Case> {
    let broken = |name: &str, body: Vec<u8>, says: &str| sound(name, looped(&body), [error(SoundsLoop, WAV, "", says)]);
    let of = |kind, first, last| smpl(1, &[(kind, first, last)]);
    let ignored = |ground: &Ground| {
        ground.edit(SND, "DETECT", "OFF");
        ground.write(WAV, looped(&smpl(u32::MAX, &[(2, 9, 0)])));
    };
    vec![
        broken("an empty smpl", vec![], "has 0 bytes; at least 36"),
        broken("a smpl of 35 bytes", smpl(0, &[])[..35].to_vec(), "has 35 bytes; at least 36"),
        broken("a loop that is not there", smpl(1, &[]), "1 loops but has 36 bytes; at least 60"),
        broken("four billion loops", smpl(u32::MAX, &[]), "4294967295 loops but has 36 bytes"),
        broken("an alternating loop", of(1, 1, 2), "type 1 (alternating)"),
        broken("a backward loop", of(2, 1, 2), "type 2 (backward)"),
        broken("a loop of no known kind", of(u32::MAX, 1, 2), "type 4294967295"),
        broken("a loop that ends before it starts", of(0, 2, 1), "starts at frame 2, after its last frame 1"),
        broken("a loop beyond the frames", of(0, 0, 5), "from frame 0 to 5, but the file has 4 frames"),
        broken("a loop to the end of all", of(0, 0, u32::MAX), "to 4294967295"),
        sound(
            "a loop to the number of frames",
            looped(&of(0, 0, 4)),
            [warning(SoundsLoop, WAV, "", "ends at frame 4, but the file has 4 frames")],
        ),
        case(
            "wav: a broken loop with OFF",
            ignored,
            [info(SoundsLoopIgnored, WAV, "", "is ignored, because \"loops\" is \"OFF\"")],
        ),
    ]
}

fn liars() -> Vec<Case> {
    let plain = riff(&[mono(), data(&[1, -2])]);
    let inconsistent = |says: &str| warning(WavInconsistent, WAV, "", says);
    let many = vec![chunk(b"LIST", b""); 100_000].concat();
    vec![
        sound("a RIFF size of all ones", with(plain.clone(), 4, &[0xFF; 4]), [inconsistent("the RIFF size (byte 4)")]),
        sound("a byte rate that lies", riff(&[with(mono(), 16, &[1]), data(&[1])]), [inconsistent("the byte rate is")]),
        sound(
            "bytes behind the RIFF end",
            [plain, b"data\xFF\xFF\xFF\xFF".to_vec()].concat(),
            [inconsistent("the RIFF size")],
        ),
        sound("a hundred thousand empty chunks", riff(&[mono(), many, data(&[1])]), []),
        sound("no frame", riff(&[mono(), data(&[])]), []),
        sound(
            "a data of 2 GiB",
            riff(&[mono(), b"data\xFF\xFF\xFE\x7F".to_vec()]),
            [error(WavInvalid, WAV, "", "has 2147418111 bytes, and 0 are left")],
        ),
        sound(
            "a data whose size was never written, and no sample",
            riff(&[mono(), b"data\xFF\xFF\xFF\xFF".to_vec()]),
            [inconsistent("it is 4294967295, and the 0 bytes up to the end of the file are taken for it")],
        ),
        sound(
            "a hundred thousand data whose size was never written",
            with(riff(&[mono(), data(&[]).repeat(100_000), vec![1; 8]]), 4, &[0; 4]),
            [inconsistent("it is 0, and the 800000 bytes")],
        ),
        sound(
            "no block alignment",
            riff(&[with(mono(), 20, &[0]), data(&[1])]),
            [inconsistent("which cannot be true")],
        ),
    ]
}

fn several() -> Vec<Case> {
    let two = |ground: &Ground| {
        ground.edit(
            SND,
            "{\"file\": \"snd.wav\"}",
            "{\"file\": \"snd.wav\"}, {\"file\": \"d/snd.WAV\"}, {\"file\": \"snd\"}",
        );
        ["d/snd.WAV", "snd"]
            .iter()
            .for_each(|path| ground.write(&format!("assets/snd/{path}"), riff(&[mono(), data(&[])])));
    };
    vec![case(
        "wav: three sounds with one name",
        two,
        ["d/snd.WAV", "snd"].map(|path| error(SoundsNameTaken, &format!("assets/snd/{path}"), "", "`snd.wav`")),
    )]
}
