//! The result of `diff`.

use anstyle::{AnsiColor, Style};
use papack_engine::{
    AssetDiff, AssetSide, DataDiff, DiffKind, DiffResult, DiffStatus, MetadataDiff, SampleDiff, SoundsDiff, TilesDiff,
    Verdict,
};
use papack_queries::diagnostic::Diagnostic;
use papack_queries::formats::sounds::Sound;
use serde_json::Value;

use super::columns::{self, Side};
use super::{BAD, GOOD, Report, at_most, counted, human_size, one_line};

/// How many assets of a kind, and how many parts of an asset, people are shown; with --verbose they get all, as programs do.
const SHOWN: usize = 20;

/// How many ranges of numbers people are shown, but with --verbose.
const RANGES_SHOWN: usize = 8;

const TITLE: Style = Style::new().bold();
const ADDED: Style = AnsiColor::Green.on_default();
const REMOVED: Style = AnsiColor::Red.on_default();

impl Report for DiffResult {
    const IS_TEXT: bool = false;

    /// A difference is none, and of a refused pack the diagnostics say it all.
    fn is_failure(&self) -> bool {
        false
    }

    fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
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
        let (style, word) = match self.status {
            DiffStatus::Equal => (GOOD, "Equal"),
            DiffStatus::Different => (TITLE, "Different"),
            DiffStatus::Refused => (BAD, "Refused"),
        };
        blocks.push(format!("{style}{word:>12}{style:#} {}", verdict(self)));
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
        self.assets.iter().map(line).chain([verdict(self)]).collect::<Vec<_>>().join("\n")
    }
}

/// All in one line.
fn verdict(result: &DiffResult) -> String {
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

/// All assets of which one kind of thing is to be told.
fn section(result: &DiffResult, change: DiffKind, title: &str, style: Style) -> Option<String> {
    let all: Vec<_> = result.assets.iter().filter(|diff| diff.change == change).collect();
    if all.is_empty() {
        return None;
    }
    let shown = &all[..all.len().min(at_most(SHOWN))];
    let rows: Vec<_> = shown.iter().map(|diff| row(diff)).collect();
    let mut lines = vec![format!("{TITLE}{title}{TITLE:#}")];
    let sides = [Side::Right, Side::Left, Side::Left, Side::Left];
    for (line, diff) in columns::lines(&sides, &rows).into_iter().zip(shown) {
        lines.push(format!("{style}  {line}{style:#}"));
        if let (Some(old), Some(new)) = (&diff.old, &diff.new) {
            lines.extend(details(diff, old, new).into_iter().map(|detail| format!("        {detail}")));
        }
    }
    lines.extend(rest(all.len(), "  "));
    Some(lines.join("\n"))
}

fn rest(count: usize, indent: &str) -> Option<String> {
    let shown = at_most(SHOWN);
    (count > shown).then(|| format!("{indent}… and {} more", count - shown))
}

fn row(diff: &AssetDiff) -> Vec<String> {
    let (name, bank, size) = match (&diff.old, &diff.new) {
        (Some(old), Some(new)) => (&new.asset_name, new.bank_type, sizes(old.size, new.size)),
        (Some(side), None) | (None, Some(side)) => (&side.asset_name, side.bank_type, human_size(side.size)),
        (None, None) => return vec![diff.asset_id.to_string(), String::new(), String::new(), String::new()],
    };
    vec![diff.asset_id.to_string(), one_line(name), bank.name().into(), size]
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

/// What changed of an asset that both packs have, a line each.
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
    lines.extend(diff.metadata.iter().filter_map(metadata));
    lines.extend(diff.tiles.iter().flat_map(tiles));
    lines.extend(diff.sounds.iter().flat_map(sounds));
    lines.extend(diff.data.iter().flat_map(data));
    if lines.is_empty() {
        lines.push(match diff.first_difference {
            Some(at) => format!("the payload differs from byte {at} on"),
            None => "the order or the division of its parts".to_owned(),
        });
    }
    lines
}

/// A value of the metadata. The lists of parts have lines of their own.
fn metadata(difference: &MetadataDiff) -> Option<String> {
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

fn tiles(diff: &TilesDiff) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(changed) = diff.changed.as_ref().filter(|changed| !changed.is_empty()) {
        let count: u64 = changed.iter().map(|range| u64::from(range.last - range.first) + 1).sum();
        let ranges: Vec<_> = changed.iter().map(|range| (range.first as usize, range.last as usize)).collect();
        lines.push(format!("{count} of {} tiles changed: {}", diff.old_count.min(diff.new_count), listed(&ranges)));
    }
    let (old, new) = (diff.old_count, diff.new_count);
    if old != new {
        let what = if old < new { format!("{} added", new - old) } else { format!("{} removed", old - new) };
        lines.push(format!("tiles {old} → {new}: {what} at the end"));
    }
    if !diff.palettes.is_empty() {
        let numbers: Vec<_> = diff.palettes.iter().map(|number| (*number, *number)).collect();
        lines.push(format!("palettes changed: {}", listed(&numbers)));
    }
    lines
}

/// `3–7, 12, …`
fn listed(ranges: &[(usize, usize)]) -> String {
    let shown = ranges.iter().take(at_most(RANGES_SHOWN));
    let mut parts: Vec<_> =
        shown.map(|(first, last)| if first == last { first.to_string() } else { format!("{first}–{last}") }).collect();
    if ranges.len() > at_most(RANGES_SHOWN) {
        parts.push("…".into());
    }
    parts.join(", ")
}

fn sounds(diff: &SoundsDiff) -> Vec<String> {
    let mut lines: Vec<_> = diff.samples.iter().take(at_most(SHOWN)).map(sample).collect();
    lines.extend(rest(diff.samples.len(), ""));
    lines.extend(diff.reordered.then(|| "its samples come in another order".to_owned()));
    lines
}

fn sample(diff: &SampleDiff) -> String {
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
        parts.push(format!("loop {} → {}", points(old), points(new)));
    }
    if let Some(first) = diff.first_frame {
        let frames = usize::try_from(diff.frame_count).unwrap_or(usize::MAX);
        parts.push(format!("{} changed, the first is {first}", counted(frames, "frame")));
    }
    format!("sample {name}: {}", parts.join(", "))
}

fn points(sound: Sound) -> String {
    sound.points.map_or("none".to_owned(), |points| format!("{}–{}", points.start, points.end))
}

fn data(diff: &DataDiff) -> Vec<String> {
    let mut lines = Vec::new();
    for entry in diff.entries.iter().take(at_most(SHOWN)) {
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
    lines.extend(rest(diff.entries.len(), ""));
    lines.extend(diff.reordered.then(|| "its files come in another order".to_owned()));
    lines
}

fn moved(result: &DiffResult) -> Option<String> {
    let rows = result.moved.iter().take(at_most(SHOWN)).map(|moved| {
        let way = format!("{} → {}", one_line(&moved.old), one_line(&moved.new));
        vec![moved.asset_id.to_string(), one_line(&moved.asset_name), way]
    });
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        return None;
    }
    let mut lines = vec![format!("{TITLE}moved{TITLE:#}")];
    lines.extend(columns::lines(&[Side::Right, Side::Left, Side::Left], &rows).iter().map(|line| format!("  {line}")));
    lines.extend(rest(result.moved.len(), "  "));
    Some(lines.join("\n"))
}
