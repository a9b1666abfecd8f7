//! Projects of LDtk: <https://ldtk.io/json/>.

use std::sync::Arc;

use serde::Deserialize;

use super::super::map::{Cell, Content, Flips, Layer, Map, Object, Tileset};
use super::super::notes::{MAX_STACKED, MissingTiles, Notes, Read};
use super::json::{Integer, few, parse};
use super::selection::Selection;

/// The most levels of a project.
const MAX_LEVELS: usize = 1024;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Project {
    #[serde(default)]
    external_levels: bool,
    defs: Definitions,
    #[serde(default)]
    levels: Vec<Level>,
    /// Where the project has several worlds, levels are in these.
    #[serde(default)]
    worlds: Vec<World>,
}

#[derive(Deserialize)]
struct World {
    #[serde(default)]
    levels: Vec<Level>,
}

#[derive(Deserialize)]
struct Definitions {
    #[serde(default, deserialize_with = "few")]
    tilesets: Vec<TilesetDefinition>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TilesetDefinition {
    uid: i64,
    identifier: String,
    rel_path: Option<String>,
    #[serde(default)]
    px_wid: u32,
    #[serde(default)]
    px_hei: u32,
    #[serde(default)]
    tile_grid_size: u32,
    #[serde(default)]
    spacing: u32,
    #[serde(default)]
    padding: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Level {
    identifier: String,
    layer_instances: Option<Vec<Instance>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Instance {
    #[serde(rename = "__identifier")]
    identifier: String,
    #[serde(rename = "__type")]
    kind: String,
    #[serde(rename = "__cWid")]
    width: u32,
    #[serde(rename = "__cHei")]
    height: u32,
    #[serde(rename = "__gridSize")]
    grid: u32,
    #[serde(rename = "__tilesetDefUid")]
    tileset: Option<i64>,
    #[serde(rename = "__pxTotalOffsetX", default)]
    offset_x: i64,
    #[serde(rename = "__pxTotalOffsetY", default)]
    offset_y: i64,
    #[serde(default)]
    int_grid_csv: Vec<i32>,
    #[serde(default)]
    auto_layer_tiles: Vec<Tile>,
    #[serde(default)]
    grid_tiles: Vec<Tile>,
    #[serde(default)]
    entity_instances: Vec<Entity>,
}

#[derive(Deserialize)]
struct Tile {
    px: [i64; 2],
    t: u32,
    #[serde(default)]
    f: u8,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entity {
    #[serde(rename = "__identifier")]
    identifier: String,
    /// Where the pivot is.
    px: [f64; 2],
    /// Where in the entity the pivot is: in parts of its size.
    #[serde(rename = "__pivot", default)]
    pivot: [f64; 2],
    width: f64,
    height: f64,
    #[serde(default)]
    field_instances: Vec<Field>,
}

#[derive(Deserialize)]
struct Field {
    #[serde(rename = "__identifier")]
    identifier: String,
    #[serde(rename = "__type", default)]
    kind: String,
    #[serde(rename = "__value", default)]
    value: Integer,
}

/// Reads the levels of a project, or the one called `wanted`.
pub(super) fn read(
    bytes: &[u8],
    wanted: Option<&str>,
    selection: &mut Selection<'_>,
    notes: &mut Notes<'_, '_>,
) -> Read<Vec<Map>> {
    let project: Project = parse(bytes, "project of LDtk", notes)?;
    if project.external_levels {
        let help = "clear \"Save levels to separate files\" in the settings of the project, and save it";
        return Err(notes.unsupported("the levels of the project are in files of their own", help));
    }
    let all = project.levels.into_iter().chain(project.worlds.into_iter().flat_map(|world| world.levels));
    let all: Vec<_> = all.collect();
    let names: Vec<_> = all.iter().map(|level| level.identifier.clone()).collect();
    let levels: Vec<_> =
        all.into_iter().filter(|level| wanted.is_none_or(|wanted| level.identifier == wanted)).collect();
    if let Some(wanted) = wanted.filter(|_| levels.is_empty()) {
        return Err(notes.missing("level", wanted, &names));
    }
    if levels.len() > MAX_LEVELS {
        let message = format!("the project has more than {MAX_LEVELS} levels");
        return Err(notes.unsupported(message, "make several projects of it, or choose a \"level\" in the manifest"));
    }
    let tilesets = Tilesets::of(&project.defs.tilesets, notes)?;
    let mut maps = Vec::with_capacity(levels.len());
    for level in levels {
        notes.check_name(&level.identifier)?;
        let map = map(level, &tilesets, selection, notes)?;
        match &map.name {
            Some(name) if map.layers.is_empty() => notes.leave_out("levels without a layer", name),
            _ => maps.push(map),
        }
    }
    Ok(maps)
}

/// The tilesets of a project, which all its levels share.
struct Tilesets {
    all: Arc<Vec<Tileset>>,
    /// Where each is in cells, with its number in the project.
    ranges: Vec<(i64, TileNumbers)>,
}

/// The numbers that the tiles of a tileset have in cells.
#[derive(Clone, Copy, Default)]
struct TileNumbers {
    first: u32,
    count: u32,
}

impl Tilesets {
    fn of(definitions: &[TilesetDefinition], notes: &mut Notes<'_, '_>) -> Read<Self> {
        let (mut all, mut ranges, mut first) = (Vec::new(), Vec::new(), 1_u32);
        for definition in definitions {
            notes.check_name(&definition.identifier)?;
            notes.check_name(definition.rel_path.as_deref().unwrap_or_default())?;
            let tileset = definition.tileset(first);
            first = first.saturating_add(tileset.tile_count);
            ranges.push((definition.uid, TileNumbers { first: tileset.first, count: tileset.tile_count }));
            all.push(tileset);
        }
        Ok(Self { all: Arc::new(all), ranges })
    }
}

fn map(level: Level, tilesets: &Tilesets, selection: &mut Selection<'_>, notes: &mut Notes<'_, '_>) -> Read<Map> {
    let mut map = Map { name: Some(level.identifier), tilesets: Arc::clone(&tilesets.all), ..Map::default() };
    // LDtk lists the layer that is in front first; Tiled, which the format follows, the one that is behind.
    for instance in level.layer_instances.into_iter().flatten().rev() {
        notes.count_layer(&instance.identifier, 0)?;
        if !selection.takes(&instance.identifier) {
            continue;
        }
        if map.layers.is_empty() {
            (map.width, map.height, map.tile_size) = (instance.width, instance.height, instance.grid);
        }
        if instance.width == 0 || instance.height == 0 || instance.grid == 0 {
            return Err(notes.invalid(format!("the layer {:?} has no cells", instance.identifier)));
        }
        if (instance.width, instance.height, instance.grid) != (map.width, map.height, map.tile_size) {
            let message = format!("the layer {:?} has another grid than the others of its level", instance.identifier);
            return Err(notes.unsupported(message, "choose layers of one grid with \"layer\" in the manifest"));
        }
        if (instance.offset_x, instance.offset_y) != (0, 0) {
            notes.leave_out("offsets of layers", &instance.identifier);
        }
        let numbers =
            tilesets.ranges.iter().find(|(uid, _)| Some(*uid) == instance.tileset).map(|(_, numbers)| *numbers);
        layer(instance, numbers, &mut map, notes)?;
    }
    Ok(map)
}

impl TilesetDefinition {
    fn tileset(&self, first: u32) -> Tileset {
        let edge = self.tile_grid_size.max(1);
        // A tile that is cut off by the edge of the picture counts.
        let (columns, rows) = (self.px_wid.div_ceil(edge), self.px_hei.div_ceil(edge));
        Tileset {
            name: self.identifier.clone(),
            first,
            columns,
            tile_count: columns.saturating_mul(rows),
            tile_size: (self.tile_grid_size, self.tile_grid_size),
            has_gaps: self.spacing != 0 || self.padding != 0,
            picture: self.rel_path.clone(),
            file: None,
        }
    }
}

/// Adds what is in a layer: its integers, and its tiles or entities.
fn layer(instance: Instance, numbers: Option<TileNumbers>, map: &mut Map, notes: &mut Notes<'_, '_>) -> Read<()> {
    let name = instance.identifier;
    if instance.kind == "IntGrid" {
        let count = notes.count_cells(map.width, map.height)?;
        if instance.int_grid_csv.len() != count {
            return Err(notes.invalid(format!("the layer {name:?} has not the integers of its {count} cells")));
        }
        map.layers.push(Layer { name: name.clone(), content: Content::Values(instance.int_grid_csv) });
    }
    if instance.kind == "Entities" {
        let entities = instance.entity_instances.into_iter().enumerate();
        let objects = entities.map(|(number, entity)| object(number, entity, notes)).collect::<Read<_>>()?;
        map.layers.push(Layer { name, content: Content::Objects(objects) });
        return Ok(());
    }
    let tiles: Vec<Tile> = instance.auto_layer_tiles.into_iter().chain(instance.grid_tiles).collect();
    if tiles.is_empty() && instance.kind == "IntGrid" {
        return Ok(());
    }
    let Some(numbers) = numbers.or_else(|| tiles.is_empty().then(TileNumbers::default)) else {
        return Err(notes.invalid(format!("the layer {name:?} has tiles of no tileset")));
    };
    for cells in stacked(&tiles, numbers, &name, map, notes)? {
        map.layers.push(Layer { name: name.clone(), content: Content::Tiles(cells) });
    }
    Ok(())
}

/// The cells of a layer: more than once, where tiles are stacked in a cell.
fn stacked(
    tiles: &[Tile],
    numbers: TileNumbers,
    name: &str,
    map: &Map,
    notes: &mut Notes<'_, '_>,
) -> Read<Vec<Vec<Cell>>> {
    let mut missing = MissingTiles::default();
    let mut layers = vec![vec![Cell::default(); notes.count_cells(map.width, map.height)?]];
    for tile in tiles {
        let place = |pixel: i64, cells: u32| {
            let cell = u32::try_from(pixel).ok()?;
            (cell.is_multiple_of(map.tile_size.max(1)) && cell / map.tile_size.max(1) < cells)
                .then(|| cell / map.tile_size.max(1))
        };
        let Some((x, y)) = place(tile.px[0], map.width).zip(place(tile.px[1], map.height)) else {
            notes.leave_out_of("tiles beside the grid", name, &format!("{}, {}", tile.px[0], tile.px[1]));
            continue;
        };
        if tile.t >= numbers.count {
            missing.add(|| format!("cell ({x}, {y}): tile {} is none of the {} of its tileset", tile.t, numbers.count));
            continue;
        }
        let at = y as usize * map.width as usize + x as usize;
        let depth = match layers.iter().position(|cells| cells[at].tile == 0) {
            Some(depth) => depth,
            None if layers.len() >= MAX_STACKED => {
                return Err(
                    notes.unsupported(format!("more than {MAX_STACKED} tiles lie in a cell of {name:?}"), "clear some")
                );
            }
            None => {
                layers.push(vec![Cell::default(); notes.count_cells(map.width, map.height)?]);
                layers.len() - 1
            }
        };
        let flips = Flips { horizontal: tile.f & 1 != 0, vertical: tile.f & 2 != 0, diagonal: false };
        let Some(number) = tile.t.checked_add(numbers.first).filter(|number| *number > 0) else {
            return Err(notes.invalid(format!("the layer {name:?} has a tile {}", tile.t)));
        };
        layers[depth][at] = Cell { tile: number, flips };
    }
    missing.finish(name, notes);
    Ok(layers)
}

fn object(number: usize, entity: Entity, notes: &mut Notes<'_, '_>) -> Read<Object> {
    let name = entity.identifier;
    let mut properties = Vec::new();
    for Field { identifier, kind, value } in entity.field_instances {
        match value.0.filter(|_| matches!(kind.as_str(), "Int" | "Bool")) {
            Some(value) => properties.push((identifier, value)),
            None => notes.leave_out_of("properties that are no integers of 32 bits", &name, &identifier),
        }
    }
    notes.count_object(properties.len())?;
    Ok(Object {
        id: u32::try_from(number + 1).unwrap_or(u32::MAX),
        x: notes.whole(entity.px[0] - entity.pivot[0] * entity.width, &name)?,
        y: notes.whole(entity.px[1] - entity.pivot[1] * entity.height, &name)?,
        width: notes.size(entity.width, &name)?,
        height: notes.size(entity.height, &name)?,
        class: name.clone(),
        name,
        cell: Cell::default(),
        properties,
    })
}
