//! Workspaces that are made up, and the bytes of their files.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::space::{TestSpace, uuid};
use crate::wav::Wav;

/// What the files of an asset are, whatever its format makes of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Data,
    Tiles,
    Sounds,
    /// Maps over the pictures of the first asset.
    Maps,
}

impl Kind {
    pub const ALL: [Self; 4] = [Self::Data, Self::Tiles, Self::Sounds, Self::Maps];

    /// Those that need no other asset.
    pub const ALONE: [Self; 3] = [Self::Data, Self::Tiles, Self::Sounds];

    pub fn extension(self) -> &'static str {
        match self {
            Self::Data => "bin",
            Self::Tiles => "png",
            Self::Sounds => "wav",
            Self::Maps => "tmx",
        }
    }

    /// Of the file `path`.
    pub fn of(path: &str) -> Self {
        Self::ALL.into_iter().find(|kind| path.ends_with(kind.extension())).unwrap_or(Self::Data)
    }

    /// The format made for such files.
    pub fn format(self) -> &'static str {
        match self {
            Self::Data => "DATA/raw_v1",
            Self::Tiles => "TILES/indexed_v1",
            Self::Sounds => "SOUNDS/pcm_v1",
            Self::Maps => "DATA/tilemap_v1",
        }
    }

    /// What the format needs to be told.
    pub fn metadata(self) -> Value {
        match self {
            Self::Data | Self::Maps => json!({}),
            Self::Tiles => json!({ "tile_size": 8 }),
            Self::Sounds => json!({ "loops": "DETECT" }),
        }
    }

    /// A sound file of this kind. All long ones have one size, and all short ones another.
    pub fn content(self, seed: u8, is_long: bool) -> Vec<u8> {
        match self {
            Self::Data => vec![seed; if is_long { 3000 } else { usize::from(seed > 0) * 40 }],
            Self::Tiles => picture(seed, if is_long { 32 } else { 16 }),
            Self::Maps => map(seed, is_long),
            Self::Sounds => Wav { data: vec![seed; if is_long { 2000 } else { 8 }], ..Wav::default() }.bytes(),
        }
    }
}

/// A picture 16 pixels wide, of a palette that depends on the seed, as its pixels do. Nothing is compressed: its size
/// depends on its height only.
fn picture(seed: u8, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 16, height);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::NoCompression);
    encoder.set_palette((0..16 * 3).map(|at: u8| at.wrapping_mul(seed)).collect::<Vec<_>>());
    let samples: Vec<u8> = (0..16 * height).map(|at| (at as u8).wrapping_add(seed) % 16).collect();
    encoder.write_header().unwrap().write_image_data(&samples).unwrap();
    bytes
}

/// A map of one cell, over one of the first two pictures of the first asset.
fn map(seed: u8, is_long: bool) -> Vec<u8> {
    let (picture, tile) = if seed.is_multiple_of(2) { ("f0.png\"     ", seed % 3) } else { ("more/f1.png\"", 1) };
    let note = if is_long { "x".repeat(2000) } else { String::new() };
    format!(
        r#"<map orientation="orthogonal" width="1" height="1" tilewidth="8" tileheight="8" class="{note}{seed:03}">
        <tileset firstgid="1" tilewidth="8" tileheight="8" tilecount="4" columns="2"><image source="../a1/{picture}/></tileset>
        <layer width="1" height="1"><data encoding="csv">{tile}</data></layer></map>"#
    )
    .into_bytes()
}

/// How an asset stands to the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Included,
    Excluded,
    Unregistered,
}

/// An asset that is made up.
#[derive(Clone, Debug)]
pub struct Asset {
    pub kind: Kind,
    /// A seed for each file. All but the first lie in a folder `more`.
    pub files: Vec<u8>,
    pub is_long: bool,
    pub has_glob: bool,
    pub is_preloaded: bool,
    pub user: Option<u8>,
    pub pipeline: Option<u8>,
    pub standing: Standing,
}

/// A workspace that is made up. The asset with the id `n` is the one before `n`.
#[derive(Clone, Debug)]
pub struct World(pub Vec<Asset>);

fn asset() -> impl Strategy<Value = Asset> {
    let kind = prop::sample::select(Kind::ALL.to_vec());
    let standing =
        prop_oneof![8 => Just(Standing::Included), 1 => Just(Standing::Excluded), 1 => Just(Standing::Unregistered)];
    let files = prop::collection::vec(0_u8..4, 1..4);
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    let values = (prop::option::of(0_u8..3), prop::option::of(0_u8..3));
    (kind, files, flags, values, standing).prop_map(
        |(kind, files, (is_long, has_glob, is_preloaded), (user, pipeline), standing)| Asset {
            kind,
            files,
            is_long,
            has_glob,
            is_preloaded,
            user,
            pipeline,
            standing,
        },
    )
}

pub fn world() -> impl Strategy<Value = World> {
    prop::collection::vec(asset(), 0..=12).prop_map(|mut assets| {
        // Those with such a number lie in another folder, and would not find the first asset.
        assets
            .iter_mut()
            .skip(2)
            .step_by(3)
            .filter(|asset| asset.kind == Kind::Maps)
            .for_each(|asset| asset.kind = Kind::Data);
        // In a folder of the asset, a map would look elsewhere.
        assets.iter_mut().filter(|asset| asset.kind == Kind::Maps).for_each(|asset| asset.files.truncate(1));
        if assets.iter().any(|asset| asset.kind == Kind::Maps) {
            assets[0] = Asset { files: vec![1, 2, 3], has_glob: assets[0].has_glob, ..Asset::of(Kind::Tiles) };
        }
        World(assets)
    })
}

impl World {
    /// The workspace, written to a folder of its own.
    pub fn write(&self) -> TestSpace {
        let space = TestSpace::empty();
        let mut entries = Vec::new();
        for (asset, id) in self.0.iter().zip(1..) {
            let root = root(id);
            asset.write(&space, &root, id);
            let entry = json!({
                "asset_id": id,
                "asset_uuid": uuid(id),
                "root": root,
                "included_in_build": asset.standing == Standing::Included,
            });
            if asset.standing != Standing::Unregistered {
                entries.push(entry.to_string());
            }
        }
        space.write_registry(&entries);
        space
    }
}

/// Where the asset with this id is at first.
fn root(id: usize) -> String {
    if id.is_multiple_of(3) { format!("in/a{id}") } else { format!("a{id}") }
}

impl Asset {
    /// Included in the build, with one short file.
    pub fn of(kind: Kind) -> Self {
        Self {
            kind,
            files: vec![1],
            is_long: false,
            has_glob: false,
            is_preloaded: false,
            user: None,
            pipeline: None,
            standing: Standing::Included,
        }
    }

    /// Writes manifest and files of the asset to its root.
    fn write(&self, space: &TestSpace, root: &str, id: usize) {
        let extension = self.kind.extension();
        let mut artifacts = Vec::new();
        for (number, seed) in self.files.iter().enumerate() {
            let folder = if number == 0 { "" } else { "more/" };
            let file = format!("{folder}f{number}.{extension}");
            space.write(&format!("assets/{root}/{file}"), self.kind.content(*seed, self.is_long));
            artifacts.push(json!({ "file": file }));
        }
        if self.has_glob {
            artifacts = vec![json!({ "glob": format!("**/*.{extension}"), "except": ["**/unused*"] })];
        }
        let mut output = json!({ "format": self.kind.format(), "metadata": self.kind.metadata() });
        if let Some(user) = self.user {
            output["metadata"]["user"] = json!({ "value": user });
        }
        if let Some(pipeline) = self.pipeline {
            output["pipeline"] = json!({ "value": f64::from(pipeline) + 0.5 });
        }
        let mut manifest = json!({
            "schema_version": 2,
            "asset_uuid": uuid(id),
            "name": format!("asset {id}"),
            "artifacts": artifacts,
            "output": output,
        });
        if self.is_preloaded {
            manifest["preload"] = json!({ "enabled": true, "slot": id % 16 });
        }
        space.write(&format!("assets/{root}/asset.json"), format!("{manifest:#}\n"));
    }
}
