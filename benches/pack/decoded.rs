//! Sources that have to be decoded, against their decoder alone.

use crate::floors::Floors;
use crate::measure::{Contestant, compare, print_head};
use crate::noise::Noise;
use crate::workspace::Workspace;
use crate::{compressed, maps, parallel, readers, sounds, sprites};

/// What is done with the bytes of a file.
type Work = fn(&[u8]);

/// The decoder of a kind of source.
struct Decoder {
    /// Of the files.
    extension: &'static str,
    name: &'static str,
    decode: Work,
    /// Makes the payload as a pack does; none where that is what the decoder does.
    derive: Option<Work>,
}

/// Pictures of kinds other than PNG.
pub fn sprites(rounds: usize) {
    const COUNT: usize = 300;
    const EDGE: u16 = 512;
    type Make = fn(u16, &mut Noise) -> Vec<u8>;
    let kinds: [(Decoder, Make); 3] = [
        (Decoder::own("aseprite", readers::derive_picture), sprites::aseprite),
        (
            Decoder {
                extension: "gif",
                name: "`gif`",
                decode: readers::decode_gif,
                derive: Some(readers::derive_picture),
            },
            sprites::gif,
        ),
        (Decoder::own("bmp", readers::derive_picture), sprites::bmp),
    ];
    for (decoder, make) in kinds {
        let extension = decoder.extension;
        let workspace = Workspace::of_sprites(COUNT, extension, |noise| make(EDGE, noise));
        println!("\n{COUNT} pictures of {EDGE} × {EDGE} pixels, `.{extension}`:\n");
        against(rounds, &workspace, &decoder);
    }
}

/// Sounds whose samples are in the other order of bytes, and compressed ones.
pub fn sounds(rounds: usize) {
    const COUNT: usize = 64;
    let workspace = Workspace::of_coded_sounds(COUNT, "aiff", |path, number| {
        std::fs::write(path, sounds::aiff(&mut Noise(number as u32))).unwrap();
    });
    println!("\n{COUNT} sounds of 10 s, `.aiff`:\n");
    against(rounds, &workspace, &Decoder::own("aiff", readers::derive_sound));
    if !compressed::can_be_made() {
        println!("\nCompressed sounds are left out: there is no `ffmpeg` to make them.");
        return;
    }
    for (extension, encoder) in compressed::KINDS {
        let workspace = Workspace::of_coded_sounds(COUNT, extension, |path, number| {
            compressed::write(path, number, encoder);
        });
        println!("\n{COUNT} sounds of 10 s, `.{extension}`:\n");
        let decoder =
            Decoder { extension, name: "`symphonia`", decode: compressed::decode, derive: Some(readers::derive_sound) };
        against(rounds, &workspace, &decoder);
    }
}

/// Maps over one bank of tiles.
pub fn maps(rounds: usize) {
    const COUNT: usize = 1_000;
    let workspace = Workspace::of_maps(COUNT);
    println!("\n{COUNT} maps of 64 × 64 cells:\n");
    print_head();
    let floors = Floors::of(workspace.path());
    cold(rounds, &workspace, &floors, "tmx", "parse (`quick-xml`)", maps::parse);
}

impl Decoder {
    /// The reader of papack, which also makes the payload.
    fn own(extension: &'static str, derive: Work) -> Self {
        Self { extension, name: "papack's reader", decode: derive, derive: None }
    }
}

/// Sources of a kind against their decoder: their payloads, where the decoder does not make them, and a pack.
fn against(rounds: usize, workspace: &Workspace, decoder: &Decoder) {
    let Decoder { extension, name, decode, derive } = *decoder;
    let floors = Floors::of(workspace.path());
    print_head();
    let what = format!("decode ({name})");
    if let Some(derive) = derive {
        let payloads = read_and(&floors, extension, "make the payloads", derive);
        compare(rounds, || {}, payloads, vec![read_and(&floors, extension, &what, decode).at_most(1.3)]);
    }
    cold(rounds, workspace, &floors, extension, &what, decode);
}

/// A cold pack of a workspace against reading all of its files and having `work` done with those with `extension`, and
/// against that with what a pack has to write besides.
fn cold(rounds: usize, workspace: &Workspace, floors: &Floors, extension: &str, what: &str, work: Work) {
    // The size of the pack is that of what is written.
    workspace.pack_cold(&[]);
    let subject = Contestant::new("cold, one shot", || workspace.pack_cold(&[]));
    let name = "that, write one, `fsync`";
    let write =
        Contestant::new(name, || parallel::read_decode_and_write(floors, extension, || (), |(), file| work(file)));
    let single = Contestant::new("cold, `--jobs 1`", || workspace.pack_cold(&["--jobs", "1"]));
    compare(rounds, || {}, subject, vec![read_and(floors, extension, what, work), write, single]);
}

fn read_and<'a>(floors: &'a Floors, extension: &'a str, what: &str, work: Work) -> Contestant<'a> {
    let name = format!("read all and {what}, all threads");
    Contestant::new(&name, move || parallel::read_and_decode(floors, extension, || (), |(), file| work(file)))
}
