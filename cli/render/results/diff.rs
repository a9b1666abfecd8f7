//! The result of `diff`.

use anstyle::{AnsiColor, Style};
use papack_engine::{
    AssetDiff, AssetSide, DataDiff, DiffKind, DiffResult, DiffStatus, MetadataDiff, SampleDiff, SoundsDiff, TilesDiff,
    Verdict,
};
use papack_queries::formats::sounds::Sound;
use serde_json::Value;

use crate::render::columns::{self, Side};
use crate::render::print::one_line;
use crate::render::report::{Ended, Report};
use crate::render::settings::limit;
use crate::render::styles::{BAD, GOOD, TITLE, verb_line};
use crate::render::words::{counted, human_size};

/// How many assets of each section, and how many parts of an asset, are listed. --verbose and JSON have all.
const MAX_LISTED: usize = 20;

/// How many ranges of numbers are listed without --verbose.
const MAX_RANGES: usize = 8;

const ADDED: Style = AnsiColor::Green.on_default();
const REMOVED: Style = AnsiColor::Red.on_default();

impl Report for DiffResult {
    const IS_TEXT: bool = false;

    /// A difference is no failure, and the errors of a refused pack are shown as diagnostics.
    fn ended(&self) -> Ended<'_> {
        Ended { is_failure: false, diagnostics: &self.diagnostics, allowed_count: self.allowed_diagnostic_count }
    }

    fn human(&self) -> String {
        let mut blocks: Vec<String> = [
            section(self, DiffKind::Removed, "removed", REMOVED),
            section(self, DiffKind::Added, "added", ADDED),
            section(self, DiffKind::Changed, "changed", Style::new()),
            moved(self),
        ]
        .into_iter()
        .flatten()
        .collect();
        let (style, verb) = match self.status {
            DiffStatus::Equal => (GOOD, "Equal"),
            DiffStatus::Different => (TITLE, "Different"),
            DiffStatus::Refused => (BAD, "Refused"),
        };
        blocks.push(verb_line(style, verb, &summary(self)));
        blocks.join("\n\n")
    }

    fn short(&self) -> String {
        let line = |diff: &AssetDiff| {
            let sign = match diff.change {
                DiffKind::Added => '+',
                DiffKind::Removed => '-',
                DiffKind::Changed => '~',
            };
            let side = diff.new.as_ref().or(diff.old.as_ref());
            let (bank, name) =
                side.map_or(("?", String::new()), |side| (side.bank_type.name(), one_line(&side.asset_name)));
            format!("{sign} {} {bank} {name}", diff.asset_id)
        };
        self.assets.iter().map(line).chain([summary(self)]).collect::<Vec<_>>().join("\n")
    }
}

/// The result in one line.
fn summary(result: &DiffResult) -> String {
    let (old, new) = (one_line(&result.old.file), one_line(&result.new.file));
    match result.status {
        DiffStatus::Equal => format!("{old} and {new}: {}", counted(result.unchanged_count, "asset")),
        DiffStatus::Different => {
            let count = |change| result.assets.iter().filter(|diff| diff.change == change).count();
            format!(
                "{old} → {new}: {} added, {} removed, {} changed, {} unchanged; payload {}",
                count(DiffKind::Added),
                count(DiffKind::Removed),
                count(DiffKind::Changed),
                result.unchanged_count,
                sizes(result.old.payload_bytes, result.new.payload_bytes)
            )
        }
        DiffStatus::Refused => {
            let refused = [&result.old, &result.new].into_iter().filter(|side| side.status == Verdict::Refused);
            let names: Vec<_> = refused.map(|side| one_line(&side.file)).collect();
            format!("{}: no valid assets.pa; nothing was compared", names.join(" and "))
        }
    }
}

/// The assets with one kind of change, if there are any.
fn section(result: &DiffResult, change: DiffKind, title: &str, style: Style) -> Option<String> {
    let all: Vec<_> = result.assets.iter().filter(|diff| diff.change == change).collect();
    if all.is_empty() {
        return None;
    }
    let shown = &all[..all.len().min(limit(MAX_LISTED))];
    let rows: Vec<_> = shown.iter().map(|diff| row(diff)).collect();
    let mut lines = vec![format!("{TITLE}{title}{TITLE:#}")];
    let sides = [Side::Right, Side::Left, Side::Left, Side::Left];
    for (line, diff) in columns::lines(&sides, &rows).into_iter().zip(shown) {
        lines.push(format!("{style}  {line}{style:#}"));
        if let (Some(old), Some(new)) = (&diff.old, &diff.new) {
            lines.extend(details(diff, old, new).into_iter().map(|detail| format!("        {detail}")));
        }
    }
    lines.extend(omitted(all.len(), "  "));
    Some(lines.join("\n"))
}

/// A line that counts the items beyond the listed ones, if there are more.
fn omitted(count: usize, indent: &str) -> Option<String> {
    let max_listed = limit(MAX_LISTED);
    (count > max_listed).then(|| format!("{indent}… and {} more", count - max_listed))
}

fn row(diff: &AssetDiff) -> Vec<String> {
    let (name, bank, size) = match (&diff.old, &diff.new) {
        (Some(old), Some(new)) => (&new.asset_name, new.bank_type, sizes(old.size, new.size)),
        (Some(side), None) | (None, Some(side)) => (&side.asset_name, side.bank_type, human_size(side.size)),
        (None, None) => return vec![diff.asset_id.to_string(), String::new(), String::new(), String::new()],
    };
    vec![diff.asset_id.to_string(), name.clone(), bank.name().into(), size]
}

/// `1.0 KiB → 2.0 KiB`, or one size where it did not change.
fn sizes(old: u64, new: u64) -> String {
    let (before, after) = (human_size(old), human_size(new));
    match (old == new, before == after) {
        (true, _) => after,
        (false, false) => format!("{before} → {after}"),
        (false, true) => format!("{old} B → {new} B"),
    }
}

/// A line for each change of an asset that both packs have.
fn details(diff: &AssetDiff, old: &AssetSide, new: &AssetSide) -> Vec<String> {
    let mut lines = Vec::new();
    if old.asset_name != new.asset_name {
        lines.push(format!("renamed, was {}", one_line(&old.asset_name)));
    }
    if old.bank_type != new.bank_type {
        lines.push(format!("bank {} → {}", old.bank_type.name(), new.bank_type.name()));
    }
    if old.preload_slot != new.preload_slot {
        let slot = |slot: Option<u8>| slot.map_or("none".to_owned(), |slot| format!("slot {slot}"));
        lines.push(format!("preload {} → {}", slot(old.preload_slot), slot(new.preload_slot)));
    }
    lines.extend(diff.metadata.iter().filter_map(metadata_change));
    lines.extend(diff.tiles.iter().flat_map(tile_changes));
    lines.extend(diff.sounds.iter().flat_map(sound_changes));
    lines.extend(diff.data.iter().flat_map(data_changes));
    if lines.is_empty() {
        lines.push(match diff.first_difference {
            Some(at) => format!("the payload differs from byte {at} on"),
            None => "the order or the division of its parts".to_owned(),
        });
    }
    lines
}

/// A changed value of the metadata. Lists of parts have no values here: other lines describe them.
fn metadata_change(difference: &MetadataDiff) -> Option<String> {
    const MAX_CHARS: usize = 40;
    if difference.old.is_none() && difference.new.is_none() {
        return None;
    }
    let shown = |value: &Option<Value>| {
        let text = value.as_ref().map_or("none".to_owned(), |value| one_line(&value.to_string()));
        match text.char_indices().nth(MAX_CHARS) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text,
        }
    };
    Some(format!("{} {} → {}", difference.key, shown(&difference.old), shown(&difference.new)))
}

fn tile_changes(diff: &TilesDiff) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(changed) = diff.changed.as_ref().filter(|changed| !changed.is_empty()) {
        let count: u64 = changed.iter().map(|range| u64::from(range.last - range.first) + 1).sum();
        let ranges: Vec<_> = changed.iter().map(|range| (range.first as usize, range.last as usize)).collect();
        lines.push(format!(
            "{count} of {} tiles changed: {}",
            diff.old_count.min(diff.new_count),
            ranges_text(&ranges)
        ));
    }
    let (old, new) = (diff.old_count, diff.new_count);
    if old != new {
        let what = if old < new { format!("{} added", new - old) } else { format!("{} removed", old - new) };
        lines.push(format!("tiles {old} → {new}: {what} at the end"));
    }
    if !diff.palettes.is_empty() {
        let numbers: Vec<_> = diff.palettes.iter().map(|number| (*number, *number)).collect();
        lines.push(format!("palettes changed: {}", ranges_text(&numbers)));
    }
    lines
}

/// Ranges as text: `3–7, 12, …`
fn ranges_text(ranges: &[(usize, usize)]) -> String {
    let shown = ranges.iter().take(limit(MAX_RANGES));
    let mut parts: Vec<_> =
        shown.map(|(first, last)| if first == last { first.to_string() } else { format!("{first}–{last}") }).collect();
    if ranges.len() > limit(MAX_RANGES) {
        parts.push("…".into());
    }
    parts.join(", ")
}

fn sound_changes(diff: &SoundsDiff) -> Vec<String> {
    let mut lines: Vec<_> = diff.samples.iter().take(limit(MAX_LISTED)).map(sample_change).collect();
    lines.extend(omitted(diff.samples.len(), ""));
    lines.extend(diff.reordered.then(|| "its samples come in another order".to_owned()));
    lines
}

fn sample_change(diff: &SampleDiff) -> String {
    let name = one_line(&diff.name);
    let (old, new) = match (diff.old, diff.new) {
        (Some(old), Some(new)) => (old, new),
        (Some(_), None) => return format!("sample {name} removed"),
        _ => return format!("sample {name} added"),
    };
    let mut parts = Vec::new();
    for (what, old, new) in [
        ("channels", u64::from(old.channels), u64::from(new.channels)),
        ("sample rate", u64::from(old.sample_rate), u64::from(new.sample_rate)),
        ("frames", old.frames, new.frames),
    ] {
        if old != new {
            parts.push(format!("{what} {old} → {new}"));
        }
    }
    if old.points != new.points {
        parts.push(format!("loop {} → {}", loop_points(old), loop_points(new)));
    }
    if let Some(first) = diff.first_frame {
        let frames = usize::try_from(diff.frame_count).unwrap_or(usize::MAX);
        parts.push(format!("{} changed, the first is {first}", counted(frames, "frame")));
    }
    format!("sample {name}: {}", parts.join(", "))
}

fn loop_points(sound: Sound) -> String {
    sound.points.map_or("none".to_owned(), |points| format!("{}–{}", points.start, points.end))
}

fn data_changes(diff: &DataDiff) -> Vec<String> {
    let mut lines = Vec::new();
    for entry in diff.entries.iter().take(limit(MAX_LISTED)) {
        let name = one_line(&entry.name);
        lines.push(match (entry.old_size, entry.new_size) {
            (Some(old), Some(new)) => {
                let from = entry.first_difference.map_or(String::new(), |at| format!(", from byte {at} on"));
                format!("file {name}: {}{from}", sizes(old, new))
            }
            (Some(old), None) => format!("file {name} removed, {}", human_size(old)),
            (None, new) => format!("file {name} added, {}", human_size(new.unwrap_or(0))),
        });
    }
    lines.extend(omitted(diff.entries.len(), ""));
    lines.extend(diff.reordered.then(|| "its files come in another order".to_owned()));
    lines
}

/// The assets whose folders were moved, if there are any.
fn moved(result: &DiffResult) -> Option<String> {
    let rows = result.moved.iter().take(limit(MAX_LISTED)).map(|moved| {
        let roots = format!("{} → {}", moved.old, moved.new);
        vec![moved.asset_id.to_string(), moved.asset_name.clone(), roots]
    });
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        return None;
    }
    let mut lines = vec![format!("{TITLE}moved{TITLE:#}")];
    lines.extend(columns::lines(&[Side::Right, Side::Left, Side::Left], &rows).iter().map(|line| format!("  {line}")));
    lines.extend(omitted(result.moved.len(), "  "));
    Some(lines.join("\n"))
}
