//! Maps and tilesets of Tiled in XML: <https://doc.mapeditor.org/en/stable/reference/tmx-map-format/>.

use super::super::map::{Cell, Content, Layer, Map, Object, Tileset};
use super::super::notes::{Notes, Read};
use super::cells::Form;
use super::selection::Selection;
use super::tiled::{Cut, External, Header};
use super::xml::Element;

/// Reads a map, and with `external` its tilesets that have files of their own.
pub(super) fn read(
    bytes: &[u8],
    external: External<'_>,
    selection: &mut Selection<'_>,
    notes: &mut Notes<'_, '_>,
) -> Read<Map> {
    let root = Element::parse(bytes, notes)?;
    if root.name != "map" {
        return Err(notes.invalid(format!("the file is no map: its element is {:?}", root.name)));
    }
    let header = Header {
        orientation: root.get("orientation").unwrap_or_default(),
        is_infinite: root.get("infinite") == Some("1"),
        width: root.number("width", 0, notes)?,
        height: root.number("height", 0, notes)?,
        tile_size: (root.number("tilewidth", 0, notes)?, root.number("tileheight", 0, notes)?),
    };
    let mut map = header.map(notes)?;
    for element in root.all("tileset") {
        let tileset = match element.get("source") {
            None => tileset(element, notes)?,
            Some(source) => {
                let tileset = external(source, notes)?;
                Tileset { first: element.number("firstgid", 0, notes)?, ..tileset }
            }
        };
        map.push_tileset(tileset, notes)?;
    }
    Layers { map: &mut map, selection, notes }.add(&root, "", 0)?;
    Ok(map)
}

/// Reads a tileset of a file of its own.
pub(super) fn read_tileset(bytes: &[u8], notes: &mut Notes<'_, '_>) -> Read<Tileset> {
    let root = Element::parse(bytes, notes)?;
    if root.name == "tileset" { tileset(&root, notes) } else { Err(notes.invalid("the file is no tileset")) }
}

fn tileset(element: &Element, notes: &mut Notes<'_, '_>) -> Read<Tileset> {
    if let Some(alignment) = element.get("objectalignment") {
        notes.check_alignment(alignment, element.get("name").unwrap_or_default());
    }
    let image = element.all("image").next();
    let length = |name: &str, notes: &mut Notes<'_, '_>| image.map_or(Ok(0), |image| image.number(name, 0, notes));
    let cut = Cut {
        columns: element.number("columns", 0, notes)?,
        tile_count: element.number("tilecount", 0, notes)?,
        tile_size: (element.number("tilewidth", 0, notes)?, element.number("tileheight", 0, notes)?),
        spacing: element.number("spacing", 0, notes)?,
        margin: element.number("margin", 0, notes)?,
        picture_size: (length("width", notes)?, length("height", notes)?),
    };
    let picture = image.and_then(|image| image.get("source")).map(str::to_owned);
    let name = element.get("name").unwrap_or_default().to_owned();
    Ok(cut.tileset(name, element.number("firstgid", 0, notes)?, picture))
}

/// The layers of a map, under way.
struct Layers<'l, 'p, 'n, 'f> {
    map: &'l mut Map,
    selection: &'l mut Selection<'p>,
    notes: &'l mut Notes<'n, 'f>,
}

impl Layers<'_, '_, '_, '_> {
    /// Adds the layers in `parent`, a map or a group within so many `groups`, whose name stands before theirs.
    fn add(&mut self, parent: &Element, prefix: &str, groups: usize) -> Read<()> {
        for element in &parent.children {
            let name = format!("{prefix}{}", element.get("name").unwrap_or_default());
            match element.name.as_str() {
                "group" => {
                    self.notes.count_layer(&name, groups + 1)?;
                    let before = self.map.layers.len();
                    self.add(element, &format!("{name}/"), groups + 1)?;
                    if self.map.layers.len() > before {
                        note_offset(element, &name, self.notes)?;
                    }
                }
                kind @ ("layer" | "objectgroup" | "imagelayer") => {
                    self.notes.count_layer(&name, groups)?;
                    if self.selection.takes(&name) {
                        self.add_one(element, kind, name)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Adds one layer of this `kind`.
    fn add_one(&mut self, element: &Element, kind: &str, name: String) -> Read<()> {
        let Self { map, notes, .. } = self;
        if kind == "imagelayer" {
            notes.leave_out("layers with a picture", &name);
            return Ok(());
        }
        note_offset(element, &name, notes)?;
        if kind == "layer" {
            return tiles(element, name, map, notes);
        }
        let objects = element.all("object").map(|object| self::object(object, notes)).collect::<Read<_>>()?;
        map.layers.push(Layer { name, content: Content::Objects(objects) });
        Ok(())
    }
}

/// Notes that a layer or group is shown elsewhere than its cells are.
fn note_offset(element: &Element, name: &str, notes: &mut Notes<'_, '_>) -> Read<()> {
    if element.number("offsetx", 0.0, notes)? != 0.0 || element.number("offsety", 0.0, notes)? != 0.0 {
        notes.leave_out("offsets of layers", name);
    }
    Ok(())
}

fn tiles(element: &Element, name: String, map: &mut Map, notes: &mut Notes<'_, '_>) -> Read<()> {
    let size = (element.number("width", 0, notes)?, element.number("height", 0, notes)?);
    let Some(data) = element.all("data").next() else {
        return Err(notes.invalid(format!("the layer {name:?} has no data")));
    };
    match data.get("encoding") {
        Some(encoding) => {
            let form = Form { encoding, compression: data.get("compression").unwrap_or_default() };
            map.add_tiles(name, size, form, &data.text, notes)
        }
        None => {
            let count = map.count_cells(&name, size, notes)?;
            let cells: Vec<u32> = data.all("tile").map(|tile| tile.number("gid", 0, notes)).collect::<Read<_>>()?;
            if cells.len() != count {
                let message = format!("the layer {name:?} has {} tiles for {count} cells", cells.len());
                return Err(notes.invalid(message));
            }
            map.push_tiles(name, cells);
            Ok(())
        }
    }
}

fn object(element: &Element, notes: &mut Notes<'_, '_>) -> Read<Object> {
    let text = |name: &str| element.get(name).unwrap_or_default().to_owned();
    let (name, id) = (text("name"), element.number("id", 0, notes)?);
    let shown = if name.is_empty() { format!("object {id}") } else { name.clone() };
    if element.get("template").is_some() {
        let help = "detach it from its template in Tiled, and save the map";
        return Err(notes.unsupported(format!("{shown:?} is made by a template, which is not read"), help));
    }
    let mut properties = Vec::new();
    for property in element.all("properties").flat_map(|list| list.all("property")) {
        let key = property.get("name").unwrap_or_default();
        let value = property.get("value").unwrap_or_default();
        let value = match property.get("type") {
            Some("int" | "object") => value.parse().ok(),
            Some("bool") => Some(i32::from(value == "true")),
            _ => None,
        };
        match value {
            Some(value) => properties.push((key.to_owned(), value)),
            None => notes.leave_out_of("properties that are no integers of 32 bits", &shown, key),
        }
    }
    notes.count_object(properties.len())?;
    let shapes = ["polygon", "polyline", "text", "ellipse", "capsule"];
    if let Some(shape) = element.children.iter().find(|child| shapes.contains(&child.name.as_str())) {
        notes.leave_out_of("shapes of objects beside points and rectangles", &shown, &shape.name);
    }
    if element.number("rotation", 0.0, notes)? != 0.0 {
        notes.leave_out("rotations of objects", &shown);
    }
    let mut number = |name: &str| element.number(name, 0.0, notes);
    let (x, y, width, height) = (number("x")?, number("y")?, number("width")?, number("height")?);
    Ok(Object {
        id,
        class: if element.get("class").is_some() { text("class") } else { text("type") },
        x: notes.whole(x, &shown)?,
        y: notes.whole(y, &shown)?,
        width: notes.size(width, &shown)?,
        height: notes.size(height, &shown)?,
        cell: Cell::of_tiled(element.number("gid", 0, notes)?),
        properties,
        name,
    })
}
