//! The metadata of maps, against the entries that they describe.

use crate::diagnostic::{Code, Data};
use crate::json::{Fields, Node, shortened};
use crate::schema::registry::MAX_NEXT_ASSET_ID;

/// What an entry of a layer can be.
const KINDS: [&str; 3] = ["TILES", "VALUES", "OBJECTS"];

/// Bytes of a cell.
const CELL: u64 = 4;

/// Reports what is wrong with the `maps` and `banks` among `fields`, beside entries of these `sizes`. Data of other
/// formats have neither. The ids of the banks are given back, for whoever has the whole table.
pub(super) fn check(fields: Fields<'_, '_>, sizes: &[Option<u64>]) -> Vec<u32> {
    let mut ids = Vec::new();
    let (banks, maps) = match (fields.optional("banks"), fields.optional("maps")) {
        (None, None) => return ids,
        (Some(banks), Some(maps)) => (banks, maps),
        (banks, _) => {
            let missing = if banks.is_none() { "banks" } else { "maps" };
            fields.node().error_with(Code::PackMetadata, "banks and maps go together", Data::missing(missing));
            return ids;
        }
    };
    for bank in banks.array().unwrap_or_default() {
        let id = bank.integer_within(1, MAX_NEXT_ASSET_ID - 1).and_then(|id| u32::try_from(id).ok());
        let Some(id) = id else { continue };
        if ids.contains(&id) {
            bank.error_with(Code::PackMetadata, format!("the bank {id} occurs twice"), Data::value(id.to_string()));
        }
        ids.push(id);
    }
    let mut entry = 0;
    for map in maps.array().unwrap_or_default() {
        check_map(map, sizes, &mut entry);
    }
    if entry != sizes.len() {
        let message = format!("the layers are {entry} entries, and there are {}", sizes.len());
        maps.error_with(Code::PackMetadata, message, Data::mismatch(entry, sizes.len()));
    }
    ids
}

/// Checks one map, whose layers begin with the number `entry`.
fn check_map(map: Node<'_, '_>, sizes: &[Option<u64>], entry: &mut usize) {
    let Some(fields) = map.object(&["height", "layers", "name", "tile_size", "width"]) else { return };
    let edge = |name| fields.required(name).and_then(|node| node.integer_within(1, i64::from(u32::MAX)));
    let (height, width) = (edge("height"), edge("width"));
    edge("tile_size");
    fields.required("name").map(Node::string);
    let cells = height.zip(width).map(|(height, width)| height.unsigned_abs().saturating_mul(width.unsigned_abs()));
    for layer in fields.required("layers").and_then(Node::array).unwrap_or_default() {
        let Some(fields) = layer.object(&["entry", "kind", "name"]) else { continue };
        fields.required("name").map(Node::string);
        let number = fields.required("entry").and_then(|node| Some((node, node.size()?)));
        if let Some((node, number)) = number.filter(|(_, number)| *number != *entry as u64) {
            let message = format!("the entry is {number}, and the next one is {entry}");
            node.error_with(Code::PackMetadata, message, Data::mismatch(number, *entry));
        }
        let kind = fields.required("kind").and_then(|node| Some((node, node.string()?)));
        if let Some((node, kind)) = kind {
            let size = sizes.get(*entry).copied().flatten().zip(cells.map(|cells| cells.saturating_mul(CELL)));
            match (KINDS.iter().position(|known| *known == kind), size) {
                (None, _) => {
                    let data = Data::choice(shortened(&kind), &KINDS, None);
                    let message = format!("{:?} is no kind of layer", shortened(&kind));
                    node.error_with(Code::PackMetadata, message, data);
                }
                (Some(0 | 1), Some((size, expected))) if size != expected => {
                    let message = format!("the entry has {size} bytes, and the cells of the layer take {expected}");
                    node.error_with(Code::PackMetadata, message, Data::mismatch(size, expected));
                }
                _ => {}
            }
        }
        *entry += 1;
    }
}
