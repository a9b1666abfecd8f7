//! Numbers with their units and nouns, for people.

use papack_queries::diagnostic::{Diagnostic, Severity};
use papack_queries::unmanaged_folders::UnmanagedFolder;

use super::print::one_line;

/// An asset: its name, or its root where that is what is known of it, and its id.
pub fn asset(name: &str, asset_id: u32) -> String {
    format!("{} (asset {asset_id})", one_line(name))
}

/// `count` with its noun, which may end in y only after a consonant.
pub fn counted(count: usize, noun: &str) -> String {
    match noun.strip_suffix('y') {
        _ if count == 1 => format!("1 {noun}"),
        Some(stem) => format!("{count} {stem}ies"),
        None if noun.ends_with('x') => format!("{count} {noun}es"),
        None => format!("{count} {noun}s"),
    }
}

/// How many errors there are.
pub fn errors(diagnostics: &[Diagnostic]) -> String {
    counted(diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count(), "error")
}

/// How many warnings there are, to be appended to other text: `, 2 warnings`, or nothing.
pub fn warnings(diagnostics: &[Diagnostic]) -> String {
    let is_warning = |diagnostic: &&Diagnostic| diagnostic.severity == Severity::Warning;
    with_comma(diagnostics.iter().filter(is_warning).count(), "warning")
}

/// `count` with its noun, to be appended to other text: `, 2 assets`, or nothing where the count is 0.
pub fn with_comma(count: usize, noun: &str) -> String {
    if count == 0 { String::new() } else { format!(", {}", counted(count, noun)) }
}

/// Milliseconds, shown as seconds.
pub fn seconds(ms: u64) -> String {
    format!("{}.{:02} s", ms / 1000, ms % 1000 / 10)
}

/// A number of bytes, in the largest unit that fits.
pub fn human_size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    #[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
    let mut size = bytes as f64 / 1024.0;
    let mut unit = 0;
    while size >= 1023.95 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    format!("{size:.1} {}", UNITS[unit])
}

/// A part of a whole as a percentage, with one decimal.
pub fn share(part: u64, whole: u64) -> String {
    let thousandths = (u128::from(part) * 1000 + u128::from(whole) / 2).checked_div(u128::from(whole)).unwrap_or(0);
    format!("{}.{} %", thousandths / 10, thousandths % 10)
}

/// A folder that no asset takes in, and what is in it.
pub fn unmanaged_files(folder: &UnmanagedFolder) -> String {
    let kinds = [(folder.pictures, "picture"), (folder.sounds, "sound")];
    let files = kinds.into_iter().filter(|(count, _)| *count > 0).map(|(count, noun)| counted(count, noun));
    format!("{} ({})", folder.root, files.collect::<Vec<_>>().join(", "))
}

/// The command that takes the folder in, or why there is none.
pub fn unmanaged_command(folder: &UnmanagedFolder) -> String {
    let obstacle = folder.obstacle.iter().map(|obstacle| obstacle.message.clone());
    folder.command.iter().cloned().chain(obstacle).collect()
}
