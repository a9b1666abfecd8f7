//! Maps and tilesets of Tiled in JSON: <https://doc.mapeditor.org/en/stable/reference/json-map-format/>.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::super::map::{Cell, Content, Layer, Map, Object, Tileset};
use super::super::notes::{Notes, Read};
use super::cells::Form;
use super::json::{Cells, Integer, few, parse};
use super::selection::Selection;
use super::tiled::{Cut, External, Header};
use crate::json::shortened;

/// What the files are.
const WHAT: &str = "map or tileset of Tiled";

#[derive(Deserialize)]
struct MapJson {
    orientation: String,
    #[serde(default)]
    infinite: bool,
    width: u32,
    height: u32,
    tilewidth: u32,
    tileheight: u32,
    #[serde(default, deserialize_with = "few")]
    tilesets: Vec<TilesetJson>,
    #[serde(default)]
    layers: Vec<LayerJson>,
}

#[derive(Deserialize)]
struct TilesetJson {
    #[serde(default)]
    firstgid: u32,
    source: Option<String>,
    #[serde(default)]
    name: String,
    #[serde(default)]
    columns: u32,
    #[serde(default)]
    tilecount: u32,
    #[serde(default)]
    tilewidth: u32,
    #[serde(default)]
    tileheight: u32,
    #[serde(default)]
    spacing: u32,
    #[serde(default)]
    margin: u32,
    image: Option<String>,
    #[serde(default)]
    imagewidth: u32,
    #[serde(default)]
    imageheight: u32,
    objectalignment: Option<String>,
}

#[derive(Deserialize)]
struct LayerJson {
    #[serde(rename = "type")]
    kind: String,
    name: String,
    #[serde(default)]
    offsetx: f64,
    #[serde(default)]
    offsety: f64,
    #[serde(default)]
    width: u32,
    #[serde(default)]
    height: u32,
    #[serde(default)]
    encoding: String,
    #[serde(default)]
    compression: String,
    #[serde(default)]
    data: Cells,
    #[serde(default)]
    layers: Vec<LayerJson>,
    #[serde(default)]
    objects: Vec<ObjectJson>,
}

/// Tiled saves all that is not optional here; so many objects take many bytes of a file.
#[derive(Deserialize)]
struct ObjectJson {
    id: u32,
    #[serde(default)]
    name: String,
    #[serde(default)]
    rotation: f64,
    #[serde(default, rename = "type")]
    kind: String,
    class: Option<String>,
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    #[serde(default)]
    gid: u32,
    #[serde(default)]
    properties: Vec<PropertyJson>,
    template: Option<String>,
    polygon: Option<IgnoredAny>,
    polyline: Option<IgnoredAny>,
    text: Option<IgnoredAny>,
    ellipse: Option<bool>,
}

#[derive(Deserialize)]
struct PropertyJson {
    name: String,
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    value: Integer,
}

/// Reads a map, and with `external` its tilesets that have files of their own.
pub(super) fn read(
    bytes: &[u8],
    external: External<'_>,
    selection: &mut Selection<'_>,
    notes: &mut Notes<'_, '_>,
) -> Read<Map> {
    let root: MapJson = parse(bytes, WHAT, notes)?;
    let header = Header {
        orientation: &root.orientation,
        is_infinite: root.infinite,
        width: root.width,
        height: root.height,
        tile_size: (root.tilewidth, root.tileheight),
    };
    let mut map = header.map(notes)?;
    for json in root.tilesets {
        let first = json.firstgid;
        let tileset = match &json.source {
            None => json.into_tileset(notes),
            Some(source) => external(source, notes)?,
        };
        map.push_tileset(Tileset { first, ..tileset }, notes)?;
    }
    Layers { map: &mut map, selection, notes }.add(root.layers, "", 0)?;
    Ok(map)
}

/// Reads a tileset of a file of its own.
pub(super) fn read_tileset(bytes: &[u8], notes: &mut Notes<'_, '_>) -> Read<Tileset> {
    parse(bytes, WHAT, notes).map(|tileset: TilesetJson| tileset.into_tileset(notes))
}

impl TilesetJson {
    fn into_tileset(self, notes: &mut Notes<'_, '_>) -> Tileset {
        if let Some(alignment) = &self.objectalignment {
            notes.check_alignment(alignment, &self.name);
        }
        let cut = Cut {
            columns: self.columns,
            tile_count: self.tilecount,
            tile_size: (self.tilewidth, self.tileheight),
            spacing: self.spacing,
            margin: self.margin,
            picture_size: (self.imagewidth, self.imageheight),
        };
        cut.tileset(self.name, self.firstgid, self.image)
    }
}

/// The layers of a map, under way.
struct Layers<'l, 'p, 'n, 'f> {
    map: &'l mut Map,
    selection: &'l mut Selection<'p>,
    notes: &'l mut Notes<'n, 'f>,
}

impl Layers<'_, '_, '_, '_> {
    /// Adds `list`, the layers of a map, or of a group within so many `groups`, whose name stands before theirs.
    fn add(&mut self, list: Vec<LayerJson>, prefix: &str, groups: usize) -> Read<()> {
        for mut layer in list {
            let name = format!("{prefix}{}", layer.name);
            if layer.kind == "group" {
                self.notes.count_layer(&name, groups + 1)?;
                let before = self.map.layers.len();
                self.add(std::mem::take(&mut layer.layers), &format!("{name}/"), groups + 1)?;
                if self.map.layers.len() > before {
                    layer.note_offset(&name, self.notes);
                }
                continue;
            }
            self.notes.count_layer(&name, groups)?;
            if self.selection.takes(&name) {
                self.add_one(layer, name)?;
            }
        }
        Ok(())
    }

    /// Adds one layer, which is no group.
    fn add_one(&mut self, layer: LayerJson, name: String) -> Read<()> {
        let Self { map, notes, .. } = self;
        layer.note_offset(&name, notes);
        match layer.kind.as_str() {
            "tilelayer" => tiles(layer, name, map, notes)?,
            "objectgroup" => {
                let objects =
                    layer.objects.into_iter().map(|object| self::object(object, notes)).collect::<Read<_>>()?;
                map.layers.push(Layer { name, content: Content::Objects(objects) });
            }
            "imagelayer" => notes.leave_out("layers with a picture", &name),
            other => {
                let other = shortened(other);
                return Err(notes.invalid(format!("the layer {name:?} is of the unknown type {other:?}")));
            }
        }
        Ok(())
    }
}

impl LayerJson {
    /// Notes that a layer or group is shown elsewhere than its cells are.
    fn note_offset(&self, name: &str, notes: &mut Notes<'_, '_>) {
        if self.offsetx != 0.0 || self.offsety != 0.0 {
            notes.leave_out("offsets of layers", name);
        }
    }
}

fn tiles(layer: LayerJson, name: String, map: &mut Map, notes: &mut Notes<'_, '_>) -> Read<()> {
    let size = (layer.width, layer.height);
    match layer.data {
        Cells::Text(text) => {
            let form = Form { encoding: &layer.encoding, compression: &layer.compression };
            map.add_tiles(name, size, form, &text, notes)
        }
        Cells::Numbers(cells) => {
            let count = map.count_cells(&name, size, notes)?;
            if cells.len() != count {
                let message = format!("the layer {name:?} has {} tiles for {count} cells", cells.len());
                return Err(notes.invalid(message));
            }
            map.push_tiles(name, cells);
            Ok(())
        }
        Cells::Absent => Err(notes.invalid(format!("the layer {name:?} has no data"))),
    }
}

fn object(json: ObjectJson, notes: &mut Notes<'_, '_>) -> Read<Object> {
    let shown = if json.name.is_empty() { format!("object {}", json.id) } else { json.name.clone() };
    if json.template.is_some() {
        let help = "detach it from its template in Tiled, and save the map";
        return Err(notes.unsupported(format!("{shown:?} is made by a template, which is not read"), help));
    }
    let mut properties = Vec::new();
    for PropertyJson { name, kind, value } in json.properties {
        // A colour or a text is no number, and one that is written as a float is none that is meant as an integer.
        let value = value.0.filter(|_| matches!(kind.as_str(), "int" | "object" | "bool"));
        match value {
            Some(value) => properties.push((name, value)),
            None => notes.leave_out_of("properties that are no integers of 32 bits", &shown, &name),
        }
    }
    notes.count_object(properties.len())?;
    if json.rotation != 0.0 {
        notes.leave_out("rotations of objects", &shown);
    }
    if json.polygon.is_some() || json.polyline.is_some() || json.text.is_some() || json.ellipse == Some(true) {
        notes.leave_out("shapes of objects beside points and rectangles", &shown);
    }
    Ok(Object {
        id: json.id,
        class: json.class.unwrap_or(json.kind),
        x: notes.whole(json.x, &shown)?,
        y: notes.whole(json.y, &shown)?,
        width: notes.size(json.width, &shown)?,
        height: notes.size(json.height, &shown)?,
        cell: Cell::of_tiled(json.gid),
        properties,
        name: json.name,
    })
}
