//! Sources that have to be decoded, against their decoder alone.

use crate::floors::Floors;
use crate::measure::{Contestant, compare, print_head};
use crate::noise::Noise;
use crate::workspace::Workspace;
use crate::{compressed, maps, parallel, readers, sounds, sprites};

/// A decoder by itself.
type Decoder = fn(&[u8]);

/// Pictures of kinds other than PNG.
pub fn sprites(rounds: usize) {
    const COUNT: usize = 300;
    const EDGE: u16 = 512;
    type Make = fn(u16, &mut Noise) -> Vec<u8>;
    let kinds: [(&str, &str, Make, Decoder); 3] = [
        ("aseprite", "papack's reader", sprites::aseprite, readers::derive_picture),
        ("gif", "`gif`", sprites::gif, readers::decode_gif),
        ("bmp", "papack's reader", sprites::bmp, readers::derive_picture),
    ];
    for (extension, decoder, make, decode) in kinds {
        let workspace = Workspace::of_sprites(COUNT, extension, |noise| make(EDGE, noise));
        println!("\n{COUNT} pictures of {EDGE} × {EDGE} pixels, `.{extension}`:\n");
        against(rounds, &workspace, extension, &format!("decode ({decoder})"), decode, Some(1.3));
    }
}

/// Sounds whose samples are in the other order of bytes, and compressed ones.
pub fn sounds(rounds: usize) {
    const COUNT: usize = 64;
    let workspace = Workspace::of_coded_sounds(COUNT, "aiff", |path, number| {
        std::fs::write(path, sounds::aiff(&mut Noise(number as u32))).unwrap();
    });
    println!("\n{COUNT} sounds of 10 s, `.aiff`:\n");
    against(rounds, &workspace, "aiff", "decode (papack's reader)", readers::derive_sound, Some(1.3));
    if !compressed::can_be_made() {
        println!("\nCompressed sounds are left out: there is no `ffmpeg` to make them.");
        return;
    }
    for (extension, encoder) in compressed::KINDS {
        let workspace = Workspace::of_coded_sounds(COUNT, extension, |path, number| {
            compressed::write(path, number, encoder);
        });
        println!("\n{COUNT} sounds of 10 s, `.{extension}`:\n");
        against(rounds, &workspace, extension, "decode (`symphonia`)", compressed::decode, Some(1.3));
    }
}

/// Maps over one bank of tiles.
pub fn maps(rounds: usize) {
    const COUNT: usize = 1_000;
    let workspace = Workspace::of_maps(COUNT);
    println!("\n{COUNT} maps of 64 × 64 cells:\n");
    against(rounds, &workspace, "tmx", "parse (`quick-xml`)", maps::parse, None);
}

/// A cold pack of a workspace against reading all of its files and having `decode` decode those with `extension`, and
/// against that with what a pack has to write besides.
fn against(rounds: usize, workspace: &Workspace, extension: &str, what: &str, decode: Decoder, at_most: Option<f64>) {
    let floors = Floors::of(workspace.path());
    print_head();
    // The size of the pack is that of what is written.
    workspace.pack_cold(&[]);
    let subject = Contestant::new("cold, one shot", || workspace.pack_cold(&[]));
    let name = format!("read all and {what}, all threads");
    let mut floor =
        Contestant::new(&name, || parallel::read_and_decode(&floors, extension, || (), |(), file| decode(file)));
    floor.at_most = at_most;
    let name = "that, write one, `fsync`";
    let write =
        Contestant::new(name, || parallel::read_decode_and_write(&floors, extension, || (), |(), file| decode(file)));
    let single = Contestant::new("cold, `--jobs 1`", || workspace.pack_cold(&["--jobs", "1"]));
    compare(rounds, || {}, subject, vec![floor, write, single]);
}
