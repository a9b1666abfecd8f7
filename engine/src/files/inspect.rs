//! `inspect`: what is in an `assets.pa`, as far as it can be read.

use std::io;
use std::path::Path;

use papack_queries::diagnostic::{Code, Data, Diagnostic, command_word};
use papack_queries::envelope::{Entry, PreloadEntry, Survey};
use papack_queries::formats::Bank;
use papack_queries::schema::registry::asset_id;
use papack_queries::suggest::nearest;
use serde::Serialize;
use serde_json::Value;

use super::picture::{AssetPicture, Pictured};
use super::verdict::Verdict;
use crate::fs::OpenFile;

/// What a file holds.
#[derive(Debug, Clone, Serialize)]
pub struct Inspection {
    /// Version of this document.
    pub schema_version: u32,
    /// The file, as the user named it.
    pub file: String,
    /// Whether the file keeps every rule that can be checked without its payloads and companions.
    pub status: Verdict,
    /// Bytes of the file.
    pub file_size: u64,
    /// Bytes of the header, as the prelude states it; null if there is no prelude that does.
    pub header_size: Option<u32>,
    /// Assets in the whole table.
    pub asset_count: usize,
    /// Bytes of all payloads, according to the asset table.
    pub payload_bytes: u64,
    /// The assets that were asked for, with their metadata. If none was asked for: all assets, without metadata.
    pub assets: Vec<InspectedAsset>,
    /// Totals of the whole table.
    pub banks: Vec<BankTotals>,
    /// What is loaded before the game starts.
    pub preload: Vec<PreloadEntry>,
    /// What is wrong with the file, and which assets that were asked for it does not have.
    pub diagnostics: Vec<Diagnostic>,
}

/// One asset. Fields that could not be read are null.
#[derive(Debug, Clone, Serialize)]
pub struct InspectedAsset {
    /// The stable id.
    pub asset_id: Option<u32>,
    /// The logical name.
    pub asset_name: Option<String>,
    /// The bank that it is loaded into.
    pub bank_type: Option<Bank>,
    /// How the payload is encoded.
    pub codec: Option<&'static str>,
    /// Bytes after decoding.
    pub decoded_size: Option<u64>,
    /// Bytes from the start of the payload region.
    pub offset: Option<u64>,
    /// Bytes as stored.
    pub size: Option<u64>,
    /// The slot that it is preloaded into.
    pub preload_slot: Option<u8>,
    /// The runtime metadata of an asset that was asked for; null if it could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
    /// What it looks like; of a tile asset that was asked for with its picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<AssetPicture>,
}

/// The totals of one bank of the pack.
#[derive(Debug, Clone, Serialize)]
pub struct BankTotals {
    /// The bank.
    pub bank_type: Bank,
    /// Assets that are loaded into it.
    pub asset_count: usize,
    /// Bytes of their payloads.
    pub payload_bytes: u64,
    /// The slots that are preloaded, ascending.
    pub slots: Vec<u8>,
}

/// Inspects the file at `path`. `asked` names assets by id or name; where a text is both, the id counts. With `images`, of
/// these that are tiles it is told what they look like; a file that is refused shows none.
///
/// # Errors
///
/// When the file cannot be read, or is no regular file.
pub fn inspect(path: &Path, asked: &[String], images: bool) -> io::Result<Inspection> {
    let file = path.to_string_lossy().into_owned();
    let mut survey = Survey::new(&OpenFile::open(path)?, &file)?;
    let status = if survey.faults.is_empty() { Verdict::Valid } else { Verdict::Refused };
    let mut diagnostics = std::mem::take(&mut survey.faults);
    let pictured = if images { Pictured::open(path) } else { None };
    let assets = if asked.is_empty() {
        survey.entries.iter().map(|entry| inspected(&survey, entry)).collect()
    } else {
        let mut assets = Vec::with_capacity(asked.len());
        for asked in asked {
            match find(&survey.entries, asked) {
                Some(entry) => assets.push(detailed(&survey, entry, pictured.as_ref())?),
                None => diagnostics.push(unknown(&file, &survey.entries, asked)),
            }
        }
        assets
    };
    Ok(Inspection {
        schema_version: 1,
        file,
        status,
        file_size: survey.file_size,
        header_size: survey.prelude.map(|prelude| prelude.header_len),
        asset_count: survey.entries.len(),
        payload_bytes: sum(survey.entries.iter()),
        assets,
        banks: Bank::ALL.map(|bank| totals(&survey, bank)).into(),
        preload: survey.preload,
        diagnostics,
    })
}

fn inspected(survey: &Survey, entry: &Entry) -> InspectedAsset {
    // The binary search needs a list in ascending order, which every valid preload list is. In a refused one it may
    // miss a slot, but it never finds a wrong one.
    let slot = entry.asset_id.and_then(|id| {
        let at = survey.preload.binary_search_by_key(&id, |preload| preload.asset_id).ok()?;
        Some(survey.preload[at].slot)
    });
    InspectedAsset {
        asset_id: entry.asset_id,
        asset_name: entry.asset_name.clone(),
        bank_type: entry.bank_type,
        codec: entry.codec,
        decoded_size: entry.decoded_size,
        offset: entry.offset,
        size: entry.size,
        preload_slot: slot,
        metadata: None,
        image: None,
    }
}

fn detailed(survey: &Survey, entry: &Entry, pictured: Option<&Pictured>) -> io::Result<InspectedAsset> {
    let metadata = survey.metadata_text(entry).and_then(|text| serde_json::from_str(text).ok());
    let image = match pictured.zip(entry.asset_id) {
        Some((pictured, id)) => pictured.picture(id)?,
        None => None,
    };
    Ok(InspectedAsset { metadata: Some(metadata.unwrap_or_default()), image, ..inspected(survey, entry) })
}

fn totals(survey: &Survey, bank: Bank) -> BankTotals {
    let of_bank = || survey.entries.iter().filter(|entry| entry.bank_type == Some(bank));
    let mut ids: Vec<_> = of_bank().filter_map(|entry| entry.asset_id).collect();
    ids.sort_unstable();
    let preloads = survey.preload.iter().filter(|preload| ids.binary_search(&preload.asset_id).is_ok());
    let mut slots: Vec<_> = preloads.map(|preload| preload.slot).collect();
    slots.sort_unstable();
    slots.dedup();
    BankTotals { bank_type: bank, asset_count: of_bank().count(), payload_bytes: sum(of_bank()), slots }
}

fn sum<'e>(entries: impl Iterator<Item = &'e Entry>) -> u64 {
    entries.filter_map(|entry| entry.size).fold(0, u64::saturating_add)
}

/// The entry whose id, or else whose name, is `asked`.
pub(crate) fn find<'e>(entries: &'e [Entry], asked: &str) -> Option<&'e Entry> {
    let by_id = asset_id(asked).and_then(|id| entries.iter().find(|entry| entry.asset_id == Some(id)));
    by_id.or_else(|| entries.iter().find(|entry| entry.asset_name.as_deref() == Some(asked)))
}

/// The fault that no asset of the pack in `file` has the id or name `asked`. Its help names the assets with the most similar names.
pub(crate) fn unknown(file: &str, entries: &[Entry], asked: &str) -> Diagnostic {
    const SUGGESTED: usize = 3;
    const MAX_CHARS: usize = 128;
    let asked_short: String = asked.chars().take(MAX_CHARS).collect();
    let named = entries.iter().filter_map(|entry| Some((entry.asset_id?, entry.asset_name.as_deref()?)));
    let alike = nearest(asked, named, |(_, name)| name, SUGGESTED);
    let names: Vec<_> = alike.iter().map(|(id, name)| format!("{name:?} (asset {id})")).collect();
    let data = Data::choice(asked_short.as_str(), &[], alike.first().map(|(_, name)| *name));
    let fault = Diagnostic::error(Code::AssetUnknown, format!("the pack has no asset {asked_short:?}"));
    let fault = fault.with_data(data).at(file);
    let listed = format!("papack inspect {} shows all that it has", command_word(file));
    fault.with_help(if names.is_empty() { listed } else { format!("did you mean {}? {listed}", names.join(" or ")) })
}
