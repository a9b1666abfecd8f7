//! The result of `convert`.

use papack_engine::{ConvertResult, ConvertedFile, Status};

use super::picture;
use crate::render::print::one_line;
use crate::render::report::{Ended, Report};
use crate::render::styles::{BAD, GOOD, TITLE, verb_line};
use crate::render::words::{counted, human_size};

impl Report for ConvertResult {
    const IS_TEXT: bool = false;

    fn ended(&self) -> Ended<'_> {
        Ended { is_failure: self.status != Status::Success, diagnostics: &self.diagnostics, allowed_count: 0 }
    }

    fn human(&self) -> String {
        let (style, verb) = if self.status == Status::Success { (GOOD, "Converted") } else { (BAD, "Failed") };
        let mut lines: Vec<_> = self.files.iter().flat_map(lines).collect();
        lines.push(verb_line(style, verb, &self.short()));
        if self.diagnostics.iter().filter_map(|found| found.help.as_deref()).any(is_of_manifest) {
            lines.push("Fields of a manifest are given as --set FIELD=VALUE here.".to_owned());
        }
        lines.join("\n")
    }

    fn short(&self) -> String {
        let to = one_line(&self.to);
        match self.status {
            Status::Success => format!(
                "{} to {to}: {}, {}",
                counted(self.files.len(), "file"),
                counted(self.file_count, "file"),
                human_size(self.byte_count)
            ),
            Status::Cancelled => format!("cancelled: nothing was written to {to}"),
            // Diagnostics name the files that could not be removed, if any.
            _ => format!("nothing was written to {to}"),
        }
    }
}

/// Whether `help` speaks of fields where a pack has them.
fn is_of_manifest(help: &str) -> bool {
    ["\"metadata\"", "manifest"].iter().any(|word| help.contains(word))
}

/// What one file became.
fn lines(file: &ConvertedFile) -> Vec<String> {
    let first = file.written.first().map(|written| one_line(written)).unwrap_or_default();
    let more = match file.written.len() {
        0 | 1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    let mut lines = vec![format!("{TITLE}{}{TITLE:#} becomes {first}{more}", one_line(&file.file))];
    lines.extend(file.image.iter().flat_map(picture::lines));
    lines
}
