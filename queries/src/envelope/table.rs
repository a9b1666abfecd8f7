//! The header's two lists, read strictly: every field, and what entries owe each other.

use std::collections::HashMap;
use std::ops::Range;

use super::metadata;
use super::preload::PreloadEntry;
use super::prelude::Prelude;
use crate::diagnostic::{Code, Data, Diagnostic, OtherAsset};
use crate::formats::Bank;
use crate::json::{Document, Node, shortened};
use crate::schema::manifest::{CODEC_NONE, SLOTS, check_name};
use crate::schema::registry::MAX_NEXT_ASSET_ID;

/// The largest id.
const MAX_ASSET_ID: i64 = MAX_NEXT_ASSET_ID - 1;

/// One entry of the asset table, as far as it could be read. In a survey with faults, what is here may break rules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// The stable id.
    pub asset_id: Option<u32>,
    /// The logical name.
    pub asset_name: Option<String>,
    /// The bank to load it into.
    pub bank_type: Option<Bank>,
    /// How the payload is encoded.
    pub codec: Option<&'static str>,
    /// Bytes once the codec is undone.
    pub decoded_size: Option<u64>,
    /// Bytes from the start of the payload region.
    pub offset: Option<u64>,
    /// Bytes as stored.
    pub size: Option<u64>,
    /// Where its metadata is in the header.
    pub(super) metadata: Option<Range<usize>>,
    /// The ids of the banks that its maps name.
    pub(super) named_banks: Vec<u32>,
}

/// What the header says.
#[derive(Default)]
pub(super) struct Table {
    pub(super) entries: Vec<Entry>,
    pub(super) preload: Vec<PreloadEntry>,
    /// Where the two lists are in the header.
    pub(super) entry_list: Range<usize>,
    pub(super) preload_list: Range<usize>,
}

/// Reads the header. `region_size` is the size of the file beyond it, where that is determined.
pub(super) fn read(document: &Document<'_>, prelude: Prelude, region_size: Option<u64>) -> Table {
    let mut table = Table::default();
    let Some(fields) = document.root().object(&["asset_table", "preload"]) else { return table };
    if let Some(list) = fields.required("asset_table") {
        table.entry_list = list.range();
        let rows: Vec<_> = list.elements().filter_map(Row::read).collect();
        refuse_disorder(&rows);
        refuse_shared_names(&rows);
        refuse_misplaced(document, &rows, prelude, region_size);
        refuse_absent_banks(&rows);
        table.entries = rows.into_iter().map(|row| row.entry).collect();
    }
    if let Some(list) = fields.required("preload") {
        table.preload_list = list.range();
        let banks = table.entries.iter().filter_map(|entry| Some((entry.asset_id?, entry.bank_type)));
        table.preload = read_preload(list, banks.collect());
    }
    table
}

/// The lists of a header, for a reader that looks at one entry after the other.
pub(super) fn lists<'d, 't>(document: &'d Document<'t>) -> Option<(Node<'d, 't>, Node<'d, 't>)> {
    let fields = document.root().object(&["asset_table", "preload"])?;
    Some((fields.required("asset_table")?, fields.required("preload")?))
}

/// An entry of the asset table, and where it and its parts are, for faults between entries.
struct Row<'d, 't> {
    node: Node<'d, 't>,
    entry: Entry,
}

impl<'d, 't> Row<'d, 't> {
    /// Reads an entry. What has no part of one is left out: a hostile header may be full of it.
    fn read(node: Node<'d, 't>) -> Option<Self> {
        let entry = read_entry(node).filter(|entry| *entry != Entry::default())?;
        Some(Self { node, entry })
    }
}

/// The member `name` of an object, for a fault; the object itself, where it has none.
fn field<'d, 't>(object: Node<'d, 't>, name: &str) -> Node<'d, 't> {
    object.member(name).unwrap_or(object)
}

const ENTRY_KEYS: [&str; 8] =
    ["asset_id", "asset_name", "bank_type", "codec", "decoded_size", "metadata", "offset", "size"];

/// Reads an entry by itself, without what it owes to the other ones.
pub(super) fn read_entry(node: Node<'_, '_>) -> Option<Entry> {
    let fields = node.object(&ENTRY_KEYS)?;
    let mut entry = Entry {
        asset_id: fields.required("asset_id").and_then(read_id),
        asset_name: fields.required("asset_name").and_then(read_name),
        bank_type: fields.required("bank_type").and_then(read_bank),
        codec: fields.required("codec").and_then(read_codec),
        decoded_size: None,
        offset: fields.required("offset").and_then(Node::size),
        size: fields.required("size").and_then(Node::size),
        metadata: None,
        named_banks: Vec::new(),
    };
    if let Some(node) = fields.required("decoded_size") {
        entry.decoded_size = node.size();
        if let (Some(decoded), Some(stored), Some(codec)) = (entry.decoded_size, entry.size, entry.codec)
            && decoded != stored
        {
            let message =
                format!("decoded_size is {decoded}, but codec {codec:?} stores the payload as it is: {stored} bytes");
            node.error_with(Code::FieldInvalid, message, Data::mismatch(decoded, stored));
        }
    }
    if let Some(node) = fields.required("metadata") {
        entry.metadata = Some(node.range());
        if let Some(bank) = entry.bank_type {
            entry.named_banks = metadata::check(node, bank, entry.size);
        }
    }
    Some(entry)
}

fn read_id(node: Node<'_, '_>) -> Option<u32> {
    node.integer_within(1, MAX_ASSET_ID).and_then(|id| u32::try_from(id).ok())
}

fn read_name(node: Node<'_, '_>) -> Option<String> {
    let name = node.string()?;
    if let Err(fault) = check_name(&name) {
        node.error_with(Code::FieldInvalid, fault, Data::value(shortened(&name)));
    }
    Some(name)
}

fn read_bank(node: Node<'_, '_>) -> Option<Bank> {
    let name = node.str()?;
    let bank = Bank::ALL.into_iter().find(|bank| bank.name() == name);
    if bank.is_none() {
        let message = format!("unknown bank {:?}; the banks are \"TILES\", \"SOUNDS\" and \"DATA\"", shortened(&name));
        let names = Bank::ALL.map(Bank::name);
        node.error_with(Code::FieldInvalid, message, Data::choice(shortened(&name), &names, None));
    }
    bank
}

fn read_codec(node: Node<'_, '_>) -> Option<&'static str> {
    let codec = node.str()?;
    if codec == CODEC_NONE {
        return Some(CODEC_NONE);
    }
    let message = format!("unknown codec {:?}; the codec is {CODEC_NONE:?}", shortened(&codec));
    node.error_with(Code::FieldInvalid, message, Data::choice(shortened(&codec), &[CODEC_NONE], None));
    None
}

/// Ids ascend strictly.
fn refuse_disorder(rows: &[Row<'_, '_>]) {
    refuse_descent(rows.iter().filter_map(|row| Some((row.node, row.entry.asset_id?))));
}

/// Reports each of `ids`, the `asset_id` of its node, that does not ascend.
fn refuse_descent<'d, 't: 'd>(ids: impl Iterator<Item = (Node<'d, 't>, u32)>) {
    let mut last = None;
    for (node, id) in ids {
        let data = last
            .map_or(Data::value(id.to_string()), |last: u32| Data::range(id.into(), i64::from(last) + 1, MAX_ASSET_ID));
        let error = |message| field(node, "asset_id").error_with(Code::PackOrder, message, data);
        match last {
            Some(last) if last == id => error(format!("asset {id} occurs twice")),
            Some(last) if last > id => error(format!("asset {id} follows asset {last}: ids must ascend")),
            _ => {}
        }
        last = Some(id);
    }
}

fn refuse_shared_names(rows: &[Row<'_, '_>]) {
    let mut named: Vec<_> = rows.iter().filter_map(|row| Some((row.entry.asset_name.as_deref()?, row))).collect();
    // A stable sort: of two entries with one name the later one is at fault.
    named.sort_by_key(|(name, _)| *name);
    for pair in named.windows(2) {
        let [(name, first), (other, row)] = pair else { continue };
        if name == other {
            let owner = first.entry.asset_id.map(|id| format!(" by asset {id}")).unwrap_or_default();
            let message = format!("the name {:?} is taken already{owner}", shortened(name));
            let other = first.entry.asset_id.map(|id| OtherAsset { asset_id: Some(id), root: None });
            let data = Data::conflict(shortened(name), other.into_iter().collect());
            field(row.node, "asset_name").error_with(Code::AssetNameTaken, message, data);
        }
    }
}

/// The banks that maps name are banks of tiles in the table.
fn refuse_absent_banks(rows: &[Row<'_, '_>]) {
    let mut named = rows.iter().filter(|row| !row.entry.named_banks.is_empty()).peekable();
    if named.peek().is_none() {
        return;
    }
    let banks: HashMap<_, _> = rows.iter().filter_map(|row| Some((row.entry.asset_id?, row.entry.bank_type))).collect();
    for row in named {
        let absent = row.entry.named_banks.iter().filter(|id| banks.get(*id) != Some(&Some(Bank::Tiles)));
        for id in absent {
            let message = format!("asset {id} is no bank of tiles in the asset table");
            let node = field(field(row.node, "metadata"), "banks");
            node.error_with(Code::PackMetadata, message, Data::value(id.to_string()));
        }
    }
}

/// Payloads lie one after the other, and the file ends with the last one.
fn refuse_misplaced(document: &Document<'_>, rows: &[Row<'_, '_>], prelude: Prelude, region_size: Option<u64>) {
    // Where the payload before ends: by its own place, and by the sum of all sizes. They differ only after a fault;
    // what fits either of them is no second one.
    let (mut by_place, mut by_sum) = (Some(0_u64), Some(0_u64));
    for row in rows {
        let Entry { offset, size, .. } = row.entry;
        if let (Some(offset), Some(end)) = (offset, by_place)
            && ![by_place, by_sum].contains(&Some(offset))
        {
            let what = if offset > end { "leaves a gap after" } else { "overlaps" };
            let message = format!("offset {offset} {what} the payload before, which ends at {end}");
            field(row.node, "offset").error_with(Code::PackLayout, message, Data::mismatch(offset, end));
        }
        let end_from = |start: Option<u64>| start.zip(size).and_then(|(start, size)| start.checked_add(size));
        (by_place, by_sum) = (end_from(offset), end_from(by_sum));
    }
    let (Some(end), Some(region_size)) = (by_place, region_size) else { return };
    if [by_place, by_sum].contains(&Some(region_size)) {
        return;
    }
    let (file_end, payload_end) =
        (prelude.payload_offset() + region_size, prelude.payload_offset().saturating_add(end));
    let message = format!("the file ends at byte {file_end}, but its last payload at byte {payload_end}");
    let range = payload_end.min(file_end)..file_end;
    let fault = Diagnostic::error(Code::PackLayout, message).with_data(Data::mismatch(file_end, payload_end));
    document.report_placed(fault.at_bytes(range));
}

/// Reads the preload list. `banks` has the id and bank of each entry of the table.
pub(super) fn read_preload(list: Node<'_, '_>, mut banks: Vec<(u32, Option<Bank>)>) -> Vec<PreloadEntry> {
    banks.sort_unstable_by_key(|(id, _)| *id);
    let mut owners = HashMap::new();
    let mut ids = Vec::new();
    let mut preload = Vec::new();
    for node in list.elements() {
        let Some(fields) = node.object(&["asset_id", "slot"]) else { continue };
        let id = fields.required("asset_id").and_then(|node| Some((node, read_id(node)?)));
        let slot = fields.required("slot").and_then(|node| Some((node, read_slot(node)?)));
        ids.extend(id.map(|(_, id)| (node, id)));
        let (Some((id_node, asset_id)), slot) = (id, slot) else { continue };
        let Ok(at) = banks.binary_search_by_key(&asset_id, |(id, _)| *id) else {
            let message = format!("asset {asset_id} is not in the asset table");
            id_node.error_with(Code::PackPreload, message, Data::value(asset_id.to_string()));
            continue;
        };
        let Some((slot_node, slot)) = slot else { continue };
        preload.push(PreloadEntry { asset_id, slot });
        if let Some(bank) = banks[at].1
            && let Some(owner) = owners.insert((bank, slot), asset_id)
        {
            let message = format!("slot {slot} of bank {} is preloaded by asset {owner} already", bank.name());
            let owner = OtherAsset { asset_id: Some(owner), root: None };
            slot_node.error_with(Code::PreloadSlotTaken, message, Data::conflict(slot, vec![owner]));
        }
    }
    refuse_descent(ids.into_iter());
    preload
}

fn read_slot(node: Node<'_, '_>) -> Option<u8> {
    node.integer_within(0, i64::from(SLOTS) - 1).and_then(|slot| u8::try_from(slot).ok())
}
