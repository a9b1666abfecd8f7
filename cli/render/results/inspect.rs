//! The result of `inspect`.

use papack_engine::{InspectedAsset, Inspection, Verdict};
use papack_queries::diagnostic::{Code, Diagnostic};
use papack_queries::schema::manifest::SLOTS;

use super::picture;
use crate::output::Target;
use crate::render::columns::{self, Side};
use crate::render::print::{one_line, shortened};
use crate::render::report::{Ended, Report};
use crate::render::settings::{has_colors, limit};
use crate::render::styles::{BAD, TITLE};
use crate::render::words::{counted, human_size, share};

/// How many faults of a refused file are shown without --verbose; `verify` shows all.
const MAX_FAULTS: usize = 3;

impl Report for Inspection {
    const IS_TEXT: bool = false;

    /// Errors are shown as diagnostics.
    fn ended(&self) -> Ended<'_> {
        Ended { is_failure: false, diagnostics: &self.diagnostics, allowed_count: 0 }
    }

    fn shown_diagnostics(&self) -> Vec<&Diagnostic> {
        let (of_request, of_file): (Vec<_>, Vec<_>) =
            self.diagnostics.iter().partition(|diagnostic| is_of_request(diagnostic));
        of_file.into_iter().take(limit(MAX_FAULTS)).chain(of_request).collect()
    }

    fn human(&self) -> String {
        if self.assets.is_empty() && self.diagnostics.iter().any(is_of_request) {
            return String::new();
        }
        let mut blocks = vec![headline(self)];
        let has_selection = self.assets.iter().any(|asset| asset.metadata.is_some());
        if has_selection {
            blocks.extend(self.assets.iter().map(details));
        } else if self.asset_count > 0 && !self.assets.is_empty() {
            blocks.extend([asset_table(self), bank_table(self), preload_table(self)]);
        }
        if self.status == Verdict::Refused {
            blocks.push(format!("{BAD}Refused{BAD:#}: {}", refusal(self)));
        }
        blocks.join("\n\n")
    }

    fn short(&self) -> String {
        let row = |asset: &InspectedAsset| {
            let Row { id, name, bank, .. } = Row::new(asset);
            format!("{id} {bank} {} {name}", or_unknown(asset.size.map(|size| size.to_string())))
        };
        let mut lines: Vec<_> = self.assets.iter().map(row).collect();
        lines.push(match self.status {
            Verdict::Valid => format!("{} in {}", counted(self.asset_count, "asset"), one_line(&self.file)),
            Verdict::Refused => format!("refused: {}", refusal(self)),
        });
        lines.join("\n")
    }
}

/// Whether the arguments are wrong, not the file.
fn is_of_request(diagnostic: &Diagnostic) -> bool {
    diagnostic.code == Code::AssetUnknown
}

/// Why the file is refused.
fn refusal(inspection: &Inspection) -> String {
    let faults = inspection.diagnostics.iter().filter(|diagnostic| !is_of_request(diagnostic)).count();
    let file = one_line(&inspection.file);
    format!(
        "{file} is no valid assets.pa ({}); what is shown may be wrong. `papack verify {file}` names all that is wrong",
        counted(faults, "fault")
    )
}

/// The file, its sizes and its number of assets.
fn headline(inspection: &Inspection) -> String {
    let file = one_line(&inspection.file);
    let header = match inspection.header_size {
        Some(size) => format!("header {}", human_size(u64::from(size))),
        None => "no header".to_owned(),
    };
    format!(
        "{TITLE}{file}{TITLE:#}: {}, {header}, {} with {}",
        human_size(inspection.file_size),
        counted(inspection.asset_count, "asset"),
        human_size(inspection.payload_bytes)
    )
}

/// The texts of an asset for people. They are escaped, since not all of them go into a table.
struct Row {
    id: String,
    name: String,
    bank: &'static str,
    size: String,
    slot: String,
}

impl Row {
    fn new(asset: &InspectedAsset) -> Self {
        Self {
            id: or_unknown(asset.asset_id.map(|id| id.to_string())),
            name: or_unknown(asset.asset_name.as_deref().map(shortened)),
            bank: asset.bank_type.map_or("?", |bank| bank.name()),
            size: or_unknown(asset.size.map(human_size)),
            slot: asset.preload_slot.map_or_else(String::new, |slot| slot.to_string()),
        }
    }
}

fn or_unknown(text: Option<String>) -> String {
    text.unwrap_or_else(|| "?".into())
}

fn asset_table(inspection: &Inspection) -> String {
    let mut rows = vec![["id", "name", "bank", "size", "share", "slot"].map(String::from).to_vec()];
    for asset in &inspection.assets {
        let Row { id, name, bank, size, slot } = Row::new(asset);
        let share = or_unknown(asset.size.map(|size| share(size, inspection.payload_bytes)));
        rows.push(vec![id, name, bank.into(), size, share, slot]);
    }
    columns::lines_with_heading(&[Side::Right, Side::Left, Side::Left, Side::Right, Side::Right, Side::Right], &rows)
        .join("\n")
}

fn bank_table(inspection: &Inspection) -> String {
    let mut rows = vec![["bank", "assets", "size", "share", "preload slots"].map(String::from).to_vec()];
    for bank in &inspection.banks {
        let slots: Vec<_> = bank.slots.iter().map(u8::to_string).collect();
        let list = if slots.is_empty() { String::new() } else { format!(": {}", slots.join(", ")) };
        rows.push(vec![
            bank.bank_type.name().into(),
            bank.asset_count.to_string(),
            human_size(bank.payload_bytes),
            share(bank.payload_bytes, inspection.payload_bytes),
            format!("{} of {SLOTS}{list}", slots.len()),
        ]);
    }
    columns::lines_with_heading(&[Side::Left, Side::Right, Side::Right, Side::Right, Side::Left], &rows).join("\n")
}

fn preload_table(inspection: &Inspection) -> String {
    let preloaded: Vec<_> = inspection.assets.iter().filter(|asset| asset.preload_slot.is_some()).collect();
    if preloaded.is_empty() {
        // In a damaged file the table of preloads may be unreadable.
        let text = if inspection.status == Verdict::Valid { "nothing is preloaded" } else { "no preload was read" };
        return text.into();
    }
    let mut rows = vec![["preload", "slot", "id", "name", "size"].map(String::from).to_vec()];
    rows.extend(preloaded.into_iter().map(|asset| {
        let Row { id, name, bank, size, slot } = Row::new(asset);
        vec![bank.into(), slot, id, name, size]
    }));
    columns::lines_with_heading(&[Side::Left, Side::Right, Side::Right, Side::Left, Side::Right], &rows).join("\n")
}

/// Everything in the pack's header about one asset.
fn details(asset: &InspectedAsset) -> String {
    let Row { id, name, bank, size, slot } = Row::new(asset);
    let bytes = |value: Option<u64>| or_unknown(value.map(|value| value.to_string()));
    let preload = if slot.is_empty() { "no".to_owned() } else { format!("slot {slot}") };
    let rows = [
        ("bank", bank.to_owned()),
        ("codec", or_unknown(asset.codec.map(String::from))),
        ("offset", bytes(asset.offset)),
        ("size", format!("{} ({size})", bytes(asset.size))),
        ("preload", preload),
    ];
    let rows = rows.map(|(key, value)| vec![format!("  {key}"), value]);
    let mut lines = vec![format!("{TITLE}{id} {name}{TITLE:#}")];
    lines.extend(columns::lines(&[Side::Left, Side::Left], &rows));
    let pretty = asset.metadata.as_ref().map(serde_json::to_string_pretty);
    let pretty = pretty.and_then(Result::ok).unwrap_or_else(|| "cannot be read".into());
    let mut metadata = pretty.lines().map(one_line);
    lines.push(format!("  metadata {}", metadata.next().unwrap_or_default()));
    lines.extend(metadata.map(|line| format!("  {line}")));
    lines.extend(asset.image.iter().flat_map(picture::lines));
    if asset.image.is_some() && !has_colors(Target::Stdout) {
        lines.push(format!(
            "  without colours it cannot be drawn: papack extract {id} --to DIR --decode makes PNG files"
        ));
    }
    lines.join("\n")
}
