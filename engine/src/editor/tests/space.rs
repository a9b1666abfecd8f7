//! A small workspace with an editor.

use std::sync::Arc;

use papack_queries::formats::tiles::{Metadata, Sheet};
use tempfile::TempDir;

use crate::editor::{Editor, TextEdit};
use crate::operation::Cancel;

pub const MENU: &str = "assets/ui/menu/asset.json";
pub const REGISTRY: &str = "assets/.prometeu/index.json";

/// The uuid of the asset with this id.
pub fn uuid(id: u32) -> String {
    format!("00000000-0000-4000-8000-{id:012}")
}

pub struct Space {
    pub folder: TempDir,
    pub editor: Editor,
}

impl Space {
    /// Three registered assets, one that is not, and an editor that looked at them.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let space = Self { editor: Editor::open(folder.path()).unwrap(), folder };
        for (id, root, name, artifact, output) in [
            (
                1,
                "ui/menu",
                "menu",
                r#""glob": "*.png""#,
                r#"{ "format": "TILES/indexed_v1", "metadata": { "tile_size": 8 } }, "preload": { "enabled": true, "slot": 3 }"#,
            ),
            (2, "sfx/jump", "jump", r#""file": "a.wav""#, r#"{ "format": "SOUNDS/pcm_v1" }"#),
            (
                3,
                "ui/hud",
                "hud",
                r#""file": "h.png""#,
                r#"{ "format": "TILES/indexed_v1", "metadata": { "tile_size": 8 } }, "preload": { "enabled": true, "slot": 0 }"#,
            ),
            (9, "new/thing", "thing", r#""file": "x""#, r#"{ "format": "DATA/raw_v1" }"#),
        ] {
            let uuid = uuid(id);
            let manifest = format!(
                r#"{{ "schema_version": 2, "asset_uuid": "{uuid}", "name": "{name}", "artifacts": [{{ {artifact} }}], "output": {output} }}"#
            );
            space.write(&format!("assets/{root}/asset.json"), manifest.as_bytes());
        }
        for file in ["ui/menu/a.png", "ui/menu/b.png", "ui/menu/more/c.png", "ui/hud/h.png"] {
            space.write(&format!("assets/{file}"), &png());
        }
        space.write("assets/ui/menu/notes.txt", b"notes");
        space.write("assets/sfx/jump/a.wav", &wav());
        let entry = |(id, root): (u32, &str)| {
            let uuid = uuid(id);
            format!(r#"{{ "asset_id": {id}, "asset_uuid": "{uuid}", "root": "{root}", "included_in_build": true }}"#)
        };
        let entries = [(1, "ui/menu"), (2, "sfx/jump"), (3, "ui/hud")].map(entry).join(",\n    ");
        let registry =
            format!("{{\n  \"schema_version\": 2,\n  \"next_asset_id\": 4,\n  \"assets\": [\n    {entries}\n  ]\n}}\n");
        space.write(REGISTRY, registry.as_bytes());
        space.looked()
    }

    pub fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    fn looked(mut self) -> Self {
        self.editor.look(&Cancel::new()).unwrap();
        self
    }

    /// Shows `marked` at `path`, without its mark `|`, and returns where that was.
    pub fn show(&mut self, path: &str, marked: &str) -> usize {
        let at = marked.find('|').unwrap();
        let text = marked.replacen('|', "", 1);
        self.editor.set_text(path, Some(Arc::from(text.as_bytes())));
        at
    }

    /// Where `wanted` is in the present text at `path`.
    pub fn find(&self, path: &str, wanted: &str) -> usize {
        self.text(path).find(wanted).unwrap()
    }

    pub fn text(&self, path: &str) -> String {
        String::from_utf8(self.editor.text(path, usize::MAX).unwrap().to_vec()).unwrap()
    }
}

/// `text` after `edits`, which do not overlap.
pub fn edited<'e>(text: &str, edits: impl IntoIterator<Item = &'e TextEdit>) -> String {
    let mut edits: Vec<_> = edits.into_iter().collect();
    edits.sort_by_key(|edit| edit.range.start);
    let mut text = text.to_owned();
    edits.into_iter().rev().for_each(|edit| text.replace_range(edit.range.clone(), &edit.text));
    text
}

/// A picture of 16 × 8 pixels.
fn png() -> Vec<u8> {
    let sheet = Sheet { duration_ms: None, first_tile: 0, palette: 0, tile_count: 2 };
    let metadata = Metadata {
        tile_size: 8,
        width: 16,
        height: 8,
        palette_count: 64,
        palette_authored: 1,
        sheets: vec![sheet],
        tags: Vec::new(),
    };
    let palette: Vec<u8> = (0..16_u16).flat_map(|entry| (entry * 4000).to_le_bytes()).collect();
    metadata.picture(sheet).unwrap().png(&[0x12; 64], &palette).unwrap()
}

/// Half a second of silence.
fn wav() -> Vec<u8> {
    let samples = [0; 8000];
    let mut wav = b"RIFF".to_vec();
    wav.extend((36 + samples.len() as u32).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    wav.extend(8000_u32.to_le_bytes());
    wav.extend(16000_u32.to_le_bytes());
    wav.extend(b"\x02\0\x10\0data");
    wav.extend((samples.len() as u32).to_le_bytes());
    wav.extend(samples);
    wav
}
