//! Amounts in words, for people.

use papack_queries::diagnostic::{Diagnostic, Severity};

/// `count` with its noun. Where that ends in y, there must be a consonant before it.
pub fn counted(count: usize, noun: &str) -> String {
    match noun.strip_suffix('y') {
        _ if count == 1 => format!("1 {noun}"),
        Some(stem) => format!("{count} {stem}ies"),
        None => format!("{count} {noun}s"),
    }
}

/// How many warnings are among `found`, to be told after something else; nothing where there are none.
pub fn warnings(found: &[Diagnostic]) -> String {
    match found.iter().filter(|found| found.severity == Severity::Warning).count() {
        0 => String::new(),
        some => format!(", {}", counted(some, "warning")),
    }
}

/// A time in seconds, for people.
pub fn seconds(ms: u64) -> String {
    format!("{}.{:02} s", ms / 1000, ms % 1000 / 10)
}

/// A number of bytes, for people.
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
