//! The metadata that each bank's format promotes, against the size of the payload that it describes.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::maps;
use crate::diagnostic::{Code, Data, Unit};
use crate::formats::sounds::fmt::MAX_SAMPLE_RATE;
use crate::formats::tiles::size::{MAX_HEIGHT, MAX_PIXELS, MAX_WIDTH};
use crate::formats::tiles::{Direction, PALETTES, TileSize};
use crate::formats::{Bank, tiles};
use crate::json::{Fields, Node, shortened};
use crate::path;
use crate::schema::manifest::read_user;
use crate::schema::tiles::read_tile_size;

/// The longest time that a sheet is shown: that of a GIF, which counts in hundredths of a second.
const MAX_DURATION_MS: i64 = 10 * 65_535;

/// Reports what is wrong with the metadata at `node`, of a payload of `size` bytes. The ids of the banks that maps name
/// are given back.
pub(super) fn check(node: Node<'_, '_>, bank: Bank, size: Option<u64>) -> Vec<u32> {
    let allowed: &[&str] = match bank {
        Bank::Tiles => &["height", "palette_authored", "palette_count", "sheets", "tags", "tile_size", "user", "width"],
        Bank::Sounds => &["samples", "user"],
        Bank::Data => &["banks", "entries", "maps", "user"],
    };
    let Some(fields) = node.object(allowed) else { return Vec::new() };
    let described = match bank {
        Bank::Tiles => check_tiles(fields),
        Bank::Sounds => check_list(fields, "samples", read_sample),
        Bank::Data => check_list(fields, "entries", read_entry),
    };
    let named = if bank == Bank::Data { check_maps(fields) } else { Vec::new() };
    if let (Some(described), Some(size)) = (described, size)
        && described != size
    {
        let message = format!("this describes {described} bytes, but the payload has {size}");
        node.error_with(Code::PackMetadata, message, Data::mismatch(described, size));
    }
    if let Some(user) = fields.optional("user") {
        read_user(user);
    }
    named
}

fn check_maps(fields: Fields<'_, '_>) -> Vec<u32> {
    let entries = fields.optional("entries").into_iter().flat_map(Node::elements);
    let sizes: Vec<_> = entries.map(|entry| entry.member("size").and_then(|size| size.text().parse().ok())).collect();
    maps::check(fields, &sizes)
}

/// The size of the payload that the fields of a tile bank describe.
fn check_tiles(fields: Fields<'_, '_>) -> Option<u64> {
    let tile_size = fields.required("tile_size").and_then(read_tile_size);
    let width = fields.required("width").and_then(|node| read_length(node, tile_size, u64::from(MAX_WIDTH)));
    let height = fields.required("height").and_then(|node| read_length(node, tile_size, MAX_HEIGHT));
    let palettes = i64::from(PALETTES as u32);
    fields.required("palette_count").map(|node| node.integer_within(palettes, palettes));
    let authored = fields.required("palette_authored").and_then(|node| node.integer_within(1, palettes));
    let sheets = fields.required("sheets");
    if let Some(tags) = fields.optional("tags") {
        check_tags(tags, sheets.map_or(0, |sheets| sheets.elements().count() as u64));
    }
    let (tile_size, width, height) = (u64::from(tile_size?.pixels()), width?, height?);
    let pixels = width * height;
    if pixels > MAX_PIXELS {
        let message = format!("the sheet has {pixels} pixels, at most {MAX_PIXELS} are allowed");
        let data = Data::limit(Some(pixels), 0, MAX_PIXELS, Unit::Pixels);
        fields.node().error_with(Code::PackMetadata, message, data);
    }
    let tile_row = width / tile_size;
    check_sheets(sheets?, tile_row, tile_row * (height / tile_size), authored?);
    Some(pixels / 2 + tiles::PALETTE_BYTES)
}

fn read_length(node: Node<'_, '_>, tile_size: Option<TileSize>, limit: u64) -> Option<u64> {
    let length = node.size()?;
    let tile = u64::from(tile_size?.pixels());
    if length == 0 || !length.is_multiple_of(tile) || length > limit {
        let message = format!("{length} is no positive multiple of the tile size {tile} up to {limit}");
        let data = Data::limit(Some(length), tile, limit, Unit::Pixels);
        node.error_with(Code::PackMetadata, message, data);
        return None;
    }
    Some(length)
}

/// Sheets are whole rows of tiles, one after the other, and number the palettes as they first appear.
fn check_sheets(list: Node<'_, '_>, tile_row: u64, tiles: u64, authored: i64) {
    let Some(sheets) = list.array() else { return };
    let (mut end, mut palettes) = (0_u64, 0);
    for sheet in sheets {
        let Some(fields) = sheet.object(&["duration_ms", "first_tile", "palette", "tile_count"]) else { return };
        fields.optional("duration_ms").map(|node| node.integer_within(0, MAX_DURATION_MS));
        let first_tile = fields.required("first_tile").and_then(|node| Some((node, node.size()?)));
        let palette = fields.required("palette").and_then(|node| Some((node, node.integer_within(0, authored - 1)?)));
        let tile_count = fields.required("tile_count").and_then(|node| Some((node, node.size()?)));
        let (Some((first_node, first)), Some((palette_node, palette)), Some((count_node, count))) =
            (first_tile, palette, tile_count)
        else {
            return;
        };
        if first != end {
            let message = format!("first_tile is {first}, but the sheets before end at {end}");
            first_node.error_with(Code::PackMetadata, message, Data::mismatch(first, end));
        }
        if count == 0 || !count.is_multiple_of(tile_row) {
            let message = format!("{count} tiles are no whole rows of {tile_row} tiles");
            count_node.error_with(Code::PackMetadata, message, Data::mismatch(count, tile_row));
        }
        if palette > palettes {
            let message = format!("palette {palette} comes before palette {palettes} has appeared");
            palette_node.error_with(Code::PackMetadata, message, Data::range(palette, 0, palettes));
        }
        palettes = palettes.max(palette + 1);
        end = first.saturating_add(count);
    }
    if end != tiles {
        let message = format!("the sheets have {end} tiles, but width and height make {tiles}");
        list.error_with(Code::PackMetadata, message, Data::mismatch(end, tiles));
    }
    if palettes != authored {
        let message = format!("the sheets use {palettes} palettes, but palette_authored is {authored}");
        list.error_with(Code::PackMetadata, message, Data::mismatch(palettes, authored));
    }
}

/// Tags name ranges of the `count` sheets.
fn check_tags(list: Node<'_, '_>, count: u64) {
    let Some(tags) = list.array() else { return };
    if tags.is_empty() {
        list.error_with(Code::PackMetadata, "no tags are written as none, not as an empty list", Data::missing("tags"));
    }
    for tag in tags {
        let Some(fields) = tag.object(&["direction", "first_sheet", "name", "sheet_count"]) else { return };
        let direction = fields.required("direction").and_then(|node| Some((node, node.string()?)));
        if let Some((node, direction)) = direction
            && Direction::ALL.iter().all(|(name, _)| *name != direction)
        {
            let names = Direction::ALL.map(|(name, _)| name);
            let data = Data::choice(shortened(&direction), &names, None);
            node.error_with(Code::PackMetadata, format!("{:?} is no direction", shortened(&direction)), data);
        }
        fields.required("name").map(Node::string);
        let range =
            (fields.required("first_sheet").and_then(Node::size), fields.required("sheet_count").and_then(Node::size));
        if let (Some(first), Some(length)) = range
            && (length == 0 || first.checked_add(length).is_none_or(|end| end > count))
        {
            let message = format!("the tag has {length} sheets from {first} on, and there are {count}");
            tag.error_with(Code::PackMetadata, message, Data::mismatch(length, count));
        }
    }
}

/// The end of the parts in the list `name`, each of which `read` returns by its name, offset and size.
fn check_list<'d, 't: 'd>(
    fields: Fields<'d, 't>,
    name: &str,
    read: impl Fn(Node<'d, 't>) -> Option<Part<'d, 't>>,
) -> Option<u64> {
    let list = fields.required(name)?;
    let nodes = list.array()?;
    if nodes.is_empty() {
        list.error_with(Code::PackMetadata, "an asset has at least one file", Data::missing(name));
    }
    let mut names = BTreeSet::new();
    let mut end = Some(0_u64);
    for node in nodes {
        let Some(part) = read(node) else {
            end = None;
            continue;
        };
        if let Some(end) = end
            && part.offset.1 != end
        {
            let message = format!("offset is {}, but the part before ends at {end}", part.offset.1);
            part.offset.0.error_with(Code::PackMetadata, message, Data::mismatch(part.offset.1, end));
        }
        end = part.offset.1.checked_add(part.size);
        let (node, name) = part.name;
        if names.contains(&name) {
            let message = format!("the name {:?} occurs twice in one asset", shortened(&name));
            node.error_with(Code::PackMetadata, message, Data::value(shortened(&name)));
        }
        names.insert(name);
    }
    end
}

/// The part of one artifact file.
struct Part<'d, 't> {
    name: (Node<'d, 't>, Cow<'t, str>),
    offset: (Node<'d, 't>, u64),
    size: u64,
}

fn read_entry<'d, 't>(node: Node<'d, 't>) -> Option<Part<'d, 't>> {
    let fields = node.object(&["name", "offset", "size"])?;
    let name = fields.required("name").and_then(|node| read_name(node, path::check));
    let offset = fields.required("offset").and_then(|node| Some((node, node.size()?)));
    let size = fields.required("size").and_then(Node::size);
    Some(Part { name: name?, offset: offset?, size: size? })
}

fn read_sample<'d, 't>(node: Node<'d, 't>) -> Option<Part<'d, 't>> {
    let fields = node.object(&["channels", "frames", "loop_end", "loop_start", "name", "offset", "sample_rate"])?;
    let channels = fields.required("channels").and_then(|node| node.integer_within(1, 2));
    let frames = fields.required("frames").and_then(Node::size);
    fields.required("sample_rate").map(|node| node.integer_within(1, i64::from(MAX_SAMPLE_RATE)));
    let name = fields.required("name").and_then(|node| read_name(node, check_sample_name));
    let offset = fields.required("offset").and_then(|node| Some((node, node.size()?)));
    check_loop(node, fields, frames);
    // Two bytes to a sample.
    let size = u64::try_from(channels?).ok()?.checked_mul(frames?)?.checked_mul(2)?;
    Some(Part { name: name?, offset: offset?, size })
}

fn check_loop(node: Node<'_, '_>, fields: Fields<'_, '_>, frames: Option<u64>) {
    let (start, end) = match (fields.optional("loop_start"), fields.optional("loop_end")) {
        (None, None) => return,
        (Some(start), Some(end)) => (start, end),
        (start, _) => {
            let missing = Data::missing(if start.is_none() { "loop_start" } else { "loop_end" });
            return node.error_with(Code::PackMetadata, "loop_start and loop_end go together", missing);
        }
    };
    if let (Some(start), Some(end), Some(frames)) = (start.size(), end.size(), frames)
        && !(start < end && end <= frames)
    {
        let message = format!("the loop from {start} to {end} does not lie within {frames} frames");
        node.error_with(Code::PackMetadata, message, Data::limit(Some(end), start, frames, Unit::Frames));
    }
}

fn read_name<'d, 't>(
    node: Node<'d, 't>,
    check: impl Fn(&str) -> Result<(), String>,
) -> Option<(Node<'d, 't>, Cow<'t, str>)> {
    let name = node.str()?;
    if let Err(fault) = check(&name) {
        let shown = shortened(&name);
        let message = format!("{shown:?} is no valid name: {fault}");
        node.error_with(Code::PathInvalid, message, Data::value(shown));
    }
    Some((node, name))
}

/// A sample is named after a file: a component of a path, without its extension if it had one.
fn check_sample_name(name: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err("the name is empty".into());
    }
    if name.contains('/') {
        return Err("the name has a \"/\"".into());
    }
    path::check(name).or_else(|fault| path::check(&format!("{name}.x")).map_err(|_| fault))
}
