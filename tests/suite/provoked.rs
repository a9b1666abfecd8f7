//! What provokes each code that no document alone can provoke, through the binary or the services.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::symlink;
use std::sync::Arc;

use papack_engine::PackRequest;
use papack_engine::fs::RealFs;
use papack_queries::change::{AssetInput, AssetState, Change};
use papack_queries::content::{ContentId, ContentStore, Digest};
use papack_queries::db::Database;
use papack_queries::diagnostic::Diagnostic;
use papack_queries::discovery::Walk;
use papack_queries::inputs::{FileState, ManifestState};
use papack_queries::pack::gate;
use papack_queries::schema::{REGISTRY_PATH, registry};
use papack_queries::tree::{Kind, Tree, TreeEntry};

use serde_json::Value;

use crate::hooked::{self, Call, HookedFs, Operation};
use crate::irreproducible;
use crate::pictures::{indexed, png, rgba, rgba_of};
use crate::space::{Run, TestSpace, entry, manifest};
use crate::wav::Wav;

/// What was found.
pub type Found = Vec<Told>;

/// A diagnostic, as far as its code has to do with it.
#[derive(Debug)]
pub struct Told {
    pub code: String,
    pub severity: String,
    /// Null where there is none.
    pub data: Value,
}

/// Brings about a fault.
pub type Provoke = fn() -> Found;

/// Each code, and what provokes it.
pub const PROVOKED: [(&str, Provoke); 76] = [
    ("JSON_TOO_LARGE", || packed(|space| space.write("assets/a/asset.json", vec![b' '; 1024 * 1024 + 1]))),
    ("FILE_FORBIDDEN", too_deep),
    ("NAME_NOT_UTF8", || {
        packed(|space| {
            let name = OsString::from_vec(b"caf\xe9.txt".to_vec());
            fs::write(space.path().join("assets/a").join(name), "").unwrap();
        })
    }),
    ("FILE_LFS_POINTER", || {
        let digest = "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393";
        let pointer = format!("version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize 12345\n");
        packed(|space| space.write("assets/a/f", pointer))
    }),
    ("FILE_HTML", || packed(|space| space.write("assets/a/f", "<!DOCTYPE html><title>404 Not Found</title>"))),
    ("GLOB_TOO_COSTLY", too_costly),
    ("PNG_INVALID", || tiles(&[b"\xff\xd8\xff\xe0 a JPEG".to_vec()])),
    ("PNG_UNSUPPORTED", || tiles(&[png(8, 8, png::ColorType::Grayscale, png::BitDepth::Sixteen, None, &[0; 128])])),
    ("PNG_TRAILING_BYTES", || tiles(&[[rgba(8, 8, [0; 4]), b"made by me".to_vec()].concat()])),
    ("PNG_INDEX_BEYOND_PALETTE", || tiles(&[indexed(4, 5)])),
    ("ASE_INVALID", || tiles(&[sprite(8, 1, &[])])),
    ("ASE_UNSUPPORTED", || tiles(&[sprite(32, 0, &layer_of_type(7))])),
    ("GIF_INVALID", || tiles(&[b"GIF89a\x08\0\x08\0".to_vec()])),
    ("BMP_INVALID", || tiles(&[bmp(24)])),
    ("BMP_UNSUPPORTED", || tiles(&[bmp(2)])),
    ("PART_MISSING", || {
        let space = space();
        space.write("assets/a/a.png", rgba(8, 8, [0; 4]));
        let artifacts = r#"{"file": "a.png", "tag": "run"}"#;
        let output = r#""TILES/indexed_v1", "metadata": { "tile_size": 8 }"#;
        space.write("assets/a/asset.json", manifest(1, "a", artifacts).replace(r#""DATA/raw_v1""#, output));
        run(&space, &["pack"])
    }),
    ("TILES_SIZE", || tiles(&[rgba(20, 16, [0; 4])])),
    ("TILES_INDEX", || tiles(&[indexed(32, 17)])),
    ("TILES_ALPHA", || tiles(&[rgba(8, 8, [0, 0, 0, 128])])),
    ("TILES_COLOURS", || tiles(&[rgba_of(16, 16, |pixel| [pixel as u8 & 0xf8, (pixel as u8) << 3, 0, 255])])),
    ("TILES_COLOURS_MERGED", || tiles(&[rgba_of(8, 8, |pixel| [16, u8::from(pixel == 1), 16, 255])])),
    ("TILES_PALETTES", || {
        let picture = |number: u8| rgba(8, 8, [number % 16 * 16, number / 16 * 16, 0, 255]);
        tiles(&(0..65).map(picture).collect::<Vec<_>>())
    }),
    ("TILES_ENTRY_ZERO", || tiles(&[indexed(2, 1)])),
    ("TILES_KEYED", || converted(r##""transparent": "#010203""##, &[rgba(8, 8, [1, 2, 3, 255])])),
    ("TILES_HARDENED", || converted(r#""alpha": 128"#, &[rgba(8, 8, [1, 2, 3, 130])])),
    ("TILES_REDUCED", || converted(r#""colors": 2"#, &[rgba_of(8, 8, |pixel| [pixel as u8 * 4, 0, 0, 255])])),
    ("TILES_RENUMBERED", || converted(r#""renumber": true"#, &[indexed(32, 17)])),
    ("TILES_PADDED", || converted(r#""pad": "TOP""#, &[rgba(9, 8, [0; 4])])),
    ("PALETTE_INVALID", || converted(r#""palette": "FIRST_FILE""#, &[b"a palette".to_vec(), rgba(8, 8, [0; 4])])),
    ("WAV_INVALID", || sounds("", &[("a.wav", b"ID3 an MP3".to_vec())])),
    ("WAV_UNSUPPORTED", || sounds("", &[("a.wav", Wav { tag: 0x55, ..Wav::default() }.bytes())])),
    ("WAV_INCONSISTENT", || sounds("", &[("a.wav", Wav { riff_size: Some(100), ..Wav::default() }.bytes())])),
    ("AUDIO_INVALID", || sounds("", &[("a.wav", b"FORM\0\0\0\x04AIFF".to_vec())])),
    ("AUDIO_UNSUPPORTED", || sounds("", &[("a.wav", aiff(b"ulaw", 8_000, &[]))])),
    ("AUDIO_INCONSISTENT", || {
        let song = include_bytes!("../../queries/tests/audio/stereo.mp3");
        sounds("", &[("a.wav", song[..song.len() - 500].to_vec())])
    }),
    ("SOUNDS_TOO_LONG", || sounds(r#""sample_rate": 192000"#, &[("a.wav", aiff(b"NONE", 1, &[0; 1000]))])),
    ("SOUNDS_CONVERTED", || sounds(r#""gain": 200"#, &[("a.wav", Wav::default().bytes())])),
    ("SOUNDS_SAMPLE", || {
        let data = [0.0_f32, f32::NAN].iter().flat_map(|sample| sample.to_le_bytes()).collect();
        sounds("", &[("a.wav", Wav { tag: 3, bits: 32, data, ..Wav::default() }.bytes())])
    }),
    ("SOUNDS_LOOP", || {
        sounds(r#""loops": "DETECT""#, &[("a.wav", Wav { smpl: Some((1, 0, 1)), ..Wav::default() }.bytes())])
    }),
    ("SOUNDS_LOOP_IGNORED", || sounds("", &[("a.wav", Wav { smpl: Some((0, 0, 1)), ..Wav::default() }.bytes())])),
    ("SOUNDS_NAME_TAKEN", || {
        sounds("", &[("player/jump.wav", Wav::default().bytes()), ("enemy/jump.wav", Wav::default().bytes())])
    }),
    ("OUTPUT_BLOCKED", || packed(|space| symlink("/tmp", space.path().join("build")).unwrap())),
    ("OUTPUT_IRREPLACEABLE", || odd(|_, call| immutable(Operation::CanRename, call))),
    ("IGNORE_INVALID", || packed(|space| space.write("assets/.papackignore", "*.ps[d\n"))),
    ("IGNORE_MISPLACED", || packed(|space| space.write("assets/a/.papackignore", "*.psd\n"))),
    ("FORMAT_UNCLEAR", || {
        let space = space();
        space.write("assets/pics/a.png", rgba(8, 8, [0, 0, 0, 255]));
        space.write("assets/pics/readme.txt", "a picture");
        run(&space, &["new", "pics"])
    }),
    ("PLACE_TAKEN", || run(&space(), &["mv", "a", "b"])),
    ("OUTPUT_TOO_LARGE", too_large),
    ("LANE_BUSY", || {
        let space = space();
        let holder = File::open(space.path().join("assets/.prometeu")).unwrap();
        holder.lock().unwrap();
        run(&space, &["pack", "--no-wait"])
    }),
    ("MAP_INVALID", || map_of("1, 2")),
    ("MAP_UNSUPPORTED", || map("infinite=\"1\"", "")),
    ("MAP_TILESET", || map_of("10")),
    ("MAP_TILE", || map_of("2")),
    ("MAP_LEFT_OUT", || map("", "<imagelayer name=\"i\"/><objectgroup name=\"o\"/>")),
    ("JOURNAL_UNKNOWN", || packed(|space| space.write("build/.staging/journal.json", r#"{"schema_version":99}"#))),
    ("MERGE_CONFLICT", merge_conflict),
    ("REGISTRY_FORM", || {
        let space = space();
        space.write(REGISTRY_PATH, r#"{ "schema_version": 2, "next_asset_id": 1, "assets": [] }"#);
        run(&space, &["doctor"])
    }),
    ("LEFTOVER", || {
        let space = space();
        space.write("build/.staging/k3J9sZuyXw4ndm06D9nc/spool", "");
        run(&space, &["doctor"])
    }),
    ("CACHE_DROPPED", || packed(|space| space.write("assets/.prometeu/cache/index", "no index"))),
    ("CACHE_KEY", || {
        let space = space();
        let mut command = space.command(&["pack", "--message-format", "json"]);
        command.env("PAPACK_CACHE_KEY", "too short");
        found_by(&Run::of(command))
    }),
    ("PROMOTION_COMPLETED", || packed(|space| cut_short(space, true))),
    ("PROMOTION_DROPPED", || packed(|space| cut_short(space, false))),
    ("PROMOTION_STUCK", || {
        let space = space();
        cut_short(&space, true);
        odd_in(space, |_, call| immutable(Operation::Rename, call))
    }),
    ("IO", || odd(|_, call| failing(call))),
    ("FILE_UNSTABLE", || {
        odd(|space, call| {
            change(space, call);
            Ok(())
        })
    }),
    ("NOT_REPRODUCIBLE", || told(&irreproducible::on_a_lying_disk().diagnostics)),
    ("INTERNAL", || {
        odd(|_, call| {
            panic_at(call);
            Ok(())
        })
    }),
    ("PACK_PRELUDE", || verified(|pack| pack[0] = b'X')),
    ("PACK_NOT_CANONICAL", || verified(|pack| replace(pack, r#""offset":0,"size":1}"#, r#""size":1,"offset":0}"#))),
    ("PACK_ORDER", || verified(|pack| replace(pack, r#""asset_id":1"#, r#""asset_id":9"#))),
    ("PACK_LAYOUT", || verified(|pack| pack.truncate(pack.len() - 1))),
    ("PACK_METADATA", || verified(|pack| replace(pack, r#""offset":0,"size":1}"#, r#""offset":0,"size":2}"#))),
    ("PACK_PRELOAD", || verified(|pack| replace(pack, r#"{"asset_id":2,"slot":0}"#, r#"{"asset_id":9,"slot":0}"#))),
    ("PACK_COMPANION", || {
        let space = preloaded();
        space.write("build/preload.json", "[]");
        run(&space, &["verify", "build/assets.pa"])
    }),
    ("PACK_DIGEST", || verified(|pack| *pack.last_mut().unwrap() ^= 1)),
    ("ASSET_UNKNOWN", || run(&preloaded(), &["inspect", "build/assets.pa", "uii"])),
];

/// Codes that have data in some cases only, and such a case.
pub const PROVOKED_DATA: [(&str, Provoke); 1] = [("ASSET_UNREGISTERED", || {
    packed(|space| space.write("assets/a/in/asset.json", manifest(7, "in", r#"{"file": "f"}"#)))
})];

/// Runs a command, and gives what it finds.
pub fn run(space: &TestSpace, arguments: &[&str]) -> Found {
    found_by(&space.run(&[arguments, &["--message-format", "json"]].concat()))
}

fn found_by(run: &Run) -> Found {
    let lines = run.lines();
    let found = lines.last().unwrap()["diagnostics"].as_array().unwrap();
    found.iter().map(Told::of).collect()
}

fn told(diagnostics: &[Diagnostic]) -> Found {
    diagnostics.iter().map(|found| Told::of(&serde_json::to_value(found).unwrap())).collect()
}

impl Told {
    fn of(diagnostic: &Value) -> Self {
        let text = |key: &str| diagnostic[key].as_str().unwrap().to_owned();
        Self { code: text("code"), severity: text("severity"), data: diagnostic["data"].clone() }
    }
}

fn space() -> TestSpace {
    TestSpace::with_assets(&[("a", &[("f", "f")]), ("b", &[("g", "g")])])
}

/// Packs a workspace that `spoil` changed.
fn packed(spoil: impl FnOnce(&TestSpace)) -> Found {
    let space = space();
    spoil(&space);
    run(&space, &["pack"])
}

/// Packs a map of one cell, with the attributes `of_map` and this content, whose tileset has a picture of an asset that has one tile.
fn map(of_map: &str, content: &str) -> Found {
    packed(|space| {
        let tiles = manifest(2, "b", r#"{"file": "b.png"}"#);
        let tiles = tiles.replace("\"DATA/raw_v1\"", r#""TILES/indexed_v1", "metadata": {"tile_size": 8}"#);
        space.write("assets/b/asset.json", tiles);
        space.write("assets/b/b.png", rgba(8, 8, [1, 2, 3, 255]));
        space.write_registry(&[entry(1, "a"), entry(2, "b")]);
        let text = format!(
            r#"<map orientation="orthogonal" width="1" height="1" tilewidth="8" tileheight="8" {of_map}>
            <tileset firstgid="1" name="t" tilewidth="8" tileheight="8" tilecount="9" columns="3"><image source="../b/b.png"/></tileset>
            <tileset firstgid="10" name="u" tilewidth="8" tileheight="8" tilecount="9" columns="3"><image source="u.png"/></tileset>
            {content}</map>"#
        );
        space.write("assets/a/f", text);
        let of_map = manifest(1, "a", r#"{"file": "f"}"#).replace("DATA/raw_v1", "DATA/tilemap_v1");
        space.write("assets/a/asset.json", of_map);
    })
}

/// A layer of the one cell.
fn map_of(cell: &str) -> Found {
    map("", &format!("<layer name=\"l\" width=\"1\" height=\"1\"><data encoding=\"csv\">{cell}</data></layer>"))
}

/// An Aseprite file of 8 × 8 pixels with a frame of these chunks, whose header lacks so many bytes that its size claims.
fn sprite(bits: u16, lacking: u32, chunks: &[u8]) -> Vec<u8> {
    let mut file = [0; 144];
    file[4..6].copy_from_slice(&[0xe0, 0xa5]);
    for (at, value) in [(6, 1), (8, 8), (10, 8), (12, bits), (134, u16::from(!chunks.is_empty()))] {
        file[at..at + 2].copy_from_slice(&value.to_le_bytes());
    }
    file[128..132].copy_from_slice(&(16 + chunks.len() as u32 + lacking).to_le_bytes());
    file[132..134].copy_from_slice(&[0xfa, 0xf1]);
    [&file[..], chunks].concat()
}

/// The chunk of a layer without a name, of that type.
fn layer_of_type(kind: u8) -> Vec<u8> {
    [&[24, 0, 0, 0, 4, 0x20, 1, 0, kind][..], &[0; 15]].concat()
}

/// A BMP of 8 × 8 pixels of so many bits, which has none of them.
fn bmp(bits: u8) -> Vec<u8> {
    let mut file = [0; 54];
    file[..2].copy_from_slice(b"BM");
    for (at, value) in [(10, 54), (14, 40), (18, 8), (22, 8), (28, bits)] {
        file[at] = value;
    }
    file.to_vec()
}

/// Packs one asset of pictures.
fn tiles(pictures: &[Vec<u8>]) -> Found {
    converted("", pictures)
}

/// Packs one asset of pictures, which its manifest has converted by these fields.
fn converted(fields: &str, pictures: &[Vec<u8>]) -> Found {
    let space = space();
    for (index, picture) in pictures.iter().enumerate() {
        space.write(&format!("assets/a/{index:03}.png"), picture);
    }
    let comma = if fields.is_empty() { "" } else { ", " };
    let output = format!(r#""TILES/indexed_v1", "metadata": {{ "tile_size": 8{comma}{fields} }}"#);
    space.write("assets/a/asset.json", manifest(1, "a", r#"{"glob": "*.png"}"#).replace(r#""DATA/raw_v1""#, &output));
    run(&space, &["pack"])
}

/// An AIFC of 16-bit mono.
fn aiff(compression: &[u8; 4], rate: u16, samples: &[u8]) -> Vec<u8> {
    let chunk = |id: &[u8; 4], body: &[u8]| [id, &(body.len() as u32).to_be_bytes()[..], body].concat();
    // The rate is a float with 15 bits behind the point of its mantissa, of which the highest has to be set.
    let shift = rate.leading_zeros();
    let exponent = (16_383 + 15 - shift as u16).to_be_bytes();
    let rate = [&exponent[..], &(rate << shift).to_be_bytes(), &[0; 6]].concat();
    let frames = (samples.len() as u32 / 2).to_be_bytes();
    let common = [&[0, 1][..], &frames, &[0, 16], &rate, compression].concat();
    let sound = [&[0; 8], samples].concat();
    chunk(b"FORM", &[&b"AIFC"[..], &chunk(b"COMM", &common), &chunk(b"SSND", &sound)].concat())
}

/// Packs one asset of sounds.
fn sounds(metadata: &str, files: &[(&str, Vec<u8>)]) -> Found {
    let space = space();
    for (name, bytes) in files {
        space.write(&format!("assets/a/{name}"), bytes);
    }
    let output = format!(r#""SOUNDS/pcm_v1", "metadata": {{ {metadata} }}"#);
    space
        .write("assets/a/asset.json", manifest(1, "a", r#"{"glob": "**/*.wav"}"#).replace(r#""DATA/raw_v1""#, &output));
    run(&space, &["pack"])
}

/// A folder deeper than any path: permissions would not bind the superuser.
fn too_deep() -> Found {
    packed(|space| {
        fs::create_dir_all(space.path().join("assets/a").join("d/".repeat(200))).unwrap();
        space.write("assets/a/asset.json", manifest(1, "a", r#"{"glob": "**"}"#));
    })
}

fn too_costly() -> Found {
    packed(|space| {
        let except = vec![format!("\"*{}b\"", "a*".repeat(60)); 7000].join(",");
        space.write("assets/a/asset.json", manifest(1, "a", &format!(r#"{{"glob": "**", "except": [{except}]}}"#)));
        for index in 0..300 {
            space.write(&format!("assets/a/{}{index}", "a".repeat(200)), "");
        }
    })
}

/// A payload of 2^53 bytes, which no disk has: the queries are told of one.
fn too_large() -> Found {
    struct Nothing;
    impl ContentStore for Nothing {
        fn read_at(&self, _: ContentId, _: u64, _: &mut [u8]) -> io::Result<()> {
            Err(io::ErrorKind::NotFound.into())
        }
        fn put(&self, _: &[u8]) -> io::Result<ContentId> {
            Err(io::ErrorKind::Unsupported.into())
        }
        fn is_known_harmless(&self, _: ContentId) -> bool {
            true
        }
    }
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    let registry = registry::parse(&space.read(REGISTRY_PATH));
    let named = |(path, kind): (&str, Kind)| TreeEntry { path: path.into(), kind };
    let tree = [("a", Kind::Folder), ("a/asset.json", Kind::File), ("a/f", Kind::File)].map(named);
    let walk = Walk { tree: Tree::new(tree.into()), not_utf8: Vec::new() };
    let root = walk.roots(&registry.entries).remove(0);
    let manifest = ManifestState::Bytes(space.read("assets/a/asset.json").into());
    let input = AssetInput::Loaded { root, manifest };
    let assets = vec![AssetState { entry: registry.entries[0].clone(), input }];
    let huge = FileState::Content(ContentId { digest: Digest::of(b""), size: 1 << 53 });
    let mut db = Database::new(Arc::new(Nothing), |_| {});
    Change { assets: Some(assets), files: vec![("assets/a/f".into(), huge)], ..Change::default() }.apply(&mut db);
    told(gate(&db, db.workspace()))
}

/// Two sides that moved one asset to different places.
fn merge_conflict() -> Found {
    let space = space();
    let file = |name: &str| space.path().join(name);
    for (name, root) in [("base", "a"), ("ours", "gfx"), ("theirs", "pictures")] {
        space.write_registry(&[entry(1, root)]);
        fs::rename(file(REGISTRY_PATH), file(name)).unwrap();
    }
    told(&papack_engine::merge_registries(&file("base"), &file("ours"), &file("theirs")).unwrap().diagnostics)
}

/// A promotion that was cut short, whose staged file is still there or not.
fn cut_short(space: &TestSpace, is_staged: bool) {
    let operation = "A".repeat(20);
    let identity = blake3::hash(b"[]");
    let files = format!(r#"[{{"name":"preload.json","size":2,"identity":"{identity}"}}]"#);
    let journal = format!(r#"{{"schema_version":1,"operation_id":"{operation}","files":{files}}}"#);
    space.write("build/.staging/journal.json", journal);
    if is_staged {
        space.write(&format!("build/.staging/{operation}/preload.json"), "[]");
    }
}

/// Two assets, the second of which is preloaded, packed.
fn preloaded() -> TestSpace {
    let space = space();
    let with_slot = |id, name, file: &str| {
        let preload = "\"preload\": { \"enabled\": true, \"slot\": 0 },\n  \"output\"";
        manifest(id, name, file).replace("\"output\"", preload)
    };
    space.write("assets/b/asset.json", with_slot(2, "ui", r#"{"file": "g"}"#));
    space.write_registry(&[entry(1, "a"), entry(2, "b")]);
    space.pack();
    space
}

/// Verifies a pack that `alter` altered.
fn verified(alter: impl FnOnce(&mut Vec<u8>)) -> Found {
    let space = preloaded();
    let mut pack = space.read("build/assets.pa");
    alter(&mut pack);
    space.write("build/assets.pa", pack);
    run(&space, &["verify", "build/assets.pa"])
}

/// Replaces the first `from` by `to`, which is as long.
fn replace(bytes: &mut [u8], from: &str, to: &str) {
    assert_eq!(from.len(), to.len());
    let at = bytes.windows(from.len()).position(|window| window == from.as_bytes()).expect(from);
    bytes[at..at + from.len()].copy_from_slice(to.as_bytes());
}

/// Packs from a disk on which `hook` is asked before every call.
fn odd(hook: impl Fn(&TestSpace, Call<'_>) -> io::Result<()> + Send + Sync + 'static) -> Found {
    odd_in(space(), hook)
}

/// As [`odd`], in `space`.
fn odd_in(space: TestSpace, hook: impl Fn(&TestSpace, Call<'_>) -> io::Result<()> + Send + Sync + 'static) -> Found {
    let space = Arc::new(space);
    let real = Arc::new(RealFs::new(space.path()).unwrap());
    let fs = HookedFs::new(real, move |call| hook(&space, call));
    let result = hooked::session(fs).pack(&PackRequest::default(), &|_| {});
    told(&result.diagnostics)
}

/// No file can be put into `build/`, as `operation` finds out.
fn immutable(operation: Operation, call: Call<'_>) -> io::Result<()> {
    let is_output = call.path.parent().is_some_and(|folder| folder == "build");
    let fails = call.operation == operation && is_output;
    if fails { Err(io::ErrorKind::PermissionDenied.into()) } else { Ok(()) }
}

/// Folders cannot be listed.
fn failing(call: Call<'_>) -> io::Result<()> {
    if call.operation == Operation::List { Err(io::Error::other("the disk is on fire")) } else { Ok(()) }
}

/// Somebody writes to a file whenever it is read.
fn change(space: &TestSpace, call: Call<'_>) {
    if call.operation == Operation::Read && call.path == "assets/a/f" {
        let mut bytes = space.read("assets/a/f");
        bytes.push(b'f');
        space.write("assets/a/f", bytes);
    }
}

/// Listing a folder brings out a defect.
fn panic_at(call: Call<'_>) {
    assert!(call.operation != Operation::List, "a defect, brought out by a test");
}
